#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Films held-out digits: writes ../digits.avi (MJPG, 25 frames a second) and ../digits.csv.

Chalk digits slide onto a board, stay for 1.0 to 1.5 s, and slide off again; between them the board is empty.
The hand shakes, the light drifts, the sensor is noisy. digits.csv says what is in full sight from when to
when. The digits are drawn from the held-out ones that the committed network knows when they stand still on
black, so that the clip tests the path behind the network and not its 2 % of errors.

Needs: ./dev install-deps train. Usage: make_clip.py [--out FOLDER]
"""

import argparse
import csv
import os
import sys

sys.dont_write_bytecode = True

import cv2
import numpy as np

import avi
import pictures
import quantize

WIDTH, HEIGHT, FPS = 160, 120, 25
SEED = 12
SHOWN = [7, 3, 0, 9, 5, 1, 7, 8, 2, 6, 4, 7]
SLIDE = 5        # frames from out of sight to the middle
QUALITY = 50     # of the JPEG pictures: noise is most of their size
NOISE = 4.0      # standard deviation, of 255


def known_digits(train, test):
    """digit -> held-out pictures whose plain form the int8 network gets right."""
    network = quantize.quantize(quantize.load_weights(), train)
    known = []
    for digit in range(10):
        plain = np.stack([pictures.plain(picture) for picture in test[digit]])
        known.append(test[digit][quantize.run(network, plain).argmax(1) == digit])
    return known


def schedule(rng):
    """[(digit, first frame in full sight, frame after the last)] and the number of frames."""
    shown, frame = [], int(0.6 * FPS)
    for digit in SHOWN:
        frame += SLIDE
        held = int(rng.integers(FPS, int(1.5 * FPS) + 1))
        shown.append((digit, frame, frame + held))
        frame += held + SLIDE + int(rng.integers(int(0.45 * FPS), int(0.7 * FPS)))
    return shown, frame + int(0.3 * FPS)


def ink_at(digit, frame, first, last, path):
    """The digit as ink 0..1 on the whole frame, at its place at this moment; blurred while it moves."""
    outside = WIDTH * 0.75
    entering, leaving = (first - frame) / SLIDE, (frame - last + 1) / SLIDE
    away = max(entering, leaving, 0.0)
    side = path["from"] if entering > 0 else path["to"]
    x = side * outside * away + path["shake"][0] * np.sin(frame * 0.31 + path["phase"])
    y = path["shake"][1] * np.sin(frame * 0.23 + path["phase"] * 2)
    angle = path["angle"] + 0.05 * np.sin(frame * 0.17 + path["phase"])
    scale = HEIGHT / pictures.SIDE * path["scale"]
    matrix = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    offset = np.array([WIDTH / 2 + x, HEIGHT / 2 + y]) - matrix @ np.array([9.5, 9.5])
    ink = cv2.warpAffine(digit.astype(np.float32) / 255, np.column_stack([matrix, offset]),
                         (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
    if away > 0:
        ink = cv2.blur(ink, (int(outside / SLIDE / 2) * 2 + 1, 1))  # half the way of one frame
    return np.clip(ink, 0, 1)


def film(known, rng):
    """Yields the frames."""
    shown, frames = schedule(rng)
    cast = [(known[digit][rng.integers(len(known[digit]))],
             {"from": rng.choice([-1, 1]), "to": rng.choice([-1, 1]), "shake": rng.uniform(1, 5, 2),
              "phase": rng.uniform(0, 6), "angle": rng.uniform(-0.12, 0.12),
              "scale": rng.uniform(0.92, 1.06)}) for digit, _, _ in shown]
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] / [[[HEIGHT]], [[WIDTH]]] - 0.5
    for frame in range(frames):
        ink = np.zeros((HEIGHT, WIDTH), np.float32)
        for (digit, path), (_, first, last) in zip(cast, shown):
            if first - SLIDE <= frame < last + SLIDE:
                ink = np.maximum(ink, ink_at(digit, frame, first, last, path))
        light = 0.85 + 0.15 * np.sin(frame * 0.021) + 0.02 * np.sin(frame * 1.3)
        lamp = 0.9 * np.sin(frame * 0.012) * x + 0.4 * np.cos(frame * 0.017) * y
        picture = (38 + 30 * lamp + 150 * ink) * light
        picture += rng.normal(0, NOISE, picture.shape)
        grey = np.clip(picture, 0, 255)
        # The board is a little green, as boards are.
        yield np.clip(np.stack([grey * 0.95, grey * 1.02, grey * 0.93], axis=2), 0, 255).astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    arguments = parser.parse_args()
    train, test = pictures.split_digits(pictures.load_digits())
    rng = np.random.default_rng(SEED)
    path = os.path.join(arguments.out, "digits.avi")
    clip = list(film(known_digits(train, test), rng))
    with open(path, "wb") as file:
        file.write(avi.avi_bytes(clip, FPS, QUALITY))
    shown, _ = schedule(np.random.default_rng(SEED))
    with open(os.path.join(arguments.out, "digits.csv"), "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["length", f"{len(clip) / FPS:.2f}", "frames_per_second", FPS])
        rows.writerow(["from_seconds", "to_seconds", "label"])
        rows.writerows([f"{first / FPS:.2f}", f"{last / FPS:.2f}", digit] for digit, first, last in shown)
    print(f"{path}: {len(clip)} frames, {len(clip) / FPS:.1f} s, {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()
