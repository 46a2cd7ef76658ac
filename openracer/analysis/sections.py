"""Sections of a track, found from its curvature: bends and the straights between them, numbered as drivers do."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from openracer.language import gettext as _
from openracer.tracks.track import Track

STEP_M = 0.05
BLUR_M = 0.35
BEND = 0.22
"""Curvature from which the road bends, 1/m: radius below 4.5 m."""
SMALLEST_BEND_DEG = 20.0
SHORTEST_STRAIGHT_M = 1.0
SLIGHT_DEG, HAIRPIN_DEG = 50.0, 140.0


@dataclass(frozen=True, slots=True)
class Section:
    """A bend or a straight.

    Attributes:
        code: ``T1``, ``T2`` … for bends (turns), ``S1`` … for straights, in driving order.
        start_m: along the centre line, m.
        end_m: m; beyond the track's length where the section goes over the start line.
        turn_deg: angle by which the road turns, left positive.
    """

    code: str
    start_m: float
    end_m: float
    turn_deg: float

    @property
    def is_bend(self) -> bool:
        """Whether it is a bend."""
        return self.code.startswith("T")

    @property
    def length_m(self) -> float:
        """Length along the centre line."""
        return self.end_m - self.start_m

    @property
    def words(self) -> str:
        """What kind of section it is, in the reader's language."""
        if not self.is_bend:
            return _("straight")
        left = self.turn_deg > 0.0
        if abs(self.turn_deg) >= HAIRPIN_DEG:
            return _("left hairpin") if left else _("right hairpin")
        if abs(self.turn_deg) < SLIGHT_DEG:
            return _("slight left") if left else _("slight right")
        return _("left turn") if left else _("right turn")

    @property
    def label(self) -> str:
        """Code and kind."""
        return f"{self.code} {self.words}"


def find_sections(track: Track) -> list[Section]:
    """Cut a track into bends and straights.

    Args:
        track: in its driving direction.

    Returns:
        Sections in driving order that cover the whole lap once. On a closed track the first one may begin before the
        start line; then it is the last in the list.
    """
    count = max(round(track.length / STEP_M), 8)
    places = (np.arange(count) + 0.5) * track.length / count
    curvature = np.interp(places, track.arc_length, track.curvature)
    mode = "wrap" if track.closed else "nearest"
    smooth = gaussian_filter1d(curvature, BLUR_M / STEP_M, mode=mode)
    sides = np.where(np.abs(smooth) > BEND, np.sign(smooth), 0.0).astype(np.int64)
    step = track.length / count
    shift = _start_of_longest_straight(sides) if track.closed else 0
    sides, turns = np.roll(sides, -shift), np.roll(np.degrees(curvature * step), -shift)
    runs = _runs(sides)
    runs = _without_small_bends(runs, turns)
    runs = _without_short_straights(runs, step)
    if len(runs) == 1:
        return [Section("S1" if runs[0][2] == 0 else "T1", 0.0, track.length, float(turns.sum()))]
    start = shift * step
    spans = [((start + a * step), (start + b * step), side, float(turns[a:b].sum())) for a, b, side in runs]
    spans = [
        (a - track.length, b - track.length, s, t) if a >= track.length - 1e-9 else (a, b, s, t)
        for a, b, s, t in spans
    ]
    spans.sort()
    counts = {"T": 0, "S": 0}
    sections = []
    for begin, end, side, angle in spans:
        letter = "S" if side == 0 else "T"
        counts[letter] += 1
        sections.append(Section(f"{letter}{counts[letter]}", begin, end, angle))
    return sections


def section_of(
    sections: list[Section], distance_m: NDArray[np.float64], length_m: float
) -> NDArray[np.int64]:
    """The index of the section in which each place lies.

    Args:
        sections: of :func:`find_sections`.
        distance_m: ``(K,)`` along the centre line, m.
        length_m: of the track.
    """
    starts = np.array([section.start_m for section in sections])
    place = np.where(distance_m < starts[0], distance_m + length_m, distance_m)
    return np.clip(np.searchsorted(starts, place, side="right") - 1, 0, len(sections) - 1)


_Run = tuple[int, int, int]


def _start_of_longest_straight(sides: NDArray[np.int64]) -> int:
    """A cell to begin with, so that no section that matters is cut in two."""
    runs = [run for run in _runs(np.concatenate([sides, sides])) if run[0] > 0 and run[1] < 2 * len(sides)]
    straights = [run for run in runs if run[2] == 0] or runs
    return max(straights, key=lambda run: run[1] - run[0])[0] % len(sides) if straights else 0


def _runs(sides: NDArray[np.int64]) -> list[_Run]:
    """First cell, end and side of every run of equal cells."""
    borders = np.concatenate([[0], np.flatnonzero(np.diff(sides)) + 1, [len(sides)]]).tolist()
    return [(a, b, int(sides[a])) for a, b in pairwise(borders)]


def _joined(runs: list[_Run]) -> list[_Run]:
    """Neighbours of the same side as one run."""
    joined: list[_Run] = []
    for a, b, side in runs:
        if joined and joined[-1][2] == side:
            joined[-1] = (joined[-1][0], b, side)
        else:
            joined.append((a, b, side))
    return joined


def _without_small_bends(runs: list[_Run], turns: NDArray[np.float64]) -> list[_Run]:
    return _joined([(a, b, side if abs(turns[a:b].sum()) >= SMALLEST_BEND_DEG else 0) for a, b, side in runs])


def _without_short_straights(runs: list[_Run], step: float) -> list[_Run]:
    """Give straights that are hardly any to the bends beside them."""
    while True:
        short = [
            k
            for k, (a, b, side) in enumerate(runs)
            if side == 0 and (b - a) * step < SHORTEST_STRAIGHT_M and 0 < k < len(runs) - 1
        ]
        if not short:
            return runs
        k = min(short, key=lambda k: runs[k][1] - runs[k][0])
        (a, _, before), (_, _, _), (_, b, after) = runs[k - 1], runs[k], runs[k + 1]
        middle = (runs[k][0] + runs[k][1]) // 2
        runs = _joined([*runs[: k - 1], (a, middle, before), (middle, b, after), *runs[k + 2 :]])
