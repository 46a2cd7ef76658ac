"""Compiles the kernels before strangers' code runs, for inside they are only read.

``python -P -m openracer.service.warm_kernels`` trains a tiny model of our own, in a folder that is thrown away.
"""

import os
import subprocess
import sys
import tempfile

from openracer.language import gettext as _
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model
from openracer.runs.evaluation_process import EvaluationProcess
from openracer.runs.request import EvaluationRequest
from openracer.runs.supervisor import TrainingProcess

_TRAINING = {
    "name": "warm",
    "cars": 4,
    "steps_per_car": 64,
    "hyperparameters": {"num_episodes_between_training": 5},
    "evaluation": {"trials": 1},
    "stop": {"minutes": None, "iterations": 1},
}


def warm_kernels() -> None:
    """Compile what trainings and evaluations need; a moment if it has been done before.

    Raises:
        OSError: it failed.
    """
    with tempfile.TemporaryDirectory(prefix="openracer-warm-") as home:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "openracer.service.warm_kernels"],
            env={**os.environ, "OPENRACER_HOME": home},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise OSError(_("the kernels cannot be compiled: {reason}").format(reason=last))


def main() -> int:
    """Train and evaluate."""
    folder = create_model(TrainingDescription.from_values(_TRAINING))
    for event in TrainingProcess(folder.path, "cpu").watch():
        if event is not None and event["event"] == "failed":
            sys.stderr.write(event["message"])
            return 1
    with EvaluationProcess(folder, EvaluationRequest(trials=1)) as process:
        for _moment in process.watch():
            pass
        process.report()
    return 0


if __name__ == "__main__":
    sys.exit(main())
