"""The words that racing has: how it is ranked, where a race stands, what its rules say."""

from openracer.console.wording import race_titles
from openracer.language import gettext as _
from openracer.league.circuit import Division
from openracer.league.race import Phase, Race, Ranking
from openracer.service.league.races import HeldRace


def ranking_words(race: Race) -> str:
    """Which time counts."""
    if race.ranking is Ranking.BEST_LAP:
        return _("Best lap")
    if race.ranking is Ranking.TOTAL_TIME:
        return (
            _("Total time of {count} laps").format(count=race.laps) if race.laps > 1 else _("Time of one lap")
        )
    if race.consecutive_laps == 1:
        return _("Best lap")
    return _("Average of the best {count} laps in a row").format(count=race.consecutive_laps)


def ranking_titles() -> dict[str, str]:
    """The names of the rankings."""
    return {
        Ranking.AVERAGE_LAP: _("Average of laps in a row"),
        Ranking.BEST_LAP: _("Best lap"),
        Ranking.TOTAL_TIME: _("Total time of all laps"),
    }


def phase_words(phase: Phase) -> str:
    """Where a race stands."""
    return {
        Phase.UPCOMING: _("Upcoming"),
        Phase.OPEN: _("Open"),
        Phase.CLOSED: _("Closed"),
    }[phase]


def division_words(division: Division) -> str:
    """The name of a division."""
    return {Division.OPEN: _("Open division"), Division.PRO: _("Pro division")}[division]


def track_words(race: HeldRace) -> str:
    """The title of a race's track, and whether it is driven the other way; the name where the track is gone."""
    try:
        title = race.track().title
    except (ValueError, OSError):
        title = race.rules.track
    return title + (_(" (reverse)") if race.rules.reverse else "")


def rule_facts(held: HeldRace) -> list[tuple[str, str]]:
    """The rules of a race as names with values."""
    race = held.rules
    anything = _("any number")
    facts = [
        (_("Track"), track_words(held)),
        (_("Race type"), race_titles()[race.race_type]),
        (_("Ranked by"), ranking_words(race)),
        (_("Laps driven"), str(race.laps)),
        (_("Resets allowed"), anything if race.max_resets is None else str(race.max_resets)),
        (_("Off-track penalty"), f"{race.off_track_penalty_s:g} s"),
    ]
    if race.race_type != "time_trial":
        facts.append((_("Collision penalty"), f"{race.collision_penalty_s:g} s"))
    limit = race.submissions_per_person
    facts.append((_("Submissions per racer"), anything if limit is None else str(limit)))
    return facts
