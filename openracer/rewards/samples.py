"""Situations of a car on a real track, to try a reward function on before a training starts."""

from typing import NamedTuple

import numpy as np

from openracer.language import gettext as _
from openracer.rewards.params import Params, ParamsBuilder
from openracer.rewards.poses import record_at
from openracer.simulation import body
from openracer.simulation.record import StepRecord
from openracer.tracks.track import Track

_TYPICAL_SPEED_MPS = 2.0
_STEPS_PER_SECOND = 15.0


class Sample(NamedTuple):
    """A named situation.

    Attributes:
        name: what the car is doing, for messages.
        params: what a reward function is told of it.
    """

    name: str
    params: Params


class _Situation(NamedTuple):
    """How a car is put down and what it is told to do."""

    name: str
    lap: float
    """Where its front point is along the centre line, as a fraction of the lap."""
    offset: float
    """How far to the left of the centre line, as a fraction of half the road's width."""
    turn_deg: float
    """Heading minus the road's."""
    speed_mps: float
    steering_deg: float


def sample_states(track: Track) -> list[Sample]:
    """One lap in a few situations, and the start of the next episode.

    Steps and time increase from one to the next as in an episode, so that a reward function that compares a
    step with the one before is tried fairly.

    Args:
        track: where the car drives.

    Returns:
        The situations in the order of driving.
    """
    start = body.FRONT_POINT_AHEAD / track.length
    sharpest = int(np.argmax(np.abs(track.curvature)))
    inwards = 20.0 if track.curvature[sharpest] > 0.0 else -20.0
    outside = -2.5 if track.is_counter_clockwise else 2.5
    corner = float(track.arc_length[sharpest]) / track.length
    lap = sorted(
        [
            _Situation(_("left of the centre line"), 0.2, 0.6, -8.0, 1.5, -10.0),
            _Situation(_("in the middle of the lap"), 0.5, 0.0, 0.0, 2.0, 0.0),
            _Situation(_("right of the centre line"), 0.6, -0.6, 8.0, 1.5, 10.0),
            _Situation(_("with wheels over the border"), 0.7, 0.95, 15.0, 3.0, -30.0),
            _Situation(_("facing backwards"), 0.8, 0.0, 180.0, 1.0, 30.0),
            _Situation(_("off the track"), 0.9, outside, 40.0, 4.0, 30.0),
            _Situation(_("in the sharpest corner"), min(max(corner, start), 0.99), 0.0, 0.0, 1.0, inwards),
        ],
        key=lambda situation: situation.lap,
    )
    situations = [
        _Situation(_("at the start"), start, 0.0, 0.0, 1.0, 0.0),
        *lap,
        _Situation(_("at the finish line"), 1.0, 0.0, 0.0, 4.0, 0.0),
        _Situation(_("at the start of the next episode"), 0.05 + start, 0.0, 0.0, 1.0, 0.0),
    ]
    record = _record(track, situations)
    rows = np.arange(len(situations))
    params = ParamsBuilder([track], np.zeros_like(rows)).build(
        record,
        np.array([situation.speed_mps for situation in situations]),
        np.array([situation.steering_deg for situation in situations]),
        rows,
    )
    return [Sample(situation.name, values) for situation, values in zip(situations, params, strict=True)]


def _record(track: Track, situations: list[_Situation]) -> StepRecord:
    """The rows of the situations; the last begins an episode of its own."""
    count = len(situations)
    distance = np.array([situation.lap for situation in situations]) * track.length
    on_line = track.point_at(distance)
    segment = np.clip(
        np.searchsorted(track.arc_length, distance, side="right") - 1, 0, len(track.heading) - 1
    )
    road = track.heading[segment]
    half_width = track.project(on_line).width_m / 2.0
    left = np.stack([-np.sin(road), np.cos(road)], axis=1)
    offset = half_width * np.array([situation.offset for situation in situations])
    front = on_line + offset[:, None] * left
    yaw = road + np.deg2rad([situation.turn_deg for situation in situations])
    progress = 100.0 * distance / track.length
    progress[-1] = progress[0]
    driven = distance - distance[0]
    steps = 2 + np.round(driven / _TYPICAL_SPEED_MPS * _STEPS_PER_SECOND).astype(np.int32)
    steps += np.arange(count, dtype=np.int32)  # two situations may be at the same place
    steps[-1] = 2
    rows = steps.copy()
    rows[-1] += rows[-2]
    return record_at(track, front, yaw, progress, steps, rows / _STEPS_PER_SECOND)
