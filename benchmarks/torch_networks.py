"""The networks of `mlref.nn.models` in torch, and training steps of both: what is timed against what."""

from __future__ import annotations

import torch
from torch import nn

from mlref.arrays import to_numpy
from mlref.losses import cross_entropy
from mlref.optim import SGD

__all__ = ["ResidualBlock", "copy_parameters", "lenet", "our_step", "resnet", "their_step"]


def lenet(n_classes=10, in_channels=1):
    """`mlref.nn.models.LeNet` in torch, in the order that people write."""
    return nn.Sequential(
        *(nn.Conv2d(in_channels, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(400, 120), nn.ReLU()),
        *(nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, n_classes)),
    )


class ResidualBlock(nn.Module):
    """`mlref.nn.models.ResidualBlock` in torch."""

    def __init__(self, n_in, n_out, stride=1):
        super().__init__()
        self.residual = nn.Sequential(
            *(nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU()),
            *(nn.Conv2d(n_out, n_out, 3, 1, 1, bias=False), nn.BatchNorm2d(n_out)),
        )
        self.shortcut = nn.Sequential()
        if stride != 1 or n_in != n_out:
            self.shortcut = nn.Sequential(
                nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out)
            )

    def forward(self, x):
        return torch.relu(self.shortcut(x) + self.residual(x))


def resnet(blocks=(1, 1, 1), width=16, n_classes=10, in_channels=3):
    """`mlref.nn.models.ResNet` in torch."""
    layers = [nn.Conv2d(in_channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
    channels = width
    for stage, n_blocks in enumerate(blocks):
        for i in range(n_blocks):
            n_out = width * 2**stage
            layers.append(ResidualBlock(channels, n_out, 2 if stage and i == 0 else 1))
            channels = n_out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, n_classes))


def copy_parameters(ours, theirs):
    """Write the parameters of our network into theirs, and move theirs to the same device and dtype."""
    first = ours.parameters()[0].data
    if isinstance(first, torch.Tensor):
        theirs.to(first)
    with torch.no_grad():
        for parameter, their_parameter in zip(ours.parameters(), theirs.parameters(), strict=True):
            their_parameter.copy_(torch.tensor(to_numpy(parameter.data)))
    return theirs


def our_step(network, lr=0.05, momentum=0.0):
    """One step of gradient descent on a batch: a function of images and classes that returns the loss."""
    optimizer = SGD(network.parameters(), lr=lr, momentum=momentum)

    def step(x, target):
        optimizer.zero_grad()
        loss = cross_entropy(network(x), target)
        loss.backward()
        optimizer.step()
        return loss.data

    return step


def their_step(network, lr=0.05, momentum=0.0):
    """The same in torch."""
    optimizer = torch.optim.SGD(network.parameters(), lr=lr, momentum=momentum)

    def step(x, target):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(x), target)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step
