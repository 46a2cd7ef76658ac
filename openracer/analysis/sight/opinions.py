"""What a checkpoint makes of many frames: probabilities, how sure it is, entropy and value, as a data frame."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from openracer.agents.distributions import ActionDistribution, Categorical, Gaussian
from openracer.analysis.sight.eye import Eye
from openracer.analysis.sight.pictures import Pictures
from openracer.environments.action_space import ContinuousActionSpace

BATCH = 256


def opinions(eye: Eye, pictures: Pictures, on_progress: Callable[[int], None] | None = None) -> pd.DataFrame:
    """One row for each picture.

    Args:
        eye: the checkpoint.
        pictures: to look at; so many at a time that the memory needed does not grow with their number.
        on_progress: told how many more are done.

    Returns:
        ``entropy`` in nats and, where the critic looks at frames, ``value``. For a list of actions ``p0``, ``p1``, …
        (probabilities), ``best`` (the most probable action) and ``separation`` (its probability less that of the
        second); for ranges ``steering`` and ``speed`` (means, degrees and m/s), ``steering_sigma`` and ``speed_sigma``
        (standard deviations) and ``density`` (at the mean, per degree and m/s).
    """
    parts = []
    for first in range(0, len(pictures), BATCH):
        which = np.arange(first, min(first + BATCH, len(pictures)))
        frames = torch.from_numpy(pictures.frames(which))
        with torch.no_grad():
            distribution = eye.distribution(frames)
            columns = (
                _list_columns(distribution)
                if isinstance(distribution, Categorical)
                else _range_columns(eye, distribution)
            )
            columns["entropy"] = distribution.entropy()
            if eye.value is not None:
                columns["value"] = eye.value(frames)
        parts.append(pd.DataFrame({name: column.double().numpy() for name, column in columns.items()}))
        if on_progress is not None:
            on_progress(len(which))
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if "best" in table:
        table["best"] = table["best"].astype(np.int64)
    return table


def _list_columns(distribution: Categorical) -> dict[str, Tensor]:
    probabilities = distribution.probabilities
    two = probabilities.topk(2, dim=1)
    return {
        **{f"p{action}": column for action, column in enumerate(probabilities.T)},
        "best": two.indices[:, 0],
        "separation": two.values[:, 0] - two.values[:, 1],
    }


def _range_columns(eye: Eye, distribution: ActionDistribution) -> dict[str, Tensor]:
    assert isinstance(eye.space, ContinuousActionSpace)
    assert isinstance(distribution, Gaussian)
    mean = distribution.mean
    steering, speed = eye.space.to_commands(mean.numpy())
    halves = [0.5 * (high - low) for low, high in (eye.space.steering_deg, eye.space.speed)]
    sigma = distribution.log_std.exp() * torch.tensor(halves)
    return {
        "steering": torch.from_numpy(steering),
        "speed": torch.from_numpy(speed),
        "steering_sigma": sigma[:, 0],
        "speed_sigma": sigma[:, 1],
        "density": distribution.log_probability(mean).exp() / (halves[0] * halves[1]),
    }
