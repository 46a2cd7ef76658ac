"""Where a car stood when its camera took a frame: poses recovered by matching our own renderings.

Nothing is known of a frame but the track. Coarse to fine: every pose of a grid along the track is rendered and compared
as a thumbnail; the best different ones descend to where the grey error of the whole frame is least; frames of one drive
then choose, among their candidates, those that make a steady motion (dashes repeat every 10 cm, so that single frames
of a straight road fit at several places).
"""

import dataclasses
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from openracer.simulation.bodies import Bodies
from openracer.simulation.camera import FRAME_HEIGHT, FRAME_WIDTH, render_frames
from openracer.simulation.columns import rows_of
from openracer.simulation.lens import CAMERA_FORWARD, CAMERA_PITCH, Lens
from openracer.simulation.palette import SMILE_SPEEDWAY, Palette
from openracer.simulation.scenery import Scenery
from openracer.simulation.surface import DASH_PERIOD
from openracer.simulation.threads import all_turns
from openracer.simulation.vehicle import VehicleState
from openracer.tracks.track import Track

Frames = NDArray[np.uint8]
Poses = NDArray[np.float64]
"""(N, 3): x and y of the car's origin in m, yaw in rad."""

PLAIN = dataclasses.replace(SMILE_SPEEDWAY, grain=(0.0, 0.0, 0.0, 0.0))
"""The look of the real frames without texture, which is nowhere the same as ours and would only blur the search."""

# The grid of the coarse search.
_ALONG, _ACROSS, _TURN = 0.07, 0.08, np.radians(5.0)
_BESIDE = 0.15
"""How far beside the road cars are looked for, m."""
_TURNED = np.radians(60.0)
_BLOCK = 8
"""Edge of a pixel of a thumbnail, pixels."""
_BATCH = 4096
_SHORTLIST, _CANDIDATES = 300, 12
# The chain of a drive: how much a grey level of error weighs against the square of a deviation from steady motion.
_GREY_WEIGHT, _MOTION_SIGMA, _MOTION_LIMIT = 4.0, 0.06, 25.0
_SHIFTS = np.arange(-4, 5)
"""By how many dashes a candidate is moved along the track to make further ones."""


class TrackCamera:
    """Renders poses on one track.

    Args:
        track: to drive on.
        palette: how it looks.
        pitch: of the camera below the horizontal, rad.
    """

    def __init__(self, track: Track, palette: Palette = PLAIN, pitch: float = CAMERA_PITCH) -> None:
        self.track = track
        scenery = Scenery([track], [palette], [Lens(pitch=pitch)])
        self._texels = scenery.texels
        self._maps, self._levels, self._rooms, self._palettes, *self._camera = scenery.kernel_arguments

    def render(self, poses: Poses, palette: Frames | None = None) -> Frames:
        """The frames of some poses.

        Args:
            poses: (N, 3).
            palette: (1, 256) grey of each code, instead of the camera's own.

        Returns:
            (N, 120, 160) uint8.
        """
        frames = np.empty((len(poses), FRAME_HEIGHT, FRAME_WIDTH), np.uint8)
        zeros = np.zeros(len(poses), np.int32)
        maps, palettes = (
            (self._maps, self._palettes) if palette is None else (palette.take(self._texels, axis=1), palette)
        )
        render_frames(
            all_turns(len(poses)), frames, np.arange(len(poses)), rows_of(VehicleState.at(*poses.T)), zeros, zeros,
            rows_of(Bodies.zeros(1)), np.zeros(len(poses), np.int64), 0, 0, maps, self._levels, self._rooms, palettes,
            *self._camera,
        )  # fmt: skip
        return frames

    def errors(self, poses: Poses, real: Frames) -> NDArray[np.float64]:
        """Mean absolute grey error of every pose (N, 3) against one frame (120, 160)."""
        return grey_errors(self.render(poses), real)


@dataclass(frozen=True, eq=False)
class FoundPoses:
    """The poses of a drive's frames.

    Attributes:
        poses: (N, 3).
        errors: (N,) mean absolute grey error of the plain rendering.
        steady: (N,) whether the pose is where its neighbours in the drive lead one to expect it.
    """

    poses: Poses
    errors: NDArray[np.float64]
    steady: NDArray[np.bool_]


def recover_poses(camera: TrackCamera, frames: Frames, numbers: NDArray[np.int64]) -> FoundPoses:
    """Find where every frame was taken.

    Args:
        camera: of the track.
        frames: (N, 120, 160) real frames.
        numbers: (N,) their numbers in the drive, ascending; frames that follow each other lie close together.
    """
    random = np.random.default_rng(0)
    grid = _pose_grid(camera.track)
    candidates, errors = [], []
    for real, shortlist in zip(frames, _best_thumbnails(camera, grid, frames), strict=True):
        starts = grid[shortlist]
        starts = starts[_different(starts, camera.errors(starts, real))]
        found, _ = descend(camera, real, starts, random)
        # Once more from where the first descent ended: it may have stopped on a ledge.
        found, error = descend(camera, real, found, random)
        shifted = _shifted_along(camera.track, found[np.argsort(error)[:2]])
        more, further = descend(camera, real, shifted, random, spread=0.015)
        candidates.append(np.concatenate([found, more]))
        errors.append(np.concatenate([error, further]))
    poses, _ = _steady_motion(camera.track, candidates, errors, numbers)
    for k, start in enumerate(_between_neighbours(camera.track, poses, numbers)):
        found, error = descend(camera, frames[k], start, random)
        candidates[k] = np.concatenate([candidates[k], found])
        errors[k] = np.concatenate([errors[k], error])
    poses, steady = _steady_motion(camera.track, candidates, errors, numbers)
    return refine_poses(camera, frames, poses, steady)


def refine_poses(
    camera: TrackCamera, frames: Frames, poses: Poses, steady: NDArray[np.bool_] | None = None
) -> FoundPoses:
    """Move poses (N, 3) that are nearly right to where the grey error is least."""
    random = np.random.default_rng(1)
    refined, errors = np.empty_like(poses), np.empty(len(poses))
    for k, (real, pose) in enumerate(zip(frames, poses, strict=True)):
        found, error = descend(camera, real, pose[None], random, spread=0.008, samples=60)
        refined[k], errors[k] = found[0], error[0]
    return FoundPoses(refined, errors, np.ones(len(poses), bool) if steady is None else steady)


def descend(
    camera: TrackCamera,
    real: Frames,
    poses: Poses,
    random: np.random.Generator,
    spread: float = 0.03,
    samples: int = 30,
) -> tuple[Poses, NDArray[np.float64]]:
    """Let poses descend to least error, each by itself: a random search in ever narrower surroundings.

    Args:
        camera: of the track.
        real: (120, 160) the frame.
        poses: (K, 3) to begin with.
        random: source of the trials.
        spread: standard deviation of the first trials, m and rad.
        samples: trials a pose and round.

    Returns:
        The poses (K, 3) and their errors (K,).
    """
    best, least = poses.copy(), camera.errors(poses, real)
    every = np.arange(len(poses))
    for _ in range(10):
        trials = best[:, None] + spread * random.standard_normal((len(best), samples, 3))
        errors = camera.errors(trials.reshape(-1, 3), real).reshape(len(best), samples)
        winner = errors.argmin(axis=1)
        better = errors[every, winner] < least
        best[better] = trials[every, winner][better]
        least = np.minimum(least, errors[every, winner])
        spread *= 0.75
    return best, least


@njit(nogil=True, cache=True)
def grey_errors(frames, real):  # type: ignore[no-untyped-def]
    """Mean absolute difference of (N, 120, 160) uint8 frames to one (120, 160): (N,)."""
    errors = np.empty(frames.shape[0])
    for k in range(frames.shape[0]):
        total = 0
        for row in range(FRAME_HEIGHT):
            line = np.int32(0)
            for column in range(FRAME_WIDTH):
                line += abs(np.int32(frames[k, row, column]) - np.int32(real[row, column]))
            total += line
        errors[k] = total / (FRAME_HEIGHT * FRAME_WIDTH)
    return errors


def _pose_grid(track: Track) -> Poses:
    """Poses all along a track, on and beside the road, facing along it either way; (G, 3)."""
    distance = np.arange(0.0, track.length, _ALONG)
    place, heading = _centre_line(track, distance)
    reach = 0.5 * float(np.median(track.width)) + _BESIDE
    offset = np.arange(-reach, reach + 1e-9, _ACROSS)
    turn = np.arange(-_TURNED, _TURNED + 1e-9, _TURN)
    turn = np.concatenate([turn, turn + np.pi])
    yaw = heading[:, None, None] + turn
    # The grid is one of places of the camera, which sees the same whichever way it turns there.
    eye = place[:, None] + offset[:, None] * np.stack([-np.sin(heading), np.cos(heading)], axis=1)[:, None]
    x = eye[:, :, None, 0] - CAMERA_FORWARD * np.cos(yaw)
    y = eye[:, :, None, 1] - CAMERA_FORWARD * np.sin(yaw)
    return np.stack(np.broadcast_arrays(x, y, yaw), axis=-1).reshape(-1, 3)


def _centre_line(
    track: Track, distance: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points (M, 2) and headings (M,) of the centre line."""
    behind, ahead = distance - 0.03, distance + 0.03
    if track.closed:
        behind, distance, ahead = (values % track.length for values in (behind, distance, ahead))
    step = track.point_at(ahead) - track.point_at(behind)
    return track.point_at(distance), np.arctan2(step[:, 1], step[:, 0])


def _best_thumbnails(camera: TrackCamera, grid: Poses, frames: Frames) -> NDArray[np.int64]:
    """The indices (N, _SHORTLIST) of the poses of a grid (G, 3) whose thumbnails are most alike."""
    real = _thumbnails(frames)
    shortlist = np.zeros((len(frames), 0), np.int64)
    distances = np.zeros((len(frames), 0), np.float32)
    for first in range(0, len(grid), _BATCH):
        rendered = _thumbnails(camera.render(grid[first : first + _BATCH]))
        # Square of the difference, less what all poses have in common.
        distance = (rendered**2).sum(axis=1) - 2.0 * real @ rendered.T
        index = np.broadcast_to(np.arange(first, first + len(rendered)), distance.shape)
        distances = np.concatenate([distances, distance], axis=1)
        shortlist = np.concatenate([shortlist, index], axis=1)
        if distances.shape[1] > _SHORTLIST:
            keep = np.argpartition(distances, _SHORTLIST, axis=1)[:, :_SHORTLIST]
            distances = np.take_along_axis(distances, keep, axis=1)
            shortlist = np.take_along_axis(shortlist, keep, axis=1)
    return shortlist


@njit(nogil=True, cache=True)
def _thumbnails(frames):  # type: ignore[no-untyped-def]
    """Means of blocks of pixels, row by row: (N, 300) float32."""
    rows, columns = FRAME_HEIGHT // _BLOCK, FRAME_WIDTH // _BLOCK
    out = np.zeros((frames.shape[0], rows * columns), np.float32)
    for k in range(frames.shape[0]):
        for row in range(FRAME_HEIGHT):
            for column in range(FRAME_WIDTH):
                out[k, row // _BLOCK * columns + column // _BLOCK] += frames[k, row, column]
    return out / np.float32(_BLOCK * _BLOCK)


def _different(poses: Poses, errors: NDArray[np.float64]) -> list[int]:
    """The best poses that lie apart from each other, by 9 cm or 6 degrees."""
    chosen: list[int] = []
    for k in np.argsort(errors):
        apart = np.hypot(*(poses[chosen, :2] - poses[k, :2]).T) > 0.09
        apart |= np.abs(np.angle(np.exp(1j * (poses[chosen, 2] - poses[k, 2])))) > np.radians(6.0)
        if apart.all():
            chosen.append(int(k))
        if len(chosen) == _CANDIDATES:
            break
    return chosen


def _shifted_along(track: Track, poses: Poses) -> Poses:
    """The poses (K, 3) moved by some dashes along the track, keeping their offset and their angle to it."""
    place = track.project(np.ascontiguousarray(poses[:, :2]))
    _, heading = _centre_line(track, place.distance_m)
    moved = []
    for shift in _SHIFTS * DASH_PERIOD:
        point, there = _centre_line(track, place.distance_m + shift)
        left = np.stack([-np.sin(there), np.cos(there)], axis=1)
        moved.append(np.column_stack([point + place.offset_m[:, None] * left, poses[:, 2] + there - heading]))
    return np.concatenate(moved)


def _between_neighbours(track: Track, poses: Poses, numbers: NDArray[np.int64]) -> Poses:
    """Where each frame was taken if the car went evenly from the frame before to the frame after: (N, 1 or 0, 3)."""
    if len(poses) < 3:
        return np.zeros((len(poses), 0, 3))
    place = track.project(np.ascontiguousarray(poses[:, :2]))
    turned = poses[:, 2] - _centre_line(track, place.distance_m)[1]
    before = np.maximum(np.arange(len(poses)) - 1, 0)
    after = np.minimum(before + 2, len(poses) - 1)
    share = (numbers - numbers[before]) / (numbers[after] - numbers[before])
    way = _along(track, place.distance_m[after] - place.distance_m[before])
    turn = np.angle(np.exp(1j * (turned[after] - turned[before])))
    point, heading = _centre_line(track, place.distance_m[before] + share * way)
    offset = (1.0 - share) * place.offset_m[before] + share * place.offset_m[after]
    left = np.stack([-np.sin(heading), np.cos(heading)], axis=1)
    yaw = heading + turned[before] + share * turn
    return np.column_stack([point + offset[:, None] * left, yaw])[:, None]


def _steady_motion(
    track: Track, candidates: list[Poses], errors: list[NDArray[np.float64]], numbers: NDArray[np.int64]
) -> tuple[Poses, NDArray[np.bool_]]:
    """Choose for every frame the candidate that fits both its picture and the motion (Viterbi's algorithm).

    Returns:
        The candidates (N, 3), and whether each frame's place goes with one of its neighbours'.
    """
    frames = len(candidates)
    places = [track.project(np.ascontiguousarray(poses[:, :2])).distance_m for poses in candidates]
    gaps = np.diff(numbers) / max(1, int(np.median(np.diff(numbers)))) if frames > 1 else np.zeros(0)
    best = [int(error.argmin()) for error in errors]
    single = np.array([place[k] for place, k in zip(places, best, strict=True)])
    pace = float(np.median(_along(track, np.diff(single)) / gaps)) if frames > 1 else 0.0
    cost, arrivals = _GREY_WEIGHT * errors[0], []
    for k in range(1, frames):
        # Frames far apart in the drive tell little of each other.
        sigma = _MOTION_SIGMA * gaps[k - 1]
        deviation = _along(track, places[k][None] - places[k - 1][:, None] - pace * gaps[k - 1])
        total = cost[:, None] + np.minimum((deviation / sigma) ** 2, _MOTION_LIMIT)
        arrivals.append(total.argmin(axis=0))
        cost = total.min(axis=0) + _GREY_WEIGHT * errors[k]
    chosen = [int(cost.argmin())]
    for arrival in reversed(arrivals):
        chosen.append(int(arrival[chosen[-1]]))
    chosen.reverse()
    path = np.array([place[k] for place, k in zip(places, chosen, strict=True)])
    fits = np.abs(_along(track, np.diff(path) - pace * gaps)) < 4.0 * _MOTION_SIGMA * gaps
    steady = np.ones(frames, bool)
    if frames > 1:
        steady = np.concatenate([[False], fits]) | np.concatenate([fits, [False]])
    return np.stack([poses[k] for poses, k in zip(candidates, chosen, strict=True)]), steady


def _along(track: Track, distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances along the track, the shorter way round a loop."""
    if not track.closed:
        return distance
    return (distance + 0.5 * track.length) % track.length - 0.5 * track.length
