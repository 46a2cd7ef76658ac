"""Open-loop replay: the model gets a real drive's commands and must arrive where the real car did.

From a row of the drive on, the model runs freely for up to two seconds under the recorded commands. What the trace does
not tell (speeds, the steering's angle) is estimated on the rows before, at least five: there the model drives too, its
pose is set to the real one at each row, and a fixed share of the difference corrects what cannot be seen (a
constant-gain observer, as in any text book on state estimation).
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from openracer.analysis.transitions import Transitions
from openracer.simulation.body import FRONT_POINT_AHEAD
from openracer.simulation.vehicle import VehiclePreset, VehicleState, advance

HORIZONS = (1, 5, 15, 30)
"""Steps after which errors are told."""

TYPICAL_POSITION = np.array([0.005, 0.02, 0.08, 0.22])
TYPICAL_HEADING = np.radians([0.4, 1.5, 4.0, 7.0])
CAP = 5.0
"""What counts as one unit of loss at each horizon (m, rad), and the most a single error can cost."""

LEAST_WARM_ROWS = 5
TURNING_LENGTH = 0.45
"""The car turns about three times as wide as its wheelbase tells, m."""

TICKS = 4
"""Ticks of a control step, as in the simulator."""


class ObserverGains(NamedTuple):
    """Shares of a one-step error that correct what a trace does not tell; 0: believe the model, 1: the pose.

    Attributes:
        speed: of the error along the car, to the forward speed.
        yaw_rate: of the heading error, to the yaw rate.
        lateral: of the error across the car, to the lateral speed.
        steering: of the heading error, to the front wheels' angle, as far as it would explain the error.
    """

    speed: float
    yaw_rate: float
    lateral: float
    steering: float


OBSERVERS = {
    "v4": ObserverGains(0.0769, 0.0635, 0.88, 0.147),
    "v5": ObserverGains(0.137, 0.657, 0.638, 0.183),
    "v6": ObserverGains(0.0, 0.0229, 0.772, 0.108),
}


def window_starts(transitions: Transitions, stride: int) -> NDArray[np.int64]:
    """Rows from which to replay: each has enough rows before and at least one after it.

    Args:
        transitions: K rows.
        stride: rows between two starts of the same segment.
    """
    rows = np.arange(len(transitions.x))
    inside = rows - transitions.first
    good = (inside >= LEAST_WARM_ROWS) & (rows + 1 < transitions.end)
    return rows[good & ((inside - LEAST_WARM_ROWS) % stride == 0)]


def replay(
    transitions: Transitions, starts: NDArray[np.int64], preset: VehiclePreset, gains: ObserverGains
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Errors of the model after each of :data:`HORIZONS`.

    Args:
        transitions: K rows.
        starts: ``(W,)`` rows at which the model is left alone, ascending.
        preset: the car.
        gains: of the observer.

    Returns:
        Distance of the front points in m and heading error in rad, ``(W, 4)``, NaN beyond a segment's end.
    """
    position = np.full((len(starts), len(HORIZONS)), np.nan)
    heading = np.full((len(starts), len(HORIZONS)), np.nan)
    observed, free = VehicleState.zeros(1), VehicleState.zeros(1)
    _replay(transitions, starts, preset, gains, observed, free, np.array(HORIZONS), position, heading)
    return position, heading


def loss(position: NDArray[np.float64], heading: NDArray[np.float64]) -> float:
    """One figure for errors at all horizons: 1 where they are those of a good model, typically 3 where bad.

    Errors are capped, so that touched boxes and other surprises do not decide.

    Args:
        position: ``(W, 4)`` m.
        heading: ``(W, 4)`` rad.
    """
    scaled = [
        np.minimum(position / TYPICAL_POSITION, CAP),
        np.minimum(heading / TYPICAL_HEADING, CAP),
    ]
    known = np.isfinite(position).any(0)
    return float(np.mean([np.nanmean(part[:, known], axis=0).mean() for part in scaled]))


@njit(nogil=True, cache=True, error_model="numpy")
def _replay(
    rows: Transitions, starts: NDArray[np.int64], preset: VehiclePreset, gains: ObserverGains, observed: VehicleState,
    free: VehicleState, horizons: NDArray[np.int64], position: NDArray[np.float64], heading: NDArray[np.float64],
) -> None:  # fmt: skip
    """Replay all windows in turn; the observer follows each segment once, and windows leave from it."""
    k = -1
    for w in range(len(starts)):
        start = starts[w]
        if k < rows.first[start]:
            k = rows.first[start]
            _set_out(rows, k, observed)
        while k < start:
            _observe(rows, k, preset, gains, observed)
            k += 1
        for source, target in zip(observed, free):  # noqa: B905 - Numba knows no strict
            target[0] = source[0]
        column = 0
        for j in range(start, min(rows.end[start] - 1, start + horizons[-1])):
            advance(
                0, free, rows.steering_command[j], rows.speed_command[j], preset, TICKS, rows.dt[j] / TICKS
            )
            if j + 1 - start == horizons[column]:
                dx = free.x[0] + FRONT_POINT_AHEAD * math.cos(free.yaw[0]) - rows.x[j + 1]
                dy = free.y[0] + FRONT_POINT_AHEAD * math.sin(free.yaw[0]) - rows.y[j + 1]
                position[w, column] = math.hypot(dx, dy)
                heading[w, column] = abs(free.yaw[0] - rows.yaw[j + 1])
                column += 1


@njit(nogil=True, cache=True, error_model="numpy")
def _place(rows: Transitions, k: int, state: VehicleState) -> None:
    """Set the pose to a row's."""
    state.yaw[0] = rows.yaw[k]
    state.x[0] = rows.x[k] - FRONT_POINT_AHEAD * math.cos(rows.yaw[k])
    state.y[0] = rows.y[k] - FRONT_POINT_AHEAD * math.sin(rows.yaw[k])


@njit(nogil=True, cache=True, error_model="numpy")
def _set_out(rows: Transitions, begin: int, state: VehicleState) -> None:
    """A first guess at a row: at rest, or moving as the next row tells."""
    for quantity in state:
        quantity[0] = 0.0
    _place(rows, begin, state)
    if rows.from_rest[begin]:
        return
    dt = rows.dt[begin]
    rate = (rows.yaw[begin + 1] - rows.yaw[begin]) / dt
    speed = math.hypot(rows.x[begin + 1] - rows.x[begin], rows.y[begin + 1] - rows.y[begin]) / dt
    state.yaw_rate[0] = rate
    state.forward_speed[0] = speed
    state.wheel_speed[0] = rows.speed_command[begin]
    state.speed_command[0] = rows.speed_command[begin]
    state.steering_command[0] = rows.steering_command[begin]
    state.steering[0] = min(max(math.atan(TURNING_LENGTH * rate / max(speed, 0.3)), -0.5), 0.5)


@njit(nogil=True, cache=True, error_model="numpy")
def _observe(
    rows: Transitions, k: int, preset: VehiclePreset, gains: ObserverGains, state: VehicleState
) -> None:
    """Drive from row k to the next, correct the motion by the error there and set the pose to the real one."""
    dt = rows.dt[k]
    advance(0, state, rows.steering_command[k], rows.speed_command[k], preset, TICKS, dt / TICKS)
    x, y, yaw = state.x[0], state.y[0], state.yaw[0]
    _place(rows, k + 1, state)
    dx, dy, turn = state.x[0] - x, state.y[0] - y, state.yaw[0] - yaw
    c, s = math.cos(yaw), math.sin(yaw)
    state.forward_speed[0] += gains.speed * (c * dx + s * dy) / dt
    state.lateral_speed[0] += gains.lateral * (c * dy - s * dx) / dt
    state.yaw_rate[0] += gains.yaw_rate * turn / dt
    state.steering[0] += gains.steering * turn / dt * TURNING_LENGTH / max(state.forward_speed[0], 0.5)
