"""The jobs of a league: the drive of a submission, and a duel of a final; what came of them is written down once."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from openracer.league.race_process import DriveBrokenOffError, RaceProcess
from openracer.league.ranking import Lap
from openracer.service.database import Database
from openracer.service.full_disk import insist
from openracer.service.league.league import League
from openracer.service.league.races import HeldRace
from openracer.service.league.submissions import Submission, SubmissionNotFoundError, entry_of
from openracer.service.store import Job, JobState

Outcome = tuple[JobState, str, dict[str, Any]]
Done = Callable[[RaceProcess, dict[str, Any]], None]

_TRIES = 5
"""A drive that is broken off is begun again; one that breaks off every time is given up."""


class SubmissionDrive:
    """The drive of a job's submission; its files are found before the process changes its data folder.

    Args:
        database: of the console.
        job: that drives.

    Attributes:
        home: the data folder in which it drives: none of its own owner's tracks is in it.
    """

    def __init__(self, database: Database, job: Job):
        self._submissions = League.of(database).submissions
        self._job = job
        try:
            self._submission = self._submissions.of_job(job.id)
            self._race = self._submissions.race_of(self._submission)
            self._seed = self._submissions.seed(self._submission)
            self.home: Path | None = self._race.home
        except SubmissionNotFoundError:  # taken back into the queue of a live race, or deleted with its race
            self.home = None

    def run(self, stop_wanted: Callable[[], bool]) -> Outcome:
        """Drive, unless that has been done before this process began."""
        if self.home is None:
            return JobState.STOPPED, "", {}
        number = self._submission.number
        if self._submission.ended is None:
            try:
                if not _drive([self._submission], self._race, self._seed, self._done, stop_wanted):
                    return JobState.STOPPED, "", {}
            except (ValueError, OSError) as error:
                reason = str(error)
                insist(lambda: self._submissions.fail(number, reason, self._job.id))
                return JobState.FAILED, reason, {}
        return JobState.FINISHED, "", {"submission": number}

    def _done(self, process: RaceProcess, driven: dict[str, Any]) -> None:
        # The record first: whoever sees the result can ask for it.
        process.keep_record(self._submission.record_file)
        laps = [Lap(*lap) for lap in driven["laps"]]
        insist(
            lambda: self._submissions.finish(
                self._submission.number, laps, driven["duration_s"], self._job.id
            )
        )


class Duel:
    """A duel of a final; likewise.

    Args:
        database: of the console.
        job: that holds it.

    Attributes:
        home: the data folder in which it is held.
    """

    def __init__(self, database: Database, job: Job):
        self._seasons = League.of(database).seasons
        self._job = job
        self._duel = self._seasons.duel_of_job(job.id)
        self.home = None if self._duel is None else self._duel.race.home

    def run(self, stop_wanted: Callable[[], bool]) -> Outcome:
        """Hold it, unless that has been done before this process began."""
        if self._duel is None:
            return JobState.STOPPED, "", {}
        duel = self._duel
        if not duel.is_decided and not _drive(
            [duel.first, duel.second], duel.race, duel.seed, self._done, stop_wanted
        ):
            return JobState.STOPPED, "", {}
        return JobState.FINISHED, "", {}

    def _done(self, _process: RaceProcess, told: dict[str, Any]) -> None:
        assert self._duel is not None
        winner = (self._duel.first, self._duel.second)[told["winner"]]
        insist(lambda: self._seasons.decide_duel(self._job.id, winner.number, told))


def _drive(
    submissions: Sequence[Submission],
    race: HeldRace,
    seed: int,
    done: Done,
    stop_wanted: Callable[[], bool],
) -> bool:
    """Let submissions drive and write down what came of it.

    Returns:
        Whether they drove; else it was stopped.

    Raises:
        ValueError: they cannot drive.
    """
    entries = [entry_of(submission) for submission in submissions]
    for left in reversed(range(_TRIES)):
        with RaceProcess(entries, race.rules, seed) as process:
            for _moment in process.watch():
                if stop_wanted():
                    return False
            try:
                result = process.result()
            except DriveBrokenOffError as error:
                if left:
                    continue
                raise ValueError(str(error)) from None
            done(process, result)
            return True
    raise AssertionError("the last try returns or raises")
