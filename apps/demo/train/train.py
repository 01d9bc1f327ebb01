#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Quantizes the demo's digit network and writes ../digits.tflite and ../digits_test/.

Needs: ./dev install-deps train. Usage: train.py [--train] [--epochs N] [--out FOLDER]
Without --train the committed weights (weights.npz) are taken; with it they are trained anew, which
takes six minutes on one core.
"""

import argparse
import os
import sys

sys.dont_write_bytecode = True

import cv2
import numpy as np

import pictures
import quantize
import write_tflite

HERE = os.path.dirname(os.path.abspath(__file__))
EPOCHS = 120


def train_weights(digits, epochs):
    import network  # torch is wanted for training only
    parameters = network.train(digits, epochs).parameters_folded()
    np.savez(quantize.WEIGHTS, **{f"{name}_{part}": value.astype(np.float32)
                                  for name, pair in parameters.items()
                                  for part, value in zip("wb", pair)})


def report(name, parameters, quantized, batch, classes):
    *_, (_, logits) = quantize.run_float(parameters, batch)
    exact = quantize.run(quantized, batch)
    print(f"{name:<22} {len(batch):5d} pictures: float {np.mean(logits.argmax(1) == classes):7.2%}, "
          f"int8 {np.mean(exact.argmax(1) == classes):7.2%}")


def write_test_set(folder, test, rng):
    """The held-out digits as labelled folders of plain pictures, and empty boards as `none`."""
    for digit in range(10):
        os.makedirs(os.path.join(folder, str(digit)), exist_ok=True)
        for index, picture in enumerate(test[digit]):
            cv2.imwrite(os.path.join(folder, str(digit), f"{index:03d}.png"), pictures.plain(picture))
    os.makedirs(os.path.join(folder, "none"), exist_ok=True)
    for index in range(20):
        cv2.imwrite(os.path.join(folder, "none", f"{index:03d}.png"), pictures.no_digit(test, rng))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--train", action="store_true", help="train anew, replacing weights.npz")
    parser.add_argument("--out", default=os.path.join(HERE, ".."))
    arguments = parser.parse_args()

    train, test = pictures.split_digits(pictures.load_digits())
    if arguments.train:
        train_weights(train, arguments.epochs)
    parameters = quantize.load_weights()
    quantized = quantize.quantize(parameters, train)
    rng = np.random.default_rng(pictures.SPLIT_SEED)

    plain = np.stack([pictures.plain(picture) for picture in test.reshape(-1, 20, 20)])
    report("held out, plain", parameters, quantized, plain, np.repeat(np.arange(10), test.shape[1]))
    report("held out, as a camera", parameters, quantized, *pictures.training_set(test, rng))

    model = write_tflite.tflite_bytes(quantized, pictures.SIDE, pictures.LABELS)
    with open(os.path.join(arguments.out, "digits.tflite"), "wb") as file:
        file.write(model)
    write_test_set(os.path.join(arguments.out, "digits_test"), test, rng)
    print(f"digits.tflite: {len(model)} bytes")


if __name__ == "__main__":
    main()
