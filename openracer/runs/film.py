"""The film of an evaluation, drawn from its traces: what was driven can be filmed at any time after."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openracer.language import gettext as _
from openracer.models.drives import NO_OBJECTS, Drive
from openracer.runs.video import VideoWriter
from openracer.simulation.bodies import BOT, BOX, CAR, Bodies
from openracer.simulation.camera import FRAME_HEIGHT, FRAME_WIDTH, render_frames
from openracer.simulation.columns import rows_of
from openracer.simulation.composition import Composition
from openracer.simulation.overlay import Caption
from openracer.simulation.scenery import Scenery
from openracer.simulation.threads import all_turns, available_cores
from openracer.simulation.vehicle import VehicleState

_RACES = {
    BOX: lambda: _("Object avoidance evaluation"),
    BOT: lambda: _("Head-to-bot evaluation"),
    CAR: lambda: _("Head-to-model evaluation"),
}
FRAMES_PER_SECOND = 15
WIDTH, HEIGHT = 960, 540
_HOLD_FRAMES = FRAMES_PER_SECOND
"""The last picture of a trial stays for a second, so that its time can be read."""
_WINDOW = 32
"""So many pictures are drawn side by side, so that a long film needs no more memory than a short one."""


def film(
    path: Path,
    drives: Sequence[Drive],
    scenery: Scenery,
    model_name: str,
    on_progress: Callable[[float], None],
) -> None:
    """Write the trials of an evaluation one after the other as an MP4, in simulated time.

    Args:
        path: of the file.
        drives: one a trial.
        scenery: of the track, the only one in it.
        model_name: for the overlay.
        on_progress: told the share that is done, 0 to 1.

    Raises:
        OSError: the file cannot be written; no half of it is left.
    """
    composition = Composition(scenery, width=WIDTH, height=HEIGHT)
    total, done = sum(drive.steps for drive in drives), 0
    with (
        ThreadPoolExecutor(available_cores()) as pool,
        VideoWriter(path, WIDTH, HEIGHT, FRAMES_PER_SECOND) as video,
    ):
        for number, drive in enumerate(drives, 1):
            picture = _pictures(composition, scenery, drive)
            draw = partial(picture, model_name=model_name, trial=number, trials=len(drives))
            for first in range(0, drive.steps, _WINDOW):
                for image in pool.map(draw, range(first, min(first + _WINDOW, drive.steps))):
                    video.write(image)
                    done += 1
                    on_progress(done / total)
            for _ in range(_HOLD_FRAMES):
                video.write(image)


def _pictures(composition: Composition, scenery: Scenery, drive: Drive) -> Callable[..., NDArray[np.uint8]]:
    """What draws the picture of any row of a trial."""
    x, y, yaw, resets = drive.x, drive.y, drive.yaw, drive.resets
    seen = camera_frames(scenery, x, y, yaw, drive.objects, drive.kind)
    path = np.stack([x, y], axis=1)
    title = "" if not len(drive.objects) else _RACES[drive.kind]()

    def draw(row: int, model_name: str, trial: int, trials: int) -> NDArray[np.uint8]:
        caption = Caption(
            model_name,
            trial,
            trials,
            float(drive.time[row]),
            int(resets[row]),
            float(drive.speed[row]),
            title,
        )
        return composition.compose(
            x[row], y[row], yaw[row], drive.steering[row], seen[row], caption, path[: row + 1],
            drive.objects_at(row), drive.kind,
        )  # fmt: skip

    return draw


def camera_frames(
    scenery: Scenery,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    yaw: NDArray[np.float64],
    objects: NDArray[np.float32] = NO_OBJECTS,
    kind: int = BOX,
) -> NDArray[np.uint8]:
    """What the cameras of cars on the first track of a scenery see.

    Args:
        scenery: with the track.
        x: of the cars' origins, m.
        y: m.
        yaw: rad.
        objects: ``(K, O, 3)`` x and y, m, and yaw, rad, of the boxes or bots that each car has around it.
        kind: of the objects.

    Returns:
        ``(K, 120, 160) uint8``.
    """
    frames = np.empty((len(x), FRAME_HEIGHT, FRAME_WIDTH), np.uint8)
    first = np.zeros(len(x), np.int32)
    around = objects.shape[1] if len(objects) == len(x) else 0
    bodies = Bodies.zeros(max(1, len(x) * around))
    if around:
        bodies.x[:], bodies.y[:], bodies.yaw[:] = objects.reshape(-1, 3).T
        bodies.kind[:] = kind
    render_frames(
        all_turns(len(x)), frames, np.arange(len(x)), rows_of(VehicleState.at(x, y, yaw)), first, first,
        rows_of(bodies), np.arange(len(x)), around, 0, *scenery.kernel_arguments,
    )  # fmt: skip
    return frames
