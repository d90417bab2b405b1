"""A depth network ends in sigmoid, while the depths it is compared with reach 80 m: the sigmoid is a scaled inverse depth."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/mrharicot/monodepth/issues/167",
    "https://github.com/nianticlabs/monodepth2/issues/61",
)


def disp_to_depth(disp: Tensor, min_depth: float = 0.1, max_depth: float = 100.0) -> Tensor:
    min_disp, max_disp = 1 / max_depth, 1 / min_depth
    return 1 / (min_disp + (max_disp - min_disp) * disp)


class DepthNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enc1, self.enc2 = nn.Conv2d(3, 24, 3, stride=2, padding=1), nn.Conv2d(24, 48, 3, stride=2, padding=1)
        self.up1, self.up0 = nn.Conv2d(48, 24, 3, padding=1), nn.Conv2d(48, 16, 3, padding=1)
        self.dispconv = nn.Conv2d(16, 1, 3, padding=1, padding_mode="reflect")

    def forward(self, image: Tensor) -> Tensor:
        x1 = F.elu(self.enc1(image))
        x2 = F.elu(self.enc2(x1))
        x = F.interpolate(F.elu(self.up1(x2)), scale_factor=2, mode="nearest")
        x = F.interpolate(F.elu(self.up0(torch.cat([x, x1], 1))), scale_factor=2, mode="nearest")
        return disp_to_depth(torch.sigmoid(self.dispconv(x)))


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    ground = torch.linspace(0, 1, 48).view(1, 1, 48, 1).expand(8, 1, 48, 64)
    depth = (80 * torch.exp(-3 * ground) * (0.8 + 0.2 * torch.rand(8, 1, 1, 1))).contiguous()
    image = torch.cat([ground, depth / 80, torch.rand(8, 1, 48, 64)], 1) + 0.05 * torch.randn(8, 3, 48, 64)
    model = DepthNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    return {"model": model, "batch": image, "target": depth, "loss": nn.L1Loss(), "optimizer": optimizer}
