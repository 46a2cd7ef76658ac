"""The process in which a model is trained: ``python -m openracer.runs.worker FOLDER``, started by its supervisor."""

import os
import signal
import sys
import time
import traceback
from pathlib import Path

from openracer.models.events import EventLog
from openracer.models.folder import ModelFolder
from openracer.runs.control import ControlBlock
from openracer.runs.lock import ModelLock
from openracer.runs.training import Training


def main() -> int:
    """Train; every end is told as an event.

    Returns:
        Exit code: 0 finished, 2 a user's mistake, 1 anything else.
    """
    # Ctrl-C reaches the whole process group; the supervisor turns it into a wish to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    folder = ModelFolder(Path(sys.argv[1]))
    parent = os.getppid()
    with EventLog(folder.events_file) as events:
        try:
            with ModelLock(folder.own_folder / "lock", folder.name):
                control = ControlBlock(folder.own_folder / "control", create=False)
                Training(folder, control, events, lambda: os.getppid() != parent).run()
        except (ValueError, OSError) as error:
            traceback.print_exc()
            _tell_failure(events, str(error))
            return 2
        except Exception as error:
            traceback.print_exc()
            _tell_failure(events, f"{type(error).__name__}: {error}")
            return 1
    return 0


def _tell_failure(events: EventLog, message: str) -> None:
    events.append({"event": "failed", "time": round(time.time(), 3), "message": message})


if __name__ == "__main__":
    sys.exit(main())
