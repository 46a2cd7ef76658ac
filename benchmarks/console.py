"""How quick the console is while a training runs, measured from outside with a real headless browser.

``python -m benchmarks.console [--seconds 6] [--users 20] [--turns 8] [--json]``

Measured are: the time from a cold start to the first page; how long pages take while so many users click about once a
second; how long a pose takes from the training to the canvas on which it is drawn; and how fast the training is while
one browser watches it, over its speed while nobody does, in many short turns, so that what else runs on the machine
meets both.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright

from benchmarks.machine import describe_machine
from openracer.models.events import end_of_events, read_events
from openracer.models.folder import ModelFolder
from openracer.runs.live import LiveReader

MODEL = "watched"
PAGES = (
    "/", "/models", f"/models/{MODEL}", "/models/create", "/garage", "/tracks", "/drive", "/get-started", "/resources",
    "/settings",
)  # fmt: skip
_TOKEN = "benchmark"
_SETTLE_S = 3.0
_FEWEST_ITERATIONS = 4
_NOTE_DRAWN_STEPS = """() => {
    window.drawn = [];
    let last = '';
    const look = () => {
        const step = document.querySelector('canvas.st-canvas')?.dataset.step ?? '';
        if (step !== last) window.drawn.push([Number(step), Date.now()]);
        last = step;
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""


class Console:
    """A console in a process of its own, with a data folder of its own."""

    def __init__(self, home: Path):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.client = httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {_TOKEN}"}, timeout=60.0
        )
        words = ["console", "--no-browser", "--port", str(port)]
        began = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from openracer.cli.main import main; main()", *words],
            env={**os.environ, "OPENRACER_HOME": str(home), "OPENRACER_TOKEN": _TOKEN},
            stdout=subprocess.DEVNULL,
        )
        while True:
            try:
                self.client.get("/").raise_for_status()
                break
            except httpx.TransportError:
                if self._process.poll() is not None:
                    raise
                time.sleep(0.02)
        self.first_page_s = time.perf_counter() - began

    def close(self) -> None:
        """End the trainings, then the console."""
        for job in self.client.get("/api/trainings?active=true").json():
            self.client.post(f"/api/trainings/{job['id']}/stop")
        while self.client.get("/api/trainings?active=true").json():
            time.sleep(0.1)
        self.client.close()
        self._process.send_signal(signal.SIGINT)
        self._process.wait()


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def click(url: str, users: int, seconds: float) -> list[float]:
    """Time that every page took that some users asked for, s."""
    end, times = time.monotonic() + seconds, []

    async def visit(client: httpx.AsyncClient, number: int) -> None:
        chance = random.Random(number)
        await asyncio.sleep(chance.random())
        while time.monotonic() < end:
            began = time.perf_counter()
            (await client.get(chance.choice(PAGES))).raise_for_status()
            times.append(time.perf_counter() - began)
            await asyncio.sleep(chance.uniform(0.5, 1.5))

    async with httpx.AsyncClient(base_url=url, timeout=60.0) as client:
        await asyncio.gather(*(visit(client, number) for number in range(users)))
    return times


def training_speed(folder: ModelFolder, seconds: float) -> float:
    """Environment steps that a training makes in a second, over whole iterations of the next seconds or a few more."""
    offset, end = end_of_events(folder.events_file), time.monotonic() + seconds
    told: list[dict[str, Any]] = []
    while time.monotonic() < end or len(told) < _FEWEST_ITERATIONS:
        time.sleep(0.5)
        events, offset = read_events(folder.events_file, offset)
        told += [event for event in events if event["event"] == "iteration"]
    first, last = told[0], told[-1]
    return float((last["steps"] - first["steps"]) / (last["time"] - first["time"]))


@contextmanager
def watching(page: Page, url: str) -> Iterator[None]:
    """The page of the training is open, then left."""
    page.goto(f"{url}/models/{MODEL}")
    page.wait_for_function("document.querySelector('canvas.st-canvas')?.dataset.step")
    page.wait_for_timeout(1000 * _SETTLE_S)  # opening a page costs more than watching it
    yield
    page.goto("about:blank")


def pose_delays(page: Page, folder: ModelFolder, seconds: float) -> list[float]:
    """Time from a pose's publishing to the frame on which it is drawn, s, for every pose that is drawn."""
    published: dict[int, float] = {}
    done = threading.Event()

    def note() -> None:
        reader, step = LiveReader(folder.path), 0
        while not done.wait(0.05):
            for poses in reader.since(step):
                published[poses.step] = poses.time
                step = poses.step

    noting = threading.Thread(target=note)
    noting.start()
    page.evaluate(_NOTE_DRAWN_STEPS)
    page.wait_for_timeout(1000 * seconds)
    drawn = page.evaluate("window.drawn")
    done.set()
    noting.join()
    # The first one was there before; it tells nothing.
    return [at / 1000.0 - published[step] for step, at in drawn[1:] if step in published]


def measure(seconds: float, users: int, turns: int) -> dict[str, float]:
    """All figures.

    Args:
        seconds: of each measurement.
        users: who click at the same time.
        turns: of watching and not watching.
    """
    system = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        console = Console(Path(home))
        browser = playwright.chromium.launch(executable_path=system)
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            folder = ModelFolder(Path(home) / "models" / MODEL)
            console.client.post(
                "/api/models", json={"name": MODEL, "stop": {"minutes": 60}}
            ).raise_for_status()
            console.client.post("/api/trainings", json={"model": MODEL}).raise_for_status()
            while not read_events(folder.events_file)[0][-2:-1]:  # it collects its first rollout
                time.sleep(0.1)
            alone: list[float] = []
            watched: list[float] = []
            with watching(page, console.url):
                delays = pose_delays(page, folder, 3 * seconds)
            for _ in range(turns):
                alone.append(training_speed(folder, seconds))
                with watching(page, console.url):
                    watched.append(training_speed(folder, seconds))
            alone.append(training_speed(folder, seconds))
            browser.close()
            with ThreadPoolExecutor(1) as thread:  # Playwright has this one's event loop
                pages = thread.submit(asyncio.run, click(console.url, users, seconds)).result()
        finally:
            browser.close()
            console.close()
    # Against the mean of what was before and after.
    ratios = [2 * w / (a + b) for w, a, b in zip(watched, alone[:-1], alone[1:], strict=True)]
    return {
        "first_page_s": round(console.first_page_s, 2),
        "page_p50_ms": round(1000 * percentile(pages, 0.50)),
        "page_p95_ms": round(1000 * percentile(pages, 0.95)),
        "pages": len(pages),
        "pose_to_canvas_p50_ms": round(1000 * percentile(delays, 0.50)),
        "pose_to_canvas_p95_ms": round(1000 * percentile(delays, 0.95)),
        "steps_per_s_alone": round(statistics.median(alone)),
        "steps_per_s_watched": round(statistics.median(watched)),
        "watched_over_alone": round(statistics.median(ratios), 3),
        "watched_over_alone_p25": round(percentile(ratios, 0.25), 3),
        "watched_over_alone_p75": round(percentile(ratios, 0.75), 3),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=6.0, help="of each measurement")
    parser.add_argument("--users", type=int, default=20, help="who click at the same time")
    parser.add_argument("--turns", type=int, default=8, help="of watching and not watching")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    arguments = parser.parse_args()
    figures = measure(arguments.seconds, arguments.users, arguments.turns)
    if arguments.json:
        print(json.dumps({**figures, "machine": describe_machine()}))
        return
    for name, value in figures.items():
        print(f"{name:24s} {value:>9}")


if __name__ == "__main__":
    main()
