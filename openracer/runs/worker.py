"""The process in which a model is trained, ``python -m openracer.runs.worker FOLDER DEVICE PARENT``.

The supervisor, whose process number is PARENT, has locked the model; this process has inherited the lock.
"""

import contextlib
import os
import sys
import time
import traceback
from pathlib import Path

from openracer.agents.devices import find_device
from openracer.models.events import EventLog
from openracer.models.folder import ModelFolder
from openracer.runs.background_session import stay_in_background
from openracer.runs.control import ControlBlock
from openracer.runs.output import LimitedOutput
from openracer.runs.training import Training


def main() -> int:
    """Train; every end is told as an event.

    Returns:
        Exit code: 0 finished, 2 a user's mistake, 1 anything else.
    """
    stay_in_background()
    folder, parent = ModelFolder(Path(sys.argv[1])), int(sys.argv[3])
    # User code prints to standard output; our own last words go to standard error.
    with EventLog(folder.events_file) as events, contextlib.redirect_stdout(LimitedOutput(sys.stdout)):
        try:
            control = ControlBlock(folder.own_folder / "control", create=False)
            device = find_device(sys.argv[2])
            Training(folder, control, events, lambda: os.getppid() != parent, device).run()
        except (ValueError, OSError) as error:
            _tell_failure(events, str(error))
            return 2
        except (
            Exception,
            KeyboardInterrupt,
        ) as error:  # Ctrl-C does not reach this process; user code may raise it
            _tell_failure(events, f"{type(error).__name__}: {error}")
            return 1
    return 0


def _tell_failure(events: EventLog, message: str) -> None:
    """Tell it as an event, and with its traceback in this process's output; a full disk may allow neither."""
    with contextlib.suppress(OSError):
        traceback.print_exc()
        print(message, file=sys.stderr)  # noqa: T201
    with contextlib.suppress(OSError):
        events.append({"event": "failed", "time": round(time.time(), 3), "message": message})


if __name__ == "__main__":
    sys.exit(main())
