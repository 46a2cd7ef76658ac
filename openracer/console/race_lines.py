"""Race lines for track pages: each found once, in a niced process of its own, because it takes a while.

``python -m openracer.console.race_lines TRACK [reverse]`` is that process.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from openracer import locations
from openracer.language import current_language, set_language
from openracer.language import gettext as _
from openracer.simulation.presets import find_preset
from openracer.simulation.raceline.line import minimum_time_line
from openracer.tracks import catalogue
from openracer.tracks.track import Track

FASTEST_MPS = 4.0
VEHICLE = "v5"
_NICENESS = 10
_found: dict[tuple[str, bool, bytes], asyncio.Task[dict[str, Any]]] = {}


async def race_line(track: Track) -> dict[str, Any]:
    """The fastest line around a track.

    Returns:
        ``points`` [[x, y] …] m, ``speed`` m/s at each, and ``lap_time`` s.

    Raises:
        ValueError: it cannot be found; one sentence.
    """
    key = (track.name, track.is_reversed, track.centre.tobytes())
    task = _found.get(key)
    if task is None or (task.done() and task.exception() is not None):
        task = _found[key] = asyncio.create_task(_ask(track, current_language(), locations.data_folder()))
    return await asyncio.shield(task)


def is_known(track: Track) -> bool:
    """Whether the line of a track has been found already, or is being looked for."""
    return (track.name, track.is_reversed, track.centre.tobytes()) in _found


async def _ask(track: Track, language: str, home: Path) -> dict[str, Any]:
    direction = ["reverse"] if track.is_reversed else []
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", "-m", "openracer.console.race_lines", track.name, language, *direction),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "OPENRACER_HOME": str(home)},  # whose track it may be
    )
    try:
        answer, told = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode != 0:
        lines = told.decode(errors="replace").strip().splitlines()
        raise ValueError(lines[-1] if lines else _("no line was found"))
    found: dict[str, Any] = json.loads(answer)
    return found


def main() -> int:
    """Find the line and print it as JSON.

    Returns:
        Exit code: 0, or 2 with the reason on standard error.
    """
    name, language, *direction = sys.argv[1:]
    set_language(language)
    os.nice(_NICENESS)
    try:
        track = catalogue.find(name, reverse=bool(direction))
        line = minimum_time_line(track, find_preset(VEHICLE), FASTEST_MPS, standing=not track.closed)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    values = {
        "points": line.points.round(3).tolist(),
        "speed": line.speed_mps.round(2).tolist(),
        "lap_time": round(line.lap_time_s, 3),
    }
    sys.stdout.write(json.dumps(values))
    return 0


if __name__ == "__main__":
    sys.exit(main())
