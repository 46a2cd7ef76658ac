"""Domain randomisation: within its limits, repeatable, and each picture what an exact camera would take."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from openracer.simulation import lens
from openracer.simulation.camera import render_frames
from openracer.simulation.columns import row_of, rows_of
from openracer.simulation.distortion import distort, noise_grains
from openracer.simulation.lens import Lens
from openracer.simulation.palette import LUMA, PALETTES
from openracer.simulation.presets import find_preset
from openracer.simulation.randomisation import Randomisation, Variations, random_palette
from openracer.simulation.scenery import Look, Scenery
from openracer.simulation.simulator import Simulator
from openracer.simulation.threads import all_turns
from openracer.simulation.vehicle import VehicleState
from tests.simulation.exact_camera import ExactCamera
from tests.simulation.test_camera import NOBODY, PLAIN
from tests.simulation.tracks_for_tests import ring

PERIOD = 1.0 / 15.0
STRONG = Randomisation(0.5, 0.4, 0.01, 0.05, 0.06, 0.2, 0.1, 0.05, 0.6, 5.0, 0.5)


def frame_of(scenery, look=0):
    x, y, yaw = scenery.tracks[0].start_pose(0.3 * scenery.tracks[0].length)
    state = rows_of(VehicleState.at(np.array([x]), np.array([y]), np.array([yaw])))
    frames = np.zeros((1, 120, 160), np.uint8)
    index = (np.zeros(1, np.int32), np.full(1, look, np.int32))
    render_frames(all_turns(1), frames, np.arange(1), state, *index, *NOBODY, *scenery.kernel_arguments)
    return frames[0], (x, y, yaw)


def simulator(cars, seed=3):
    return Simulator([ring()], cars, find_preset("v5"), seed=seed, randomisation=STRONG, workers=1)


def drive(sim, steps=6):
    cars, frames = np.arange(sim.cars), []
    sim.start(cars, np.zeros(sim.cars))
    for _step in range(steps):
        sim.step(cars, np.full(sim.cars, 0.1), np.ones(sim.cars))
        seen = np.zeros((sim.cars, 120, 160), np.uint8)
        sim.observe(cars, {"FRONT_FACING_CAMERA": seen})
        frames.append(seen)
    return np.stack(frames, axis=1)


@pytest.mark.parametrize(
    "mounted", [Lens(0.16, 0.33, 1.0), Lens(0.11, 0.2, 1.3), Lens(lens.CAMERA_HEIGHT, 0.4, 1.13)]
)
def test_another_camera_sees_what_exact_rays_from_there_meet(mounted, monkeypatch):
    track = ring()
    scenery = Scenery([track], [PLAIN], [mounted])
    frame, pose = frame_of(scenery)
    for name, value in zip(
        ("CAMERA_HEIGHT", "CAMERA_PITCH", "FOCAL_LENGTH"),
        (mounted.height, mounted.pitch, mounted.focal_length),
        strict=True,
    ):
        monkeypatch.setattr(lens, name, value)
    exact = ExactCamera(track, scenery.rooms[0], PLAIN.grey()).render(*pose)
    assert np.abs(frame - exact).mean() < 1.5


def test_a_smaller_footprint_is_sharper_and_as_bright():
    sharp, usual = (
        frame_of(Scenery([ring()], PALETTES[:1], [Lens(footprint=share)]))[0].astype(float)
        for share in (0.5, 1.0)
    )
    ground = slice(50, 120)
    assert np.abs(np.diff(sharp[ground])).mean() > 1.1 * np.abs(np.diff(usual[ground])).mean()
    assert sharp[ground].mean() == pytest.approx(usual[ground].mean(), abs=2.0)


@settings(max_examples=25)
@given(st.floats(0.2, 1.8), st.floats(-50.0, 50.0))
def test_a_look_changes_every_grey_alike(gain, offset):
    looks = [Look(0), Look(0, 0, gain, offset)]
    few, many = Scenery([ring()], PALETTES[:1], looks=looks), Scenery([ring()], PALETTES[:1], looks=looks * 5)
    usual, changed = frame_of(few)[0], frame_of(few, 1)[0]
    assert np.array_equal(frame_of(many)[0], usual) and np.array_equal(frame_of(many, 1)[0], changed)
    wanted = gain * usual.astype(float) + offset
    differences = np.abs(changed - np.clip(wanted, 0, 255))
    # What is too bright or too dark for a byte is so before neighbours are mixed.
    assert differences[(wanted > 5) & (wanted < 250)].mean() <= 1.0 and differences.mean() <= 3.0


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 1.0))
def test_borders_stay_apart_from_the_road(seed, share):
    palette = random_palette(PALETTES[0], share, np.random.default_rng(seed))
    assert abs((np.array(palette.border) - palette.road) @ np.array(LUMA)) >= 40.0
    colours = np.array([palette.field, palette.border, palette.road, palette.dash, *palette.walls])
    assert ((colours >= 0.0) & (colours <= 255.0)).all()


def test_every_car_that_is_drawn_is_within_the_limits():
    vehicle = find_preset("v6")
    variations = Variations(STRONG, [ring()], np.repeat(row_of(vehicle), 300), PERIOD, 1)
    variations.draw(np.arange(300))
    drawn = variations.presets
    gain = drawn["wheel_speed_gain"] / vehicle.wheel_speed_gain
    assert 0.8 <= gain.min() < 0.85 and 1.15 < gain.max() <= 1.2
    assert variations.steering_gain.min() >= 0.9 and 1.05 < variations.steering_gain.max() <= 1.1
    delays = drawn["speed_delay_s"] - vehicle.speed_delay_s
    assert (delays >= -1e-12).all() and (drawn["speed_delay_s"] <= PERIOD).all() and delays.max() > 0.04
    assert (drawn["mu_lateral"] == vehicle.mu_lateral).all()
    assert len(np.unique(variations.look)) > 100
    assert (variations.distortion[:, 1] <= 5.0).all()


def test_the_wheels_turn_by_the_cars_own_gain():
    sim = Simulator(
        [ring()], 40, find_preset("v5"), randomisation=Randomisation(steering_gain=0.3), workers=1
    )
    cars = np.arange(40)
    sim.start(cars, np.zeros(40))
    for _step in range(4):
        sim.step(cars, np.full(40, 0.2), np.ones(40))
    commands = sim.state.steering_command
    assert np.ptp(commands) > 0.05
    assert ((commands >= 0.14 - 1e-9) & (commands <= 0.26 + 1e-9)).all()


def test_the_same_seed_gives_the_same_pictures_however_many_cars_there_are():
    frames = drive(simulator(6))
    assert (drive(simulator(6)) == frames).all()
    assert (drive(simulator(2)) == frames[:2]).all()
    assert (drive(simulator(6, seed=4)) != frames).any()


def test_looking_twice_shows_the_same():
    sim = simulator(3)
    drive(sim)
    twice = [np.zeros((3, 120, 160), np.uint8) for _look in range(2)]
    for seen in twice:
        sim.observe(np.arange(3), {"FRONT_FACING_CAMERA": seen})
    assert (twice[0] == twice[1]).all()


@pytest.mark.parametrize("channels", [1, 2])
def test_blur_and_noise_are_those_of_an_independent_filter(channels):
    random = np.random.default_rng(0)
    shape = (4, 120, 160) if channels == 1 else (4, 120, 160, 2)
    before = random.integers(60, 180, shape).astype(np.uint8)
    amounts = np.array([[0.0, 0.0], [0.15, 0.0], [0.0, 4.0], [0.3, 2.0]])
    after = before.copy()
    distort(
        all_turns(4),
        after,
        channels,
        np.arange(4),
        amounts,
        np.full(4, 7, np.int32),
        np.arange(4.0),
        noise_grains(0),
    )
    assert (after[0] == before[0]).all()
    weights = np.array([0.15, 0.7, 0.15])
    wanted = ndimage.convolve1d(before[1].astype(float), weights, axis=1)
    wanted = ndimage.convolve1d(wanted, weights, axis=0)
    assert np.abs(after[1] - wanted)[1:-1, 1:-1].max() <= 1.6
    noise = after[2].astype(float) - before[2]
    assert abs(noise.mean()) < 0.2 and noise.std() == pytest.approx(4.0, rel=0.05)
    assert (after[3] != before[3]).any()


def test_nothing_random_is_off():
    assert Randomisation().is_off
    for field in dataclasses.fields(Randomisation):
        assert not Randomisation(**{field.name: 0.1}).is_off
