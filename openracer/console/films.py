"""The films that are being made for browsers: one process for each of them, however many ask for it."""

from collections.abc import Callable
from pathlib import Path

from nicegui import app

from openracer.models.evaluations import Evaluation
from openracer.models.folder import ModelFolder
from openracer.models.race_records import RaceRecord
from openracer.runs.film_process import FilmProcess, film_evaluation, film_path
from openracer.runs.race_film_process import film_of_race, race_film_path

_running: dict[str, FilmProcess] = {}


def start_film(folder: ModelFolder, evaluation: Evaluation) -> FilmProcess:
    """The process that makes the film of an evaluation: the one that does already, else a new one."""
    return _started(film_path(evaluation), lambda: film_evaluation(folder, evaluation))


def start_race_film(race: RaceRecord) -> FilmProcess:
    """The process that makes the film of a race: the one that does already, else a new one."""
    return _started(race_film_path(race), lambda: film_of_race(race))


def _started(path: Path, start: Callable[[], FilmProcess]) -> FilmProcess:
    process = _running.get(str(path))
    if process is None or process.is_over:
        process = _running[str(path)] = start()
    return process


@app.on_shutdown
def _give_up() -> None:
    for process in _running.values():
        if not process.is_over:
            process.kill()
