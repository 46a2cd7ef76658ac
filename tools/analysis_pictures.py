"""Takes pictures of the most telling figures of a report for ``docs/analysis.md``.

The log needs a training on a known track; the pictures there are of a training of the AWS console in 2022::

    python -m tools.analysis_pictures LOG
"""

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from openracer.analysis.loading import load
from openracer.analysis.report import report
from openracer.analysis.study import Study
from openracer.language import set_language
from tools.screenshots import save, system_browser

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "analysis"
FIGURES = ("reward-map", "exits", "actions", "profiles", "progress", "checkpoints")
WIDTH = 1000
SETTLES_MS = 1500
PATIENCE_MS = 300_000


def main() -> None:
    """Write the report and photograph its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("log", help="folder, file or archive")
    set_language("en")
    recording = load(parser.parse_args().log)
    study = Study(recording, recording.track())
    line = study.race_line()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system_browser())
        path = Path(folder) / "report.html"
        path.write_text(report(recording, study, line), encoding="utf-8")
        page = browser.new_page(viewport={"width": WIDTH, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        page.goto(path.as_uri())
        for name in FIGURES:
            card = page.locator(f".card:has(> #{name})")
            card.scroll_into_view_if_needed()
            page.wait_for_timeout(SETTLES_MS)
            save(card.screenshot(), PICTURES / f"{name}.en.webp")
        browser.close()


if __name__ == "__main__":
    main()
