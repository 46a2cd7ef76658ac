"""A real console in a process of its own, and a real browser that looks at it, in English and in Korean."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect, sync_playwright

from openracer.service.accounts import Accounts, Role
from openracer.service.confinement.layers import NEEDED, available
from openracer.service.database import Database
from tests.openid_provider import CLIENT, SECRET, School
from tests.processes import DEADLINE_S, kill_processes_in

REPOSITORY = Path(__file__).resolve().parent.parent.parent
STEP_TIMEOUT_MS = 90_000
"""Only what is broken takes so long; a machine that is busy with other things is slow."""
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PASSWORD = "correct horse"
LOCALES = {"en": "en-US", "ko": "ko-KR"}

_COMMAND = "from openracer.cli.main import main; main()"

WatchContext = Callable[[BrowserContext], None]


@dataclass(frozen=True)
class RunningConsole:
    """A console that answers at an address and keeps its data in a folder of its own."""

    url: str
    home: Path
    process: subprocess.Popen[bytes]
    output: Path


def start_console(
    home: Path, port: int | None = None, options: Sequence[str] = (), first_page: str = "/settings"
) -> RunningConsole:
    """Start a console and wait until it answers."""
    port = port or _free_port()
    home.mkdir(parents=True, exist_ok=True)
    output = home / "console-output.txt"
    environment = {**os.environ, "OPENRACER_HOME": str(home), "LC_ALL": "C.UTF-8"}
    # NiceGUI looks for these and then behaves as in its own tests.
    for name in ("PYTEST_CURRENT_TEST", "PYTEST_VERSION"):
        environment.pop(name, None)
    with output.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, "console", "--no-browser", "--port", str(port), *options],
            cwd=REPOSITORY,
            env=environment | {"PYTHONPATH": str(REPOSITORY)},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    console = RunningConsole(f"http://127.0.0.1:{port}", home, process, output)
    deadline = time.monotonic() + DEADLINE_S
    while True:
        try:
            with urllib.request.urlopen(console.url + first_page, timeout=5.0):
                return console
        except (urllib.error.URLError, OSError):
            if process.poll() is not None or time.monotonic() > deadline:
                stop_console(console)
                raise AssertionError(
                    f"the console did not start:\n{output.read_text(errors='replace')}"
                ) from None
            time.sleep(0.05)


def stop_console(console: RunningConsole) -> None:
    """End a console; one that does not end when asked to is killed."""
    console.process.terminate()
    try:
        console.process.wait(10.0)
    except subprocess.TimeoutExpired:
        console.process.kill()
        console.process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_jobs(console: RunningConsole) -> None:
    """End every job of a console at once, and wait until the console has taken note."""
    token = (console.home / "console" / "token").read_text()
    with httpx.Client(base_url=f"{console.url}/api", headers={"Authorization": f"Bearer {token}"}) as api:
        api.timeout = httpx.Timeout(DEADLINE_S)
        deadline = time.monotonic() + DEADLINE_S
        while jobs := [
            f"{kind}/{job['id']}"
            for kind in ("trainings", "evaluations")
            for job in api.get(f"/{kind}?active=true").raise_for_status().json()
        ]:
            assert time.monotonic() < deadline, f"still there: {jobs}"
            for job in jobs:  # or the console begins it again
                api.post(f"/{job}/stop").raise_for_status()
            kill_processes_in(console.home)
            time.sleep(0.1)


@pytest.fixture(scope="session")
def running_console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningConsole]:
    """One console for all browser tests; each works with models of its own."""
    running = start_console(tmp_path_factory.mktemp("console") / "home")
    yield running
    stop_console(running)


@pytest.fixture
def console(running_console: RunningConsole) -> Iterator[RunningConsole]:
    """The console of all browser tests; no test, passed or failed, leaves a job to the next."""
    yield running_console
    end_jobs(running_console)


@pytest.fixture
def console_home(console: RunningConsole, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Makes the console's data folder that of this process too, to put models there and look at what came of them."""
    monkeypatch.setenv("OPENRACER_HOME", str(console.home))
    return console.home


@pytest.fixture(scope="session")
def school() -> Iterator[School]:
    """A school with accounts of its own, with which people sign in at the shared console."""
    school = School()
    yield school
    school.close()


@pytest.fixture(scope="session")
def shared_console(tmp_path_factory: pytest.TempPathFactory, school: School) -> Iterator[RunningConsole]:
    """A console into which people sign in, those of a school, too: a teacher, an organiser and a racer."""
    if not set(NEEDED) <= set(available()):
        pytest.skip("NO TEST OF SIGNING IN RUNS: this system cannot confine")
    home = tmp_path_factory.mktemp("shared") / "home"
    database = Database(home / "console")
    database.upgrade()
    accounts = Accounts(database)
    accounts.add("Teacher", Role.ADMINISTRATOR, PASSWORD)
    accounts.add("Jun", Role.ORGANISER, PASSWORD)
    accounts.add("Mina", Role.RACER, PASSWORD)
    database.close()
    settings = home / "school.yaml"
    settings.write_text(
        f"name: Hill School\nissuer: {school.issuer}\nclient_id: {CLIENT}\nclient_secret_file: secret\n"
        "domains: [hill.example]\n"
    )
    (home / "secret").write_text(SECRET)
    options = ["--multi-user", "--openid", str(settings)]
    console = start_console(home, options=options, first_page="/sign-in")
    yield console
    stop_console(console)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium: the system's, else Playwright's own."""
    system = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=system)
        except Error as error:
            pytest.skip(f"NO BROWSER TEST RUNS: there is no Chromium; `make browser` installs one ({error})")
        expect.set_options(timeout=STEP_TIMEOUT_MS)
        yield chromium
        chromium.close()


@pytest.fixture
def watch_for_errors() -> Iterator[WatchContext]:
    """Makes a test fail if any page of a browser context logs an error, throws one or gets an answer of 500."""
    found: list[str] = []

    def logged(message: ConsoleMessage) -> None:
        if message.type == "error":
            found.append(f"{message.text} at {message.location.get('url')}")

    def watch(context: BrowserContext) -> None:
        context.on("console", logged)
        context.on("weberror", lambda error: found.append(str(error.error)))
        context.on(
            "response",
            lambda answer: found.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None,
        )

    yield watch
    assert found == []


@pytest.fixture(params=sorted(LOCALES))
def language(request: pytest.FixtureRequest) -> str:
    """The language of the browser; every test that looks at ``page`` runs once in each."""
    return str(request.param)


@pytest.fixture
def page(
    browser: Browser, console: RunningConsole, language: str, watch_for_errors: WatchContext
) -> Iterator[Page]:
    """A tab on the console at desktop size; ``page.goto("/models")`` goes to a page of it."""
    yield from _tab(browser, console, language, watch_for_errors, DESKTOP)


@pytest.fixture
def phone_page(
    browser: Browser, console: RunningConsole, language: str, watch_for_errors: WatchContext
) -> Iterator[Page]:
    """The same at the size of a phone."""
    yield from _tab(browser, console, language, watch_for_errors, PHONE)


def _tab(
    browser: Browser, console: RunningConsole, language: str, watch: WatchContext, size: dict[str, int]
) -> Iterator[Page]:
    context = browser.new_context(
        base_url=console.url,
        locale=LOCALES[language],
        viewport=size,
        accept_downloads=True,  # type: ignore[arg-type]
    )
    watch(context)
    context.set_default_timeout(STEP_TIMEOUT_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def words(language: str) -> Callable[[str], str]:
    """Translates a message of the console into the browser's language."""
    from openracer import language as languages

    def translate(message: str) -> str:
        return languages._catalogue(language).gettext(message)

    return translate
