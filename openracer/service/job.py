"""The process that watches over one job, ``python -P -m openracer.service.job CONSOLE_FOLDER JOB ATTEMPT [LAYER …]``.

It is in a session of its own, so that a training goes on whatever becomes of the console that asked for it. It starts
the training, the evaluation or the drive of submissions, confined by the layers that are named, stops it when the
job's row says so, and writes down how it ended.
"""

import logging
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from openracer import launching
from openracer.language import gettext as _
from openracer.language import set_language
from openracer.models import library
from openracer.models.folder import ModelFolder
from openracer.models.lock import ModelInUseError
from openracer.models.race_records import race_place
from openracer.runs.background_session import stay_in_background
from openracer.runs.evaluation_process import EvaluationProcess
from openracer.runs.race_request import RaceRequest, split_entry
from openracer.runs.report import EvaluationReport
from openracer.runs.request import EvaluationRequest
from openracer.runs.supervisor import TrainingProcess
from openracer.service.accounts import LOCAL, Accounts
from openracer.service.confinement.door import Door
from openracer.service.confinement.layers import Layer
from openracer.service.database import Database, DatabaseProblemError
from openracer.service.full_disk import insist
from openracer.service.identity import home_of
from openracer.service.league.driving import Duel, SubmissionDrive
from openracer.service.processes import ProcessIdentity
from openracer.service.quotas import GB, Quotas
from openracer.service.store import OF_MODELS, Job, JobKind, JobState, JobStore

Outcome = tuple[JobState, str, dict[str, Any]]
Run = Callable[[Callable[[], bool]], Outcome]
"""Does a job, given what tells whether it shall stop."""

NICENESS = 10
"""Pages and people go before jobs."""

_STOP_POLL_S = 0.5
_PATIENCE_S = 600.0
"""How long to wait for a process that holds the model before giving up."""

_SLACK_GB = 1.0

_logger = logging.getLogger(__name__)


def main() -> int:
    """Run a job to its end.

    Returns:
        Exit code: 0, or 1 if the attempt is not wanted any more.
    """
    folder, job_id, attempt = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    layers = [Layer(name) for name in sys.argv[4:]]
    logging.basicConfig(format="%(asctime)s %(message)s")
    database = Database(folder)
    store = JobStore(database)
    if not store.claim(job_id, attempt, ProcessIdentity.current()):
        return 1
    os.nice(NICENESS)
    stay_in_background()
    language = store.language(job_id)
    os.environ["OPENRACER_LANGUAGE"] = language  # for the processes that this one starts
    set_language(language)
    job = store.job(job_id)
    run, home = _what_to_run(database, store, job)
    # From here on the models and tracks are those of the one who asked, here and in the processes started here.
    os.environ["OPENRACER_HOME"] = str(home)
    if layers:
        door = Door(layers, job.person, room=_room(database, job.person))
        launching.confine_with(lambda: door)
    stop_wanted = _StopPoll(store, job_id)
    try:
        outcome = run(stop_wanted)
    except (ValueError, OSError) as error:
        outcome = JobState.FAILED, str(error), {}
    except Exception as error:
        _logger.exception("job %s of %s", job.id, job.model)
        outcome = JobState.FAILED, f"{type(error).__name__}: {error}", {}
    insist(lambda: store.end(job.id, job.attempt, *outcome))
    return 0


def _room(database: Database, person: int) -> int | None:
    """Bytes that a run may leave in its folders: a person's storage, and what one iteration may take beyond it."""
    gigabytes = Quotas(database).limits(Accounts(database).person(person)).storage_gb
    return None if gigabytes is None or person == LOCAL.id else round((gigabytes + _SLACK_GB) * GB)


def _what_to_run(database: Database, store: JobStore, job: Job) -> tuple[Run, Path]:
    """What a job does, and the data folder in which it does it."""
    home = home_of(job.person)
    if job.kind not in OF_MODELS:
        drive = SubmissionDrive(database, job) if job.kind is JobKind.SUBMISSION else Duel(database, job)
        return drive.run, drive.home or home
    if job.kind is JobKind.DISTILLATION:
        return partial(_distil, job, lambda result: store.tell(job, result)), home
    runs = {JobKind.TRAINING: _train, JobKind.EVALUATION: _evaluate, JobKind.RACE: _race}
    return partial(runs[job.kind], job), home


class Patience:
    """How long a training may be silent, and how long it may go on after it was asked to stop.

    Its own clock and its reward function's heartbeat are in reach of user code; this is not.

    Args:
        clock: seconds.
    """

    SILENCE_S = 900.0
    """The learning between two iterations is silent, too, and may be long on a busy machine."""
    STOPPING_S = 600.0

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._pulse: object = None
        self._felt = clock()
        self._asked: float | None = None

    @property
    def has_asked(self) -> bool:
        """Whether it was asked to stop."""
        return self._asked is not None

    def ask(self) -> None:
        """From here on it is to stop."""
        self._asked = self._clock()

    def lost(self, pulse: object) -> str | None:
        """Why the training has to be ended, given what shows that it gets on; None if it may go on."""
        now = self._clock()
        if pulse != self._pulse:
            self._pulse, self._felt = pulse, now
        if now > self._felt + self.SILENCE_S:
            return _("the training gave no sign of life for {minutes:g} minutes and was ended").format(
                minutes=self.SILENCE_S / 60.0
            )
        if self._asked is not None and now > self._asked + self.STOPPING_S:
            return _("the training did not stop within {minutes:g} minutes and was ended").format(
                minutes=self.STOPPING_S / 60.0
            )
        return None


class _StopPoll:
    """Whether the job's row says that it shall stop, looked up about twice a second."""

    def __init__(self, store: JobStore, job_id: str):
        self._store = store
        self._job_id = job_id
        self._next = 0.0
        self._wanted = False

    def __call__(self) -> bool:
        if not self._wanted and time.monotonic() >= self._next:
            self._next = time.monotonic() + _STOP_POLL_S
            try:
                self._wanted = self._store.job(self._job_id).state is not JobState.RUNNING
            except DatabaseProblemError as error:
                _logger.warning("%s", error)
            except FileNotFoundError:  # the row is gone
                self._wanted = True
        return self._wanted


def _train(job: Job, stop_wanted: Callable[[], bool]) -> Outcome:
    process = _start_training(library.own_model(job.model), stop_wanted)
    if process is None:
        return JobState.STOPPED, "", {}
    last = {"event": "failed", "message": ""}
    patience = Patience()
    for event in process.watch():
        if event is not None:
            last = event
        if not patience.has_asked and stop_wanted():
            patience.ask()
            process.ask_to_stop()
        if (reason := patience.lost(process.pulse)) is not None:
            process.end(reason)
            return JobState.FAILED, reason, {}
    if last["event"] == "failed":
        return JobState.FAILED, last["message"], {}
    state = JobState.STOPPED if last["reason"] == "stopped" else JobState.FINISHED
    return state, "", {"reason": last["reason"]}


def _evaluate(job: Job, stop_wanted: Callable[[], bool]) -> Outcome:
    folder = library.own_model(job.model)
    with EvaluationProcess(folder, EvaluationRequest(**job.request)) as process:
        for _moment in process.watch():
            if stop_wanted():
                return JobState.STOPPED, "", {}
        return JobState.FINISHED, "", _told(process.report())


def _distil(job: Job, tell: Callable[[dict[str, Any]], object], stop_wanted: Callable[[], bool]) -> Outcome:
    """Teach a student, in this process: no user code is called."""
    from openracer.runs.distillation import (  # PyTorch, which other jobs need not
        DistillationStoppedError,
        distil,
    )

    try:
        result = distil(
            library.own_model(job.model),
            str(job.request["checkpoint"]),
            lambda progress: tell({"round": asdict(progress)}),
            stop_wanted,
        )
    except DistillationStoppedError:
        return JobState.STOPPED, "", {}
    return JobState.FINISHED, "", result.as_json()


def _race(job: Job, stop_wanted: Callable[[], bool]) -> Outcome:
    # PyTorch takes seconds to import, and other jobs leave that to their processes.
    from openracer.runs.race import RaceStoppedError, entrants_of, race_models

    request = RaceRequest.from_json(job.request)
    folders = [(library.own_model(name), checkpoint) for name, checkpoint in map(split_entry, request.models)]
    watched = race_place(job.id)
    try:
        result = race_models(entrants_of(folders), request, lambda: not stop_wanted(), watched)
    except RaceStoppedError:
        return JobState.STOPPED, "", {}
    finally:
        shutil.rmtree(watched, ignore_errors=True)
    return JobState.FINISHED, "", {"race": result.write().stamp}


def _told(report: EvaluationReport) -> dict[str, Any]:
    values = report.as_json()
    del values["folder"]  # whoever asked may be on another machine
    return {"evaluation": report.stamp, "report": values}


def _start_training(folder: ModelFolder, stop_wanted: Callable[[], bool]) -> TrainingProcess | None:
    """The training, once the model is free: what remains of a training that lost its watch finishes its iteration.

    Returns:
        None if it was stopped before it began.

    Raises:
        ModelInUseError: another process holds the model for long.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while not stop_wanted():
        try:
            return TrainingProcess(folder.path)
        except ModelInUseError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_STOP_POLL_S)
    return None


if __name__ == "__main__":
    sys.exit(main())
