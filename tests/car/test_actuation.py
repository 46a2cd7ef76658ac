"""From the network's output to pulses: the car's own arithmetic."""

import numpy as np
import pytest
from PIL import Image

from openracer.car.actuation import MOTOR_PULSE, STEERING_PULSE, command_of, throttle_of
from openracer.car.camera import network_frame, resize
from openracer.formats.model_metadata import Action, ActionRanges, ModelMetadata

LIST = ModelMetadata((Action(-20, 1.0), Action(0, 2.0), Action(20, 4.0)))


@pytest.mark.parametrize(
    ("share", "throttle"), [(0.0, 0.0), (0.25, 0.475), (0.5, 0.8), (1.0, 1.0), (0.917, 1.0)]
)
def test_the_throttle_is_a_parabola_that_is_cut_off(share: float, throttle: float) -> None:
    assert throttle_of(4.0 * share, 4.0) == pytest.approx(throttle, abs=1e-9)


def test_the_first_of_the_largest_probabilities_wins() -> None:
    command = command_of(np.array([0.4, 0.4, 0.2], np.float32), LIST)
    assert (command.angle_deg, command.speed) == (-20, 1.0)


def test_the_largest_angle_is_full_lock_whatever_it_is() -> None:
    command = command_of(np.array([0.0, 0.1, 0.9], np.float32), LIST)
    assert command.steering == 1.0
    assert command.throttle == 1.0


def test_pulses_are_those_of_the_default_calibration() -> None:
    assert [STEERING_PULSE.length(x) for x in (-1, 0, 0.5, 1)] == [1_200_000, 1_450_000, 1_575_000, 1_700_000]
    # Forward is the shorter pulse.
    assert [MOTOR_PULSE.length(x) for x in (1, 0, -1)] == [1_311_000, 1_446_000, 1_603_500]


def test_the_servo_drops_what_is_beyond_full_lock() -> None:
    uneven = ModelMetadata(ActionRanges(-30, 20, 1, 3))
    command = command_of(np.array([-1.0, 0.0], np.float32), uneven)
    assert command.steering is None
    assert command.pulses[0] is None
    assert command_of(np.array([-0.5, 7.0], np.float32), uneven).steering == pytest.approx(-17.5 / 20)


def test_the_slider_scales_the_throttle() -> None:
    assert command_of(np.array([0.0, 0.0, 1.0], np.float32), LIST, slider=0.5).throttle == 0.5


def test_a_quarter_of_the_size_takes_the_four_middle_pixels() -> None:
    """OpenCV's bilinear resize by four looks halfway between the second and third of four pixels."""
    picture = np.random.default_rng(0).integers(0, 256, (480, 640, 3)).astype(np.uint8)
    middle = picture.reshape(120, 4, 160, 4, 3)[:, 1:3, :, 1:3].astype(float)
    assert np.array_equal(resize(picture), np.floor(middle.mean(axis=(1, 3)) + 0.5).astype(np.uint8))


def test_making_a_picture_larger_agrees_with_pillow() -> None:
    """Only making smaller is where Pillow smooths and OpenCV does not."""
    picture = np.random.default_rng(1).integers(0, 256, (60, 80, 3)).astype(np.uint8)
    theirs = np.asarray(Image.fromarray(picture).resize((160, 120), Image.Resampling.BILINEAR))
    assert np.abs(resize(picture).astype(int) - theirs).max() <= 1


def test_greys_are_rounded() -> None:
    picture = np.zeros((120, 160, 3), np.uint8)
    picture[:] = (10, 200, 30)
    assert (network_frame(picture) == round(0.299 * 10 + 0.587 * 200 + 0.114 * 30)).all()
