"""Takes pictures of a league, in both languages, on a desk and on a phone, for ``docs/league.md``.

It makes up racers whose models are one that was trained before, at different speeds, and lets some of them drive::

    python -m tools.league_screenshots --model FOLDER
"""

import argparse
import os
import random
import tempfile
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from openracer.league.drive import drive_race
from openracer.league.race import Race, Ranking
from openracer.league.ranking import Lap
from openracer.league.record import write_record
from openracer.models.folder import ModelFolder
from openracer.models.library import create_model
from openracer.service.accounts import AVATARS, Accounts, Person, Role
from openracer.service.database import Database
from openracer.service.identity import acting_for
from openracer.service.league import League
from openracer.service.league.races import Format, HeldRace
from openracer.service.league.submissions import entry_of
from openracer.service.league.tables import SubmissionRow
from openracer.service.processes import ProcessIdentity
from openracer.service.store import JobKind, JobState, JobStore
from tools.screenshots import LOCALES, SIZES, running_console, save, system_browser

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "league"
PASSWORD = "correct horse"
MODEL = "first-car"
RACERS = (
    ("민아", "KR"), ("Jun", "US"), ("Léa", "FR"), ("도윤", "KR"), ("Alex", "GB"), ("서연", "KR"), ("Noah", "CA"),
    ("하준", "KR"), ("Chloé", "FR"), ("지우", "KR"), ("Kenji", "JP"), ("Priya", "IN"), ("Ingrid", "NO"),
    ("현우", "KR"), ("Marta", "ES"), ("소민", "KR"),
)  # fmt: skip
DRIVING = 6
"""So many racers have models; of the others there are only results."""

Shown = dict[str, int]


@dataclass
class Club:
    """A league that is being made up."""

    database: Database
    league: League
    organiser: Person
    racers: list[Person]
    chance: random.Random

    def race(
        self, name: str, opens: float, closes: float, season: int | None = None, **rules: Any
    ) -> HeldRace:
        """A race that opens and closes so many days from now."""
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        race_format = rules.pop("race_format", Format.CLASSIC)
        is_private = rules.pop("is_private", False)
        given = Race(
            name=name, opens=now + timedelta(days=opens), closes=now + timedelta(days=closes),
            **{"track": "reinvent_base", **rules},
        )  # fmt: skip
        return self.league.races.create(self.organiser, given, race_format, is_private, season)

    def pretend(self, race: HeldRace, field: list[Person]) -> None:
        """Give racers results that nobody drove."""
        for place, racer in enumerate(field):
            for nth in range(1, self.chance.randint(2, 4)):
                base = 8_600 + 190 * place + self.chance.randint(0, 900)
                laps = [
                    Lap(base + self.chance.randint(0, 400), self.chance.choice((0, 0, 0, 1)))
                    for _lap in range(race.rules.laps)
                ]
                with self.database.session() as session:
                    row = SubmissionRow(
                        race=race.id, person=racer.id, nth=nth, key=uuid.uuid4().hex, folder=uuid.uuid4().hex,
                        model=MODEL, submitted=race.rules.opens.timestamp() + 3600 * nth, job=uuid.uuid4().hex,
                    )  # fmt: skip
                    session.add(row)
                    session.flush()
                    number, job = row.number, row.job
                self.league.submissions.finish(number, laps, 30.0, str(job))

    def drive(self, race: HeldRace, racer: Person) -> int:
        """Let a racer's model drive a race, in this process."""
        submissions, store = self.league.submissions, JobStore(self.database)
        with acting_for(racer):
            made = submissions.submit(racer, race.id, MODEL)
        (job,) = store.jobs(states=(JobState.QUEUED,), kinds=(JobKind.SUBMISSION,))
        attempt = store.begin(job) or 0
        store.claim(job.id, attempt, ProcessIdentity.current())
        drive = drive_race(entry_of(made), race.rules, submissions.seed(made))
        write_record(made.record_file, race.rules, drive)
        submissions.finish(made.number, drive.laps, drive.duration_s, job.id)
        store.end(job.id, attempt, JobState.FINISHED)
        return made.number


def fill(home: Path, model: ModelFolder) -> Shown:
    """Make a club with a season, races of all kinds, and racers; the numbers of what is photographed."""
    database = Database(home / "console")
    database.upgrade()
    accounts = Accounts(database)
    organiser = accounts.add("organiser", Role.ADMINISTRATOR, PASSWORD, "Coach")
    racers = []
    for number, (alias, country) in enumerate(RACERS):
        racer = accounts.add(f"racer-{number}", Role.RACER, PASSWORD if number == 0 else None, alias)
        racers.append(accounts.change_profile(racer.id, alias, country, AVATARS[(3 * number + 4) % 8]))
    give_models(racers[:DRIVING], model)
    club = Club(database, League.of(database), organiser, racers, random.Random(4))
    season = club.league.seasons.create(organiser, "2026", 8).id
    for name, opens, closes, rules in (
        ("September", -85, -58, {}),
        ("October", -57, -28, {"track": "Bowtie_track"}),
        ("November", -26, 4, {"track": "reInvent2019_track"}),
        ("December", 5, 30, {"track": "Bowtie_track", "reverse": True}),
    ):
        race = club.race(name, opens, closes, season, **rules)
        if opens < 0:
            club.pretend(race, club.chance.sample(racers, len(racers)))
    classic = club.race(
        "Friday cup", -1, 5, laps=3, ranking=Ranking.BEST_LAP, submissions_per_person=5,
        rules="Everybody drives on Friday afternoon; bring your best checkpoint.", prizes="A real car for a week.",
    )  # fmt: skip
    entries = [club.drive(classic, racer) for racer in racers[:DRIVING]]
    live = club.race("LIVE final", -1, 1, laps=2, ranking=Ranking.TOTAL_TIME, race_format=Format.LIVE)
    club.race(
        "Around the boxes", 2, 9, track="Bowtie_track", race_type="object_avoidance", objects={"number": 4}
    )
    private = club.race("Class 3b", -1, 9, is_private=True)
    club.league.membership.join(racers[0], club.league.membership.make_code(organiser, private.id, 7).code)
    club.pretend(club.race("Summer cup", -60, -50, reverse=True), racers[:12])
    queue = []
    for racer in racers[:DRIVING]:
        with acting_for(racer):
            queue.append(club.league.submissions.submit(racer, live.id, MODEL).number)
    database.close()
    return {
        "classic": classic.id,
        "private": private.id,
        "live": live.id,
        "entry": entries[-1],
        "racer": racers[1].id,
    }


def give_models(racers: list[Person], model: ModelFolder) -> None:
    """A copy of a trained model for each, whose actions are a little quicker or slower."""
    description = model.description()
    checkpoint = model.checkpoints.find("best")
    for number, racer in enumerate(racers):
        values = description.model_dump(mode="json")
        values |= {"name": MODEL, "action_space": quicker(values["action_space"], 0.88 + 0.04 * number)}
        with acting_for(racer):
            folder = create_model(type(description).from_values(values))
            target = folder.checkpoints.path(checkpoint)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(model.checkpoints.path(checkpoint).read_bytes())


def quicker(space: Any, times: float) -> Any:
    """An action space with all speeds times something."""
    if isinstance(space, list):
        return [{"steering_angle": each["steering_angle"], "speed": each["speed"] * times} for each in space]
    return space | {"speed": {end: speed * times for end, speed in space["speed"].items()}}


def take(browser: Browser, address: str, shown: Shown) -> None:
    """The pictures in every language and size."""
    pages = {
        "circuit": "/circuit",
        "races": "/races",
        "create_race": "/races/create",
        "race": f"/races/{shown['classic']}",
        "entry": f"/races/{shown['classic']}/entries/{shown['entry']}",
        "private": f"/races/{shown['private']}",
        "racer": f"/racers/{shown['racer']}",
        "board": f"/board/{shown['classic']}",
        "live": f"/races/{shown['live']}/live",
        "broadcast": f"/board/{shown['live']}/live",
    }
    for language, locale in LOCALES.items():
        for size, viewport in SIZES.items():
            context = browser.new_context(
                base_url=address,
                locale=locale,
                viewport=viewport,
                timezone_id="Asia/Seoul",  # type: ignore[arg-type]
            )
            context.set_default_timeout(120_000)
            page = context.new_page()
            page.goto("/sign-in")
            page.locator("input[name=name]").fill("organiser")
            page.locator("input[type=password]").fill(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(f"{address}/")
            for name, path in pages.items():
                page.goto(path)
                if name == "live":
                    launch(page)
                if name in ("live", "broadcast"):
                    page.locator(".st-fact__value", has_text="m/s").first.wait_for()
                    page.wait_for_timeout(3000)
                page.wait_for_timeout(2000)
                save(page.screenshot(), PICTURES / f"{name}.{size}.{language}.webp")
            context.close()


def launch(page: Page) -> None:
    """Let the next one drive, as soon as nobody else does."""
    while page.locator("button:has(.q-icon:text('rocket_launch')):not([disabled])").count() == 0:
        time.sleep(0.5)
    page.locator("button:has(.q-icon:text('rocket_launch')):not([disabled])").first.click()


def main() -> None:
    """Make the league, start the console, take the pictures."""
    parser = argparse.ArgumentParser(description="Take pictures of a league.")
    parser.add_argument(
        "--model", type=Path, required=True, help="folder of a model that drives on reinvent_base"
    )
    arguments = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="openracer-league-"))
    os.environ["OPENRACER_HOME"] = str(home)
    shown = fill(home, ModelFolder(arguments.model.resolve()))
    with running_console("--multi-user") as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system_browser())
        take(browser, address, shown)
        browser.close()


if __name__ == "__main__":
    main()
