"""Figures of a live race for whoever comments on it."""

from collections.abc import Sequence

from openracer.console.components import lap_time
from openracer.console.league.board import gap_words
from openracer.language import gettext as _
from openracer.league.race import Race, Ranking
from openracer.service.league.boards import BoardRow
from openracer.service.league.live import LiveState
from openracer.service.league.submissions import Submission

Group = tuple[str, list[tuple[str, str]]]
"""A title, and names with values."""


def figure_groups(state: LiveState, board: Sequence[BoardRow]) -> list[Group]:
    """What can be told of the racer who drives, and of the race so far; only what has been shown counts."""
    groups = []
    if state.current is not None:
        groups.append((state.current.racer.alias, _of_racer(state, board)))
    groups.append((_("The race so far"), _of_race(state)))
    return groups


def _of_racer(state: LiveState, board: Sequence[BoardRow]) -> list[tuple[str, str]]:
    assert state.current is not None
    racer = state.current.racer
    own = next((row for row in board if row.racer.id == racer.id), None)
    told = [(_("attempt"), str(state.current.submission.nth + state.current.submission.runs))]
    told.append((_("rank so far"), "–" if own is None else str(own.rank)))
    told.append((_("best so far"), "–" if own is None else lap_time(own.time_s)))
    if board and (own is None or own.rank > 1):
        told.append((_("to take the lead"), lap_time(board[0].time_s)))
    elif own is not None and len(board) > 1:
        told.append((_("ahead of the second"), gap_words(board[1].gap_s)))
    return told


def _of_race(state: LiveState) -> list[tuple[str, str]]:
    shown = [entry.submission for entry in state.done]
    laps = [lap for entry in shown for lap in entry.laps]
    finished = [entry for entry in shown if entry.result is not None]
    clean = [entry for entry in finished if not any(lap.resets for lap in entry.laps)]
    fastest = min(
        ((lap.time_ms, entry.racer.alias) for entry in state.done for lap in entry.submission.laps),
        default=None,
    )
    told = [
        (_("driven"), str(len(shown))),
        (_("still to come"), str(len(state.queue))),
        (_("with a result"), str(len(finished))),
        (_("without a reset"), str(len(clean))),
    ]
    if fastest is not None:
        told.append((_("fastest lap: {racer}").format(racer=fastest[1]), lap_time(fastest[0] / 1000.0)))
        told.append((_("average lap"), lap_time(sum(lap.time_ms for lap in laps) / len(laps) / 1000.0)))
    return told


def result_words(race: Race, submission: Submission) -> str:
    """The result of a submission as a leaderboard shows it; a dash where there is none."""
    result = submission.result
    if result is None:
        return "–"
    return lap_time(result.total_ms / 1000.0 if race.ranking is Ranking.TOTAL_TIME else result.time_s)
