"""The fastest speeds along a given line: forward with all the acceleration, backward with all the braking."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from openracer.simulation.raceline.envelope import DIRECTIONS, Envelope

Array = NDArray[np.float64]

_SMALL_SPEED = 1e-3


_COS, _SIN = np.cos(DIRECTIONS), np.sin(DIRECTIONS)
_SIDEWAYS = 1e-9


@njit(nogil=True, cache=True, error_model="numpy")
def acceleration_range(speed: float, bend: float, step: float, support: Array) -> tuple[float, float]:
    """Braking and acceleration that are left at a speed on a curvature.

    Args:
        speed: m/s.
        bend: curvature without its sign, 1/m.
        step: between the speeds of the envelope, m/s.
        support: ``(S, K)``, see :class:`Envelope`.

    Returns:
        Lowest and highest forward acceleration, m/s²; the first is above the second where the bend is too tight.
    """
    row = min(int(speed / step), len(support) - 2)
    share = speed / step - row
    lateral = bend * speed * speed
    low, high = -np.inf, np.inf
    for k in range(support.shape[1]):
        left = (1.0 - share) * support[row, k] + share * support[row + 1, k] - _SIN[k] * lateral
        if _COS[k] > _SIDEWAYS:
            high = min(high, left / _COS[k])
        elif _COS[k] < -_SIDEWAYS:
            low = max(low, left / _COS[k])
        elif left < 0.0:
            return np.inf, -np.inf
    return low, high


@njit(nogil=True, cache=True, error_model="numpy")
def fastest_speeds(
    bend: Array, lengths: Array, closed: bool, start_speed: float, step: float, support: Array
) -> Array:
    """Speeds at the points of a line, as high as the envelope allows.

    Args:
        bend: ``(N,)`` curvature without its sign that each point asks of the tyres, 1/m.
        lengths: ``(N,)`` from each point to the next, m; an open line's last is not used.
        closed: the last point is followed by the first.
        start_speed: of an open line, m/s.
        step: between the speeds of the envelope, m/s.
        support: ``(S, K)``, see :class:`Envelope`.

    Returns:
        ``(N,)`` m/s.
    """
    count, top = len(bend), step * (len(support) - 1)
    speed = np.empty(count)
    for i in range(count):
        # Highest speed that the bend allows: down in coarse steps, then by bisection.
        low = top
        a, b = acceleration_range(low, bend[i], step, support)
        while a > b and low > 0.0:
            low = max(low - 0.25 * step, 0.0)
            a, b = acceleration_range(low, bend[i], step, support)
        high = min(low + 0.25 * step, top)
        while high - low > 1e-6:
            middle = 0.5 * (low + high)
            a, b = acceleration_range(middle, bend[i], step, support)
            if a <= b:
                low = middle
            else:
                high = middle
        speed[i] = max(low, _SMALL_SPEED)
    if not closed:
        speed[0] = min(speed[0], max(start_speed, _SMALL_SPEED))
    # A loop is passed until what holds at its end has reached its beginning.
    changed = True
    while changed:
        changed = False
        for i in range(count if closed else count - 1):
            j = (i + 1) % count
            low, high = acceleration_range(speed[i], bend[i], step, support)
            gain = high if low <= high else 0.0
            reached = np.sqrt(max(speed[i] ** 2 + 2.0 * lengths[i] * gain, _SMALL_SPEED**2))
            if reached < speed[j] - 1e-9:
                speed[j] = reached
                changed = changed or j < i
        for j in range(count - 1, -1 if closed else 0, -1):
            i = (j - 1) % count
            low, high = acceleration_range(speed[j], bend[j], step, support)
            loss = low if low <= high else 0.0
            reached = np.sqrt(max(speed[j] ** 2 - 2.0 * lengths[i] * loss, _SMALL_SPEED**2))
            if reached < speed[i] - 1e-9:
                speed[i] = reached
                changed = changed or i > j
    return speed


def speed_profile(
    bend: Array, lengths: Array, envelope: Envelope, *, closed: bool, start_speed: float = 0.0
) -> Array:
    """:func:`fastest_speeds` under an envelope: (N,) m/s."""
    return fastest_speeds(bend, lengths, closed, start_speed, float(envelope.speeds[1]), envelope.support)
