"""What a checkpoint makes of frames agrees with the distribution's own formulas, whatever the batches."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from openracer.agents.distributions import Categorical, Gaussian
from openracer.analysis.sight import opinions as module
from openracer.analysis.sight.eye import Eye
from openracer.analysis.sight.opinions import opinions
from openracer.environments.action_space import ContinuousActionSpace, DiscreteActionSpace


class Shades:
    """Frames of one shade each."""

    def __init__(self, shades: Sequence[int]) -> None:
        self.shades = np.array(shades, np.uint8)

    def __len__(self) -> int:
        return len(self.shades)

    def frames(self, which: Sequence[int] | NDArray[np.int64]) -> NDArray[np.uint8]:
        return np.repeat(self.shades[np.asarray(which)], 120 * 160).reshape(-1, 120, 160)

    def name(self, number: int) -> str:
        return str(number)


def test_a_list_of_actions_has_probabilities_separation_and_entropy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 3)
    space = DiscreteActionSpace([-30.0, 0.0, 30.0], [1.0, 2.0, 1.0])

    def distribution(frames: Tensor) -> Categorical:
        shade = frames.float().mean(dim=(1, 2))
        return Categorical(
            torch.log(torch.stack([shade, 100.0 - shade, torch.full_like(shade, 100.0)], dim=1))
        )

    eye = Eye("c", space, distribution, lambda frames: frames.float().mean(dim=(1, 2)) * 2.0)
    done: list[int] = []
    table = opinions(eye, Shades([10, 50, 80, 30]), done.append)
    assert done == [3, 1]
    np.testing.assert_allclose(table[["p0", "p1", "p2"]].to_numpy()[0], [0.05, 0.45, 0.5], atol=1e-6)
    assert table["best"].tolist() == [2, 2, 2, 2]
    np.testing.assert_allclose(table["separation"], [0.05, 0.25, 0.1, 0.15], atol=1e-6)
    p = np.array([0.05, 0.45, 0.5])
    assert table["entropy"][0] == pytest.approx(-(p * np.log(p)).sum(), abs=1e-5)
    assert table["value"].tolist() == [20.0, 100.0, 160.0, 60.0]


def test_ranges_have_means_deviations_and_a_density_in_degrees_and_metres_a_second() -> None:
    space = ContinuousActionSpace((-20.0, 20.0), (1.0, 3.0))

    def distribution(frames: Tensor) -> Gaussian:
        return Gaussian(torch.tensor([[0.5, -0.5, math.log(0.1), math.log(0.2)]]).expand(len(frames), 4))

    table = opinions(Eye("c", space, distribution), Shades([1, 2]))
    assert table["steering"].tolist() == pytest.approx([10.0, 10.0])
    assert table["speed"].tolist() == pytest.approx([1.5, 1.5])
    assert table["steering_sigma"].tolist() == pytest.approx([2.0, 2.0])
    assert table["speed_sigma"].tolist() == pytest.approx([0.2, 0.2])
    assert table["density"].tolist() == pytest.approx([1.0 / (2 * math.pi * 2.0 * 0.2)] * 2)
    assert "value" not in table


def test_questions_are_the_actions_or_steering_and_speed(network: nn.Module) -> None:
    listed = Eye(
        "c", DiscreteActionSpace([-30.0, 15.0], [1.0, 2.5]), lambda frames: Categorical(network(frames))
    )
    assert listed.questions == ["-30°, 1 m/s", "+15°, 2.5 m/s"]
    ranged = Eye(
        "c", ContinuousActionSpace((-20.0, 20.0), (1.0, 3.0)), lambda frames: Gaussian(network(frames))
    )
    assert len(ranged.questions) == 2


def test_a_choice_is_kept_where_the_frame_is_the_same(
    network: nn.Module, striped_frame: NDArray[np.uint8]
) -> None:
    frame = torch.from_numpy(striped_frame)
    outputs = lambda frames: torch.cat([network(frames), torch.zeros(len(frames), 2)], dim=1)  # noqa: E731
    eye = Eye("c", ContinuousActionSpace((-20.0, 20.0), (1.0, 3.0)), lambda frames: Gaussian(outputs(frames)))
    kept = eye.kept(frame)
    assert kept(frame[None]).tolist() == [[1.0, 1.0]]
    blank = torch.zeros(1, 120, 160, dtype=torch.uint8)
    lost = (network(blank) - network(frame[None])).abs()
    torch.testing.assert_close(kept(blank), (1.0 - lost).clamp(min=0.0))
