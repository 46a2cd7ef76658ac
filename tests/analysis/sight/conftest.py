"""A network whose attention is known, models without a training, and the frames of a drive."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from openracer.agents.threads import TorchThreads
from openracer.analysis.sight.pictures import DrivePictures
from openracer.formats.checkpoints_index import CheckpointName
from openracer.models.description import TrainingDescription
from openracer.models.folder import ModelFolder
from openracer.models.library import create_model
from openracer.runs.assembly import build_learner
from openracer.tracks import catalogue

HEIGHT, WIDTH = 120, 160
LEFT, RIGHT = (slice(64, 88), slice(24, 48)), (slice(40, 64), slice(104, 128))
"""Rows and columns of the lying stripes on the left and of the standing ones on the right."""


class StripesPolicy(nn.Module):
    """Two scores, each of one patch: the lying stripes on the left, the standing ones on the right."""

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


RANGES = {"steering_angle": {"low": -25, "high": 25}, "speed": {"low": 1, "high": 3}}


@pytest.fixture
def untrained(tiny_training: dict[str, Any]) -> Callable[..., ModelFolder]:
    """Makes a model of its own first weights, in two checkpoints, without a training."""

    def make(**changes: Any) -> ModelFolder:
        description = TrainingDescription.from_values(tiny_training | changes)
        folder = create_model(description)
        for iteration in (0, 1):
            learner = build_learner(
                description.with_changes({"seed": iteration}), TorchThreads(1), torch.device("cpu")
            )
            folder.checkpoints.save(CheckpointName(iteration, 64 * iteration), learner.weights())
        return folder

    return make


@pytest.fixture
def lap_start() -> DrivePictures:
    """Forty poses along the beginning of re:Invent 2018."""
    track = catalogue.find("reinvent_base")
    places = track.point_at(np.linspace(0.5, 6.0, 41))
    ahead = np.degrees(np.arctan2(*np.diff(places, axis=0).T[::-1]))
    rows = pd.DataFrame({"x": places[:-1, 0], "y": places[:-1, 1], "yaw": ahead, "steps": range(1, 41)})
    rows = rows.assign(episode=3, steering_angle=0.0, speed=2.0)
    return DrivePictures(rows, track)
