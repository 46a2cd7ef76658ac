"""A season of three races and thirty racers under a test clock: standings, promotions and final go by themselves."""

from datetime import timedelta
from random import Random

import pytest

from openracer.league.circuit import Division
from openracer.service.league.people import NotYoursError
from openracer.service.league.races import RaceConflictError
from openracer.service.league.tables import SubmissionRow
from openracer.service.store import JobKind, JobState, JobStore
from tests.league.test_circuit import slow_season
from tests.service.league.conftest import DAY, START


def test_a_season_runs_from_open_to_promotion_and_final_by_itself(
    league, organiser, person, rules, submit, drive, clock, database
):
    dice = Random(7)
    season = league.seasons.create(organiser, "Spring", final_size=8, final_at=START + 91 * DAY)
    races = [league.races.create(organiser, rules(number), season=season.id) for number in range(3)]
    racers = {person(f"racer {number:02}"): number for number in range(30)}
    made = []
    for race in races:
        clock.now = race.rules.opens
        times = {}
        for racer, quality in racers.items():
            for _attempt in range(dice.randint(1, 2)):
                clock.now += timedelta(minutes=dice.randint(1, 60))
                number = submit(racer, race).number
                laps = dice.choice((1, 3, 3, 3))
                times[number] = [dice.randrange(800, 950) / 100 + quality / 20 for _lap in range(laps)]
        league.advance()
        clock.now = race.rules.closes
        assert not outcome_of(league, season, race).decided  # the queue is not empty yet
        drive(times)
        made += league.submissions.submissions(race.id)
        outcome = outcome_of(league, season, race)
        assert outcome.decided and outcome.promoted
    table, _pro, winners = slow_season(
        [race.rules for race in races], [as_rules_see(league, entry) for entry in made]
    )
    for division in Division:
        rows = league.seasons.standings(season.id, division)
        assert {str(row.racer.id): row.points for row in rows} == table[division.value]
        assert all(sum(row.races.values()) == row.points for row in rows)
    league.advance()
    assert league.seasons.season(season.id).champion is None  # the final is a day later
    clock.now = START + 91 * DAY
    final = league.seasons.final(season.id)
    assert len(final.seeds) == 8 and set(winners) <= set(final.seeds)
    hold(league, database)
    final = league.seasons.final(season.id)
    assert [len(duels) for duels in final.rounds] == [4, 2, 1]
    assert league.seasons.season(season.id).champion == min(map(int, final.seeds))
    assert all(final.told.values())


def hold(league, database):
    """Hold a final: of each duel the racer with the smaller number wins."""
    store = JobStore(database)
    for _duel in range(20):
        league.advance()
        for job in store.jobs(states=(JobState.QUEUED,), kinds=(JobKind.DUEL,)):
            duel = league.seasons.duel_of_job(job.id)
            attempt = store.begin(job)
            winner = min(duel.first, duel.second, key=lambda entry: entry.person)
            assert league.seasons.decide_duel(job.id, winner.number, {"winner": 0})
            assert not league.seasons.decide_duel(job.id, duel.first.number, {})
            store.end(job.id, attempt, JobState.FINISHED)


def outcome_of(league, season, race):
    outcomes = league.seasons.outcomes(league.seasons.season(season.id))
    return next(outcome for outcome in outcomes if outcome.race.name == race.rules.name)


def as_rules_see(league, entry):
    from openracer.league.ranking import Submission

    name = league.races.race(entry.race, None).rules.name
    return Submission(entry.number, name, str(entry.person), entry.submitted, entry.laps)


def test_a_submission_that_cannot_drive_does_not_hold_up_the_season(
    league, organiser, person, rules, submit, clock, database
):
    season = league.seasons.create(organiser, "Spring", final_size=0)
    race = league.races.create(organiser, rules(), season=season.id)
    made = submit(person("mina"), race)
    clock.now = race.rules.closes
    assert not outcome_of(league, season, race).decided
    with database.session() as session:
        job = session.get_one(SubmissionRow, made.number).job
    league.submissions.fail(made.number, "its weights are damaged", job)
    assert outcome_of(league, season, race).decided
    assert league.seasons.final(season.id) is None


def test_the_races_of_a_season_follow_each_other(league, organiser, person, rules):
    season = league.seasons.create(organiser, "Spring")
    league.races.create(organiser, rules(0), season=season.id)
    with pytest.raises(RaceConflictError, match="follow each other"):
        league.races.create(organiser, rules(0, name="another"), season=season.id)
    league.races.create(organiser, rules(1), season=season.id)
    with pytest.raises(NotYoursError):
        league.seasons.create(person("mina"), "Mine")
    with pytest.raises(ValueError, match="there is a season 'spring' already"):
        league.seasons.create(organiser, "spring")
    league.seasons.delete(organiser, season.id)
    assert [race.season for race in league.races.races(None)] == [None, None]


def test_a_profile_has_the_results_that_the_viewer_may_see(
    league, organiser, person, rules, submit, drive, clock
):
    mina, jun = person("mina"), person("jun")
    public = league.races.create(organiser, rules(ranking="best"))
    secret = league.races.create(organiser, rules(name="secret"), is_private=True)
    league.membership.join(mina, league.membership.make_code(organiser, secret.id).code)
    drive_times = {submit(mina, public).number: [9.0], submit(jun, public).number: [8.0]}
    submit(mina, secret)
    drive(drive_times)
    seen = league.profiles.profile(mina.id, jun)
    assert [(found.race.id, found.row.rank, found.racers) for found in seen.history] == [(public.id, 2, 2)]
    assert (seen.submissions, seen.wins, seen.podiums) == (2, 0, 0)
    clock.now = public.rules.closes
    assert league.profiles.profile(mina.id, mina).podiums == 1
    assert league.profiles.profile(jun.id, None).wins == 1
    assert len(league.profiles.profile(mina.id, mina).history) == 2


def test_a_duel_that_cannot_be_driven_goes_to_the_better_result(
    league, organiser, person, rules, submit, drive, clock, database
):
    season = league.seasons.create(organiser, "Spring", final_size=2)
    race = league.races.create(organiser, rules(ranking="best"), season=season.id)
    ann, bob = person("ann"), person("bob")
    drive({submit(ann, race).number: [9.0], submit(bob, race).number: [8.0]})
    clock.now = race.rules.closes
    league.advance()
    store = JobStore(database)
    (job,) = store.jobs(kinds=(JobKind.DUEL,))
    league.advance()
    assert league.seasons.final(season.id).rounds[0][0].winner is None
    store.end(job.id, store.begin(job), JobState.FAILED, "its weights are damaged")
    league.advance(), league.advance()
    assert league.seasons.season(season.id).champion == bob.id
