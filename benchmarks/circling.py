"""Models that drive in a circle at one speed, made without any training: the quicker, the better."""

import numpy as np
import torch

from openracer.formats.checkpoints_index import CheckpointName
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model
from openracer.models.networks import build_policy
from openracer.tracks import catalogue
from openracer.tracks.track import Track

CIRCLE = "circle"
RADIUS = 2.0


def drawn_circle(name=CIRCLE, width=1.8):
    """Put a circular track into the user's catalogue, driven counter-clockwise."""
    angles = np.linspace(0.0, 2.0 * np.pi, 73)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    ring[-1] = ring[0]
    inner, outer = (ring * (RADIUS + side * width / 2.0) for side in (-1.0, 1.0))
    catalogue.add(Track(name, name, "", ring * RADIUS, inner, outer, closed=True))


def circling_model(name, speed):
    """A model whose policy does the same at every step, so that it circles at a speed, m/s."""
    # Found by driving: how the car of the preset turns at 0.8 to 1.7 m/s.
    steering_deg = (13.4 + 1.42 * speed**2) / RADIUS
    ranges = {
        "steering_angle": {"low": steering_deg - 1.0, "high": steering_deg + 1.0},
        "speed": {"low": speed - 0.1, "high": speed + 0.1},
    }
    description = TrainingDescription.from_values({"name": name, "preset": "fast", "action_space": ranges})
    policy = build_policy(description, torch.float32)
    weights = {f"policy.{key}": torch.zeros_like(value) for key, value in policy.state_dict().items()}
    folder = create_model(description)
    folder.checkpoints.save(CheckpointName(1, 1), weights)
    return folder
