"""The process in which submissions drive, ``python -m openracer.league.race_worker FOLDER PARENT``.

FOLDER is a temporary one with ``request.json``; ``result.json`` and, of a single drive, ``record.npz`` are added to it.
"""

import os
import sys
import threading
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

from openracer.atomic import write_json
from openracer.formats.documents import read_json_object
from openracer.league.drive import drive_race
from openracer.league.duel import hold_duel
from openracer.league.race import Race
from openracer.league.race_process import RECORD_FILE, REQUEST_FILE, RESULT_FILE
from openracer.league.record import write_record
from openracer.models.folder import ModelFolder
from openracer.runs.background_session import stay_in_background

_POLL_S = 0.5


def main() -> int:
    """Drive.

    Returns:
        Exit code: 0 finished, 2 a user's mistake, 1 anything else.
    """
    stay_in_background()
    folder, parent = Path(sys.argv[1]), int(sys.argv[2])
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    try:
        result = _drive(folder, read_json_object(folder / REQUEST_FILE))
    except (ValueError, OSError) as error:
        write_json(folder / RESULT_FILE, {"mistake": str(error)})
        return 2
    except Exception:
        traceback.print_exc()
        return 1
    write_json(folder / RESULT_FILE, result)
    return 0


def _drive(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    race, seed = Race(**request["race"]), request["seed"]
    entries = [ModelFolder(Path(path)) for path in request["entries"]]
    first, *others = entries
    if others:
        return asdict(hold_duel(first, others[0], race, seed))
    driven = drive_race(first, race, seed, "last")
    write_record(folder / RECORD_FILE, race, driven)
    laps = [[lap.time_ms, lap.resets] for lap in driven.laps]
    return {"laps": laps, "duration_s": driven.duration_s}


def _end_with(parent: int) -> None:
    """End this process when its parent has ended: nobody would learn of the result."""
    while os.getppid() == parent:
        time.sleep(_POLL_S)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
