"""The pictures of the console's page *Get started*, from a model that has been trained and evaluated on re:Invent 2018.

::

    openracer train --name first-car --until clean-laps
    openracer evaluate first-car
    python -m tools.lesson_pictures first-car
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from openracer.models.drives import Drive, read_drives
from openracer.models.evaluations import read_evaluations
from openracer.models.folder import ModelFolder
from openracer.models.library import open_model
from openracer.models.traces import trace_path
from openracer.runs.film import camera_frames
from openracer.simulation.car_picture import draw_car
from openracer.simulation.scenery import Scenery
from openracer.simulation.view import chase_viewpoint, render_view
from openracer.tracks.outline import line_path

STATIC = Path(__file__).resolve().parent.parent / "openracer" / "console" / "static"
WIDTH, HEIGHT = 480, 320
EVERY = 2
"""Of the 15 rows a second, each second one is drawn."""
ROWS = range(15, 105, EVERY)
DURATION_MS = round(1000 * EVERY / 15)
ATTEMPTS = 12
ORANGE = (228, 87, 46)


def chase_pictures(scenery: Scenery, drive: Drive) -> list[NDArray[np.uint8]]:
    """What a camera behind the car sees."""
    pictures = []
    for row in ROWS:
        x, y, yaw = float(drive.x[row]), float(drive.y[row]), float(drive.yaw[row])
        viewpoint = chase_viewpoint(x, y, yaw)
        picture = render_view(scenery, 0, 0, viewpoint, WIDTH, HEIGHT)
        draw_car(picture, viewpoint, x, y, yaw, float(drive.steering[row]), ORANGE)
        pictures.append(picture)
    return pictures


def camera_pictures(scenery: Scenery, drive: Drive) -> NDArray[np.uint8]:
    """What the policy sees in the same moments."""
    rows = np.array(ROWS)
    return camera_frames(scenery, drive.x[rows], drive.y[rows], drive.yaw[rows])


def save_animation(path: Path, pictures: list[Image.Image], quality: int) -> None:
    """Write an animated WebP that runs for ever."""
    pictures[0].save(
        path,
        save_all=True,
        append_images=pictures[1:],
        duration=DURATION_MS,
        loop=0,
        quality=quality,
        method=6,
    )


def attempts(folder: ModelFolder) -> list[dict[str, object]]:
    """Paths of some episodes at the beginning, in the middle and at the end of the training."""
    last = len(list(folder.traces_folder.glob("*-iteration.csv"))) - 1
    found = []
    for number in (0, round(0.4 * last), last):
        drives = read_drives(trace_path(folder.traces_folder, number))[:ATTEMPTS]
        found.append(
            {
                "first_episode": drives[0].episode + 1,
                "completion": round(float(np.mean([drive.progress[-1] for drive in drives]))),
                "paths": [line_path(np.stack([drive.x, drive.y], axis=1)[::3], False) for drive in drives],
            }
        )
    return found


def main() -> None:
    """Draw everything into the console's static files."""
    parser = argparse.ArgumentParser(description="Draw the pictures of the console's page Get started.")
    parser.add_argument("model", help="a model trained and evaluated on re:Invent 2018")
    folder = open_model(parser.parse_args().model)
    track = folder.description().find_track()
    scenery = Scenery([track])
    drive = read_evaluations(folder)[-1].drives()[0]
    chase = [Image.fromarray(picture) for picture in chase_pictures(scenery, drive)]
    save_animation(STATIC / "lesson_chase.webp", chase, 55)
    frames = [Image.fromarray(frame) for frame in camera_pictures(scenery, drive)]
    save_animation(STATIC / "lesson_camera.webp", frames, 60)
    (STATIC / "lesson_attempts.json").write_text(json.dumps(attempts(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
