"""MobileNetV2 for 32x32 images."""

from __future__ import annotations

import torch
from torch import nn

# Per stage: expansion factor t, output channels c, number of blocks n, stride s of the first block.
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 1),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
STEM_CHANNELS = 32
LAST_CHANNELS = 1280


def conv_bn(
    in_channels: int, out_channels: int, kernel_size: int, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    """Return a same-padded convolution and its batch normalisation."""
    shape = {"kernel_size": kernel_size, "stride": stride, "padding": kernel_size // 2}
    convolution = nn.Conv2d(in_channels, out_channels, **shape, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(out_channels)]


class InvertedResidual(nn.Module):
    """Expand, filter depthwise and project linearly, with a shortcut where the shapes agree.

    Maps float [N, in_channels, H, W] to float [N, out_channels, H / stride, W / stride].
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = in_channels * expansion
        expand = [*conv_bn(in_channels, hidden, 1), nn.ReLU6()] if expansion != 1 else []
        depthwise = [*conv_bn(hidden, hidden, 3, stride, groups=hidden), nn.ReLU6()]
        project = conv_bn(hidden, out_channels, 1)
        self.layers = nn.Sequential(*expand, *depthwise, *project)
        self.has_shortcut = stride == 1 and in_channels == out_channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Apply the block."""
        return x + self.layers(x) if self.has_shortcut else self.layers(x)


class MobileNetV2(nn.Module):
    """The network that `mobilenetv2` builds."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(*conv_bn(3, STEM_CHANNELS, 3), nn.ReLU6())
        blocks = []
        in_channels = STEM_CHANNELS
        for expansion, out_channels, count, first_stride in STAGES:
            for stride in (first_stride, *[1] * (count - 1)):
                blocks.append(InvertedResidual(in_channels, out_channels, stride, expansion))
                in_channels = out_channels
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(*conv_bn(in_channels, LAST_CHANNELS, 1), nn.ReLU6())
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(LAST_CHANNELS, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits, float [N, classes], of images, float [N, 3, 32, 32]."""
        x = self.head(self.blocks(self.stem(x)))
        return self.classifier(self.pool(x).flatten(1))


def mobilenetv2(classes: int = 10) -> nn.Module:
    """Build MobileNetV2 (Sandler et al., 2018, arXiv 1801.04381) for 32x32 images, untrained.

    Width 1.0, 2.2 M parameters. As is usual for CIFAR, the stem and the 24-channel stage have
    stride 1 instead of 2, so that the last feature map is 4x4 and not 1x1.

    Args:
        classes: Number of classes.

    Returns:
        A module from normalised images, float [N, 3, 32, 32], to logits, float [N, classes].
    """
    return MobileNetV2(classes)
