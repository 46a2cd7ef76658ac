"""The film of an earlier evaluation in a process of its own: ``python -m openracer.runs.film_process FOLDER STAMP``.

It is written into the evaluation's folder, once; the share that is done goes to standard output, a line each time.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from openracer import locations
from openracer.formats.errors import FormatError
from openracer.language import gettext as _
from openracer.models.evaluations import Evaluation, read_evaluation
from openracer.models.folder import ModelFolder
from openracer.runs.film import film
from openracer.simulation.scenery import Scenery
from openracer.tracks import catalogue

FILE_NAME = "evaluation.mp4"
NICENESS = 10


class FilmProcess:
    """A film that is being made.

    Args:
        module: that makes it, and tells the share that is done.
        arguments: of the module.
    """

    def __init__(self, module: str, *arguments: str):
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "OPENRACER_HOME": str(locations.data_folder())},  # where the track may be
        )
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        self._share = 0.0

    @property
    def share(self) -> float:
        """What is done, 0 to 1."""
        assert self._process.stdout is not None
        told = (self._process.stdout.read() or b"").split()
        if told:
            self._share = float(told[-1])
        return self._share

    @property
    def is_over(self) -> bool:
        """Whether the process has ended, well or not."""
        return self._process.poll() is not None

    @property
    def failure(self) -> str:
        """Why it failed, one sentence; empty if it did not."""
        if not self.is_over or self._process.returncode == 0:
            return ""
        assert self._process.stderr is not None
        lines = self._process.stderr.read().decode(errors="replace").splitlines()
        return lines[-1] if lines else _("the film was not finished")

    def kill(self) -> None:
        """Give it up."""
        self._process.kill()
        self._process.wait()


def film_evaluation(folder: ModelFolder, evaluation: Evaluation) -> FilmProcess:
    """Make the film of a model's evaluation."""
    return FilmProcess("openracer.runs.film_process", str(folder.path), evaluation.stamp)


def film_path(evaluation: Evaluation) -> Path:
    """Where the film of an evaluation is, once it is made."""
    return evaluation.path / FILE_NAME


def share_teller() -> Callable[[float], None]:
    """What prints the share that is done whenever another hundredth is."""
    told = -1

    def tell(share: float) -> None:
        nonlocal told
        if int(100 * share) > told:
            told = int(100 * share)
            print(round(share, 3), flush=True)  # noqa: T201

    return tell


def main() -> int:
    """Make the film.

    Returns:
        Exit code: 0, or 2 with the reason on standard error.
    """
    os.nice(NICENESS)
    folder, stamp = ModelFolder(Path(sys.argv[1])), sys.argv[2]
    try:
        _film(folder, read_evaluation(folder, stamp))
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


def _film(folder: ModelFolder, evaluation: Evaluation) -> None:
    settings = evaluation.settings
    try:
        track = catalogue.find(str(settings["track"]), bool(settings["reverse"]))
    except KeyError as error:
        raise FormatError(
            _("{file} has no {key}").format(file=evaluation.path / "evaluation.json", key=error)
        ) from None
    film(film_path(evaluation), evaluation.drives(), Scenery([track]), folder.name, share_teller())


if __name__ == "__main__":
    sys.exit(main())
