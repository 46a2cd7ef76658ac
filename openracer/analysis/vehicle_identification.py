"""Fitting a vehicle preset to recorded drives: whose simulator or car is it, and how does it move?

The constants of :class:`~openracer.simulation.vehicle.VehiclePreset` and the gains of the observer are searched for by
CMA-ES, so that open-loop replays (see :mod:`openracer.analysis.replay`) end close to where the car really was. 70 % of
the episodes serve to fit, the rest to tell what the result is worth.
"""

import math
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from openracer.analysis.optimisation import minimise
from openracer.analysis.replay import OBSERVERS, ObserverGains, loss, replay, window_starts
from openracer.analysis.transitions import Transitions, make_transitions
from openracer.formats.logs import Log
from openracer.language import gettext as _
from openracer.simulation.presets import PRESETS
from openracer.simulation.vehicle import VehiclePreset

MAX_ROWS = 15_000
"""More rows tell little more; whole episodes beyond it are left out of the search."""

MAX_WINDOWS = 1_200
LEAST_WINDOWS = 40
TEST_SHARE = 0.3

Errors = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Position (m) and heading (rad) after each horizon, each ``(W, 4)``."""


class Range(NamedTuple):
    """How one constant is searched.

    Attributes:
        scale: by differences, or by ratios.
        low: least value.
        high: greatest value.
        step: a change (or the logarithm of a ratio) that matters about as much as the others' steps.
    """

    scale: Literal["linear", "ratio"]
    low: float
    high: float
    step: float

    def encode(self, value: float) -> float:
        """Coordinate of a value."""
        inside = min(max(value, self.low), self.high)
        return (math.log(inside) if self.scale == "ratio" else inside) / self.step

    def decode(self, coordinate: float) -> float:
        """Value of a coordinate, kept in the range."""
        value = coordinate * self.step
        if self.scale == "ratio":
            value = math.exp(min(value, 700.0))
        return min(max(value, self.low), self.high)

    def excess(self, coordinate: float) -> float:
        """By how many steps a coordinate is out of the range."""
        return abs(coordinate - self.encode(self.decode(coordinate)))


RANGES = {
    "speed_lag_s": Range("ratio", 0.002, 0.5, 0.3),
    "speed_delay_s": Range("linear", 0.0, 0.06, 0.006),
    "steering_lag_s": Range("ratio", 0.002, 1.5, 0.2),
    "steering_delay_s": Range("linear", 0.0, 0.06, 0.006),
    "steering_jump_limit_rad": Range("linear", 0.0, 0.2, 0.006),
    "steering_compliance_rad_per_mps2": Range("linear", -0.05, 0.1, 0.006),
    "mu_longitudinal": Range("ratio", 0.1, 4.0, 0.15),
    "mu_lateral": Range("ratio", 0.1, 4.0, 0.15),
    "slip_scale_longitudinal_mps": Range("ratio", 0.01, 2.0, 0.25),
    "slip_scale_lateral_mps": Range("ratio", 0.005, 1.0, 0.25),
    "yaw_inertia_per_mass_m2": Range("ratio", 0.003, 0.05, 0.15),
    "cg_ahead_of_axle_midpoint_m": Range("linear", -0.06, 0.06, 0.01),
    "cg_height_m": Range("linear", -0.1, 0.1, 0.01),
    "steering_offset_rad": Range("linear", -0.1, 0.1, 0.005),
    "front_slip_longitudinal_ratio": Range("ratio", 0.1, 10.0, 0.25),
}
"""Constants that a drive can tell; the others (geometry, limits) stay as they are."""

GAIN_RANGES = {name: Range("linear", 0.0, 1.0, 0.1) for name in ObserverGains._fields}


class Drive(NamedTuple):
    """One drive, and the rows from which to replay it.

    Attributes:
        transitions: its rows.
        fit: ``(W,)`` starts in episodes that serve to fit.
        test: ``(V,)`` starts in the others.
    """

    transitions: Transitions
    fit: NDArray[np.int64]
    test: NDArray[np.int64]


@dataclass(frozen=True)
class Identification:
    """What was found.

    Attributes:
        based_on: name of the preset it started from.
        preset: the fitted constants.
        observer: the fitted gains.
        before: errors of the preset it started from, on test episodes.
        after: errors of the fitted one, on the same.
        evaluations: candidates that were tried.
    """

    based_on: str
    preset: VehiclePreset
    observer: ObserverGains
    before: Errors
    after: Errors
    evaluations: int


def prepare(logs: Sequence[Log]) -> list[Drive]:
    """Drives ready to be fitted: few enough windows to try thousands of candidates.

    Raises:
        ValueError: there is too little driving in them.
    """
    drives = [transitions for log in logs if len((transitions := make_transitions(log)).x)]
    rows = sum(len(drive.x) for drive in drives)
    share = min(1.0, MAX_ROWS / max(rows, 1))
    windows = sum(len(window_starts(drive, 1)) for drive in drives)
    stride = max(3, math.ceil(share * windows / MAX_WINDOWS))
    prepared = [_split(_some_episodes(drive, share), stride, k) for k, drive in enumerate(drives)]
    if sum(len(drive.fit) for drive in prepared) < LEAST_WINDOWS or not any(len(d.test) for d in prepared):
        raise ValueError(
            _("the logs hold {rows} usable rows; about {least} rows of several episodes are needed").format(
                rows=rows, least=1000
            )
        )
    return prepared


def _some_episodes(rows: Transitions, share: float) -> Transitions:
    """A share of all episodes, evenly taken."""
    if share >= 1.0:
        return rows
    wanted = np.floor((rows.episode + 1) * share) > np.floor(rows.episode * share)
    moved = np.cumsum(wanted) - 1
    kept = Transitions(*(column[wanted] for column in rows))
    return kept._replace(first=moved[kept.first], end=moved[kept.end - 1] + 1)


def _split(rows: Transitions, stride: int, drive: int) -> Drive:
    starts = window_starts(rows, stride)
    hashed = np.array(
        [zlib.crc32(f"{drive}/{episode}".encode()) % 1000 for episode in range(int(rows.episode.max()) + 1)]
    )
    tested = (hashed < 1000 * TEST_SHARE)[rows.episode[starts]]
    return Drive(rows, starts[~tested], starts[tested])


def errors(
    drives: Sequence[Drive], part: Literal["fit", "test"], preset: VehiclePreset, gains: ObserverGains
) -> Errors:
    """Errors of all windows of one part, of all drives together."""
    parts = [
        replay(drive.transitions, starts, preset, gains)
        for drive in drives
        if len(starts := getattr(drive, part))
    ]
    position, heading = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return position, heading


def closest_preset(drives: Sequence[Drive]) -> str:
    """Name of the built-in preset that follows the drives best."""
    return min(PRESETS, key=lambda name: loss(*errors(drives, "fit", PRESETS[name], OBSERVERS[name])))


def identify(
    drives: Sequence[Drive],
    based_on: str,
    seconds: float,
    seed: int = 0,
    on_progress: Callable[[float, float], None] = lambda _share, _loss: None,
) -> Identification:
    """Fit a preset to drives.

    Args:
        drives: from :func:`prepare`.
        based_on: name of the built-in preset to start from.
        seconds: time to search for; the search ends earlier when it has converged.
        seed: of the search.
        on_progress: told the share of the work that is done and the loss, after each generation.
    """
    start, gains = PRESETS[based_on], OBSERVERS[based_on]
    ranges: dict[str, Range] = {name: RANGES[name] for name in RANGES if _is_felt(start, name)}
    values: dict[str, Any] = start._asdict()
    origin = [range_.encode(values[name]) for name, range_ in ranges.items()]
    origin += [range_.encode(value) for range_, value in zip(GAIN_RANGES.values(), gains, strict=True)]
    everything = [*ranges.values(), *GAIN_RANGES.values()]

    def candidate(coordinates: NDArray[np.float64]) -> tuple[VehiclePreset, ObserverGains]:
        decoded = [range_.decode(float(z)) for range_, z in zip(everything, coordinates, strict=True)]
        changed = dict(zip(ranges, decoded, strict=False))
        return start._replace(**changed), ObserverGains(*decoded[len(ranges) :])

    evaluations = 0

    def cost(coordinates: NDArray[np.float64]) -> float:
        nonlocal evaluations
        evaluations += 1
        outside = sum(range_.excess(float(z)) for range_, z in zip(everything, coordinates, strict=True))
        return loss(*errors(drives, "fit", *candidate(coordinates))) + 0.02 * outside

    began = time.monotonic()
    best = np.array(origin)
    for progress in minimise(cost, best, 0.5, seed):
        best = progress.best
        elapsed = time.monotonic() - began
        on_progress(min(1.0, elapsed / seconds), progress.value)
        if elapsed > seconds or progress.sigma < 0.01:
            break
    preset, observer = candidate(best)
    return Identification(
        based_on=based_on,
        preset=preset,
        observer=observer,
        before=errors(drives, "test", start, gains),
        after=errors(drives, "test", preset, observer),
        evaluations=evaluations,
    )


def _is_felt(preset: VehiclePreset, name: str) -> bool:
    """Whether a constant has any effect in a preset: without a jump, its limit has none."""
    return name != "steering_jump_limit_rad" or preset.steering_jump_gain > 0.0
