"""Takes pictures of the console as a class uses it, in both languages, on a desk and on a phone, for ``docs/class.md``.

It makes up a class whose models are copies of some that were trained before::

    python -m tools.class_screenshots --models FOLDER
"""

import argparse
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from openracer.service.account_tables import UsageRow
from openracer.service.accounts import Role
from openracer.service.database import Database, JobRow
from openracer.service.identity import home_of
from openracer.service.jobs import JobKind, JobState
from openracer.service.people import People
from tools.screenshots import LOCALES, SIZES, Shot, running_console, save, system_browser

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "class"
PASSWORD = "correct horse"
TEACHER = "teacher"
SHOTS = (
    Shot("class", "/class"),
    Shot("people", "/people"),
    Shot("usage", "/usage"),
    Shot("account", "/account"),
)


@dataclass(frozen=True)
class Pupil:
    """One of the class: hours used, the models that are copied, how the last job ended (none: nothing was tried)."""

    name: str
    alias: str
    hours: float = 0.0
    models: tuple[str, ...] = ()
    ended: JobState | None = None
    reason: str = ""


CLASS = (
    Pupil("kim minji", "번개", 2.4, ("first-car", "bowtie-racer"), JobState.FINISHED),
    Pupil("lee jun", "Jun", 1.1, ("first-car",), JobState.STOPPED),
    Pupil("park seo-yeon", "Seo-yeon", 0.1, (), JobState.STOPPED),
    Pupil("choi ha-eun", "하은", 0.2, (), JobState.FAILED, "line 4: reward_function: KeyError: 'distance_from_centre'"),
    Pupil("jung do-yun", "Do-yun"),
)  # fmt: skip


def fill(home: Path, models: Path) -> None:
    """The class after its first lesson."""
    database = Database(home / "console")
    database.upgrade()
    accounts = People.of(database).accounts
    teacher = accounts.add(TEACHER, Role.ADMINISTRATOR, PASSWORD, "Ms Han")
    hours = {teacher.id: 0.6}
    copies: dict[int, tuple[str, ...]] = {teacher.id: ("first-car",)}
    rows: list[JobRow | UsageRow] = []
    now = time.time()
    for number, pupil in enumerate(CLASS):
        person = accounts.add(pupil.name, Role.RACER, PASSWORD, pupil.alias)
        hours[person.id], copies[person.id] = pupil.hours, pupil.models
        if pupil.ended is not None:
            began = now - 3600 * (1 + pupil.hours) - 240 * number
            rows.append(
                JobRow(
                    id=f"lesson-{number}", kind=JobKind.TRAINING, person=person.id, model="first-car",
                    state=pupil.ended, created=began, started=began, ended=now - 300 * number,
                    reason=pupil.reason,
                )
            )  # fmt: skip
    for person_id, names in copies.items():
        for name in names:
            shutil.copytree(models / name, home_of(person_id) / "models" / name)
    rows += [
        UsageRow(person=person_id, kind=JobKind.TRAINING, ended=now, seconds=3600 * used)
        for person_id, used in hours.items()
    ]
    with database.session() as session:
        session.add_all(rows)
    database.close()


def take(browser: Browser, address: str) -> None:
    """The pictures in every language and size."""
    for language, locale in LOCALES.items():
        for size, viewport in SIZES.items():
            context = browser.new_context(base_url=address, locale=locale, viewport=viewport)  # type: ignore[arg-type]
            page = context.new_page()
            page.goto("/sign-in")
            _photograph(page, f"door.{size}.{language}.webp")
            page.locator("input[name=name]").fill(TEACHER)
            page.locator("input[type=password]").fill(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(f"{address}/")
            for shot in SHOTS:
                page.goto(shot.path)
                page.locator(shot.awaited[0]).first.wait_for()
                _photograph(page, f"{shot.name}.{size}.{language}.webp")
            context.close()


def _photograph(page: Page, name: str) -> None:
    page.wait_for_timeout(1500)
    save(page.screenshot(), PICTURES / name)


def main() -> None:
    """Make the class, start the console, take the pictures."""
    parser = argparse.ArgumentParser(description="Take pictures of the console as a class uses it.")
    parser.add_argument(
        "--models", type=Path, required=True, help="the folder of the models first-car and bowtie-racer"
    )
    arguments = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="openracer-class-"))
    os.environ["OPENRACER_HOME"] = str(home)
    fill(home, arguments.models)
    with running_console("--multi-user") as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system_browser())
        take(browser, address)
        browser.close()


if __name__ == "__main__":
    main()
