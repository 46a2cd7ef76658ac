"""How closely rendered camera frames resemble real ones: grey error and place of edges after a fit of the pose.

``python -m benchmarks.camera_fidelity [--frames DIR] [--track NAME ...] [--json] [--pictures DIR]``

Frames are pictures of 160 by 120 pixels of one drive, numbered by their file names. For every frame the pose of the
car is found from nothing (``benchmarks/camera_poses.py``); nothing else is fitted. Told are, over all frames:

* the mean absolute error of the frame as a car sees it, texture included, in grey levels of 255, and the same without
  our texture, which resembles the real one but lies elsewhere;
* the distance across the edge between the rendered and the real edges of the border lines in the lower two thirds,
  in pixels (``benchmarks/camera_edges.py``);
* how many frames are located: error below 10 grey levels, at a place where the drive's neighbouring frames lead to;
* the error with the camera's pitch as the car's description file (URDF) has it.

Given several tracks, the figures of each tell which one the frames were taken on.
"""

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.camera_edges import edge_distances
from benchmarks.camera_pictures import render_colours, save_sheet
from benchmarks.camera_poses import FoundPoses, TrackCamera, recover_poses, refine_poses
from openracer.simulation.camera import FRAME_HEIGHT, FRAME_WIDTH
from openracer.simulation.palette import LUMA, SMILE_SPEEDWAY
from openracer.tracks.catalogue import find

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
DEFAULT_FRAMES = Path(os.environ.get("OPENRACER_TEST_DATA", SHARED_DATA)) / "frames"
DEFAULT_TRACK = "reinvent_base"
URDF_PITCH = 0.2618
LOCATED_BELOW = 10.0
"""Grey error above which a frame does not count as located: the best wrong places have more."""
PICTURED = 5


def read_frames(folder: Path) -> tuple[list[Path], NDArray[np.int64], NDArray[np.uint8]]:
    """Frames of a folder in the order of their numbers.

    Returns:
        Files, numbers (N,) and colours (N, 120, 160, 3).

    Raises:
        FileNotFoundError: there is none.
        ValueError: a picture has another size.
    """
    files = [path for path in folder.glob("*") if path.suffix.lower() in (".png", ".jpg", ".jpeg")]
    if not files:
        raise FileNotFoundError(
            f"{folder} holds no frames; it must hold PNG or JPEG pictures of 160 by 120 pixels"
        )
    numbered = sorted((_number(path), path.name, path) for path in files)
    numbers = np.array([number for number, *_ in numbered])
    if (np.diff(numbers) <= 0).any():
        numbers = np.arange(len(numbered))
    colours = []
    for *_, path in numbered:
        with Image.open(path) as picture:
            if picture.size != (FRAME_WIDTH, FRAME_HEIGHT):
                raise ValueError(
                    f"{path} has {picture.size[0]} by {picture.size[1]} pixels; a frame has 160 by 120"
                )
            colours.append(np.array(picture.convert("RGB")))
    return [path for *_, path in numbered], numbers, np.stack(colours)


def _number(path: Path) -> int:
    """The last number in a file's name; 0 without one."""
    digits = re.findall(r"\d+", path.stem)
    return int(digits[-1]) if digits else 0


def grey(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luma (..., 120, 160) of colours (..., 120, 160, 3), rounded as palettes are."""
    return np.rint(colours @ np.array(LUMA)).astype(np.uint8)


def mean_and_median(errors: NDArray[np.float64]) -> dict[str, float]:
    """Of some figures (N,)."""
    return {"mean": round(float(np.mean(errors)), 3), "median": round(float(np.median(errors)), 3)}


def measure(
    track: str, numbers: NDArray[np.int64], real: NDArray[np.uint8]
) -> tuple[dict[str, Any], FoundPoses]:
    """Figures and poses of grey frames (N, 120, 160) on one track."""
    camera = TrackCamera(find(track))
    found = recover_poses(camera, real, numbers)
    textured = TrackCamera(camera.track, SMILE_SPEEDWAY).render(found.poses)
    errors = np.abs(textured.astype(float) - real).mean(axis=(1, 2))
    tilted = refine_poses(TrackCamera(camera.track, pitch=URDF_PITCH), real, found.poses)
    frames = [
        np.abs(edge_distances(camera, pose, frame)) for pose, frame in zip(found.poses, real, strict=True)
    ]
    edges = np.concatenate(frames)
    medians = np.array([np.median(frame) for frame in frames if len(frame)])
    figures = {
        "track": track,
        "frames": len(real),
        "located": int(((found.errors < LOCATED_BELOW) & found.steady).sum()),
        "grey_error": mean_and_median(errors),
        "grey_error_without_texture": mean_and_median(found.errors),
        "grey_error_with_urdf_pitch_without_texture": mean_and_median(tilted.errors),
        "edge_error_px": {
            **mean_and_median(edges),
            "p90": round(float(np.percentile(edges, 90)), 3),
            "within_1_px": round(float((edges < 1.0).mean()), 4),
            "frames_with_median_within_1_px": round(float((medians < 1.0).mean()), 4),
            "edges": len(edges),
        },
        "per_frame": [
            {
                "frame": int(number),
                "x": round(float(x), 4),
                "y": round(float(y), 4),
                "yaw_deg": round(float(np.degrees(yaw)) % 360.0, 2),
                "grey_error": round(float(error), 2),
            }
            for number, (x, y, yaw), error in zip(numbers, found.poses, errors, strict=True)
        ],
    }
    return figures, found


def write_pictures(
    folder: Path, track: str, colours: NDArray[np.uint8], found: FoundPoses, figures: dict[str, Any]
) -> Path:
    """A sheet of frames from the best to the worst, evenly chosen; returns its path."""
    errors = np.array([frame["grey_error"] for frame in figures["per_frame"]])
    ranks = np.unique(np.linspace(0, len(errors) - 1, PICTURED).astype(int))
    shown = np.argsort(errors)[ranks]
    camera = TrackCamera(find(track), SMILE_SPEEDWAY)
    rendered = render_colours(camera, found.poses[shown], SMILE_SPEEDWAY)
    difference = grey(colours[shown]).astype(float) - camera.render(found.poses[shown])
    labels = [
        f"frame {figures['per_frame'][k]['frame']}, error {errors[k]:.1f}, rank {rank + 1} of {len(errors)}"
        for rank, k in zip(ranks, shown, strict=True)
    ]
    path = folder / f"camera_{track}.png"
    save_sheet(path, colours[shown], rendered, difference, labels)
    return path


def print_figures(figures: dict[str, Any]) -> None:
    """Print what was measured on one track."""
    edges = figures["edge_error_px"]
    rows = {
        "located": f"{figures['located']} of {figures['frames']} frames",
        "grey error": "mean {mean:.2f}, median {median:.2f}".format(**figures["grey_error"]),
        "without texture": "mean {mean:.2f}, median {median:.2f}".format(
            **figures["grey_error_without_texture"]
        ),
        f"pitch of the URDF, {URDF_PITCH}": "mean {mean:.2f}, median {median:.2f}, without texture".format(
            **figures["grey_error_with_urdf_pitch_without_texture"]
        ),
        "edge error": f"mean {edges['mean']:.2f} px, median {edges['median']:.2f} px, "
        f"{100 * edges['within_1_px']:.1f} % within 1 px of {edges['edges']:,} edges",
    }
    print(figures["track"])
    for name, text in rows.items():
        print(f"  {name:28}{text}")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=Path, default=DEFAULT_FRAMES, help="folder of frames of one drive")
    parser.add_argument("--track", nargs="+", default=[DEFAULT_TRACK], help="tracks to look for the poses on")
    parser.add_argument(
        "--json", action="store_true", help="print JSON: one object, or a list for several tracks"
    )
    parser.add_argument("--pictures", type=Path, help="folder to write side-by-side pictures to")
    arguments = parser.parse_args()
    try:
        _, numbers, colours = read_frames(arguments.frames)
        measured = []
        for track in arguments.track:
            figures, found = measure(track, numbers, grey(colours))
            if arguments.pictures:
                path = write_pictures(arguments.pictures, track, colours, found, figures)
                print(f"wrote {path}", file=sys.stderr)
            measured.append(figures)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(measured if len(measured) > 1 else measured[0], indent=2))
    else:
        for figures in measured:
            print_figures(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
