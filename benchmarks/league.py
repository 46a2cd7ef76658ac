"""How a league holds up: a public leaderboard under load while submissions drive, and a server that is killed.

``python -m benchmarks.league [--people 200] [--names 1000] [--queued 100] [--seconds 60] [--kills 0] [--json]``

A console for many is filled with a race of so many names on its leaderboard. So many people are signed in, each with
the public leaderboard open (its server-sent events) and reloading it now and then; models are submitted at once; and
for a while the leaderboard is asked for five times a second. Then, with ``--kills``, a server of the queue and the
API is killed so often, half of the times with the drives that it has begun, while racers submit. In the end every
submission that was taken must have driven and count once.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.circling import CIRCLE, circling_model, drawn_circle
from benchmarks.machine import describe_machine
from openracer import locations
from openracer.league.race import Race
from openracer.league.ranking import Lap
from openracer.league.record import read_record, verify
from openracer.service.account_tables import PersonRow
from openracer.service.accounts import Accounts, Person, Role
from openracer.service.database import Database
from openracer.service.identity import acting_for
from openracer.service.league import League
from openracer.service.league.races import HeldRace
from openracer.service.league.submissions import SubmissionState
from openracer.service.league.tables import RaceRow, SubmissionRow
from openracer.service.sessions import Sessions
from openracer.service.store import JobKind, JobState, JobStore

_ASKED_A_SECOND = 5.0
_RELOAD_S = 20.0
_LONGEST_LIFE_S = 4.0

_SERVER = """
import sys
import uvicorn
from fastapi import FastAPI
from openracer import service
from openracer.api.app import create_api
from openracer.api.gate import Gate
from openracer.api.security import Access, AccessMiddleware
from openracer.service.identity import share
from openracer.service.jobs import JobQueue
from openracer.service.league import League, set_current_league
from openracer.service.people import People

queue = JobQueue()
service.set_current_queue(queue)
set_current_league(League.of(queue.database))
people = People.of(queue.database)
share(True)
queue.start()
app = FastAPI()
app.mount("/api", create_api())
app.add_middleware(AccessMiddleware, access=Access("", "127.0.0.1", int(sys.argv[1]), (), Gate(people.sessions)))
uvicorn.run(app, port=int(sys.argv[1]), log_level="error")
"""


def new_league() -> tuple[Database, League, Person]:
    """An empty league in the data folder, with an organiser who has drawn a circle."""
    database = Database(locations.console_folder())
    database.upgrade()
    accounts = Accounts(database)
    accounts.add("Administrator", Role.ADMINISTRATOR, "correct horse battery")
    organiser = accounts.add("Organiser", Role.ORGANISER)
    with acting_for(organiser):
        drawn_circle()
    return database, League.of(database), organiser


def new_race(league: League, organiser: Person, name: str) -> HeldRace:
    """A race on the circle that is open."""
    now = datetime.now(UTC)
    rules = Race(
        name=name,
        track=CIRCLE,
        laps=1,
        ranking="best",
        opens=now - timedelta(days=1),
        closes=now + timedelta(days=1),
    )
    with acting_for(organiser):
        return league.races.create(organiser, rules)


def fill_leaderboard(database: Database, race: HeldRace, names: int) -> None:
    """Put so many names with results on a leaderboard."""
    dice, now = random.Random(0), time.time()
    people = [
        PersonRow(
            name=f"name {n}",
            alias=f"Name {n}",
            role="racer",
            country="KR",
            avatar="red",
            password=None,
            created=now,
        )
        for n in range(names)
    ]
    with database.session() as session:
        session.add_all(people)
        session.flush()
        for row in people:
            lap = Lap(dice.randrange(8_000, 20_000), dice.randrange(3))
            session.add(
                SubmissionRow(
                    race=race.id,
                    person=row.id,
                    nth=1,
                    key="first",
                    folder="none",
                    model="car",
                    submitted=now,
                    runs=0,
                    position=0,
                    reason="",
                    ended=now,
                    laps=[[lap.time_ms, lap.resets]],
                    total_ms=lap.time_ms,
                    duration_s=20.0,
                )
            )
        session.get_one(RaceRow, race.id).version += 1


def racers_with_models(database: Database, count: int) -> list[Person]:
    """So many people, each with a model that can drive; the later, the faster."""
    accounts = Accounts(database)
    people = [accounts.add(f"racer {number}") for number in range(count)]
    for number, person in enumerate(people):
        with acting_for(person):
            circling_model("car", 0.8 + 0.8 * number / count)
    return people


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def console(url: str) -> Iterator[None]:
    """A console for many."""
    command = "from openracer.cli.main import main; main()"
    port = url.rpartition(":")[2]
    words = ["console", "--multi-user", "--no-browser", "--port", port]
    process = subprocess.Popen([sys.executable, "-c", command, *words], stdout=subprocess.DEVNULL)
    try:
        wait_until_it_answers(f"{url}/sign-in", process)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def wait_until_it_answers(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait for a server's first answer."""
    while True:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(url, timeout=60.0)
            return
        if process.poll() is not None:
            raise RuntimeError("the server has ended")
        time.sleep(0.05)


async def load(url: str, race: int, cookies: list[str], seconds: float) -> dict[str, Any]:
    """Ask for the public leaderboard while people have it open; seconds that each answer took."""
    end, times, reloads, pieces = time.monotonic() + seconds, list[float](), list[float](), [0]
    limits = httpx.Limits(max_connections=None)

    async def watch(client: httpx.AsyncClient) -> None:
        with contextlib.suppress(httpx.HTTPError, TimeoutError):
            async with (
                asyncio.timeout(end - time.monotonic()),
                client.stream("GET", f"/board/{race}/events", timeout=None) as answer,
            ):
                async for _line in answer.aiter_lines():
                    pieces[0] += 1

    async def reload(client: httpx.AsyncClient, number: int) -> None:
        chance = random.Random(number)
        while True:
            await asyncio.sleep(chance.uniform(0.5, 1.5) * _RELOAD_S)
            if time.monotonic() > end:
                return
            began = time.perf_counter()
            (await client.get(f"/board/{race}")).raise_for_status()
            reloads.append(time.perf_counter() - began)

    async def spectate(client: httpx.AsyncClient) -> None:
        began = time.perf_counter()
        (await client.get(f"/board/{race}")).raise_for_status()
        times.append(time.perf_counter() - began)

    async with contextlib.AsyncExitStack() as stack:

        def client(cookie: str | None) -> httpx.AsyncClient:
            held = {} if cookie is None else {"openracer_session": cookie}
            return httpx.AsyncClient(base_url=url, cookies=held, limits=limits, timeout=60.0)

        signed_in = [await stack.enter_async_context(client(cookie)) for cookie in cookies]
        public = await stack.enter_async_context(client(None))
        tasks = [asyncio.create_task(watch(one)) for one in signed_in]
        tasks += [asyncio.create_task(reload(one, number)) for number, one in enumerate(signed_in)]
        while time.monotonic() < end:
            tasks.append(asyncio.create_task(spectate(public)))
            await asyncio.sleep(1.0 / _ASKED_A_SECOND)
        await asyncio.gather(*tasks)
    return {
        "asked": len(times),
        "median_s": percentile(times, 0.5),
        "p95_s": percentile(times, 0.95),
        "longest_s": max(times),
        "reloads": len(reloads),
        "reloads_p95_s": percentile(reloads, 0.95) if reloads else None,
        "pieces_sent": pieces[0],
    }


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measure_load(people: int, names: int, queued: int, seconds: float) -> dict[str, Any]:
    """The leaderboard under load while submissions drive."""
    database, league, organiser = new_league()
    race = new_race(league, organiser, "crowded")
    fill_leaderboard(database, race, names)
    racers = racers_with_models(database, queued)
    others = [Accounts(database).add(f"other {number}") for number in range(people - queued)]
    sessions = Sessions(database)
    cookies = [sessions.begin(person) for person in (racers + others)[:people]]
    tokens = [sessions.make_token(person, "benchmark") for person in racers]
    url = f"http://127.0.0.1:{free_port()}"
    taken: list[float] = []
    with console(url):
        with httpx.Client(base_url=url, timeout=60.0) as client:
            for token in tokens:
                began = time.perf_counter()
                client.post(
                    f"/api/races/{race.id}/submissions",
                    json={"model": "car"},
                    headers={"Authorization": f"Bearer {token}"},
                ).raise_for_status()
                taken.append(time.perf_counter() - began)
        result = asyncio.run(load(url, race.id, cookies, seconds))
    made = league.submissions.submissions(race.id)[:queued]
    states = [entry.state for entry in made]
    for job in JobStore(database).jobs(states=(JobState.QUEUED,), kinds=(JobKind.SUBMISSION,)):
        JobStore(database).take_from_queue(job.id)
    return {
        **result,
        "people": people,
        "names": names,
        "queued": queued,
        "taken_p95_s": percentile(taken, 0.95),
        "driven_meanwhile": states.count(SubmissionState.FINISHED),
        "failed": states.count(SubmissionState.FAILED),
    }


class Racers:
    """Submit again and again, each submission with a key, until the server has said that it is taken."""

    def __init__(self, url: str, race: int, tokens: list[str]):
        self._url, self._race, self._tokens = url, race, tokens
        self.taken: dict[int, set[int]] = {}
        self._next = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Let the last one be taken, and end."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            number, self._next = self._next, self._next + 1
            self.taken[number] = {self._submit(number) for _twice in range(2)}
            self._closing.wait(random.Random(number).uniform(0.0, 4.0))

    def _submit(self, number: int) -> int:
        headers = {"Authorization": f"Bearer {self._tokens[number % len(self._tokens)]}"}
        body = {"model": "car", "key": str(number)}
        while True:
            with contextlib.suppress(httpx.HTTPError):
                answer = httpx.post(
                    f"{self._url}/api/races/{self._race}/submissions",
                    json=body,
                    headers=headers,
                    timeout=30.0,
                )
                if answer.status_code == 202:
                    return int(answer.json()["number"])
            time.sleep(0.1)


def kill_servers(kills: int, seed: int) -> dict[str, Any]:
    """Kill a server so often while racers submit; what came of their submissions."""
    database, league, organiser = new_league()
    race = new_race(league, organiser, "deadly")
    people = racers_with_models(database, 10)
    tokens = [Sessions(database).make_token(person, "benchmark") for person in people]
    url, dice = f"http://127.0.0.1:{free_port()}", random.Random(seed)
    racers = Racers(url, race.id, tokens)
    store = JobStore(database)
    killed_drives = 0
    for number in range(kills + 1):
        process = subprocess.Popen([sys.executable, "-c", _SERVER, url.rpartition(":")[2]])
        wait_until_it_answers(f"{url}/api/races", process)
        if number == 0:
            racers.start()
        if number == kills:
            racers.close()
            break
        time.sleep(dice.uniform(0.0, _LONGEST_LIFE_S))
        doomed = [process.pid]
        if number % 2:
            drives = _drives(store)
            killed_drives += bool(drives)
            doomed += drives
        for pid in doomed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
    while any(
        entry.state in (SubmissionState.WAITING, SubmissionState.DRIVING)
        for entry in league.submissions.submissions(race.id)
    ):
        time.sleep(0.5)
    process.terminate()
    process.wait()
    made = league.submissions.submissions(race.id)
    finished = [entry for entry in made if entry.state is SubmissionState.FINISHED]
    rows = league.boards.leaderboard(race.id, None)
    numbers = [number for given in racers.taken.values() for number in given]
    return {
        "kills": kills,
        "kills_with_drives": killed_drives,
        "taken": len(racers.taken),
        "lost": len(set(numbers) - {entry.number for entry in made}),
        "failed": [entry.reason for entry in made if entry.state is SubmissionState.FAILED],
        "counted_twice": len(made) - len(racers.taken) + len(numbers) - len(racers.taken),
        "on_leaderboard": sum(row.submissions for row in rows),
        "records_that_hold": sum(verify(read_record(entry.record_file)).holds for entry in finished),
    }


def _drives(store: JobStore) -> list[int]:
    """Numbers of the processes that watch over drives, and of the drives."""
    found: list[int] = []
    for job in store.jobs(states=(JobState.RUNNING,), kinds=(JobKind.SUBMISSION,)):
        if job.process is not None and job.process.is_alive():
            with contextlib.suppress(psutil.NoSuchProcess):
                watch = psutil.Process(job.process.pid)
                found += [child.pid for child in watch.children(recursive=True)] + [watch.pid]
    return found


def main() -> None:
    """Measure, kill and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=200, help="signed in, with the leaderboard open")
    parser.add_argument("--names", type=int, default=1000, help="on the leaderboard")
    parser.add_argument("--queued", type=int, default=100, help="submissions that wait")
    parser.add_argument("--seconds", type=float, default=60.0, help="of load; 0 for none")
    parser.add_argument("--kills", type=int, default=0, help="of the server")
    parser.add_argument("--seed", type=int, default=0, help="of the moments of the kills")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
    arguments = parser.parse_args()
    report: dict[str, Any] = {"machine": describe_machine()}
    if arguments.seconds > 0.0:
        with _home():
            report["load"] = measure_load(
                arguments.people, arguments.names, arguments.queued, arguments.seconds
            )
    if arguments.kills:
        with _home():
            report["kills"] = kill_servers(arguments.kills, arguments.seed)
    if arguments.json:
        print(json.dumps(report))
    else:
        for part in ("load", "kills"):
            for name, value in report.get(part, {}).items():
                shown = f"{1000.0 * value:.0f} ms" if name.endswith("_s") and value is not None else value
                print(f"{name.removesuffix('_s'):20} {shown}")
    told = report.get("kills")
    sys.exit(
        told is not None
        and (
            bool(told["lost"] or told["failed"] or told["counted_twice"])
            or told["on_leaderboard"] != told["taken"]
        )
    )


@contextmanager
def _home() -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="openracer-league-") as home:
        os.environ["OPENRACER_HOME"] = str(Path(home))
        yield


if __name__ == "__main__":
    main()
