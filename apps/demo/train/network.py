# SPDX-License-Identifier: Apache-2.0
"""The network and its training: 1 million multiply-adds, about 11000 weights."""

import numpy as np
import torch
from torch import nn

import pictures

SEED = 7


class Layer(nn.Module):
    """Convolution, batch normalisation, ReLU. groups = channels makes it depthwise."""

    def __init__(self, inputs, outputs, size, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, padding=size // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return torch.relu(self.norm(self.conv(x)))

    def folded(self):
        """(weights [out, in/groups, h, w], bias [out]) with the normalisation folded in."""
        gain = self.norm.weight / torch.sqrt(self.norm.running_var + self.norm.eps)
        weights = self.conv.weight * gain[:, None, None, None]
        bias = self.norm.bias - self.norm.running_mean * gain
        return weights.detach().numpy().astype(np.float64), bias.detach().numpy().astype(np.float64)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = Layer(1, 32, 3)
        self.depthwise1 = Layer(32, 32, 3, groups=32)
        self.pointwise1 = Layer(32, 64, 1)
        self.depthwise2 = Layer(64, 64, 3, groups=64)
        self.pointwise2 = Layer(64, 96, 1)
        self.dense = nn.Linear(96, len(pictures.LABELS))

    def forward(self, x):
        x = nn.functional.max_pool2d(self.conv(x), 2)
        x = nn.functional.max_pool2d(self.pointwise1(self.depthwise1(x)), 2)
        x = self.pointwise2(self.depthwise2(x))
        return self.dense(x.mean(dim=(2, 3)))

    def parameters_folded(self):
        """name -> (weights, bias) as the quantizer wants them."""
        layers = {name: getattr(self, name).folded()
                  for name in ("conv", "depthwise1", "pointwise1", "depthwise2", "pointwise2")}
        layers["dense"] = (self.dense.weight.detach().numpy().astype(np.float64),
                           self.dense.bias.detach().numpy().astype(np.float64))
        return layers


def to_input(batch):
    """uint8 pictures -> the network's real input, pixel / 255."""
    return torch.from_numpy(batch.astype(np.float32) / 255)[:, None]


def accuracy(network, batch, classes):
    network.eval()
    with torch.no_grad():
        return float((network(to_input(batch)).argmax(1).numpy() == classes).mean())


def train(digits, epochs, batch_size=64, peak_rate=0.01):
    """Trains on fresh pictures each epoch; the last weights count, nothing is picked by the test set."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)  # the same weights on every machine of one kind
    rng = np.random.default_rng(SEED)
    network = Network()
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=1e-3)
    steps = epochs * (int(digits.shape[0] * digits.shape[1] * 1.15) // batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak_rate, total_steps=steps + epochs)
    for epoch in range(epochs):
        batch, classes = pictures.training_set(digits, rng)
        network.train()
        total = 0.0
        for start in range(0, len(batch) - batch_size + 1, batch_size):
            part = slice(start, start + batch_size)
            loss = nn.functional.cross_entropy(network(to_input(batch[part])),
                                               torch.from_numpy(classes[part]), label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1}/{epochs}: loss {total * batch_size / len(batch):.4f}", flush=True)
    network.eval()
    return network
