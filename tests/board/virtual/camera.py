# SPDX-License-Identifier: Apache-2.0
"""The camera of the board: vivid's output looped to its capture node, fed by feed-camera."""

import pathlib
import struct
import zlib

SCENE = "/run/camera/scene.pgm"
FEED = f"systemd-run -q --unit=camera --property=Nice=5 feed-camera /dev/video1 10 {SCENE}"
# One HDMI input and one output; the same timings on both, no text drawn into the picture. udev names nobody but root as
# the owner of the nodes until all is set and fed: a daemon that looks for its camera just then would hold the
# device, and the timings could not be set any more.
START = f"""(set -e
mkdir -p /run/camera
trap 'udevadm control --start-exec-queue; udevadm settle' EXIT
udevadm control --stop-exec-queue
modprobe vivid n_devs=1 node_types=0x101 num_inputs=1 input_types=3 num_outputs=1 output_types=1 no_error_inj=1
v4l2-ctl -d /dev/video1 --set-dv-bt-timings=index=0
v4l2-ctl -d /dev/video0 --set-dv-bt-timings=index=0
v4l2-ctl -d /dev/video0 -c loop_video=1,osd_text_mode=2
systemctl reset-failed camera.service 2>/dev/null || true
{FEED})"""


def read_png(path):
    """Width, height and grey pixels of an 8-bit greyscale PNG without interlacing."""
    data, place, compressed = pathlib.Path(path).read_bytes(), 8, b""
    width = height = 0
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place:place + 8])
        body = data[place + 8:place + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", body)
            if (depth, colour, interlace) != (8, 0, 0):
                raise ValueError(f"{path}: expected 8-bit grey, found depth {depth}, colour type {colour}")
        elif kind == b"IDAT":
            compressed += body
        place += 12 + length
    return width, height, _unfilter(zlib.decompress(compressed), width, height)


def _unfilter(raw, width, height):
    previous, pixels = bytearray(width), bytearray()
    for y in range(height):
        kind, row = raw[y * (width + 1)], bytearray(raw[y * (width + 1) + 1:(y + 1) * (width + 1)])
        for x in range(width):
            left = row[x - 1] if x else 0
            up, corner = previous[x], previous[x - 1] if x else 0
            row[x] = (row[x] + (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind]) & 255
        pixels += row
        previous = row
    return bytes(pixels)


def _paeth(left, up, corner):
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))


def as_pgm(path):
    width, height, pixels = read_png(path)
    return b"P5 %d %d 255\n" % (width, height) + pixels
