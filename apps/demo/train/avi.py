# SPDX-License-Identifier: Apache-2.0
"""Writes an MJPG .avi: every frame a JPEG of its own, so that any OpenCV build can read it.

OpenCV's own writers make the noisy pictures two to four times as large as its JPEG encoder does.
"""

import struct

import cv2


def chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def header(width, height, fps, frames, largest):
    """The list of headers: main, stream, picture format."""
    main = struct.pack("<14I", 1_000_000 // fps, largest * fps, 0, 0x10, frames, 0, 1, largest, width,
                       height, 0, 0, 0, 0)  # 0x10: the file has an index
    stream = struct.pack("<4s4sIHHIIIIIIIIhhhh", b"vids", b"MJPG", 0, 0, 0, 0, 1, fps, 0, frames,
                         largest, 0xFFFFFFFF, 0, 0, 0, width, height)
    picture = struct.pack("<IiiHH4sIiiII", 40, width, height, 1, 24, b"MJPG", width * height * 3, 0, 0,
                          0, 0)
    streams = chunk(b"LIST", b"strl" + chunk(b"strh", stream) + chunk(b"strf", picture))
    return chunk(b"LIST", b"hdrl" + chunk(b"avih", main) + streams)


def avi_bytes(pictures, fps, quality):
    """The file for BGR pictures of one size."""
    frames = [cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality,
                                             cv2.IMWRITE_JPEG_OPTIMIZE, 1])[1].tobytes()
              for picture in pictures]
    height, width = pictures[0].shape[:2]
    movie, index = b"movi", b""
    for frame in frames:
        index += struct.pack("<4sIII", b"00dc", 0x10, len(movie), len(frame))  # 0x10: a key frame
        movie += chunk(b"00dc", frame)
    body = header(width, height, fps, len(frames), max(map(len, frames)))
    return chunk(b"RIFF", b"AVI " + body + chunk(b"LIST", movie) + chunk(b"idx1", index))
