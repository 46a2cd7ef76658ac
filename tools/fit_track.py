"""Fit a compact geometry (straights, arcs, width, row spacing) to a DeepRacer track file.

    python -m tools.fit_track reinvent_base.npy -o reinvent_base.yaml --title "re:Invent 2018"

The heading of the centre line is cut into pieces (tools/segmentation.py), as few as possible; a
least-squares fit then moves start, lengths, curvatures, width and row places until all six columns of all
rows are as near as they get; pieces that can be joined are joined; at last the numbers are rounded one
piece at a time, coarsely where that does no harm, and the rest is fitted again. An existing file keeps its
title and description.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.optimize import least_squares

from openracer.tracks import npy
from openracer.tracks.geometry import Chain, Geometry, Profile, left_of_rows
from openracer.tracks.measures import arc_length
from openracer.tracks.track import Projection
from tools.segmentation import pieces
from tools.track_file import track_text

Array = NDArray[np.float64]

SHORTEST_M = 0.10
STRAIGHT_BELOW = float(np.radians(2.0))
"""A segment that turns less is straight, if the tolerance allows."""
LENGTH_WEIGHT = 50.0
REFINEMENTS = 12
JOINS_TRIED = 25
ROUNDING = ((0.1, 0.1, 5.0), (0.05, 0.05, 1.0), (0.01, 0.01, 0.5), (0.01, 0.01, 0.1), (0.001, 0.001, 0.01))
"""Steps for lengths (m), radii (m) and angles (degrees), coarse to fine."""


@dataclass(frozen=True, eq=False)
class Reference:
    """What is to be matched."""

    rows: Array
    """(N, 6) m."""
    closed: bool
    repeated: tuple[int, ...]
    square_to_rows: bool
    border_starts: tuple[float, float] | None
    border_offsets: tuple[Profile, Profile] | None
    width: float
    length: float


def read_reference(path: Path) -> Reference:
    """The rows of a track file and what can be read off them without fitting."""
    track = npy.load(path, path.stem, path.stem, "")
    rows = np.concatenate([track.centre, track.inner, track.outer], axis=1)
    repeated = tuple(int(i) + 1 for i in np.flatnonzero(np.diff(track.arc_length) < 1e-9))
    beside = [track.project(border) for border in (track.inner, track.outer)]
    ahead = (beside[0].distance_m - track.arc_length + track.length / 2.0) % track.length - track.length / 2.0
    walks_alone = float(np.median(np.abs(ahead))) > 0.1
    width = 2.0 * float(np.median(np.abs(np.concatenate([part.offset_m for part in beside]))))
    uneven = any(float(np.ptp(np.abs(part.offset_m))) > 0.03 for part in beside)
    square = track.centre + width / 2.0 * left_of_rows(track.centre, repeated, closed=track.closed)
    return Reference(
        rows=rows,
        closed=track.closed,
        repeated=repeated,
        square_to_rows=bool(np.abs(square - track.inner).max() < 0.005),
        border_starts=(float(beside[0].distance_m[0]), float(beside[1].distance_m[0]))
        if walks_alone
        else None,
        border_offsets=(_profile(beside[0]), _profile(beside[1])) if uneven else None,
        width=width,
        length=track.length,
    )


def _profile(beside: Projection) -> Profile:
    """How far a border is from the centre line: the fewest knots between which straight lines are good enough."""
    order = np.argsort(beside.distance_m, kind="stable")
    distance, offset = beside.distance_m[order], np.abs(beside.offset_m[order])
    return [(round(float(distance[i]), 2), round(float(offset[i]), 3)) for i in knots(distance, offset, 0.02)]


def knots(x: Array, y: Array, tolerance: float) -> list[int]:
    """Few indices between which straight lines come within a tolerance of y(x), by splitting where it is worst."""
    chosen = [0, len(x) - 1]
    while True:
        error = np.abs(np.interp(x, x[chosen], y[chosen]) - y)
        worst = int(np.argmax(error))
        if error[worst] <= tolerance or worst in chosen:
            return chosen
        chosen = sorted({*chosen, worst})


def deviation(geometry: Geometry, reference: Reference) -> float:
    """Largest distance between a point of the geometry's rows and the reference's, m."""
    difference = (geometry.rows() - reference.rows).reshape(-1, 3, 2)
    return float(np.hypot(difference[..., 0], difference[..., 1]).max())


class Parameters:
    """The numbers of a geometry as one vector, some of them held fixed."""

    def __init__(self, geometry: Geometry) -> None:
        self.geometry = geometry
        chain = geometry.chain
        self.count = len(chain.lengths)
        middle = [distance for _, distance in geometry.places[1:-1]]
        self.vector = np.concatenate(
            [
                [chain.x, chain.y, chain.heading, geometry.width],
                chain.lengths,
                chain.curvatures,
                middle,
                geometry.border_starts or (),
            ]
        )
        self.free = np.ones(len(self.vector), dtype=bool)
        self.free[self.curvature_slice] = chain.curvatures != 0.0

    @property
    def length_slice(self) -> slice:
        """Where the segment lengths are."""
        return slice(4, 4 + self.count)

    @property
    def curvature_slice(self) -> slice:
        """Where the segment curvatures are."""
        return slice(4 + self.count, 4 + 2 * self.count)

    def build(self, vector: Array) -> Geometry:
        """The geometry that a vector stands for; its last row is at the end of the chain."""
        x, y, heading, width = vector[:4].tolist()
        lengths = vector[self.length_slice]
        middle_count = len(self.geometry.places) - 2
        rest = vector[4 + 2 * self.count :]
        distances = [0.0, *rest[:middle_count].tolist(), float(lengths.sum())]
        starts = rest[middle_count:]
        return replace(
            self.geometry,
            chain=Chain(x, y, heading, lengths, vector[self.curvature_slice]),
            width=width,
            places=[(row, at) for (row, _), at in zip(self.geometry.places, distances, strict=True)],
            border_starts=(float(starts[0]), float(starts[1])) if len(starts) else None,
        )


def fit(parameters: Parameters, reference: Reference, steps: int = 60) -> Geometry:
    """Move the free numbers until the rows match best.

    The residual of a coordinate is its error in cm, made steeper (r·sqrt(1 + r²)) so that the largest errors
    weigh most; further ones ask for the reference's length and for segments of at least SHORTEST_M.
    """
    free = parameters.free

    def residuals(values: Array) -> Array:
        vector = parameters.vector.copy()
        vector[free] = values
        geometry = parameters.build(vector)
        rows = geometry.rows()
        error = 100.0 * (rows - reference.rows).ravel()
        error = error * np.sqrt(1.0 + np.minimum(error * error, 25.0))
        length = 100.0 * (arc_length(rows[:, :2])[-1] - reference.length)
        seam = 100.0 * (geometry.chain.at(geometry.chain.lengths.sum()[None])[0] - reference.rows[-1, :2])
        short = 1000.0 * np.maximum(SHORTEST_M - vector[parameters.length_slice], 0.0)
        return np.concatenate([error, [LENGTH_WEIGHT * length], seam, short])

    result = least_squares(residuals, parameters.vector[free], method="trf", x_scale="jac", max_nfev=steps)
    parameters.vector[free] = result.x
    return parameters.build(parameters.vector)


def first_guess(reference: Reference, price: float) -> Geometry:
    """A geometry from the cut heading of the centre line."""
    centre = reference.rows[:, :2]
    heading, lengths, curvatures = pieces(centre, price)
    chain = Chain(float(centre[0, 0]), float(centre[0, 1]), heading, lengths, curvatures)
    arc = arc_length(centre)
    guess = Geometry(
        chain,
        reference.closed,
        reference.width,
        [(0, 0.0), (len(arc) - 1, float(arc[-1]))],
        reference.repeated,
        reference.square_to_rows,
        reference.border_starts,
        reference.border_offsets,
    )
    return with_places(guess, arc, 0.03)


def with_places(geometry: Geometry, distances: Array, tolerance: float) -> Geometry:
    """The geometry with the fewest places that put every row within a tolerance (m) of its given distance."""
    moves = np.ones(len(distances))
    moves[[0, *geometry.repeated]] = 0.0
    rows = knots(np.cumsum(moves), distances, tolerance)
    return replace(geometry, places=[(row, float(distances[row])) for row in rows])


def refinements(geometry: Geometry, reference: Reference) -> Iterator[Geometry]:
    """Geometries with one number more where this one is worst: a place for the row, a cut in a segment."""
    rows = geometry.rows()
    size = np.hypot(*(rows - reference.rows).reshape(-1, 3, 2).transpose(2, 0, 1))
    row, column = (int(number) for number in np.unravel_index(np.argmax(size), size.shape))
    distances = geometry.distances()
    if row not in [place for place, _ in geometry.places] and row not in geometry.repeated:
        yield replace(geometry, places=sorted([*geometry.places, (row, float(distances[row]))]))
    chain = geometry.chain
    ends = np.cumsum(chain.lengths)
    fine = np.linspace(0.0, ends[-1], 20 * len(rows))
    away = np.hypot(*(chain.at(fine) - rows[row, 2 * column : 2 * column + 2]).T)
    index = min(int(np.searchsorted(ends, fine[np.argmin(away)])), len(ends) - 1)
    lengths = np.insert(chain.lengths, index, chain.lengths[index] / 2.0)
    lengths[index + 1] /= 2.0
    curvatures = np.insert(chain.curvatures, index, chain.curvatures[index])
    curvatures[index : index + 2] += [1e-4, -1e-4]  # a straight that is cut shall be free to bend
    yield replace(geometry, chain=replace(chain, lengths=lengths, curvatures=curvatures))


def straightened(geometry: Geometry) -> Geometry:
    """The geometry with nearly straight segments made straight and equal neighbours joined."""
    chain = geometry.chain
    turned = np.abs(chain.curvatures * chain.lengths)
    nearly = (turned < STRAIGHT_BELOW) & (np.abs(chain.curvatures) < 0.02)
    curvatures = np.where(nearly, 0.0, chain.curvatures)
    lengths: list[float] = []
    kept: list[float] = []
    for length, curvature in zip(chain.lengths, curvatures, strict=True):
        if kept and kept[-1] == curvature:
            lengths[-1] += length
        else:
            lengths.append(float(length))
            kept.append(float(curvature))
    return replace(geometry, chain=replace(chain, lengths=np.array(lengths), curvatures=np.array(kept)))


def merged(geometry: Geometry, index: int) -> Geometry:
    """The geometry with one segment joined to its successor, turning as much as both did."""
    lengths = geometry.chain.lengths.copy()
    curvatures = geometry.chain.curvatures.copy()
    both = lengths[index] + lengths[index + 1]
    curvatures[index] = (lengths[index : index + 2] @ curvatures[index : index + 2]) / both
    lengths[index] = both
    chain = replace(
        geometry.chain, lengths=np.delete(lengths, index + 1), curvatures=np.delete(curvatures, index + 1)
    )
    return replace(geometry, chain=chain)


def merges(geometry: Geometry) -> Iterator[Geometry]:
    """Geometries with one place, one curvature or one segment less, the most harmless joins first."""
    for index in range(1, len(geometry.places) - 1):
        yield replace(geometry, places=[*geometry.places[:index], *geometry.places[index + 1 :]])
    chain = geometry.chain
    turned = np.abs(chain.curvatures * chain.lengths)
    for bent in np.flatnonzero((turned > 0.0) & (turned < 0.1) & (np.abs(chain.curvatures) < 0.1)):
        curvatures = chain.curvatures.copy()
        curvatures[bent] = 0.0
        yield replace(geometry, chain=replace(chain, curvatures=curvatures))
    step = np.abs(np.diff(chain.curvatures))
    shorter = np.minimum(chain.lengths[1:], chain.lengths[:-1])
    for first in np.argsort(step * shorter * shorter).tolist():
        yield merged(geometry, first)


def simplified(geometry: Geometry, reference: Reference, tolerance: float) -> Geometry:
    """The geometry with as few segments as the tolerance allows, joining one pair at a time."""
    while len(geometry.chain.lengths) > 1:
        for index, candidate in enumerate(merges(geometry)):
            if index == JOINS_TRIED:
                return geometry
            fitted = fit(Parameters(straightened(candidate)), reference, 25)
            if deviation(fitted, reference) <= tolerance:
                geometry = fitted
                count = len(geometry.chain.lengths)
                report(
                    f"joined to {count} segments and {len(geometry.places) - 1} spacings: "
                    f"{100 * deviation(fitted, reference):.2f} cm"
                )
                break
        else:
            return geometry
    return geometry


def rounded(geometry: Geometry, reference: Reference, tolerance: float) -> Geometry:
    """The geometry in round numbers: each segment is rounded and held while the others are fitted again."""
    allowed = min(tolerance, max(0.01, 1.15 * deviation(geometry, reference)))
    parameters = Parameters(geometry)
    after = 4 + 2 * parameters.count
    parameters.vector[2] = np.radians(np.round(np.degrees(parameters.vector[2]), 1))
    for part, digits in ((slice(0, 2), 2), (slice(3, 4), 3), (slice(after, None), 2)):
        parameters.vector[part] = np.round(parameters.vector[part], digits)
    parameters.free[:4] = False
    parameters.free[after:] = False
    fitted = fit(parameters, reference, 15)
    report(f"rounded start, width and places: {100 * deviation(fitted, reference):.2f} cm")
    order = np.argsort(-parameters.vector[parameters.length_slice])
    for done, index in enumerate(order.tolist()):
        for steps in ROUNDING:
            trial = Parameters(geometry)
            trial.vector, trial.free = parameters.vector.copy(), parameters.free.copy()
            _round_segment(trial, index, *steps)
            fitted = fit(trial, reference, 10)
            if deviation(fitted, reference) <= allowed:
                break
        parameters = trial
        report(f"rounded {done + 1} of {len(order)} segments: {100 * deviation(fitted, reference):.2f} cm")
    return fitted


def _round_segment(
    parameters: Parameters, index: int, length_step: float, radius_step: float, degrees: float
) -> None:
    at_length = parameters.length_slice.start + index
    at_curvature = parameters.curvature_slice.start + index
    length, curvature = parameters.vector[at_length], parameters.vector[at_curvature]
    if abs(curvature * length) < STRAIGHT_BELOW and degrees >= 1.0:
        curvature = 0.0
    if curvature == 0.0:
        length = max(np.round(length / length_step), 1.0) * length_step
    else:
        radius = max(np.round(1.0 / abs(curvature) / radius_step), 1.0) * radius_step
        angle = np.radians(max(np.round(np.degrees(abs(curvature) * length) / degrees), 1.0) * degrees)
        length, curvature = radius * angle, np.sign(curvature) / radius
    parameters.vector[at_length], parameters.vector[at_curvature] = length, curvature
    parameters.free[[at_length, at_curvature]] = False


def search(reference: Reference, tolerance: float) -> Geometry:
    """A geometry of few pieces that comes within the tolerance.

    A cut of the heading that comes within three times the tolerance is refined where it is worst, up to
    REFINEMENTS times; if that is not enough the heading is cut into more pieces. What is good enough is then
    joined wherever that does no harm.
    """
    tried = 0
    for price in 0.02 * 0.6 ** np.arange(24):
        guess = straightened(first_guess(reference, float(price)))
        if len(guess.chain.lengths) == tried:
            continue
        tried = len(guess.chain.lengths)
        geometry = fit(Parameters(guess), reference)
        report(f"cut into {tried} segments: {100 * deviation(geometry, reference):.2f} cm")
        if deviation(geometry, reference) > 3.0 * tolerance:
            continue
        for _ in range(REFINEMENTS):
            if deviation(geometry, reference) <= tolerance:
                return simplified(geometry, reference, tolerance)
            candidates = [fit(Parameters(each), reference, 25) for each in refinements(geometry, reference)]
            geometry = min(candidates, key=lambda each: deviation(each, reference))
            count = len(geometry.chain.lengths)
            off = 100 * deviation(geometry, reference)
            report(f"refined to {count} segments and {len(geometry.places) - 1} spacings: {off:.2f} cm")
    raise SystemExit("no geometry comes within the tolerance; allow more with --tolerance-cm")


def report(line: str) -> None:
    """Say how far the work is."""
    sys.stderr.write(f"{line}\n")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("reference", type=Path, help="a DeepRacer track file (.npy)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the geometry file to write (.yaml)")
    parser.add_argument("--title", help="name for people; default: the one in the existing output file")
    parser.add_argument(
        "--tolerance-cm", type=float, default=2.0, help="largest error of any point (default 2)"
    )
    arguments = parser.parse_args()
    old = yaml.safe_load(arguments.output.read_text()) if arguments.output.exists() else {}
    reference = read_reference(arguments.reference)
    tolerance = arguments.tolerance_cm / 100.0
    geometry = rounded(search(reference, 0.9 * tolerance), reference, tolerance)
    name = arguments.reference.stem
    title, description = arguments.title or old.get("title", name), old.get("description", "")
    arguments.output.write_text(track_text(geometry, name, title, description))
    report(f"{name}: {len(geometry.chain.lengths)} segments, {100 * deviation(geometry, reference):.2f} cm")


if __name__ == "__main__":
    main()
