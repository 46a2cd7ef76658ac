"""An episode in time: where a car starts, when it is driven, held or put back, and when it is done.

The rules are those of the AWS simulator (aws-deepracer-community/deepracer-simapp, ``markov/environments`` and
``markov/reset``): one row of a trace for every control step, in this order: the car's state is read, judged and written
down; then the row's action acts until the next row.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.body import FRONT_POINT_AHEAD, MAX_STEERING, MIN_SPEED
from openracer.simulation.columns import zero_columns
from openracer.simulation.measure import measure
from openracer.simulation.record import StepRecord
from openracer.simulation.status import Status
from openracer.simulation.threads import next_car
from openracer.simulation.track_table import TrackTable
from openracer.simulation.vehicle import VehicleState, advance
from openracer.tracks.compiled import kernel

STUCK_ROWS = 15
"""Rows (one second) of standing still, or of driving backwards, that end an episode."""

STUCK_DISTANCE = 0.0003
"""A car that moved no further than this between two rows stands still, m."""

# Phases of a car: held for the first row, driven, held for a penalty.
PREPARE, RUN, PAUSE = 0, 1, 2

# Numba takes module-level integers as constants, not members of an enumeration.
_PREPARE, _IN_PROGRESS, _LAP_COMPLETE = int(Status.PREPARE), int(Status.IN_PROGRESS), int(Status.LAP_COMPLETE)
_OFF_TRACK, _IMMOBILIZED, _REVERSED = int(Status.OFF_TRACK), int(Status.IMMOBILIZED), int(Status.REVERSED)
_PAUSE, _TIME_UP = int(Status.PAUSE), int(Status.TIME_UP)


class EpisodeRules(NamedTuple):
    """What an incident costs and when an episode ends.

    The defaults are those of training: one lap, and any incident ends the episode.

    Attributes:
        laps: laps of an episode; more than one makes it continuous, with rolling starts.
        max_resets: incidents after which the car is put back on the track; the next one ends the episode.
        off_track_penalty: time for which a car that left the track, or drove backwards, is held, s.
        immobilized_penalty: the same for a car that stood still, s.
        time_limit: an episode that lasts longer ends, s.
    """

    laps: int = 1
    max_resets: int = 0
    off_track_penalty: float = 0.0
    immobilized_penalty: float = 0.0
    time_limit: float = math.inf


class EpisodeState(NamedTuple):
    """What the rules remember of N cars, one ``(N,)`` array for each quantity.

    Attributes:
        phase: held for the first row (0), driven (1) or held for a penalty (2).
        steps: rows so far.
        clock: simulated time since the world began, s.
        start_fraction: where the lap starts, as a fraction of the track's length.
        previous_progress: progress of the last row, percent; 0 at the start of a lap.
        previous_x: front point of the last row, m.
        previous_y: the same, m.
        still_rows: rows for which the car stood still.
        reverse_rows: rows for which progress fell.
        pause_left: penalty time left, s.
        episode_start: clock when the episode began, s.
        lap_start: clock when the lap began, s.
        lap_time: time of the lap that was completed last, s; 0 before.
        laps: laps completed in this episode.
        resets: times the car was put back in this lap.
        off_tracks: incidents of this kind in this lap.
        immobilizations: incidents of this kind in this lap.
        reversals: incidents of this kind in this lap.
    """

    phase: NDArray[np.int32]
    steps: NDArray[np.int32]
    clock: NDArray[np.float64]
    start_fraction: NDArray[np.float64]
    previous_progress: NDArray[np.float64]
    previous_x: NDArray[np.float64]
    previous_y: NDArray[np.float64]
    still_rows: NDArray[np.int32]
    reverse_rows: NDArray[np.int32]
    pause_left: NDArray[np.float64]
    episode_start: NDArray[np.float64]
    lap_start: NDArray[np.float64]
    lap_time: NDArray[np.float64]
    laps: NDArray[np.int32]
    resets: NDArray[np.int32]
    off_tracks: NDArray[np.int32]
    immobilizations: NDArray[np.int32]
    reversals: NDArray[np.int32]

    @classmethod
    def zeros(cls, cars: int) -> "EpisodeState":
        """States of N cars before their first episode."""
        numbers = ("clock", "start_fraction", "previous_progress", "previous_x", "previous_y")
        times = ("pause_left", "episode_start", "lap_start", "lap_time")
        kinds: dict[str, type[np.generic]] = dict.fromkeys(cls._fields, np.int32)
        return cls(*zero_columns(kinds | dict.fromkeys(numbers + times, np.float64), cars))


@kernel()
def place(
    car: int, state: VehicleState, distance: float, lane: int, centre: NDArray[np.float64], inner: NDArray[np.float64],
    outer: NDArray[np.float64], arc_length: NDArray[np.float64],
) -> None:  # fmt: skip
    """Put a car at rest on a lane, facing the next waypoint.

    Args:
        car: index of the car.
        state: motion of all cars, changed in place.
        distance: along the centre line, m.
        lane: 0 the centre line, 1 midway to the inner border, -1 midway to the outer border.
        centre: ``(K, 2)`` rows of the track, m.
        inner: ``(K, 2)``.
        outer: ``(K, 2)``.
        arc_length: ``(K,)`` m.
    """
    length = arc_length[-1]
    if distance >= length or distance < 0.0:
        distance = distance % length
    following = min(max(int(np.searchsorted(arc_length, distance, side="right")), 1), len(arc_length) - 1)
    behind = following - 1
    step = arc_length[following] - arc_length[behind]
    share = (distance - arc_length[behind]) / step if step > 0.0 else 0.0
    x = centre[behind, 0] + share * (centre[following, 0] - centre[behind, 0])
    y = centre[behind, 1] + share * (centre[following, 1] - centre[behind, 1])
    target_x, target_y = centre[following, 0], centre[following, 1]
    if lane != 0:
        border = inner if lane > 0 else outer
        x = 0.5 * (x + border[behind, 0] + share * (border[following, 0] - border[behind, 0]))
        y = 0.5 * (y + border[behind, 1] + share * (border[following, 1] - border[behind, 1]))
        target_x = 0.5 * (target_x + border[following, 0])
        target_y = 0.5 * (target_y + border[following, 1])
    state.x[car], state.y[car] = x, y
    state.yaw[car] = math.atan2(target_y - y, target_x - x)
    for quantity in (
        state.forward_speed, state.lateral_speed, state.yaw_rate, state.steering, state.wheel_speed, state.front_force,
        state.steering_command, state.speed_command,
    ):  # fmt: skip
        quantity[car] = 0.0


@kernel()
def start_lap(car: int, episode: EpisodeState) -> None:
    """Restart what is counted per lap."""
    episode.previous_progress[car] = 0.0
    episode.lap_start[car] = episode.clock[car]
    episode.resets[car] = episode.off_tracks[car] = episode.immobilizations[car] = episode.reversals[car] = 0


@kernel()
def start_episodes(
    cars: NDArray[np.int64], fractions: NDArray[np.float64], state: VehicleState, episode: EpisodeState,
    table: TrackTable, track: NDArray[np.int64],
) -> None:  # fmt: skip
    """Begin a new episode for some cars, at rest on the centre line.

    Args:
        cars: ``(K,)`` indices.
        fractions: ``(K,)`` where each starts, as a fraction of its track's length.
        state: motion of all cars.
        episode: rule state of all cars.
        table: all tracks.
        track: ``(N,)`` track of each car.
    """
    for k in range(len(cars)):
        car = cars[k]
        entry = table.tracks[track[car]]
        a, b = entry.first, entry.last
        arc_length = table.arc_length[a:b]
        fraction = fractions[k] % 1.0
        place(
            car,
            state,
            fraction * arc_length[-1],
            0,
            table.centre[a:b],
            table.inner[a:b],
            table.outer[a:b],
            arc_length,
        )
        episode.phase[car] = PREPARE
        episode.steps[car] = 0
        episode.start_fraction[car] = fraction
        episode.episode_start[car] = episode.clock[car]
        episode.previous_x[car] = state.x[car] + FRONT_POINT_AHEAD * math.cos(state.yaw[car])
        episode.previous_y[car] = state.y[car] + FRONT_POINT_AHEAD * math.sin(state.yaw[car])
        episode.still_rows[car] = episode.reverse_rows[car] = episode.laps[car] = 0
        episode.pause_left[car] = episode.lap_time[car] = 0.0
        start_lap(car, episode)


@kernel()
def judge(
    car: int, episode: EpisodeState, record: StepRecord, rules: EpisodeRules, clock_after: float
) -> int:
    """Decide the status of a driven car's row and count its incidents and laps.

    Args:
        car: index of the car.
        episode: rule state, changed in place.
        record: the row as measured; ``status`` and ``done`` are written.
        rules: rules of the episode.
        clock_after: simulation clock when the row is written, s.

    Returns:
        The status.
    """
    moved = math.hypot(record.x[car] - episode.previous_x[car], record.y[car] - episode.previous_y[car])
    episode.still_rows[car] = episode.still_rows[car] + 1 if moved <= STUCK_DISTANCE else 0
    backwards = record.progress[car] < episode.previous_progress[car]
    episode.reverse_rows[car] = episode.reverse_rows[car] + 1 if backwards else 0

    if clock_after - episode.episode_start[car] > rules.time_limit:
        return _TIME_UP
    if record.progress[car] >= 100.0:
        episode.laps[car] += 1
        episode.lap_time[car] = clock_after - episode.lap_start[car]
        return _LAP_COMPLETE if episode.laps[car] >= rules.laps else _IN_PROGRESS
    if record.is_offtrack[car]:
        episode.off_tracks[car] += 1
        return _OFF_TRACK
    if episode.still_rows[car] >= STUCK_ROWS:
        episode.immobilizations[car] += 1
        return _IMMOBILIZED
    if episode.reverse_rows[car] >= STUCK_ROWS:
        episode.reversals[car] += 1
        return _REVERSED
    return _IN_PROGRESS


@kernel()
def put_back(
    car: int, state: VehicleState, episode: EpisodeState, centre: NDArray[np.float64], inner: NDArray[np.float64],
    outer: NDArray[np.float64], arc_length: NDArray[np.float64],
) -> None:  # fmt: skip
    """Put a car back where it last was on the track, on the lane that is nearer to it."""
    x, y = state.x[car], state.y[car]
    distance = (episode.start_fraction[car] + episode.previous_progress[car] / 100.0) * arc_length[-1]
    place(car, state, distance, -1, centre, inner, outer, arc_length)
    to_outer = math.hypot(state.x[car] - x, state.y[car] - y)
    place(car, state, distance, 1, centre, inner, outer, arc_length)
    if math.hypot(state.x[car] - x, state.y[car] - y) > to_outer:
        place(car, state, distance, -1, centre, inner, outer, arc_length)
    episode.still_rows[car] = episode.reverse_rows[car] = 0


@kernel()
def step_cars(
    turns: NDArray[np.int64], cars: NDArray[np.int64], state: VehicleState, episode: EpisodeState, record: StepRecord,
    table: TrackTable, track: NDArray[np.int64], all_rules: NDArray[np.void], presets: NDArray[np.void],
    steering: NDArray[np.float64], speed: NDArray[np.float64], periods: NDArray[np.float64], ticks: int,
) -> None:  # fmt: skip
    """One control step of some cars: write their row, then let its action act.

    Args:
        turns: of :func:`openracer.simulation.threads.all_turns`.
        cars: ``(K,)`` indices of the cars to step.
        state: motion of all cars.
        episode: rule state of all cars.
        record: rows to fill.
        table: all tracks.
        track: ``(N,)`` track of each car.
        all_rules: ``(1,)`` the :class:`EpisodeRules`.
        presets: ``(1,)`` the :class:`~openracer.simulation.vehicle.VehiclePreset`.
        steering: ``(K,)`` commands, rad.
        speed: ``(K,)`` commands, m/s.
        periods: ``(K,)`` lengths of this control period, s.
        ticks: time steps of one control period.
    """
    rules, preset = all_rules[0], presets[0]
    k, share_end = next_car(turns, len(cars), 0, 0)
    while k < len(cars):
        car, period = cars[k], periods[k]
        entry = table.tracks[track[car]]
        a, b = entry.first, entry.last
        centre, inner, outer = table.centre[a:b], table.inner[a:b], table.outer[a:b]
        arc_length = table.arc_length[a:b]
        measure(
            car, state, episode.start_fraction[car], episode.previous_progress[car], record, table, track[car]
        )
        episode.steps[car] += 1
        episode.clock[car] += period
        record.steps[car] = episode.steps[car]
        record.sim_time[car] = episode.clock[car]
        record.pause_duration[car] = episode.pause_left[car]
        record.running[car] = episode.phase[car] == RUN
        record.done[car] = False
        laps = episode.laps[car]
        if episode.phase[car] == RUN:
            status = judge(car, episode, record, rules, episode.clock[car])
            record.status[car] = status
            if status in (_LAP_COMPLETE, _TIME_UP):
                record.done[car] = True
            elif status != _IN_PROGRESS:
                if episode.resets[car] < rules.max_resets:
                    episode.resets[car] += 1
                    put_back(car, state, episode, centre, inner, outer, arc_length)
                    episode.pause_left[car] = (
                        rules.immobilized_penalty if status == _IMMOBILIZED else rules.off_track_penalty
                    )
                    episode.phase[car] = PAUSE if episode.pause_left[car] > 0.0 else RUN
                else:
                    record.done[car] = True
            else:
                clipped = min(max(steering[k], -MAX_STEERING), MAX_STEERING)
                advance(car, state, clipped, max(speed[k], MIN_SPEED), preset, ticks, period / ticks)
        elif episode.phase[car] == PAUSE:
            record.status[car] = _PAUSE
            episode.pause_left[car] = max(0.0, episode.pause_left[car] - period)
            if episode.pause_left[car] < 1e-9:
                episode.phase[car] = RUN
        else:
            record.status[car] = _PREPARE
            episode.phase[car] = RUN
        episode.previous_x[car] = record.x[car]
        episode.previous_y[car] = record.y[car]
        episode.previous_progress[car] = record.progress[car]
        # Not wherever progress is 100: a car put back just before the line has its nose beyond it while it is held.
        if episode.laps[car] > laps and not record.done[car]:
            start_lap(car, episode)
        k, share_end = next_car(turns, len(cars), k, share_end)
