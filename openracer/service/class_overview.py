"""How a class is doing, person by person: who is stuck, who trains, who has lapped."""

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from openracer.models.summary import summarise_models
from openracer.service.accounts import Accounts, Person, Role
from openracer.service.identity import acting_for
from openracer.service.jobs import Job, JobKind, JobQueue, JobState
from openracer.service.quotas import Quotas

_logger = logging.getLogger(__name__)

_LONG_S = 20 * 60.0
"""Whoever has trained so long without a lap will hardly get one without help."""


class Standing(StrEnum):
    """How somebody is doing; a teacher looks at the first ones first."""

    STUCK = "stuck"
    NEW = "new"
    TRAINS = "trains"
    ON_THE_WAY = "on-the-way"
    LAPPED = "lapped"


@dataclass(frozen=True)
class Progress:
    """One person.

    Attributes:
        person: who.
        standing: how it goes.
        models: how many there are.
        completion: the best of all models, percent; None without one that has been trained.
        best_lap_s: the shortest of all laps, s.
        compute_s: of jobs in this period, s.
        last: when a job was asked for last.
        trouble: why the last job failed; else empty.
    """

    person: Person
    standing: Standing
    models: int
    completion: float | None
    best_lap_s: float | None
    compute_s: float
    last: datetime | None
    trouble: str


def class_overview(accounts: Accounts, quotas: Quotas, queue: JobQueue) -> list[Progress]:
    """All racers who are not shut out, those who need help first; takes a moment where there are many models."""
    jobs: dict[int, list[Job]] = {}
    for job in queue.everybodys_jobs():
        jobs.setdefault(job.person, []).append(job)
    progress = [
        _progress(person, quotas, jobs.get(person.id, []))
        for person in accounts.people()
        if person.role is Role.RACER and not person.is_disabled
    ]
    order = tuple(Standing)
    return sorted(progress, key=lambda found: (order.index(found.standing), found.person.alias.lower()))


def _progress(person: Person, quotas: Quotas, jobs: list[Job]) -> Progress:
    """The progress of a person whose jobs are given, the newest first."""
    with acting_for(person):
        try:
            summaries = summarise_models()
        except (
            Exception
        ):  # what lies in a person's folder may be anything; the others are to be seen all the same
            _logger.exception("the models of %s", person.name)
            summaries = []
    laps = [summary.best_lap_s for summary in summaries if summary.best_lap_s is not None]
    completions = [summary.completion for summary in summaries if summary.completion is not None]
    usage = quotas.usage(person)
    failed = next((job for job in jobs[:1] if job.state is JobState.FAILED), None)
    return Progress(
        person=person,
        standing=_standing(jobs, bool(laps), usage.compute_s),
        models=len(summaries),
        completion=max(completions, default=None),
        best_lap_s=min(laps, default=None),
        compute_s=usage.compute_s,
        last=jobs[0].created if jobs else None,
        trouble=failed.reason if failed else "",
    )


def _standing(jobs: list[Job], has_lapped: bool, compute_s: float) -> Standing:
    if jobs and jobs[0].state is JobState.FAILED:
        return Standing.STUCK
    if has_lapped:
        return Standing.LAPPED
    if any(job.state.is_active and job.kind is JobKind.TRAINING for job in jobs):
        return Standing.TRAINS
    if not jobs:
        return Standing.NEW
    return Standing.STUCK if compute_s > _LONG_S else Standing.ON_THE_WAY
