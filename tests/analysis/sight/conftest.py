"""A network whose attention is known: one action looks at stripes on the left, the other at stripes on the right."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

HEIGHT, WIDTH = 120, 160
LEFT, RIGHT = (slice(64, 88), slice(24, 48)), (slice(40, 64), slice(104, 128))
"""Rows and columns of the lying stripes on the left and of the standing ones on the right."""


class StripesPolicy(nn.Module):
    """Two scores, each of one patch: lying stripes on the left, standing stripes on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, 2, 8, 8)
        with torch.no_grad():
            stripes = torch.tensor([1.0, 1.0, -1.0, -1.0]).repeat(2) / 64.0
            self.convolution.weight[0, 0] = stripes[:, None].expand(8, 8)
            self.convolution.weight[1, 0] = stripes[None, :].expand(8, 8)
            self.convolution.bias.zero_()
        places = torch.zeros(2, 2, HEIGHT // 8, WIDTH // 8)
        places[0, 0, 8:11, 3:6] = 1.0
        places[1, 1, 5:8, 13:16] = 1.0
        self.register_buffer("places", places)

    def forward(self, frames: Tensor) -> Tensor:
        features = self.convolution(frames.float().unsqueeze(1) / 255.0).relu()
        return torch.einsum("bchw,qchw->bq", features, self.places) / 2.0


@pytest.fixture
def network() -> StripesPolicy:
    return StripesPolicy()


@pytest.fixture
def striped_frame() -> NDArray[np.uint8]:
    """Grey noise with the two patches of stripes."""
    frame = np.random.default_rng(0).integers(90, 110, (HEIGHT, WIDTH)).astype(np.uint8)
    stripes = np.where(np.arange(24) % 4 < 2, 250, 5).astype(np.uint8)
    frame[LEFT] = stripes[:, None]
    frame[RIGHT] = stripes[None, :]
    return frame
