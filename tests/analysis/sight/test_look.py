"""A look at a model holds what was asked for, for both kinds of actions and both kinds of critics, and can be drawn."""

import base64
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from openracer import analysis
from openracer.analysis.figures import sight as figures
from openracer.analysis.sight.look import (
    Sight,
    drive_pictures,
    find_pictures,
    see,
    some_checkpoints,
    spread_out,
)
from openracer.analysis.sight.pictures import DrivePictures, FilePictures
from openracer.analysis.sight.report import sight_report, verdicts
from openracer.formats.checkpoints_index import CheckpointName
from openracer.language import set_language
from openracer.models.folder import ModelFolder
from tests.analysis.sight.conftest import RANGES

Untrained = Callable[..., ModelFolder]


@pytest.fixture(params=["list", "ranges"])
def sight(request: pytest.FixtureRequest, untrained: Untrained, lap_start: DrivePictures) -> Sight:
    changes: dict[str, Any] = {"privileged_critic": False}
    if request.param == "ranges":
        changes["action_space"] = RANGES
    return see(untrained(**changes), "last", lap_start, closely=2)


def test_a_look_has_every_checkpoint_and_every_question(sight: Sight) -> None:
    assert list(sight.answers) == ["0_Step-0", "1_Step-64"]
    assert sight.eye.name == "1_Step-64"
    assert [look.number for look in sight.looks] == [10, 30]
    questions = 10 if sight.eye.is_discrete else 2
    assert [look.name for look in sight.looks] == ["episode 3, step 11", "episode 3, step 31"]
    for look in sight.looks:
        assert len(look.questions) == questions
        assert {maps.shape for maps in look.maps.values()} == {(questions, 120, 160)}
        assert all(np.isfinite(maps).all() for maps in look.maps.values())
        assert all(len(checks) == questions for checks in look.checks.values())
    assert len(sight.trust) == 2 * 2 * questions
    for table in sight.answers.values():
        assert len(table) == 40
        assert np.isfinite(table.to_numpy()).all()
        assert "value" in table


def test_progress_goes_from_nothing_to_all(untrained: Untrained, lap_start: DrivePictures) -> None:
    told: list[float] = []
    see(untrained(), "0", lap_start, closely=1, on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_the_same_pictures_are_seen_alike_twice(untrained: Untrained, lap_start: DrivePictures) -> None:
    folder = untrained()
    one, two = (see(folder, "last", lap_start, closely=2).trust for _ in range(2))
    assert one.equals(two)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_report_is_one_file_with_every_figure(sight: Sight, language: str) -> None:
    set_language(language)
    text = sight_report("tiny", sight)
    assert f'<html lang="{language}">' in text
    assert len(text.encode()) < 10e6
    drawn = json.loads(re.search(r"^const figures = (.*);$", text, re.MULTILINE)[1])  # type: ignore[index]
    along = {"entropy", "value"} if sight.eye.is_discrete else {"steering", "value"}
    assert set(drawn) == {"sheet", "certainty", "look-10", "look-30", *along}
    for name in drawn:
        assert f'id="{name}"' in text
    assert len(verdicts(sight)) == 2


def layer(source: str) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))).convert("RGBA"))


def test_the_menu_shows_the_map_of_each_question(sight: Sight) -> None:
    look = sight.looks[0]
    figure = figures.close_look(look)
    np.testing.assert_array_equal(layer(figure.layout.images[0].source)[..., 0], look.frame)
    (menu,) = figure.layout.updatemenus
    assert [button.label for button in menu.buttons] == look.questions
    assert menu.active == look.main_question
    for question, button in enumerate(menu.buttons):
        restyled, layout, traces = button.args
        assert len(restyled["y"]) == len(traces)
        opaque = layer(layout["images[4].source"])[..., 3]
        importance = look.maps["cover"][question]
        if importance.any():
            assert importance[np.unravel_index(opaque.argmax(), opaque.shape)] > 0.98
        assert (opaque[importance < 0.005] == 0).all()


def test_frames_without_a_place_have_no_map_of_the_lap(
    untrained: Untrained, lap_start: DrivePictures, tmp_path
) -> None:  # type: ignore[no-untyped-def]
    for number, frame in enumerate(lap_start.frames([0, 20])):
        Image.fromarray(frame).resize((640, 480), Image.Resampling.NEAREST).save(tmp_path / f"{number}.png")
    pictures = find_pictures(str(tmp_path))
    assert isinstance(pictures, FilePictures)
    sight = see(untrained(), "best", pictures)
    assert len(sight.looks) == 2
    assert "entropy" not in json.loads(
        re.search(r"^const figures = (.*);$", sight_report("tiny", sight), re.MULTILINE)[1]  # type: ignore[index]
    )


def test_the_best_drive_of_a_real_log_is_looked_at(real_data: Path) -> None:
    recording = analysis.load(real_data / "logs" / "v5" / "time-trial-reinvent_base-3mps.log")
    pictures = drive_pictures(recording)
    assert pictures.rows["progress"].max() == 100.0
    assert pictures.frames([5]).std() > 10
    assert drive_pictures(recording, episode=2).rows["unique_episode"].unique().tolist() == [2]
    with pytest.raises(ValueError, match="no episode 100000"):
        drive_pictures(recording, episode=100_000)


def test_a_few_are_spread_over_many() -> None:
    assert spread_out(3, 8) == [0, 1, 2]
    assert spread_out(100, 4) == [12, 37, 62, 87]
    names = [CheckpointName(k, 10 * k) for k in range(20)]
    some = some_checkpoints(names, names[7])
    assert names[0] in some
    assert names[7] in some
    assert names[19] in some
    assert some == sorted(set(some))
