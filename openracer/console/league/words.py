"""The words that racing has: how it is ranked, where a race stands, what its rules say."""

from openracer.console.components import lap_time
from openracer.console.wording import race_titles, track_words
from openracer.language import gettext as _
from openracer.league.circuit import Division
from openracer.league.race import Phase, Race, Ranking
from openracer.league.ranking import Result


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


def score_words(race: Race, result: Result) -> str:
    """A result as a leaderboard shows it: the mean lap of an average, else the time itself."""
    return lap_time(score_ms(race, result.total_ms) / 1000.0)


def score_ms(race: Race, total_ms: int) -> float:
    """What of a time over all counted laps is ranked, or is a gap, ms."""
    return total_ms / race.counted_laps if race.ranking is Ranking.AVERAGE_LAP else float(total_ms)


def gap_words(race: Race, gap_ms: int) -> str:
    """How far behind the first; empty for the first."""
    return "" if gap_ms == 0 else f"+{score_ms(race, gap_ms) / 1000.0:.3f}"


def rule_facts(race: Race) -> list[tuple[str, str]]:
    """The rules of a race as names with values."""
    anything = _("any number")
    facts = [
        (_("Track"), track_words(race.track, race.reverse)),
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


def flag(country: str) -> str:
    """The flag of a country of two letters, as two regional indicator symbols (Unicode); empty without one."""
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in country) if len(country) == 2 else ""
