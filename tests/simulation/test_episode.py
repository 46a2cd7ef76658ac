"""The order of a step, and how episodes end, in the cases that the AWS simulator's rules name."""

import numpy as np
import pytest

from openracer.simulation.episode import EpisodeRules
from openracer.simulation.presets import V5
from openracer.simulation.simulator import Simulator
from openracer.simulation.status import Status
from tests.simulation.tracks_for_tests import ring, straight

CAR = np.array([0])


def drive(simulator: Simulator, steering: float = 0.0, speed: float = 1.0, rows: int = 2000):
    """Rows of one car until its episode ends, as dictionaries."""
    result = []
    for _ in range(rows):
        record = simulator.step(CAR, np.array([steering]), np.array([speed]))
        result.append({name: column[0].item() for name, column in record._asdict().items()})
        if record.done[0]:
            break
    return result


def simulator(track, rules=None) -> Simulator:
    result = Simulator([track], 1, V5, rules, workers=1)
    result.start(CAR, np.array([0.0]))
    return result


def test_a_row_shows_the_state_before_its_action_acts():
    rows = drive(simulator(straight()), rows=4)
    assert [Status(row["status"]) for row in rows] == [Status.PREPARE] + [Status.IN_PROGRESS] * 3
    assert [row["steps"] for row in rows] == [1, 2, 3, 4]
    assert [row["running"] for row in rows] == [False, True, True, True]
    assert rows[0]["x"] == rows[1]["x"] == pytest.approx(0.14)  # the front point; held while preparing
    assert rows[2]["x"] > rows[1]["x"]  # first motion
    assert [row["sim_time"] for row in rows] == pytest.approx([1 / 15, 2 / 15, 3 / 15, 4 / 15])


def test_an_action_of_row_k_shows_in_row_k_plus_one():
    one, other = simulator(straight()), simulator(straight())
    for step in range(8):
        a = one.step(CAR, np.array([0.0]), np.array([1.0]))
        b = other.step(CAR, np.array([0.3 if step == 5 else 0.0]), np.array([1.0]))
        assert (a.heading_deg[0] == b.heading_deg[0]) == (step <= 5)


def test_reaching_the_end_of_an_open_track_completes_the_lap():
    last = drive(simulator(straight()), speed=2.0)[-1]
    assert Status(last["status"]) is Status.LAP_COMPLETE
    assert last["progress"] == 100.0


def test_leaving_with_all_four_wheels_ends_the_episode():
    rows = drive(simulator(straight()), steering=0.5)
    assert Status(rows[-1]["status"]) is Status.OFF_TRACK
    assert rows[-1]["is_offtrack"]
    assert not any(row["is_offtrack"] for row in rows[:-1])
    assert not rows[-2]["all_wheels_on_track"]


def test_standing_still_for_fifteen_rows_ends_the_episode():
    sim = simulator(straight())
    sim.step(CAR, np.array([0.0]), np.array([1.0]))
    rows = 1
    while not sim.record.done[0]:
        rows += 1
        # Commands below 0.1 m/s are raised to it, as on AWS: only a car that cannot move stands still.
        sim.state.forward_speed[0] = sim.state.wheel_speed[0] = 0.0
        sim.state.x[0] = 0.0
        sim.step(CAR, np.array([0.0]), np.array([1.0]))
    assert Status(int(sim.record.status[0])) is Status.IMMOBILIZED
    assert rows == 16


def test_driving_backwards_for_fifteen_rows_ends_the_episode():
    sim = simulator(ring(width=1.2))
    sim.step(CAR, np.array([0.0]), np.array([1.0]))
    sim.state.yaw[0] -= np.pi
    rows = drive(sim, steering=-0.25, speed=1.0)
    assert Status(rows[-1]["status"]) is Status.REVERSED


def keep_on_the_ring(sim: Simulator, radius: float, clockwise: bool = False) -> None:
    """Move the car along the circle by hand, 5 cm a row, without any dynamics."""
    angle = np.arctan2(sim.state.y[0], sim.state.x[0]) + (-0.05 if clockwise else 0.05) / radius
    sim.state.x[0], sim.state.y[0] = radius * np.cos(angle), radius * np.sin(angle)
    sim.state.yaw[0] = angle + (-np.pi / 2 if clockwise else np.pi / 2)


@pytest.mark.parametrize("clockwise", [False, True])
def test_a_continuous_episode_counts_laps_and_restarts_their_clock(clockwise):
    sim = simulator(ring(clockwise=clockwise), EpisodeRules(laps=2))
    lap_times = []
    for _ in range(2000):
        laps = sim.episode.laps[0]
        record = sim.step(CAR, np.array([0.0]), np.array([0.1]))
        if sim.episode.laps[0] > laps:
            lap_times.append(sim.episode.lap_time[0])
        if record.done[0]:
            break
        keep_on_the_ring(sim, 2.0, clockwise)
    assert len(lap_times) == 2
    # The hand moves the car 5 cm a row, its own drive at 0.1 m/s another 0.7 cm.
    rows_of_a_lap = 2 * np.pi * 2.0 / (0.05 + 0.1 * 1.0286 / 15)
    assert lap_times[1] == pytest.approx(rows_of_a_lap / 15, abs=0.2)
    assert Status(int(record.status[0])) is Status.LAP_COMPLETE


def test_an_incident_with_resets_left_costs_a_pause_inside_the_lap():
    rules = EpisodeRules(max_resets=1, off_track_penalty=1.0)
    sim = simulator(ring(), rules)
    rows = drive(sim, steering=0.0, speed=2.0)  # straight on leaves the circle
    statuses = [Status(row["status"]) for row in rows]
    first = statuses.index(Status.OFF_TRACK)
    pauses = [k for k, status in enumerate(statuses) if status is Status.PAUSE]
    assert pauses == list(range(first + 1, first + 16))  # 15 rows are one second
    assert rows[first + 1]["pause_duration"] == pytest.approx(1.0)
    assert rows[first + 2]["pause_duration"] == pytest.approx(1.0 - 1 / 15)
    assert not rows[first]["done"]
    assert rows[first + 1]["all_wheels_on_track"]
    assert rows[first + 1]["distance_from_centre"] < 0.25  # on a lane, a quarter of the width aside
    assert abs(rows[first + 1]["progress"] - rows[first - 1]["progress"]) < 3.0
    assert statuses[-1] is Status.OFF_TRACK and rows[-1]["done"]
    assert statuses.count(Status.OFF_TRACK) == 2


def test_a_car_put_back_just_before_the_line_still_completes_its_lap():
    track = ring()
    sim = simulator(track, EpisodeRules(max_resets=1, off_track_penalty=0.5))
    drive(sim, rows=3)
    sim.episode.previous_progress[0] = (
        99.5  # 6 cm before the line, and 14 cm from the car's origin to its nose
    )
    sim.state.x[0], sim.state.y[0], sim.state.yaw[0] = 4.0, -0.4, np.pi / 2
    rows = drive(sim, rows=20)
    assert [Status(row["status"]) for row in rows[:2]] == [Status.OFF_TRACK, Status.PAUSE]
    assert Status(rows[-1]["status"]) is Status.LAP_COMPLETE
    assert sim.episode.resets[0] == 1
    assert sim.episode.lap_time[0] == pytest.approx(rows[-1]["sim_time"])  # the penalty is part of it


def test_row_fractions_choose_the_start_and_progress_counts_from_there():
    track = ring()
    sim = Simulator([track], 3, V5, workers=1)
    cars = np.arange(3)
    sim.start(cars, np.array([0.0, 0.25, 0.9]))
    record = sim.step(cars, np.zeros(3), np.ones(3))
    assert record.projection_distance == pytest.approx(
        track.length * np.array([0.0, 0.25, 0.9]) + 0.14, abs=0.02
    )
    assert record.progress == pytest.approx(np.full(3, 100 * 0.14 / track.length), abs=0.1)


def test_an_episode_that_takes_too_long_is_ended():
    last = drive(simulator(ring(), EpisodeRules(time_limit=2.0)), steering=0.1, speed=0.1)[-1]
    assert Status(last["status"]) is Status.TIME_UP
    assert last["sim_time"] == pytest.approx(2.0 + 1 / 15)
