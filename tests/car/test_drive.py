"""An archive in the simulator, driven as by the car."""

import numpy as np
import pytest

from openracer.car.archive import CarModel, car_model_of
from openracer.car.drive import FULL_LOCK, drive, infer
from openracer.formats.graph_writing import nodes_of
from openracer.formats.model_metadata import Action, ActionRanges, ModelMetadata
from openracer.tracks.catalogue import find
from tests.formats.networks import network

SMALL = ((8, 8, 4), (4, 2, 4), (3, 1, 4))


def car(outputs: int, metadata: ModelMetadata, favourite: tuple[float, ...]) -> CarModel:
    """A car that always does the same."""
    ending = "softmax" if metadata.is_discrete else "linear"
    policy = network(SMALL, middle=(8,), outputs=outputs, ending=ending)  # type: ignore[arg-type]
    policy.layers[-1].weight[:] = 0
    policy.layers[-1].bias[:] = favourite
    return car_model_of("car.tar.gz", {node.name: node for node in nodes_of(policy)}, metadata)


STRAIGHT = ModelMetadata((Action(-30, 1.0), Action(0, 1.0), Action(30, 2.0)))


@pytest.mark.parametrize("rate", [15, 30])
def test_a_car_that_only_goes_straight_passes_the_straight_track(rate: int) -> None:
    result = drive(car(3, STRAIGHT, (0, 5, 0)), find("Straight_track"), laps=1, rate=rate)
    [lap] = result.laps
    assert lap.progress == 100.0
    # A speed of half the fastest is 0.8 of full throttle, not half of it.
    assert {command.throttle for command in result.commands} == {0.8}
    assert len(result.commands) == pytest.approx(lap.time_s * rate, abs=2)


def test_commands_that_the_servo_drops_leave_the_wheels_as_they_were() -> None:
    uneven = ModelMetadata(ActionRanges(-30, 20, 1, 2))
    result = drive(car(2, uneven, (-1.0, 1.0)), find("Straight_track"), laps=1)
    assert result.dropped == len(result.commands)
    assert result.laps[0].progress == 100.0  # full right lock was meant
    assert FULL_LOCK > 0.5


def test_a_picture_gives_probabilities_and_a_command() -> None:
    picture = np.zeros((480, 640, 3), np.uint8)
    output, command = infer(car(3, STRAIGHT, (0, 0, 2)), picture)
    assert output.sum() == pytest.approx(1.0)
    assert command.angle_deg == 30
