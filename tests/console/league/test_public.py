"""The public pages of races: who may open them, what is on them, and what comes when something changes."""

import asyncio
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.testclient import TestClient

from openracer.api.gate import PERSON
from openracer.console.league import public
from openracer.league.race import Race
from openracer.league.ranking import Lap
from openracer.service.accounts import Accounts, Role
from openracer.service.database import Database
from openracer.service.identity import share
from openracer.service.league import League, set_current_league
from openracer.service.league.races import Format
from openracer.service.league.tables import SubmissionRow

START = datetime(2027, 3, 1, tzinfo=UTC)


class World:
    """A league with an open race, a private and a live one, and somebody of each kind."""

    def __init__(self, database):
        self.database = database
        self.now = START
        self.league = League.of(database, lambda: self.now.timestamp())
        accounts = Accounts(database)
        self.people = {
            "nobody": None,
            "stranger": accounts.add("stranger", Role.RACER),
            "member": accounts.add("member", Role.RACER),
            "another organiser": accounts.add("another", Role.ORGANISER),
            "organiser": accounts.add("organiser", Role.ORGANISER),
            "administrator": accounts.add("administrator", Role.ADMINISTRATOR),
        }
        organiser = self.people["organiser"]
        self.open = self.league.races.create(
            organiser, self.rules("Open <b>race</b>", rules="Be <i>fair</i>")
        )
        self.private = self.league.races.create(organiser, self.rules("Private"), is_private=True)
        self.live = self.league.races.create(organiser, self.rules("Live", laps=2), Format.LIVE)
        code = self.league.membership.make_code(organiser, self.private.id)
        self.league.membership.join(self.people["member"], code.code)

    def rules(self, name, **changes):
        values = {"name": name, "track": "reinvent_base", "laps": 1, "ranking": "total"}
        return Race(opens=START, closes=START + timedelta(days=7), **{**values, **changes})

    def drive(self, race, name, *times_s, job=True):
        """Somebody has driven a race, or waits in its queue."""
        with self.database.session() as session:
            row = SubmissionRow(
                race=race.id, person=self.people[name].id, nth=1, key=uuid.uuid4().hex, folder=uuid.uuid4().hex,
                model="secret model", submitted=self.now.timestamp(), job=uuid.uuid4().hex if job else None,
            )  # fmt: skip
            session.add(row)
            session.flush()
            number, job_id = row.number, row.job
        if job:
            laps = [Lap(round(1000 * time)) for time in times_s]
            self.league.submissions.finish(number, laps, sum(times_s), job_id)
        return number

    def visitor(self, name):
        """A browser of somebody."""
        app = FastAPI()
        app.include_router(public.router)

        async def signed_in(scope, receive, send):
            scope[PERSON] = self.people[name]
            await app(scope, receive, send)

        return TestClient(signed_in)


@pytest.fixture
def world(data_folder):
    database = Database(data_folder / "console")
    database.upgrade()
    world = World(database)
    set_current_league(world.league)
    share(True)
    yield world
    share(False)
    set_current_league(None)
    database.close()


EVERYBODY = {"nobody", "stranger", "member", "another organiser", "organiser", "administrator"}
OF_PRIVATE = {"member", "organiser", "administrator"}


@pytest.mark.parametrize("name", sorted(EVERYBODY))
def test_every_public_address_of_a_race_is_open_to_whom_it_is_for(world, name):
    visitor = world.visitor(name)
    member = world.people["member"].id
    for race, allowed in ((world.open, EVERYBODY), (world.private, OF_PRIVATE)):
        world.drive(race, "member", 10.0)
        for path in ("", "/board.csv", "/code.png", f"/certificates/{member}"):
            answer = visitor.get(f"/board/{race.id}{path}")
            assert answer.status_code == (200 if name in allowed else 404), (race.rules.name, path)
            if name not in allowed:
                assert race.rules.name not in answer.text
    assert visitor.get(f"/board/{world.live.id}/live").status_code == 200
    for path in ("/board/99", "/board/99/live", "/board/99/events", f"/board/{world.open.id}/live"):
        assert visitor.get(path).status_code == 404, path


def test_a_leaderboard_has_everything_and_nothing_of_it_is_markup(world):
    world.drive(world.open, "member", 10.0)
    text = world.visitor("nobody").get(f"/board/{world.open.id}").text
    for words in (
        "00:10.000",
        "member",
        "re:Invent 2018",
        "Time of one lap",
        "<svg",
        "closes <time datetime=",
    ):
        assert words in text
    assert "<b>race</b>" not in text and "Open &lt;b&gt;race" in text and "<i>fair" not in text
    assert "secret model" not in text


def in_a_loop_of_its_own(reading):
    """The result of a coroutine; the main thread may have a loop already, of the browser tests."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, reading).result()


async def next_event(response):
    """The next event of a stream as a pair of name and value."""
    name, data = (await anext(response.body_iterator)).strip().split("\n", 1)
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def request_of(person):
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [], PERSON: person})


def test_a_leaderboard_that_is_looked_at_tells_what_changes(world, monkeypatch):
    monkeypatch.setattr(public, "_LOOK_S", 0.01)

    async def follow():
        response = await public.events(request_of(None), world.open.id)
        first = await next_event(response)
        await asyncio.to_thread(world.drive, world.open, "member", 10.0)
        return first, await asyncio.wait_for(next_event(response), 60.0)

    (_kind, first), (_kind, second) = in_a_loop_of_its_own(follow())
    assert set(first) == {"board", "when"} and "Nobody has a result yet." in first["board"]
    assert set(second) == {"board"} and "00:10.000" in second["board"]


def test_a_live_race_shows_a_drive_from_one_moment_on_and_its_result_after_it(world, monkeypatch):
    monkeypatch.setattr(public, "_LOOK_S", 0.0)
    organiser, live = world.people["organiser"], world.live
    world.drive(live, "member", job=False)
    number = world.drive(live, "stranger", job=False)

    def look():
        async def read():
            response = await public.live_events(request_of(None), live.id)
            return dict([await next_event(response), await next_event(response)])

        return in_a_loop_of_its_own(read())

    seen = look()
    assert seen["drive"]["phase"] == "waiting" and seen["drive"]["drive"] is None
    assert seen["pieces"]["queue"].index("member") < seen["pieces"]["queue"].index("stranger")
    world.league.live.launch(organiser, live.id, number)
    assert look()["drive"]["phase"] == "preparing"
    with world.database.session() as session:
        job = session.get(SubmissionRow, number).job
    world.league.submissions.finish(number, [Lap(10_000), Lap(11_000)], 21.0, job)
    world.league.advance()
    seen = look()
    assert seen["drive"]["alias"] == "stranger" and seen["drive"]["from"] == 1000 * (START.timestamp() + 3.0)
    assert seen["drive"]["drive"] == f"/board/{live.id}/entries/{number}/drive?run=0"
    assert "00:21.000" not in seen["pieces"]["board"] and "stranger" in seen["pieces"]["banner"]
    world.now += timedelta(seconds=30)
    world.league.advance()
    assert "00:21.000" in look()["pieces"]["board"]
    world.league.live.declare_winner(organiser, live.id, world.people["stranger"].id)
    seen = look()
    assert seen["drive"]["phase"] == "over" and "The winner" in seen["pieces"]["banner"]
