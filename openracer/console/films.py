"""The films that are being made for browsers: one process for each evaluation, however many ask for it."""

from nicegui import app

from openracer.models.evaluations import Evaluation
from openracer.models.folder import ModelFolder
from openracer.runs.film_process import FilmProcess, film_path

_running: dict[str, FilmProcess] = {}


def start_film(folder: ModelFolder, evaluation: Evaluation) -> FilmProcess:
    """The process that makes the film of an evaluation: the one that does already, else a new one."""
    key = str(film_path(evaluation))
    process = _running.get(key)
    if process is None or process.is_over:
        process = _running[key] = FilmProcess(folder, evaluation)
    return process


@app.on_shutdown
def _give_up() -> None:
    for process in _running.values():
        if not process.is_over:
            process.kill()
