"""Networks of a usual size to measure the doctor's cost on: a ResNet-50 and a small transformer, written plainly."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

RESNET_50 = ((64, 3), (128, 4), (256, 6), (512, 3))  # (width, blocks) of each stage


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions with a way around them; one ReLU module runs three times."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        out = 4 * width
        self.conv1, self.bn1 = nn.Conv2d(channels, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, out, 1, bias=False), nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or channels != out:
            self.downsample = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x: Tensor) -> Tensor:  # (batch, channels, height, width)
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y)) + self.downsample(x)
        return self.relu(y)  # type: ignore[no-any-return]


class ResNet50(nn.Module):
    """He et al. 2016, with the stride in the 3x3 convolution as torchvision has it."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)
        )
        channels, stages = 64, []
        for stage, (width, blocks) in enumerate(RESNET_50):
            layers = []
            for block in range(blocks):
                layers.append(Bottleneck(channels, width, 2 if stage > 0 and block == 0 else 1))
                channels = 4 * width
            stages.append(nn.Sequential(*layers))
        self.stages = nn.Sequential(*stages)
        self.fc = nn.Linear(channels, classes)

    def forward(self, images: Tensor) -> Tensor:  # (batch, 3, height, width) -> (batch, classes)
        return self.fc(self.stages(self.stem(images)).mean((2, 3)))  # type: ignore[no-any-return]


class Block(nn.Module):
    """Causal attention and a feed-forward layer, each behind a norm and around a residual."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:  # (batch, seq, width)
        heads = (self.heads, x.shape[-1] // self.heads)
        q, k, v = (t.unflatten(-1, heads).transpose(1, 2) for t in self.qkv(self.norm1(x)).chunk(3, -1))
        x = x + self.out(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))
        return x + self.down(F.gelu(self.up(self.norm2(x))))  # type: ignore[no-any-return]


class Transformer(nn.Module):
    """A small language model: as it stands 6 layers, 256 wide, 8 heads."""

    def __init__(self, words: int = 1000, width: int = 256, layers: int = 6, heads: int = 8, seq: int = 128) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(words, width), nn.Embedding(seq, width)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(layers)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, words)

    def forward(self, tokens: Tensor) -> Tensor:  # (batch, seq) -> (batch, seq, words)
        places = torch.arange(tokens.shape[1], device=tokens.device)
        return self.head(self.norm(self.blocks(self.tokens(tokens) + self.places(places))))  # type: ignore[no-any-return]


def resnet50() -> tuple[nn.Module, Tensor, Tensor]:
    """The network with a batch that two cores can bear: 4 images of 64 x 64, and their classes."""
    torch.manual_seed(0)
    return ResNet50(), torch.randn(4, 3, 64, 64), torch.randint(1000, (4,))


def transformer() -> tuple[nn.Module, Tensor, Tensor]:
    """The network with 8 rows of 128 tokens, and the tokens to be foretold."""
    torch.manual_seed(0)
    return Transformer(), torch.randint(1000, (8, 128)), torch.randint(1000, (8, 128))
