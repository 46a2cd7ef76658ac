"""A live race: the queue, one drive after the other, each counting when it has been shown, and the winner."""

from datetime import timedelta

import pytest

from openracer.league.ranking import Lap
from openracer.service.league.live import COUNTDOWN_S, LivePhase
from openracer.service.league.people import NotYoursError
from openracer.service.league.races import Format, RaceConflictError
from openracer.service.store import JobKind, JobStore


@pytest.fixture
def race(league, organiser, rules):
    return league.races.create(organiser, rules(ranking="best"), Format.LIVE)


@pytest.fixture
def entries(race, person, submit):
    """Three submissions of three racers."""
    return [submit(person(name), race) for name in ("ann", "bob", "cem")]


def seconds(number):
    return timedelta(seconds=number)


def test_a_drive_counts_when_it_has_been_shown(league, race, organiser, entries, drive, clock, database):
    ann, _bob, _cem = entries
    state = league.live.state(race.id, None)
    assert state.phase is LivePhase.WAITING and [entry.racer.alias for entry in state.queue] == [
        "ann",
        "bob",
        "cem",
    ]
    assert JobStore(database).jobs(kinds=(JobKind.SUBMISSION,)) == []
    league.live.launch(organiser, race.id)
    assert league.live.state(race.id, None).phase is LivePhase.PREPARING
    with pytest.raises(RaceConflictError, match="drives already"):
        league.live.launch(organiser, race.id)
    drive({ann.number: [9.0, 8.5]})
    league.advance()
    state = league.live.state(race.id, None)
    assert state.phase is LivePhase.SHOWING
    assert state.shown_from == clock.now + seconds(COUNTDOWN_S)
    assert state.shown_until == state.shown_from + seconds(30.0)
    assert league.boards.leaderboard(race.id, None) == ()
    clock.now = state.shown_until
    league.advance()
    (row,) = league.boards.leaderboard(race.id, None)
    assert (row.racer.alias, row.time_s) == ("ann", 8.5)
    state = league.live.state(race.id, None)
    assert state.phase is LivePhase.WAITING and [entry.racer.alias for entry in state.done] == ["ann"]


def test_by_itself_one_follows_the_other_in_the_order_of_the_organiser(
    league, race, organiser, entries, drive, clock
):
    ann, bob, cem = (entry.number for entry in entries)
    league.live.reorder(organiser, race.id, [cem])
    league.live.remove(organiser, race.id, bob)
    league.live.set_auto_launch(organiser, race.id, True)
    order = []
    for _step in range(12):
        league.advance()
        state = league.live.state(race.id, None)
        if state.current and state.current.racer.alias not in order:
            order.append(state.current.racer.alias)
        drive({ann: [9.0], cem: [8.0]})
        clock.now += seconds(20)
    assert order == ["cem", "ann"]
    assert [row.racer.alias for row in league.boards.leaderboard(race.id, None)] == order
    winner = entries[2].person
    league.live.declare_winner(organiser, race.id, winner)
    state = league.live.state(race.id, None)
    assert (state.phase, state.winner.id, state.entries_open) == (LivePhase.OVER, winner, False)
    with pytest.raises(RaceConflictError, match="winner has been declared"):
        league.live.launch(organiser, race.id)


def test_put_back_it_drives_anew_and_the_job_before_has_no_say(
    league, race, organiser, entries, drive, clock, database
):
    ann = entries[0].number
    league.live.launch(organiser, race.id)
    before = league.submissions.submission(ann, organiser)
    seed = league.submissions.seed(before)
    (job,) = JobStore(database).jobs(kinds=(JobKind.SUBMISSION,))
    league.live.reset(organiser, race.id, ann)
    assert not league.submissions.finish(ann, [Lap(5000)], 5.0, job.id)
    drive()
    state = league.live.state(race.id, None)
    assert [entry.racer.alias for entry in state.queue] == ["bob", "cem", "ann"]
    after = league.submissions.submission(ann, organiser)
    assert after.laps == () and league.submissions.seed(after) != seed
    league.live.launch(organiser, race.id, ann)
    drive({ann: [7.0]})
    league.advance()
    clock.now += seconds(60)
    league.advance()
    assert [row.time_s for row in league.boards.leaderboard(race.id, None)] == [7.0]
    league.live.clear(organiser, race.id)
    assert league.boards.leaderboard(race.id, None) == ()
    assert len(league.live.state(race.id, None).queue) == 3


def test_only_the_organiser_works_on_the_queue(league, race, entries, person, submit, organiser):
    mina = person("mina")
    for act in (
        lambda: league.live.launch(mina, race.id),
        lambda: league.live.set_auto_launch(mina, race.id, True),
        lambda: league.live.remove(mina, race.id, entries[0].number),
        lambda: league.live.clear(mina, race.id),
    ):
        with pytest.raises(NotYoursError):
            act()
    league.live.open_entries(organiser, race.id, False)
    with pytest.raises(ValueError, match="takes no more"):
        submit(mina, race)
