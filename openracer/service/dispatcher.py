"""The thread of a console that begins jobs as places become free, and finds out what became of lost ones."""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openracer.language import gettext as _
from openracer.models.events import read_events
from openracer.models.folder import ModelFolder
from openracer.service.confinement.layers import Layer
from openracer.service.database import DatabaseProblemError
from openracer.service.identity import home_of
from openracer.service.places import places
from openracer.service.store import UNDER_WAY, Job, JobKind, JobState, JobStore

_logger = logging.getLogger(__name__)

_POLL_S = 0.3
_AUDIT_S = 10.0
_MOST_ATTEMPTS = 20
"""A job that ends its process every time would otherwise be begun for ever; one that others end is not to be lost."""
_TIME_TO_CLAIM_S = 60.0
"""What a busy machine may need until the process of a job has said that it is there."""


class Dispatcher:
    """Works on the queue of a console.

    Args:
        store: the jobs.
        folder: of the console; what the jobs' processes have to say of their own failures goes to a file in it.
        layers: of the confinement in which jobs run; none where all code is the local person's own.
        audit: looks every few seconds whether all jobs may go on.
    """

    def __init__(self, store: JobStore, folder: Path, layers: tuple[Layer, ...], audit: Callable[[], None]):
        self._store = store
        self._layers = layers
        self._audit = audit
        self._next_audit = 0.0
        self._log = folder / "jobs.log"
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._work_to_do = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the queue at once."""
        self._work_to_do.set()

    def close(self) -> None:
        """Stop working; what runs goes on."""
        self._closing = True
        self._work_to_do.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._closing:
            try:
                self.look()
            except (DatabaseProblemError, OSError) as error:  # a full disk may have room again
                _logger.warning("%s", error)
            except Exception:
                _logger.exception("the queue of jobs")
            self._work_to_do.wait(_POLL_S)
            self._work_to_do.clear()

    def look(self) -> None:
        """Settle the jobs whose process is gone, and begin those that have a place."""
        if time.monotonic() >= self._next_audit:
            self._audit()
            self._next_audit = time.monotonic() + _AUDIT_S
        under_way = self._store.jobs(states=UNDER_WAY, kinds=tuple(JobKind))
        for job in under_way:
            if not self._is_watched(job):
                self._settle_somehow(job)
        for job_id in [job_id for job_id, child in self._children.items() if child.poll() is not None]:
            del self._children[job_id]
        for kind in JobKind:
            free = places(kind) - len(self._store.jobs(states=UNDER_WAY, kinds=(kind,)))
            waiting = self._store.jobs(states=(JobState.QUEUED,), kinds=(kind,))
            for job in waiting[::-1][: max(0, free)]:
                self._begin(job)

    def _is_watched(self, job: Job) -> bool:
        child = self._children.get(job.id)
        if child is not None and child.poll() is None:
            return True
        if job.process is not None:
            return job.process.is_alive()
        # Begun by a console that was killed in this very moment, or by this one.
        began = job.started.timestamp() if job.started else 0.0
        return child is None and time.time() - began < _TIME_TO_CLAIM_S

    def _begin(self, job: Job) -> None:
        attempt = self._store.begin(job)
        if attempt is None:
            return
        with self._log.open("ab") as log:
            self._children[job.id] = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "openracer.service.job",
                    str(self._log.parent),
                    job.id,
                    str(attempt),
                    *self._layers,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # neither Ctrl-C nor the console's end reaches it
            )

    def _settle_somehow(self, job: Job) -> None:
        """Settle a job; one whose events cannot be read, which user code may have written, must not stop the others."""
        try:
            self._settle(job)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            _logger.exception("job %s of %s", job.id, job.model)
            self._store.end(
                job.id, job.attempt, JobState.FAILED, _("the events of the training cannot be read")
            )

    def _settle(self, job: Job) -> None:
        """Write down what became of a job whose process ended without saying so, or have it begun again."""
        job = self._store.job(job.id)  # it may have said so just now
        if job.state not in UNDER_WAY:
            return
        if job.kind is JobKind.TRAINING and (ended := _told_end(job)) is not None:
            self._store.end(job.id, job.attempt, *ended)
        elif job.state is JobState.STOPPING:
            self._store.end(job.id, job.attempt, JobState.STOPPED)
        elif job.attempt >= _MOST_ATTEMPTS and not (job.kind is JobKind.TRAINING and _has_advanced(job)):
            reason = _("the process of the job was ended from outside {count} times; begin it again by hand")
            self._store.end(job.id, job.attempt, JobState.FAILED, reason.format(count=job.attempt))
        else:
            self._store.put_back(job)


def _told(job: Job) -> list[dict[str, Any]]:
    """The events of a training since the job was begun last."""
    events = read_events(ModelFolder(home_of(job.person) / "models" / job.model).events_file)[0]
    return [event for event in events if job.started is None or event["time"] >= job.started.timestamp()]


def _has_advanced(job: Job) -> bool:
    return any(event["event"] == "iteration" for event in _told(job))


def _told_end(job: Job) -> tuple[JobState, str, dict[str, str]] | None:
    """How a training ended, as its events tell; None if it did not, or only because nobody watched it any more."""
    last = next(reversed(_told(job)), {"event": ""})
    if last["event"] == "failed":
        return JobState.FAILED, str(last["message"]), {}
    if last["event"] != "finished" or last["reason"] == "stopped":
        return None
    return JobState.FINISHED, "", {"reason": str(last["reason"])}
