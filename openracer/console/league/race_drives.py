"""What a submission drove, as replays and spreadsheets get it."""

from datetime import UTC, datetime

from openracer.service.league.submissions import Submission, SubmissionState


def is_shown(submission: Submission) -> bool:
    """Whether everybody may see how a submission drove: it has, and in a live race it has been shown."""
    if submission.state is not SubmissionState.FINISHED:
        return False
    return submission.shown_from is None or (
        submission.shown_until or datetime.max.replace(tzinfo=UTC)
    ) <= datetime.now(UTC)
