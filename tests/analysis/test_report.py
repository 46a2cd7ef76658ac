"""The report is one file that needs nothing else, in both languages, also where the track is not known."""

import json
import re
from pathlib import Path

import pytest

from openracer import analysis
from openracer.analysis.report import report
from openracer.analysis.study import Study
from openracer.language import set_language


def test_a_report_is_one_file_below_ten_megabytes_that_loads_nothing(real_data: Path) -> None:
    recording = analysis.load(real_data / "logs" / "console-v4")
    text = report(recording, Study(recording, recording.track()))
    assert len(text.encode()) < 10e6
    page = text.replace(re.search(r"<script>/\*.*?</script>", text, re.DOTALL)[0], "")
    assert not re.search(r"(src|href)=.https?:", page)
    figures = json.loads(re.search(r"^const figures = (.*);$", page, re.MULTILINE)[1])
    assert {"reward-map", "paths", "actions", "profiles", "progress", "evaluation-laps"} <= set(figures)
    for name in figures:
        assert f'id="{name}"' in page
    linked = json.loads(re.search(r"^const linked = (.*);$", page, re.MULTILINE)[1])
    assert "14.13 s" in page
    assert len(linked["episode"]) > 500


def test_a_report_speaks_korean(real_data: Path) -> None:
    recording = analysis.load(real_data / "logs" / "v5" / "time-trial-reinvent_base-3mps.log")
    set_language("ko")
    try:
        text = report(recording, Study(recording, recording.track()))
    finally:
        set_language("en")
    assert '<html lang="ko">' in text
    assert "진단" in text


def test_without_a_track_the_rest_is_told(real_data: Path) -> None:
    recording = analysis.load(real_data / "logs" / "droa-v6.tar.gz")
    text = report(recording, None, note="Which track?")
    assert "Which track?" in text
    assert "const linked = null;" in text


def test_names_in_a_log_cannot_become_html(real_data: Path, tmp_path: Path) -> None:
    content = (real_data / "logs" / "v5" / "time-trial-reinvent_base-3mps.log").read_bytes()
    path = tmp_path / "<img src=x onerror=alert(1)>{{body}}.log"
    path.write_bytes(content)
    recording = analysis.load(path)
    text = report(recording, Study(recording, recording.track()))
    assert "<img src=x" not in text
    assert text.count("<h2>") < 12


def test_a_study_of_evaluations_alone_has_everything_but_the_training(real_data: Path) -> None:
    recording = analysis.load(real_data / "logs" / "2019")
    study = Study(recording, recording.track())
    assert len(study.laps) == 3
    assert study.best[0] == study.laps["unique_episode"][0]
    assert len(study.sectors()) == len(study.sections)
    assert "progress" not in json.loads(
        re.search(r"^const figures = (.*);$", report(recording, study), re.MULTILINE)[1]
    )


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_a_log_of_a_few_rows_is_no_mishap(real_data: Path, steps: int) -> None:
    from dataclasses import replace

    recording = analysis.load(real_data / "logs" / "v5" / "time-trial-reinvent_base-3mps.log")
    short = replace(recording, training=recording.training.iloc[:steps])
    assert "<h1>" in report(short, Study(short, short.track()))
