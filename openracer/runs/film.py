"""The film of an evaluation, drawn from its traces: what was driven can be filmed at any time after."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openracer.formats.simtrace import Trace
from openracer.models.episodes import EpisodeTrace, columns_of
from openracer.runs.video import VideoWriter
from openracer.simulation.body import FRONT_POINT_AHEAD
from openracer.simulation.camera import FRAME_HEIGHT, FRAME_WIDTH, render_frames
from openracer.simulation.composition import Composition
from openracer.simulation.overlay import Caption
from openracer.simulation.scenery import Scenery
from openracer.simulation.status import Status
from openracer.simulation.threads import available_cores

FRAMES_PER_SECOND = 15
WIDTH, HEIGHT = 960, 540
_HOLD_FRAMES = FRAMES_PER_SECOND
"""The last picture of a trial stays for a second, so that its time can be read."""
_WINDOW = 32
"""So many pictures are drawn side by side, so that a long film needs no more memory than a short one."""
_INCIDENTS = [
    status.label for status in (Status.OFF_TRACK, Status.CRASHED, Status.IMMOBILIZED, Status.REVERSED)
]


def film(
    path: Path,
    traces: Sequence[EpisodeTrace],
    scenery: Scenery,
    model_name: str,
    continuous: bool,
    on_progress: Callable[[float], None],
) -> None:
    """Write the trials of an evaluation one after the other as an MP4, in simulated time.

    Args:
        path: of the file.
        traces: one a trial, each with a clock of its own that started at 0.
        scenery: of the track, the only one in it.
        model_name: for the overlay.
        continuous: the action space is continuous.
        on_progress: told the share that is done, 0 to 1.

    Raises:
        OSError: the file cannot be written; no half of it is left.
    """
    composition = Composition(scenery, width=WIDTH, height=HEIGHT)
    total, done = sum(trace.steps for trace in traces), 0
    with (
        ThreadPoolExecutor(available_cores()) as pool,
        VideoWriter(path, WIDTH, HEIGHT, FRAMES_PER_SECOND) as video,
    ):
        for number, trace in enumerate(traces, 1):
            picture = _pictures(composition, scenery, columns_of([trace], 0, continuous))
            draw = partial(picture, model_name=model_name, trial=number, trials=len(traces))
            for first in range(0, trace.steps, _WINDOW):
                for image in pool.map(draw, range(first, min(first + _WINDOW, trace.steps))):
                    video.write(image)
                    done += 1
                    on_progress(done / total)
            for _ in range(_HOLD_FRAMES):
                video.write(image)


def _pictures(composition: Composition, scenery: Scenery, columns: Trace) -> Callable[..., NDArray[np.uint8]]:
    """What draws the picture of any row of a trial."""
    yaw = np.radians(columns["yaw"])
    x = columns["X"] - FRONT_POINT_AHEAD * np.cos(yaw)
    y = columns["Y"] - FRONT_POINT_AHEAD * np.sin(yaw)
    steering = np.radians(columns["steer"])
    seen = _camera_frames(scenery, x, y, yaw)
    times = columns["tstamp"]
    put_back = np.isin(columns["episode_status"], _INCIDENTS) & ~columns["done"]
    speeds = _speeds(x, y, times)
    speeds[1:][put_back[:-1]] = 0.0  # it was carried there
    resets = np.cumsum(put_back)
    path = np.stack([x, y], axis=1)

    def draw(row: int, model_name: str, trial: int, trials: int) -> NDArray[np.uint8]:
        caption = Caption(model_name, trial, trials, float(times[row]), int(resets[row]), float(speeds[row]))
        return composition.compose(
            x[row], y[row], yaw[row], steering[row], seen[row], caption, path[: row + 1]
        )

    return draw


def _camera_frames(
    scenery: Scenery, x: NDArray[np.float64], y: NDArray[np.float64], yaw: NDArray[np.float64]
) -> NDArray[np.uint8]:
    frames = np.empty((len(x), FRAME_HEIGHT, FRAME_WIDTH), np.uint8)
    first = np.zeros(len(x), np.int32)
    render_frames(0, len(x), frames, x, y, yaw, first, first, *scenery.kernel_arguments)
    return frames


def _speeds(
    x: NDArray[np.float64], y: NDArray[np.float64], time_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Speed of the car's origin between neighbouring rows, m/s; the first row stands still."""
    moved = np.hypot(np.diff(x), np.diff(y)) / np.maximum(np.diff(time_s), 1e-3)
    return np.concatenate([[0.0], moved])
