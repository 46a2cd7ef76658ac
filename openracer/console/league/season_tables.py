"""The tables of a season: standings of a division, and the schedule."""

from collections.abc import Sequence
from html import escape

from openracer.console.league.helmet import country_badge, helmet_svg
from openracer.console.league.moments import moment_html
from openracer.console.league.words import phase_words, track_words
from openracer.language import gettext as _
from openracer.league.circuit import RaceOutcome
from openracer.service.league.races import HeldRace
from openracer.service.league.seasons import StandingRow


def standings_html(rows: Sequence[StandingRow], races: Sequence[HeldRace]) -> str:
    """The points of a division, with those of each race."""
    if not rows:
        return f'<p class="lg-nothing">{escape(_("No race is decided yet."))}</p>'
    titles = [f'<th class="lg-rank">{escape(_("Rank"))}</th><th>{escape(_("Racer"))}</th>']
    titles += [f'<th class="is-number lg-roomy">{escape(race.rules.name)}</th>' for race in races]
    titles.append(f'<th class="is-number">{escape(_("Points"))}</th>')
    return _table("".join(titles), [_standing(row, races) for row in rows])


def _standing(row: StandingRow, races: Sequence[HeldRace]) -> str:
    cells = "".join(f'<td class="is-number lg-roomy">{row.races.get(race.id, "–")}</td>' for race in races)
    return (
        f'<td class="lg-rank lg-rank--{row.rank}"><span>{row.rank}</span></td><td><span class="lg-racer">'
        f'{helmet_svg(row.racer.avatar)}<a href="/racers/{row.racer.id}">{escape(row.racer.alias)}</a>'
        f"{country_badge(row.racer.country)}</span></td>{cells}"
        f'<td class="is-number lg-time">{row.points}</td>'
    )


def schedule_html(races: Sequence[HeldRace], outcomes: Sequence[RaceOutcome]) -> str:
    """The races of a season in their order."""
    if not races:
        return f'<p class="lg-nothing">{escape(_("No race has been set up yet."))}</p>'
    titles = (_("Race"), _("Track"), _("Opens"), _("Closes"), _("State"), _("Racers"), _("Promoted"))
    head = "".join(f"<th>{escape(title)}</th>" for title in titles)
    return _table(head, [_race(*pair) for pair in zip(races, outcomes, strict=True)])


def _race(race: HeldRace, outcome: RaceOutcome) -> str:
    state = _("Decided") if outcome.decided else phase_words(race.phase)
    values = (
        f'<a href="/races/{race.id}"><b>{escape(race.rules.name)}</b></a>',
        escape(track_words(race)),
        moment_html(race.rules.opens),
        moment_html(race.rules.closes),
        escape(state),
        str(race.racers),
        str(len(outcome.promoted)) if outcome.decided else "–",
    )
    return "".join(f"<td>{value}</td>" for value in values)


def _table(head: str, rows: Sequence[str]) -> str:
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f'<div class="or-tablebox"><table class="or-table lg-board"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
