"""What a submission drove, as replays and spreadsheets get it."""

from datetime import UTC, datetime
from typing import Any

import numpy as np

from openracer.analysis.drives import drive_values
from openracer.environments.action_space import ContinuousActionSpace
from openracer.formats.simtrace import Trace, format_simtrace
from openracer.league.record import read_record
from openracer.models.drives import PERIOD, drives_of
from openracer.models.episodes import EpisodeTrace, columns_of
from openracer.service.league.submissions import Submission, SubmissionState
from openracer.simulation.status import Status


def is_shown(submission: Submission) -> bool:
    """Whether everybody may see the result: the submission has driven, and in a live race that has been shown."""
    if submission.state is not SubmissionState.FINISHED:
        return False
    return submission.shown_until is None or submission.shown_until <= datetime.now(UTC)


def drive_of(submission: Submission) -> dict[str, Any]:
    """All laps of a submission as one drive, see :func:`openracer.analysis.drives.drive_values`.

    Returns:
        Its keys; ``progress`` grows by 100 with each lap, and ``laps`` has the times at which they ended, s.

    Raises:
        FileNotFoundError: there is no record of it.
        FormatError: the record is damaged.
    """
    trace = _trace(submission)
    is_end = trace["episode_status"] == Status.LAP_COMPLETE.label
    lap = np.cumsum(is_end) - is_end
    (drive,) = drives_of(
        trace | {"progress": trace["progress"] + 100.0 * lap}, [float(trace["tstamp"][0]) - PERIOD]
    )
    return drive_values(drive) | {"laps": [round(float(end), 3) for end in drive.time[is_end]]}


def drive_csv(submission: Submission) -> bytes:
    """The rows of a submission's drive as a simtrace file has them; raises as :func:`drive_of`."""
    return format_simtrace(_trace(submission)).encode()


def _trace(submission: Submission) -> Trace:
    record = read_record(submission.record_file)
    is_continuous = isinstance(record.drive.action_space, ContinuousActionSpace)
    return columns_of([EpisodeTrace(0, record.drive.track.length, record.rows)], 0, is_continuous)
