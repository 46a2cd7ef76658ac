"""The queue of jobs: what pages, the API and the command line ask for trainings and evaluations."""

import fcntl
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from openracer import locations
from openracer.atomic import WriteError
from openracer.language import gettext as _
from openracer.models import library
from openracer.models.trash import DiscardedModel, discard_model
from openracer.runs.race_request import RaceRequest, split_entry
from openracer.runs.request import EvaluationRequest, describe
from openracer.service.accounts import LOCAL, Accounts
from openracer.service.confinement.layers import Layer
from openracer.service.database import Database
from openracer.service.dispatcher import Dispatcher
from openracer.service.identity import current_person
from openracer.service.quotas import Quotas
from openracer.service.store import (
    ACTIVE,
    UNDER_WAY,
    Job,
    JobKind,
    JobNotFoundError,
    JobState,
    JobStore,
)
from openracer.tracks import catalogue

__all__ = [
    "ConsoleRunsError",
    "Job",
    "JobConflictError",
    "JobKind",
    "JobNotFoundError",
    "JobQueue",
    "JobState",
]


RACE_JOB = "race/"
"""In place of a model's name, which has no slash."""


class JobConflictError(ValueError):
    """What is asked for does not go together with a job that is there."""


class ConsoleRunsError(ValueError):
    """Another console uses the same data folder."""


class JobQueue:
    """The queue of one console. Jobs run in processes of their own and go on without it.

    Whoever asks sees the own jobs only; see :func:`openracer.service.identity.current_person`.

    Every method may raise :class:`openracer.service.database.DatabaseProblemError`.

    Args:
        folder: of the console; None is the one in the user's data folder.
        layers: of the confinement in which jobs run; none where all code is the local person's own.

    Attributes:
        database: of the console, up to date.
        quotas: that jobs keep to.

    Raises:
        ConsoleRunsError: another console uses the folder.
        WriteError: the folder is not writable.
    """

    def __init__(self, folder: Path | None = None, layers: tuple[Layer, ...] = ()):
        folder = folder or locations.console_folder()
        self._lock = _lock(folder)
        self.database = Database(folder)
        self.database.upgrade()
        self._store = JobStore(self.database)
        self.quotas = Quotas(self.database)
        self._dispatcher = Dispatcher(self._store, folder, layers, self._stop_what_is_used_up)

    def start(self) -> None:
        """Find the jobs again that were there, and begin to work on the queue."""
        self._dispatcher.start()

    def close(self) -> None:
        """Let the queue rest; jobs that run go on."""
        self._dispatcher.close()
        os.close(self._lock)

    def submit_training(self, model: str, race: int | None = None) -> Job:
        """Ask for a model to be trained, or to be trained on where it has checkpoints.

        Args:
            model: its name.
            race: number of the race to which it is submitted when the training has ended.

        Raises:
            ModelNotFoundError: there is no such model.
            JobConflictError: it is being trained, or waits for it.
            QuotaError: what the person may use is used up.
        """
        folder = library.own_model(model)
        if self._store.jobs(current_person().id, folder.name, ACTIVE, (JobKind.TRAINING,)):
            raise JobConflictError(_("model {name} is being trained already").format(name=folder.name))
        return self._submit(JobKind.TRAINING, folder.name, {} if race is None else {"race": race})

    def submit_evaluation(self, model: str, request: EvaluationRequest) -> Job:
        """Ask for a model to be evaluated.

        Raises:
            ModelNotFoundError: there is no such model.
            FileNotFoundError: it has no such checkpoint.
            UnknownTrackError: there is no such track.
            QuotaError: what the person may use is used up.
        """
        folder = library.own_model(model)
        describe(folder, request)
        return self._submit(JobKind.EVALUATION, folder.name, asdict(request))

    def submit_race(self, request: RaceRequest) -> Job:
        """Ask for models to race each other.

        Raises:
            ModelNotFoundError: there is no such model.
            FileNotFoundError: one has no such checkpoint.
            UnknownTrackError: there is no such track.
            QuotaError: what the person may use is used up.
        """
        for name, checkpoint in map(split_entry, request.models):
            library.own_model(name).checkpoints.find(checkpoint)
        catalogue.find(request.track, request.reverse)
        return self._submit(JobKind.RACE, RACE_JOB, request.as_json())

    def submit_distillation(self, model: str, checkpoint: str) -> Job:
        """Ask for a student that drives as a model does and can be trained further on AWS.

        Raises:
            ModelNotFoundError: there is no such model.
            FileNotFoundError: it has no such checkpoint.
            JobConflictError: a student is being taught already.
            QuotaError: what the person may use is used up.
        """
        folder = library.own_model(model)
        folder.checkpoints.find(checkpoint)
        if self._store.jobs(current_person().id, folder.name, ACTIVE, (JobKind.DISTILLATION,)):
            raise JobConflictError(
                _("a student model of {name} is being taught already").format(name=folder.name)
            )
        self.quotas.check_model(current_person())
        return self._submit(JobKind.DISTILLATION, folder.name, {"checkpoint": checkpoint})

    def _submit(self, kind: JobKind, model: str, request: Mapping[str, Any]) -> Job:
        person = current_person()
        self.quotas.check_job(person)
        job = self._store.add(kind, person.id, model, request)
        self._dispatcher.wake()
        return job

    def _stop_what_is_used_up(self) -> None:
        """Stop the jobs of people who have used up what they may use."""
        accounts = Accounts(self.database)
        for number in {job.person for job in self._store.jobs(states=(JobState.RUNNING,))} - {LOCAL.id}:
            person = accounts.person(number)
            reason = self.quotas.used_up(person) or self.quotas.storage_full(person)
            if person.is_disabled:
                reason = _("the account has been disabled")
            if reason is not None:
                for job in self._store.jobs(number, states=(JobState.RUNNING,)):
                    self._store.ask_to_stop(job.id, reason)

    def stop(self, job_id: str) -> None:
        """Stop a job: one that waits leaves the queue, a training finishes its iteration and is saved.

        A job that has ended stays as it is.

        Raises:
            JobNotFoundError: there is no such job.
        """
        self.job(job_id)
        if not self._store.take_from_queue(job_id):
            self._store.ask_to_stop(job_id)

    def jobs(self, model: str | None = None, active: bool = False) -> list[Job]:
        """The jobs of a model, or of all; the newest first.

        Args:
            model: whose; None is all.
            active: only those that have not ended.
        """
        return self._store.jobs(current_person().id, model, ACTIVE if active else tuple(JobState))

    def everybodys_jobs(self, active: bool = False) -> list[Job]:
        """The jobs of all people, the newest first.

        Args:
            active: only those that have not ended.
        """
        return self._store.jobs(states=ACTIVE if active else tuple(JobState))

    def job(self, job_id: str) -> Job:
        """The job of an id.

        Raises:
            JobNotFoundError: there is none, or it is somebody else's.
        """
        job = self._store.job(job_id)
        if job.person != current_person().id:
            raise JobNotFoundError(_("there is no job {id}").format(id=job_id[:20]))
        return job

    def place(self, job_id: str) -> int:
        """How many jobs of its kind begin before or with this one; 0 if it does not wait.

        Raises:
            JobNotFoundError: there is no such job.
        """
        job = self.job(job_id)
        queued = self._store.jobs(states=(JobState.QUEUED,), kinds=(job.kind,))
        waiting = [other.id for other in reversed(queued)]
        return waiting.index(job_id) + 1 if job_id in waiting else 0

    def delete_model(self, name: str) -> DiscardedModel:
        """Move a model into the trash, and forget its jobs.

        Returns:
            What :func:`openracer.models.trash.restore_model` takes back.

        Raises:
            ModelNotFoundError: there is no such model.
            JobConflictError: a job of it is running.
            ModelInUseError: it is being trained by a command.
            WriteError: it cannot be deleted.
        """
        folder = library.own_model(name)
        person = current_person().id
        for job in self._store.jobs(person, folder.name, (JobState.QUEUED,)):
            self._store.take_from_queue(job.id)
        if self._store.jobs(person, folder.name, UNDER_WAY):
            raise JobConflictError(
                _("model {name} is being trained or evaluated; stop that first").format(name=folder.name)
            )
        discarded = discard_model(folder)
        self._store.forget(person, folder.name)
        return discarded


def _lock(folder: Path) -> int:
    """A descriptor that holds the console's folder until this process ends.

    Raises:
        ConsoleRunsError: another process holds it.
        WriteError: the folder is not writable.
    """
    path = folder / "lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise WriteError(path, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise ConsoleRunsError(
            _("a console is running on {folder} already; stop it first, or use it").format(
                folder=folder.parent
            )
        ) from None
    return descriptor
