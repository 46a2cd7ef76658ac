"""The check prefers a map that is right to chance, and to a map that is wrong."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from openracer.analysis.sight.attention import grad_cam, occlusion
from openracer.analysis.sight.faithfulness import CHANCES, STEPS, area, check


@pytest.fixture
def kept(network: nn.Module, striped_frame: NDArray[np.uint8]):  # type: ignore[no-untyped-def]
    whole = network(torch.from_numpy(striped_frame)[None])

    def of(frames: Tensor) -> Tensor:
        return network(frames) / whole

    return of


def test_true_maps_beat_chance(network: nn.Module, striped_frame: NDArray[np.uint8], kept) -> None:  # type: ignore[no-untyped-def]
    frame = torch.from_numpy(striped_frame)
    checks = check(kept, frame, {"cam": grad_cam(network, frame), "cover": occlusion(network, frame)})
    for of_method in checks.values():
        for found in of_method:
            assert found.passed
            assert found.gain > found.chance_gains.max() + 0.3
            assert area(found.deletion) < area(found.chance_deletion.mean(axis=0))
            assert area(found.insertion) > area(found.chance_insertion.mean(axis=0))


def test_a_map_of_another_place_does_not_pass(
    network: nn.Module, striped_frame: NDArray[np.uint8], kept
) -> None:  # type: ignore[no-untyped-def]
    frame = torch.from_numpy(striped_frame)
    swapped = occlusion(network, frame)[::-1].copy()
    assert not any(found.passed for found in check(kept, frame, {"wrong": swapped})["wrong"])


def test_curves_go_from_the_whole_frame_to_the_covered_one(
    network: nn.Module, striped_frame: NDArray[np.uint8], kept
) -> None:  # type: ignore[no-untyped-def]
    frame = torch.from_numpy(striped_frame)
    found = check(kept, frame, {"cover": occlusion(network, frame)})["cover"][0]
    assert found.deletion.shape == found.insertion.shape == (STEPS + 1,)
    assert found.chance_deletion.shape == (CHANCES, STEPS + 1)
    assert found.deletion[0] == pytest.approx(1.0)
    assert found.insertion[-1] == pytest.approx(1.0)
    assert found.deletion[-1] == pytest.approx(found.insertion[0])


def test_the_area_is_that_of_the_trapezia() -> None:
    assert area(np.array([1.0, 0.5, 0.0])) == pytest.approx(0.5)
    assert area(np.array([0.0, 1.0, 1.0])) == pytest.approx(0.75)
