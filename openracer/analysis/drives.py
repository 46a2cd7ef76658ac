"""Tracks and drives as the browser's canvases draw them: plain values for JSON, rounded to what a screen can show."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openracer.models.drives import Drive
from openracer.models.folder import ModelFolder, trace_path
from openracer.models.run_state import read_progress
from openracer.simulation.bodies import BOX
from openracer.tracks.track import Track


def track_shape(track: Track) -> dict[str, Any]:
    """What is needed to draw a track.

    Returns:
        ``name``, ``title``, ``closed``, ``reverse``, ``length`` m, and the lines ``centre``, ``inner``, ``outer`` as
        lists of [x, y] in m, in driving order.
    """
    return {
        "name": track.name,
        "title": track.title,
        "closed": track.closed,
        "reverse": track.is_reversed,
        "length": round(track.length, 3),
        **{line: getattr(track, line).round(3).tolist() for line in ("centre", "inner", "outer")},
    }


def drive_values(drive: Drive) -> dict[str, Any]:
    """What is needed to replay a drive.

    Returns:
        ``episode``, ``status`` at the end and ``total_reward``; and lists with a value for each row: ``time`` s,
        ``x``, ``y`` of the car's origin m, ``yaw`` and ``steering`` rad, ``speed`` and ``throttle`` m/s, ``reward``,
        ``progress`` percent, ``action``, ``resets`` and ``jump`` (1 where the car was carried here). ``boxes`` and
        ``bots`` have for each row [x, y, yaw] of each, or one row for all where they stand still.
    """
    return {
        "episode": drive.episode,
        "status": drive.ended.label,
        "total_reward": round(drive.total_reward, 3),
        "time": _rounded(drive.time, 3),
        "x": _rounded(drive.x, 4),
        "y": _rounded(drive.y, 4),
        "yaw": _rounded(drive.yaw, 4),
        "steering": _rounded(drive.steering, 4),
        "speed": _rounded(drive.speed, 2),
        "throttle": _rounded(drive.throttle, 2),
        "reward": _rounded(drive.reward, 4),
        "progress": _rounded(drive.progress, 2),
        "action": drive.action.tolist(),
        "resets": drive.resets.tolist(),
        **objects_values(drive),
        "jump": [0, *drive.put_back[:-1].astype(np.int64).tolist()],
    }


def objects_values(drive: Drive) -> dict[str, Any]:
    """The boxes and bots of a drive: of boxes, which do not move, only the first row."""
    poses = drive.objects.astype(np.float64).round(3).tolist()
    return {"boxes": poses[:1], "bots": []} if drive.kind == BOX else {"boxes": [], "bots": poses}


def newest_trace(folder: ModelFolder) -> Path | None:
    """The newest trace file of a training; None before the first.

    Raises:
        ValueError: the run state is damaged.
    """
    number = read_progress(folder).trace_files
    while trace_path(folder.traces_folder, number).is_file():  # not full, or written since the last commit
        number += 1
    return trace_path(folder.traces_folder, number - 1) if number > 0 else None


def _rounded(values: NDArray[np.float64], digits: int) -> list[float]:
    return values.round(digits).tolist()
