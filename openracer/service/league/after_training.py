"""Models that are submitted to a race as soon as their training has ended, as was asked for with the training."""

from sqlalchemy import String, cast, select

from openracer.service.accounts import Accounts
from openracer.service.database import Database, JobRow
from openracer.service.identity import acting_for
from openracer.service.league.submissions import Submissions
from openracer.service.store import JobKind, JobState

_ENDED = (JobState.FINISHED, JobState.STOPPED)


class AfterTraining:
    """Submits what is due.

    Args:
        database: of the console.
        submissions: in it.
    """

    def __init__(self, database: Database, submissions: Submissions):
        self._database = database
        self._submissions = submissions

    def advance(self) -> None:
        """Submit the models of trainings that have ended and name a race; once, whenever this is killed."""
        with self._database.session() as session:
            due = select(JobRow.id).where(
                JobRow.kind == JobKind.TRAINING,
                JobRow.state.in_(_ENDED),
                cast(JobRow.request, String) != "{}",
            )
            jobs = list(session.scalars(due))
        for job in jobs:
            self._submit(job)

    def _submit(self, job: str) -> None:
        with self._database.session() as session:
            row = session.scalars(select(JobRow).where(JobRow.id == job)).one()
        person = Accounts(self._database).person(row.person)
        told: dict[str, object]
        try:
            with acting_for(person):
                # With the job as its key a second try is the same submission.
                made = self._submissions.submit(
                    person, int(row.request["race"]), row.model, key=f"after {job}"
                )
            told = {"submission": made.number, "race": made.race}
        except (ValueError, FileNotFoundError) as error:
            told = {"not_submitted": str(error)}
        with self._database.session() as session:
            row = session.scalars(select(JobRow).where(JobRow.id == job)).one()
            row.request, row.result = {}, {**row.result, **told}
