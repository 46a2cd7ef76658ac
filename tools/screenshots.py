"""Takes pictures of every page of the console, in both languages, on a desk and on a phone, for ``docs/console.md``.

It starts a console with a data folder of its own, trains and evaluates models in it, and photographs the pages::

    python -m tools.screenshots
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from openracer.models.description import TrainingDescription
from openracer.models.library import create_model, delete_model, list_models

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "console"
COMMAND = [sys.executable, "-c", "from openracer.cli.main import main; main()"]
LOCALES = {"en": "en-US", "ko": "ko-KR"}
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
QUALITY = 82


@dataclass(frozen=True)
class Shot:
    """A picture: its name, the page's address, what must be there before, and how long the page settles, ms.

    The first that must be there is brought into view. Before that, what ``clicked`` finds is clicked. Without an
    address it is the page of the picture before.
    """

    name: str
    path: str
    awaited: tuple[str, ...] = ("main h1, main h2",)
    settles_ms: int = 1200
    clicked: str = ""


LOOK = ("img.st-camera[src]", ".st-choices li")
"""What a car sees and would do; asked for once its canvas is drawn."""


def _step(number: int) -> str:
    return f".cw-step:nth-child({number}) button"


SHOTS = (
    Shot("home", "/"),
    Shot("get_started", "/get-started"),
    Shot("models", "/models", (".or-models__name",)),
    Shot("compare", "/models/compare?names=first-car,bowtie-racer"),
    Shot("create", "/models/create"),
    Shot("create_learning", "", (".cw-step:nth-child(2).is-now",), 1500, _step(2)),
    Shot("create_actions", "", (".cw-step:nth-child(3).is-now",), 1500, _step(3)),
    Shot("create_vehicle", "", (".cw-step:nth-child(4).is-now",), 1500, _step(4)),
    Shot("create_reward", "", (".cw-step:nth-child(5).is-now", ".rm-high:not(:empty)"), 1500, _step(5)),
    Shot("create_review", "", (".cw-step:nth-child(6).is-now",), 1500, _step(6)),
    Shot("training", "/models/long-run", ("canvas.st-canvas[data-step]", *LOOK), 2500),
    Shot("evaluation", "/models/first-car?tab=evaluation", ("canvas.st-line", *LOOK), 3500),
    Shot(
        "analysis",
        "/models/bowtie-racer?tab=analysis",
        ("main h1", ".or-analysis__figure .scatterlayer .trace path"),
        4000,
    ),
    Shot("garage", "/garage"),
    Shot("tracks", "/tracks"),
    Shot("track", "/tracks/Bowtie_track", settles_ms=2500),
    Shot("new_track", "/tracks/new"),
    Shot("drive", "/drive", settles_ms=2500),
    Shot("resources", "/resources"),
    Shot("reward_parameters", "/resources/reward_parameters"),
    Shot("settings", "/settings"),
)
WITH_TRAINING = ("home", "models", "training")
"""Pictures while a model trains."""


def openracer(*arguments: str) -> None:
    """Run the command line."""
    subprocess.run([*COMMAND, *arguments], check=True, stdout=subprocess.DEVNULL)


def fill(home: Path) -> None:
    """Models and vehicles that make the pages look as they do in use."""
    openracer("train", "--name", "first-car", "--until", "clean-laps", "--minutes", "3")
    openracer("evaluate", "first-car", "--trials", "3")
    openracer(
        "train", "--name", "bowtie-racer", "--preset", "race", "--track", "Bowtie_track", "--minutes", "1.5"
    )
    openracer("evaluate", "bowtie-racer", "--trials", "3", "--track", "reinvent_base")
    garage = home / "garage"
    garage.mkdir()
    (garage / "Night rider.yaml").write_text(
        "colour: Purple\nneural_network: DEEP_CONVOLUTIONAL_NETWORK_SHALLOW\n"
    )
    (garage / "번개 1호.yaml").write_text("colour: Yellow\ngeneration: v4\n")


def make_long_run() -> None:
    """The model that trains while the pictures are taken."""
    if any(folder.name == "long-run" for folder in list_models()):
        delete_model("long-run")
    create_model(
        TrainingDescription.from_values(
            {
                "name": "long-run",
                "description": "The fastest car of the house",
                "preset": "race",
                "track": "reInvent2019_track",
                "stop": {"minutes": 60.0, "iterations": None, "until": None},
            }
        )
    )


def answers(address: str) -> bool:
    """Whether a console answers at an address."""
    try:
        urllib.request.urlopen(address + "/settings", timeout=5.0).close()
    except OSError:
        return False
    return True


@contextmanager
def running_console(*options: str) -> Iterator[str]:
    """A console on a free port that answers; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([*COMMAND, "console", "--no-browser", "--port", str(port), *options])
    address = f"http://127.0.0.1:{port}"
    try:
        while not answers(address):
            if process.poll() is not None:
                raise SystemExit("the console did not start")
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait()


def start_long_run(page: Page) -> None:
    """Have a training under way while the pictures are taken."""
    page.goto("/models/long-run")
    page.get_by_role("button", name="Start training").click()
    page.locator("canvas.st-canvas[data-step]").wait_for(timeout=120_000)


def stop_long_run(page: Page) -> None:
    """End it; it would go on without the console."""
    page.goto("/models/long-run")
    page.get_by_role("button", name="Stop training").click()
    page.get_by_role("button", name="Train further").wait_for(timeout=120_000)


def take(browser: Browser, address: str, shots: list[Shot]) -> None:
    """The pictures in every language and size."""
    for language, locale in LOCALES.items():
        for size, viewport in SIZES.items():
            context = browser.new_context(base_url=address, locale=locale, viewport=viewport)  # type: ignore[arg-type]
            context.set_default_timeout(120_000)
            page = context.new_page()
            for shot in shots:
                if shot.path:
                    page.goto(shot.path)
                if shot.clicked:
                    page.locator(shot.clicked).click()
                # Canvases draw only while they are in view.
                for awaited in (*shot.awaited, shot.awaited[0]):
                    # Without Playwright's wait for a place that stays: around a live view things move.
                    page.locator(awaited.partition("[")[0]).first.evaluate(
                        "it => it.scrollIntoView({block: 'center'})"
                    )
                    page.locator(awaited).first.wait_for()
                page.wait_for_timeout(shot.settles_ms)
                save(page.screenshot(), PICTURES / f"{shot.name}.{size}.{language}.webp")
            context.close()


def system_browser() -> str | None:
    """Where the system's Chromium is; None leaves it to Playwright."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def save(png: bytes, path: Path) -> None:
    """Keep a picture small."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(BytesIO(png)).convert("RGB").save(path, quality=QUALITY, method=6)


def main() -> None:
    """Make the data, start the console, take the pictures."""
    parser = argparse.ArgumentParser(description="Take pictures of every page of the console.")
    parser.add_argument("--home", type=Path, help="a data folder that has been filled before")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=[shot.name for shot in SHOTS],
        help="not all pages; the later steps of the wizard need create before them",
    )
    arguments = parser.parse_args()
    home = arguments.home or Path(tempfile.mkdtemp(prefix="openracer-pictures-"))
    shots = [shot for shot in SHOTS if arguments.only is None or shot.name in arguments.only]
    os.environ["OPENRACER_HOME"] = str(home)
    if arguments.home is None:
        fill(home)
    is_training_shown = any(shot.name in WITH_TRAINING for shot in shots)
    if is_training_shown:
        make_long_run()
    with running_console() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system_browser())
        page = browser.new_context(base_url=address, locale="en-US").new_page()
        if is_training_shown:
            start_long_run(page)
        try:
            take(browser, address, shots)
        finally:
            if is_training_shown:
                stop_long_run(page)
            browser.close()


if __name__ == "__main__":
    main()
