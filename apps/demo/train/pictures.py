# SPDX-License-Identifier: Apache-2.0
"""Pictures to learn from and to be judged by: chalk digits on a dark board, and boards without one.

The digits are the 5000 of OpenCV's digits.png (Debian package opencv-doc): 20x20, white on black, 500 of
each. The split is fixed: of each digit SPLIT_TEST are held out and never seen in training.
"""

import gzip
import os

import cv2
import numpy as np

DIGITS_PNG = "/usr/share/doc/opencv-doc/examples/data/digits.png"
SIDE = 28             # the network's input, pixels
NONE = 10             # class of "no whole digit in sight"
LABELS = [str(digit) for digit in range(10)] + ["none"]
SPLIT_SEED = 20240607
SPLIT_TEST = 100


def load_digits(path=DIGITS_PNG):
    """The 5000 pictures as uint8 [digit, 500, 20, 20]."""
    opener = gzip.open if path.endswith(".gz") else open
    if not os.path.exists(path):
        raise SystemExit(f"{path}: not there; ./dev install-deps train")
    with opener(path, "rb") as file:
        sheet = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_GRAYSCALE)
    if sheet is None or sheet.shape != (1000, 2000):
        raise SystemExit(f"{path}: not the sheet of 50 x 100 digits")
    cells = sheet.reshape(50, 20, 100, 20).transpose(0, 2, 1, 3)
    return cells.reshape(10, 500, 20, 20)


def split_digits(digits):
    """(train, test) as uint8 [digit, n, 20, 20]; the same for everybody and every run."""
    rng = np.random.default_rng(SPLIT_SEED)
    order = np.stack([rng.permutation(500) for _ in range(10)])
    chosen = np.stack([digits[digit][order[digit]] for digit in range(10)])
    return chosen[:, SPLIT_TEST:], chosen[:, :SPLIT_TEST]


def plain(digit):
    """The digit in the middle of a black SIDE x SIDE picture."""
    border = (SIDE - digit.shape[0]) // 2
    return np.pad(digit, border)


def place(digit, rng, shift, turn=12.0, side=SIDE):
    """The digit as ink 0..1, moved by `shift` (x, y) pixels, turned, sheared and scaled a little."""
    angle = np.deg2rad(rng.uniform(-turn, turn))
    scale = rng.uniform(0.85, 1.15) * side / SIDE
    shear = rng.uniform(-0.15, 0.15)
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = scale * turned @ np.array([[1.0, shear], [0.0, rng.uniform(0.9, 1.1)]])
    centre = np.array([9.5, 9.5])
    offset = (side - 1) / 2 + np.asarray(shift) * side / SIDE - matrix @ centre
    ink = cv2.warpAffine(digit.astype(np.float32) / 255, np.column_stack([matrix, offset]),
                         (side, side), flags=cv2.INTER_CUBIC)
    return np.clip(ink, 0, 1)


def expose(ink, rng):
    """A camera's view of ink (0..1) on a board: light, its slope, blur, motion and noise; uint8."""
    rows, columns = ink.shape
    if rng.random() < 0.5:
        ink = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.3, 0.9))
    if rng.random() < 0.3:
        kernel = np.zeros((3, 3), np.float32)
        kernel[1] = 1 / 3
        ink = cv2.filter2D(ink, -1, kernel if rng.random() < 0.5 else kernel.T)
    board = rng.uniform(0, 90)
    chalk = rng.uniform(70, 230)
    y, x = np.mgrid[0:rows, 0:columns] / (rows - 1) - 0.5
    direction = rng.uniform(0, 2 * np.pi)
    slope = rng.uniform(0, 60) * (x * np.cos(direction) + y * np.sin(direction))
    noise = rng.normal(0, rng.uniform(0, 14), ink.shape)
    return np.clip(board + slope + chalk * ink + noise, 0, 255).astype(np.uint8)


def scribble(rng):
    """Ink that is no digit: one or two strokes, or an edge of something."""
    canvas = np.zeros((SIDE * 4, SIDE * 4), np.uint8)
    for _ in range(rng.integers(1, 3)):
        start, end = rng.integers(-40, SIDE * 4 + 40, (2, 2))
        thickness = int(rng.integers(4, 60) if rng.random() < 0.3 else rng.integers(4, 14))
        # Strokes that touch the edge: an isolated upright bar is a legitimate 1.
        start[rng.integers(2)] = -20 if rng.random() < 0.5 else SIDE * 4 + 20
        cv2.line(canvas, start.tolist(), end.tolist(), 255, thickness, cv2.LINE_AA)
    return cv2.resize(canvas, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def no_digit(digits, rng):
    """A picture of class NONE: an empty board, a digit that is mostly out of sight, or a scribble."""
    kind = rng.random()
    if kind < 0.4:
        return expose(np.zeros((SIDE, SIDE), np.float32), rng)
    if kind < 0.8:
        far = rng.uniform(13, 20) * rng.choice([-1, 1])
        near = rng.uniform(-4, 4)
        shift = (far, near) if rng.random() < 0.7 else (near, far)
        return expose(place(digits[rng.integers(10), rng.integers(digits.shape[1])], rng, shift), rng)
    return expose(scribble(rng), rng)


def some_digit(digit, rng):
    """A picture of the digit: half of them as a camera sees it, a part nearly as on the sheet."""
    if rng.random() < 0.3:
        return (place(digit, rng, rng.uniform(-1.5, 1.5, 2)) * 255).astype(np.uint8)
    return expose(place(digit, rng, rng.uniform(-3, 3, 2)), rng)


def training_set(digits, rng, none_share=0.15):
    """One epoch, shuffled: (pictures uint8 [n, SIDE, SIDE], classes int64 [n])."""
    pictures, classes = [], []
    for digit in range(10):
        for picture in digits[digit]:
            pictures.append(some_digit(picture, rng))
            classes.append(digit)
    for _ in range(int(len(pictures) * none_share)):
        pictures.append(no_digit(digits, rng))
        classes.append(NONE)
    order = rng.permutation(len(pictures))
    return np.stack(pictures)[order], np.array(classes)[order]
