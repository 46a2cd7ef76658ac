"""An episode in time: where a car starts, when it is driven, held or put back, and when it is done.

The rules are those of the AWS simulator (aws-deepracer-community/deepracer-simapp, ``markov/environments`` and
``markov/reset``): one row of a trace for every control step, in this order: the car's state is read, judged and written
down; then the row's action acts until the next row.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.bodies import BOT, BOX, Bodies, own_body
from openracer.simulation.body import FRONT_POINT_AHEAD, MAX_STEERING, MIN_SPEED
from openracer.simulation.contact import find_contact, find_neighbours, is_in_camera
from openracer.simulation.episode_state import EpisodeState
from openracer.simulation.measure import measure
from openracer.simulation.obstacles import INNER_LANE, OUTER_LANE
from openracer.simulation.placing import halt, place, put_back, start_lane
from openracer.simulation.record import StepRecord
from openracer.simulation.status import Status
from openracer.simulation.threads import next_car
from openracer.simulation.track_table import TrackTable
from openracer.simulation.vehicle import VehicleState, advance
from openracer.simulation.worlds import WorldState
from openracer.tracks.compiled import kernel

STUCK_ROWS = 15
"""Rows (one second) of standing still, or of driving backwards, that end an episode."""

STUCK_DISTANCE = 0.0003
"""A car that moved no further than this between two rows stands still, m."""

# Phases of a car: held for the first row, driven, held for a penalty.
PREPARE, RUN, PAUSE = 0, 1, 2

GRID_GAP = 0.75
"""Distance between the starts of two cars of one world, m (deepracer-simapp)."""

# Numba takes module-level integers as constants, not members of an enumeration.
_PREPARE, _IN_PROGRESS, _LAP_COMPLETE = int(Status.PREPARE), int(Status.IN_PROGRESS), int(Status.LAP_COMPLETE)
_OFF_TRACK, _IMMOBILIZED, _REVERSED = int(Status.OFF_TRACK), int(Status.IMMOBILIZED), int(Status.REVERSED)
_PAUSE, _TIME_UP, _CRASHED = int(Status.PAUSE), int(Status.TIME_UP), int(Status.CRASHED)


class EpisodeRules(NamedTuple):
    """What an incident costs and when an episode ends.

    The defaults are those of training: one lap, and any incident ends the episode.

    Attributes:
        laps: laps of an episode; more than one makes it continuous, with rolling starts.
        max_resets: incidents after which the car is put back on the track; the next one ends the episode.
        off_track_penalty: time for which a car that left the track, or drove backwards, is held, s.
        immobilized_penalty: the same for a car that stood still, s.
        collision_penalty: the same for a car that crashed, s.
        time_limit: an episode that lasts longer ends, s.
    """

    laps: int = 1
    max_resets: int = 0
    off_track_penalty: float = 0.0
    immobilized_penalty: float = 0.0
    collision_penalty: float = 0.0
    time_limit: float = math.inf


@kernel()
def start_lap(car: int, episode: EpisodeState) -> None:
    """Restart what is counted per lap."""
    episode.previous_progress[car] = 0.0
    episode.lap_start[car] = episode.clock[car]
    episode.resets[car] = episode.crashes[car] = 0
    episode.off_tracks[car] = episode.immobilizations[car] = episode.reversals[car] = 0


@kernel()
def start_episodes(
    cars: NDArray[np.int64], fractions: NDArray[np.float64], state: VehicleState, episode: EpisodeState,
    table: TrackTable, track: NDArray[np.int64], bodies: Bodies, world: NDArray[np.int64], objects: int, others: int,
) -> None:  # fmt: skip
    """Begin a new episode for some cars, at rest on the centre line or beside what stands there.

    The cars of a world that several share start one behind the other, in alternating lanes; the one that is last
    in a world is first in the next.

    Args:
        cars: ``(K,)`` indices.
        fractions: ``(K,)`` where each starts, as a fraction of its track's length.
        state: motion of all cars.
        episode: rule state of all cars.
        table: all tracks.
        track: ``(N,)`` track of each car.
        bodies: all.
        world: ``(N,)`` world of each car.
        objects: boxes or bots of a world, M.
        others: cars that are bodies in a world: all of it if there are several, else none.
    """
    for k in range(len(cars)):
        car = cars[k]
        entry = table.tracks[track[car]]
        a, b = entry.first, entry.last
        arc_length = table.arc_length[a:b]
        fraction = fractions[k] % 1.0
        distance = fraction * arc_length[-1]
        first = world[car] * (objects + others)
        if others > 0:
            row = (car // (len(world) // others) + world[car]) % others
            distance -= GRID_GAP * row
            lane = INNER_LANE if row % 2 == 1 else OUTER_LANE
        else:
            lane = start_lane(distance, arc_length[-1], bodies, first, first + objects)
        place(
            car,
            state,
            distance,
            lane,
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
    if record.is_crashed[car]:
        episode.crashes[car] += 1
        return _CRASHED
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
def step_cars(
    turns: NDArray[np.int64], cars: NDArray[np.int64], state: VehicleState, episode: EpisodeState, record: StepRecord,
    table: TrackTable, track: NDArray[np.int64], all_rules: NDArray[np.void], presets: NDArray[np.void],
    steering: NDArray[np.float64], speed: NDArray[np.float64], periods: NDArray[np.float64], ticks: int,
    bodies: Bodies, world: NDArray[np.int64], objects: int, others: int, worlds: WorldState, bot_penalty: float,
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
        all_rules: ``(N,)`` the :class:`EpisodeRules` of each car.
        presets: ``(N,)`` its :class:`~openracer.simulation.vehicle.VehiclePreset`.
        steering: ``(K,)`` commands, rad.
        speed: ``(K,)`` commands, m/s.
        periods: ``(K,)`` lengths of this control period, s.
        ticks: time steps of one control period.
        bodies: all.
        world: ``(N,)`` world of each car.
        objects: boxes or bots of a world, M.
        others: cars that are bodies in a world: all of it if there are several, else none.
        worlds: state of all worlds.
        bot_penalty: time for which a world's bots are held after one ran into a car, s.
    """
    k, share_end = next_car(turns, len(cars), 0, 0)
    while k < len(cars):
        car, period = cars[k], periods[k]
        rules, preset = all_rules[car], presets[car]
        entry = table.tracks[track[car]]
        a, b = entry.first, entry.last
        centre, inner, outer = table.centre[a:b], table.inner[a:b], table.outer[a:b]
        arc_length = table.arc_length[a:b]
        measure(
            car, state, episode.start_fraction[car], episode.previous_progress[car], record, table, track[car]
        )
        first = world[car] * (objects + others)
        last = first + objects + others
        own = own_body(car, world, objects, others)
        crashed_into = -1
        record.is_crashed[car] = False
        if last - first > (0 if own < 0 else 1):
            x, y, yaw = state.x[car], state.y[car], state.yaw[car]
            distance = record.projection_distance[car]
            behind, ahead = find_neighbours(distance, bodies, first, last, own)
            record.previous_object[car], record.next_object[car] = behind, ahead
            following = first + ahead + (1 if 0 <= own <= first + ahead else 0)
            record.object_in_camera[car] = is_in_camera(x, y, yaw, bodies, following)
            if episode.phase[car] == RUN:
                crashed_into, hit_by = find_contact(
                    x, y, yaw, distance / arc_length[-1], bodies, first, last, own
                )
                record.is_crashed[car] = crashed_into >= 0
                if hit_by >= 0 and bodies.kind[hit_by] == BOT:
                    worlds.hold[world[car]] = bot_penalty
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
                    if status == _CRASHED and bodies.kind[crashed_into] != BOX:
                        halt(car, state)
                    else:
                        place_again = (
                            record.progress[car] if status == _CRASHED else episode.previous_progress[car]
                        )
                        put_back(
                            car, place_again, state, episode, bodies, first, last, centre, inner, outer, arc_length
                        )  # fmt: skip
                    episode.pause_left[car] = rules.off_track_penalty
                    if status == _IMMOBILIZED:
                        episode.pause_left[car] = rules.immobilized_penalty
                    elif status == _CRASHED:
                        episode.pause_left[car] = rules.collision_penalty
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
