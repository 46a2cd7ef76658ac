"""The process in which a model is evaluated, ``python -m openracer.runs.evaluation_worker MODEL FOLDER PARENT``.

FOLDER is a temporary one with ``request.json``, ``control`` and perhaps ``opponent``; ``report.json`` is added to it.
"""

import contextlib
import json
import os
import sys
import threading
import time
import traceback
from pathlib import Path

from openracer.atomic import write_json
from openracer.models.folder import ModelFolder
from openracer.runs.background_session import stay_in_background
from openracer.runs.control import ControlBlock
from openracer.runs.evaluation import evaluate
from openracer.runs.evaluation_process import OPPONENT
from openracer.runs.output import LimitedOutput
from openracer.runs.request import EvaluationRequest

_POLL_S = 0.5


def main() -> int:
    """Evaluate.

    Returns:
        Exit code: 0 finished, 2 a user's mistake, 1 anything else.
    """
    stay_in_background()
    model, folder, parent = ModelFolder(Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3])
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    request = EvaluationRequest(**json.loads((folder / "request.json").read_text(encoding="utf-8")))
    control = ControlBlock(folder / "control", create=False)
    opponent = ModelFolder(folder / OPPONENT) if (folder / OPPONENT).is_dir() else None
    # User code prints to standard output; our own last words go to a file.
    with contextlib.redirect_stdout(LimitedOutput(sys.stdout)):
        try:
            report = evaluate(model, request, control.heartbeat, opponent).report(model.name)
        except (ValueError, OSError) as error:
            write_json(folder / "report.json", {"mistake": str(error)})
            return 2
        except (Exception, KeyboardInterrupt):  # user code may raise the latter
            traceback.print_exc()
            return 1
    write_json(folder / "report.json", report.as_json())
    return 0


def _end_with(parent: int) -> None:
    """End this process when its parent has ended: nobody would learn of the result."""
    while os.getppid() == parent:
        time.sleep(_POLL_S)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
