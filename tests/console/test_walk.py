"""The whole way of a model, as a user walks it: made, watched, stopped, evaluated, replayed, cloned, deleted."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from openracer.models.library import list_models

Words = Callable[[str], str]
# A first training on a machine compiles its kernels, which takes a minute or two on two busy cores.
STARTS_MS = 240_000
ENDS_MS = 120_000


def test_a_model_from_its_making_to_its_end(
    page: Page, words: Words, language: str, console_home: Path, tmp_path: Path
) -> None:
    name = f"walk-{language}"
    make_it(page, words, name)
    watch_it_drive(page)
    see_it_at_home(page, name)
    stop_it(page, words)
    evaluate_it(page, words)
    replay_it(page, words)
    download_its_logs(page, words, name, tmp_path)
    clone = clone_it(page, words, name)
    for doomed in (clone, name):
        delete_it(page, words, doomed)
        assert doomed not in [folder.name for folder in list_models()]


def test_the_lesson_ends_in_a_first_car_that_drives(page: Page, words: Words, console_home: Path) -> None:
    page.goto("/get-started")
    page.get_by_role("button", name=words("Train your first car")).click()
    page.wait_for_url(re.compile(r"/models/first-car[^/]*$"))
    expect(page.locator("canvas.st-canvas")).to_have_attribute(
        "data-step", re.compile(r"\d+"), timeout=STARTS_MS
    )
    stop_it(page, words)


def make_it(page: Page, words: Words, name: str) -> None:
    page.goto("/models/create")
    page.get_by_label(words("Model name")).fill(name)
    for step in range(1, 6):
        expect(page.locator(f".cw-step:nth-child({step})")).to_have_class(re.compile("is-now"))
        page.get_by_role("button", name=words("Next"), exact=True).click()
    page.get_by_role("button", name=words("Create and train")).click()
    page.wait_for_url(f"**/models/{name}*")


def watch_it_drive(page: Page) -> None:
    canvas = page.locator("canvas.st-canvas")
    canvas.scroll_into_view_if_needed()
    expect(canvas).to_have_attribute("data-step", re.compile(r"\d+"), timeout=STARTS_MS)
    # Cars rest while the network learns, so the picture has all the time it needs until it is another one.
    before = canvas.evaluate("canvas => [Number(canvas.dataset.step), canvas.toDataURL()]")
    page.wait_for_function(
        """([step, picture]) => {
            const canvas = document.querySelector("canvas.st-canvas");
            return Number(canvas.dataset.step) > step + 5 && canvas.toDataURL() !== picture;
        }""",
        arg=before,
        polling=200,
        timeout=STARTS_MS,
    )
    page.locator("canvas.rg-canvas").scroll_into_view_if_needed()
    expect(page.locator("canvas.rg-canvas")).to_have_attribute(
        "data-points", re.compile("[1-9]"), timeout=STARTS_MS
    )


def see_it_at_home(page: Page, name: str) -> None:
    home = page.context.new_page()
    home.goto("/")
    card = home.locator(".or-running").filter(has_text=name)
    expect(card).to_contain_text(re.compile("[1-9]"))
    expect(card.locator(".or-bar:not(.is-waiting)")).to_be_visible(timeout=STARTS_MS)
    home.close()


def stop_it(page: Page, words: Words) -> None:
    page.get_by_role("button", name=words("Stop training")).click()
    expect(page.get_by_role("button", name=words("Train further"))).to_be_visible(timeout=ENDS_MS)


def evaluate_it(page: Page, words: Words) -> None:
    page.get_by_role("tab", name=words("Evaluation")).click()
    page.get_by_label(words("Trials")).fill("0")
    page.get_by_role("button", name=words("Start evaluation")).click()
    expect(
        page.get_by_text(words("Give a whole number from {low} to {high}.").format(low=1, high=100))
    ).to_be_visible()
    page.get_by_label(words("Trials")).fill("3")
    page.get_by_role("button", name=words("Start evaluation")).click()
    result = page.locator(".or-card").filter(has=page.get_by_role("heading", name=words("Result")))
    expect(result.get_by_role("row").nth(3)).to_be_visible(timeout=STARTS_MS)
    expect(result.get_by_role("row").nth(1)).to_contain_text(re.compile(r"\d\d:\d\d\.\d\d\d"))


def replay_it(page: Page, words: Words) -> None:
    clock = page.locator(".st-clock")
    # Canvases draw only while they are in view.
    page.get_by_role("slider", name=words("Time line")).scroll_into_view_if_needed()
    expect(clock).to_have_text(re.compile(r"\d:\d\d\.\d\d / "))
    page.get_by_label(words("Playback speed")).select_option("0.25")
    # A short drive may be over already; the middle of the time line is not.
    page.get_by_role("slider", name=words("Time line")).click()
    before = clock.inner_text()
    play = page.get_by_role("button", name=words("Play"), exact=True)
    if play.is_visible():
        play.dispatch_event("click")
    expect(clock).not_to_have_text(before)


def download_its_logs(page: Page, words: Words, name: str, folder: Path) -> None:
    page.get_by_role("button", name=words("More")).click()
    with page.expect_download() as download:
        page.get_by_text(words("Download training logs")).click()
    file = folder / "logs.zip"
    download.value.save_as(file)
    with zipfile.ZipFile(file) as archive:
        assert any(entry.endswith("-iteration.csv") for entry in archive.namelist())


def clone_it(page: Page, words: Words, name: str) -> str:
    page.goto("/models")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))
    row.get_by_role("button", name=words("Clone")).click()
    dialog = page.get_by_role("dialog")
    clone = f"{name}-clone"
    dialog.get_by_label(words("Name of the new model")).fill(clone)
    dialog.get_by_role("switch").click()
    dialog.get_by_role("button", name=words("Clone"), exact=True).click()
    page.wait_for_url(f"**/models/{clone}*")
    expect(page.locator("h1")).to_have_text(clone)
    return clone


def delete_it(page: Page, words: Words, name: str) -> None:
    page.goto(f"/models/{name}")
    page.get_by_role("button", name=words("More")).click()
    page.get_by_text(words("Delete model")).click()
    page.get_by_role("dialog").get_by_role("button", name=words("Delete model")).click()
    page.wait_for_url("**/models")
    expect(page.get_by_role("link", name=name, exact=True)).to_have_count(0)
