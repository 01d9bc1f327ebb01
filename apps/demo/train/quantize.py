# SPDX-License-Identifier: Apache-2.0
"""Post-training quantization to int8, and the exact evaluation of the result.

The scheme is the one of int8 .tflite files: activations real = scale * (q - zero_point) for the whole
tensor, convolution weights symmetric with one scale an output channel, int32 biases at scale input * weight.
`run` computes with integers only, rounding twice as the reference kernels do, so that its logits are those
of the file bit for bit.
"""

import os
from dataclasses import dataclass, field

import numpy as np

import pictures

WEIGHTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "weights.npz")
CALIBRATION = 2000  # pictures of the training part that set the ranges


@dataclass
class Quant:
    scale: np.ndarray  # float32 [1] or [channels]
    zero_point: int = 0


@dataclass
class Step:
    """One operator of the file: conv, depthwise, max_pool, average_pool or dense."""
    kind: str
    name: str
    weights: np.ndarray = None   # conv [o, h, w, i]; depthwise [1, h, w, c]; dense [o, i]; int8
    bias: np.ndarray = None      # int32 [o]
    weight_quant: Quant = None
    output: Quant = None
    size: int = 1                # window of a pool
    relu: bool = True


@dataclass
class QuantizedNetwork:
    input: Quant
    steps: list = field(default_factory=list)


def windows(x, size, fill):
    """SAME windows of stride 1: [n, h, w, c] -> [n, h, w, c, size * size]."""
    edge = size // 2
    x = np.pad(x, ((0, 0), (edge, edge), (edge, edge), (0, 0)), constant_values=fill)
    view = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return view.reshape(*view.shape[:4], size * size)


def weighted_sums(kind, x, weights, fill):
    """The sums of a convolution, depthwise convolution or dense layer without its bias."""
    if kind == "dense":
        return x.reshape(len(x), -1) @ weights.T
    size = weights.shape[1]
    patches = windows(x, size, fill)
    if kind == "depthwise":
        return np.einsum("nhwck,kc->nhwc", patches, weights.reshape(size * size, -1))
    outputs = weights.shape[0]
    columns = patches.transpose(0, 1, 2, 4, 3).reshape(*patches.shape[:3], -1)
    return columns @ weights.reshape(outputs, -1).T


def pooled(x, size):
    n, h, w, c = x.shape
    return x.reshape(n, h // size, size, w // size, size, c)


def file_layout(kind, weights):
    """Weights as training has them ([out, in/groups, h, w]) in the order of the file."""
    if kind == "conv":
        return weights.transpose(0, 2, 3, 1)
    if kind == "depthwise":
        return weights.transpose(1, 2, 3, 0)
    return weights


# The network of network.py, in the order of the file: (kind, name, pool window).
LAYOUT = [("conv", "conv", 0), ("max_pool", "pool1", 2), ("depthwise", "depthwise1", 0),
          ("conv", "pointwise1", 0), ("max_pool", "pool2", 2), ("depthwise", "depthwise2", 0),
          ("conv", "pointwise2", 0), ("average_pool", "pool3", 7), ("dense", "dense", 0)]


def run_float(parameters, batch):
    """Real-valued evaluation; yields (name, output) of each step. For calibration and comparison."""
    x = batch[..., None].astype(np.float64) / 255
    for kind, name, size in LAYOUT:
        if kind == "max_pool":
            x = pooled(x, size).max(axis=(2, 4))
        elif kind == "average_pool":
            x = pooled(x, size).mean(axis=(2, 4))
        else:
            weights, bias = parameters[name]
            x = weighted_sums(kind, x, file_layout(kind, weights), 0.0) + bias
            if kind != "dense":
                x = np.maximum(x, 0)
        yield name, x


def activation_quant(low, high):
    low, high = min(low, 0.0), max(high, 0.0)
    scale = np.float32((high - low) / 255)
    return Quant(np.array([scale], np.float32), int(np.clip(np.rint(-128 - low / scale), -128, 127)))


def symmetric(kind, weights):
    """int8 weights in file layout and their scales: one an output channel, one in all for dense."""
    axes = {"conv": (1, 2, 3), "depthwise": (0, 1, 2), "dense": (0, 1)}[kind]
    scale = np.maximum(np.abs(weights).max(axis=axes) / 127, 1e-8).astype(np.float32).reshape(-1)
    spread = scale.reshape(-1, 1, 1, 1) if kind == "conv" else scale  # the channel is axis 0 or the last
    return np.clip(np.rint(weights / spread), -127, 127).astype(np.int8), Quant(scale)


def load_weights():
    """The trained network, name -> (weights, bias)."""
    with np.load(WEIGHTS) as file:
        return {name: (file[name + "_w"].astype(np.float64), file[name + "_b"].astype(np.float64))
                for kind, name, _ in LAYOUT if not kind.endswith("pool")}


def quantize(parameters, train):
    """Float parameters -> QuantizedNetwork; ranges come from pictures of the training digits."""
    rng = np.random.default_rng(pictures.SPLIT_SEED)
    calibration = pictures.training_set(train, rng)[0][:CALIBRATION]
    network = QuantizedNetwork(Quant(np.array([1 / 255], np.float32), -128))
    ranges = {name: (x.min(), np.quantile(x, 0.99999) if name != "dense" else x.max())
              for name, x in run_float(parameters, calibration)}
    source = network.input
    for kind, name, size in LAYOUT:
        step = Step(kind, name, size=size, relu=kind != "dense")
        if kind.endswith("pool"):
            step.output = source  # a pool keeps the scale of its input
        else:
            weights, bias = parameters[name]
            step.weights, step.weight_quant = symmetric(kind, file_layout(kind, weights))
            step.output = activation_quant(*ranges[name])
            bias_scale = source.scale.astype(np.float64) * step.weight_quant.scale.astype(np.float64)
            step.bias = np.rint(bias / bias_scale).astype(np.int32)
        network.steps.append(step)
        source = step.output
    return network


def multipliers(step, source):
    """(mantissa, shift) of each output channel, as the reference makes them from float32 scales."""
    weight = step.weight_quant.scale
    if step.kind == "dense":  # the reference multiplies these two in float32
        product = (source.scale * weight).astype(np.float64)
    else:
        product = source.scale.astype(np.float64) * weight.astype(np.float64)
    fraction, shift = np.frexp(product / step.output.scale.astype(np.float64))
    mantissa = np.floor(fraction * 2.0**31 + 0.5).astype(np.int64)
    overflow = mantissa == 2**31
    return np.where(overflow, mantissa // 2, mantissa), np.where(overflow, shift + 1, shift)


def multiply(x, mantissa, shift):
    """x * mantissa / 2^31 * 2^shift: a saturating doubling high product, then a rounding shift."""
    product = (x << np.maximum(shift, 0)) * mantissa
    nudged = product + np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    high = np.sign(nudged) * (np.abs(nudged) >> 31)  # division that truncates towards zero
    right = np.maximum(-shift, 0)
    mask = (np.int64(1) << right) - 1
    threshold = (mask >> 1) + (high < 0)
    return (high >> right) + ((high & mask) > threshold)


def run(network, batch):
    """int8 logits [n, classes] with the arithmetic of the reference kernels."""
    x = batch[..., None].astype(np.int64) - 128
    source = network.input
    for step in network.steps:
        if step.kind == "max_pool":
            x = pooled(x, step.size).max(axis=(2, 4))
        elif step.kind == "average_pool":
            total, count = pooled(x, step.size).sum(axis=(2, 4)), step.size**2
            total = total + np.where(total > 0, count // 2, -(count // 2))
            x = np.sign(total) * (np.abs(total) // count)
        else:
            # Sums of int8 products fit a double exactly, and BLAS is fast with doubles.
            real = weighted_sums(step.kind, (x - source.zero_point).astype(np.float64),
                                 step.weights.astype(np.float64), 0.0)
            x = multiply(np.rint(real).astype(np.int64) + step.bias, *multipliers(step, source))
            x += step.output.zero_point
            x = np.clip(x, max(step.output.zero_point, -128) if step.relu else -128, 127)
        source = step.output
    return x.astype(np.int8)
