"""What one has submitted to a race, and what came of it."""

from html import escape

from nicegui import ui

from openracer.console.components import card, in_thread
from openracer.console.league.figures import result_words
from openracer.console.league.moments import moment_html
from openracer.console.league.race_drives import is_shown
from openracer.language import gettext as _
from openracer.service.accounts import Person
from openracer.service.league import current_league
from openracer.service.league.races import Format, HeldRace
from openracer.service.league.submissions import Submission, SubmissionState

_CHIPS = {
    SubmissionState.WAITING: "queued",
    SubmissionState.DRIVING: "running",
    SubmissionState.FINISHED: "finished",
    SubmissionState.FAILED: "failed",
}


class OwnSubmissions:
    """A card that follows them; it is not there without one.

    Args:
        race: to which.
        person: whose.
    """

    def __init__(self, race: HeldRace, person: Person):
        self._race, self._person = race, person
        self._shown: list[Submission] | None = None
        with card(_("Your submissions")) as self._card:
            self._place = ui.html("", sanitize=False)
        self._show(current_league().submissions.submissions(race.id, person))

    async def look(self) -> None:
        """Show what has changed."""
        self._show(await in_thread(current_league().submissions.submissions, self._race.id, self._person))

    def _show(self, found: list[Submission]) -> None:
        if found == self._shown:
            return
        self._shown = found
        self._card.set_visibility(bool(found))
        self._place.set_content(_table(self._race, found))


def state_words_of(submission: Submission, race: HeldRace) -> str:
    """Where a submission is."""
    if submission.state is SubmissionState.WAITING:
        return _("Waits for the launch") if race.format is Format.LIVE else _("Queued")
    return {
        SubmissionState.DRIVING: _("Drives"),
        SubmissionState.FINISHED: _("Has driven") if is_shown(submission) else _("Drives"),
        SubmissionState.FAILED: _("Failed"),
    }[submission.state]


def _table(race: HeldRace, found: list[Submission]) -> str:
    titles = ("#", _("Model"), _("Submitted"), _("State"), _("Time"), "")
    numbers = {"#", _("Time"), ""}
    head = "".join(f"<th{_number(title in numbers)}>{escape(title)}</th>" for title in titles)
    return (
        f'<div class="or-tablebox"><table class="or-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(_row(race, submission) for submission in found)}</tbody></table></div>"
    )


def _number(is_number: bool) -> str:
    return ' class="is-number"' if is_number else ""


def _row(race: HeldRace, submission: Submission) -> str:
    state = escape(state_words_of(submission, race))
    reason = f'<div class="or-faint or-small">{escape(submission.reason)}</div>' if submission.reason else ""
    shown = is_shown(submission)
    watch = (
        f'<a href="/races/{race.id}/entries/{submission.number}">{escape(_("Watch"))}</a>' if shown else ""
    )
    time = result_words(race.rules, submission) if shown else "–"
    return (
        f'<tr><td class="is-number">{submission.nth}</td><td><b>{escape(submission.model)}</b>{reason}</td>'
        f'<td class="or-muted">{moment_html(submission.submitted)}</td>'
        f'<td><span class="or-chip or-chip--{_CHIPS[submission.state]}">{state}</span></td>'
        f'<td class="is-number">{time}</td><td class="is-number">{watch}</td></tr>'
    )
