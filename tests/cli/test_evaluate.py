"""``openracer evaluate`` as a user runs it: table, JSON, film, and mistakes."""

import json

import av
import pytest

from openracer.models.description import TrainingDescription, merge
from openracer.models.evaluations import read_evaluations
from openracer.models.library import create_model


@pytest.fixture
def model(tiny_training, train_here):
    """A model of one iteration, which cannot drive yet."""
    values = merge(tiny_training, {"name": "car", "stop": {"iterations": 1}})
    folder = create_model(TrainingDescription.from_values(values))
    train_here(folder)
    return folder


def rows_of(table):
    """The cells of a table drawn with box characters."""
    return [
        [cell.strip() for cell in line.split("│")[1:-1]]
        for line in table.splitlines()
        if line.startswith("│")
    ]


def test_table_json_and_files_agree(model, openracer):
    table = openracer("evaluate", "car")
    assert (table.code, table.err) == (0, "")
    told = openracer("evaluate", model.path, "--json")
    assert told.code == 0
    report = json.loads(told.out)
    assert (report["model"], report["track"]) == ("car", "reinvent_base")
    assert f"car, checkpoint {report['checkpoint']}, on re:Invent 2018" in table.out
    rows = rows_of(table.out)
    assert len(rows) == len(report["trials"]) == 3
    for row, trial in zip(rows, report["trials"], strict=True):
        minutes, seconds = divmod(trial["time_s"], 60)
        assert row == [
            str(trial["trial"]),
            f"{int(minutes):02d}:{seconds:06.3f}",
            f"{int(trial['progress'])} %",
            "Off track",
            "1",
            "0",
        ]
    assert "No lap was completed; train longer, or evaluate another checkpoint." in table.out
    first, second = read_evaluations(model)  # the same seed: the same trials
    assert first.trials == second.trials
    assert report["folder"] == str(second.path)
    assert [trial.elapsed_time_in_milliseconds for trial in second.trials] == [
        pytest.approx(1000 * trial["time_s"], abs=1) for trial in report["trials"]
    ]


def test_options_reach_the_evaluation(model, openracer):
    options = (
        "--trials",
        "2",
        "--checkpoint",
        "0",
        "--resets",
        "1",
        "--off-track-penalty",
        "2",
        "--seed",
        "3",
    )
    assert "on re:Invent 2018 (reverse)" in openracer("evaluate", "car", "--trials", "1", "--reverse").out
    report = json.loads(openracer("evaluate", "car", *options, "--reverse", "--json").out)
    assert report["checkpoint"] == "0_Step-0"
    assert [trial["resets"] for trial in report["trials"]] == [1, 1]
    evaluation = read_evaluations(model)[-1]
    settings = {
        key: evaluation.settings[key] for key in ("trials", "max_resets", "off_track_penalty_s", "seed")
    }
    assert settings == {"trials": 2, "max_resets": 1, "off_track_penalty_s": 2.0, "seed": 3}
    assert evaluation.settings["reverse"] is True


def test_continuous_laps_are_rows_of_their_own(model, openracer):
    outcome = openracer("evaluate", "car", "--laps", "3", "--trials", "2", "--resets", "100")
    assert "Lap" in outcome.out
    rows = rows_of(outcome.out)
    assert [row[:2] for row in rows] == [[str(t), str(lap)] for t in (1, 2) for lap in (1, 2, 3)]
    assert "6 of 6 laps completed" in outcome.out
    failed = openracer("evaluate", "car", "--laps", "3", "--trials", "2")
    assert [row[:2] for row in rows_of(failed.out)] == [["1", "1"], ["2", "1"]]


def test_the_film_has_a_frame_for_every_row(model, openracer, tmp_path):
    path = tmp_path / "new folder" / "laps.mp4"
    outcome = openracer("evaluate", "car", "--trials", "1", "--video", path, "--json")
    assert outcome.code == 0
    assert f"Video: {path}" in outcome.err
    (trial,) = json.loads(outcome.out)["trials"]
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == trial["steps"] + 15
    assert [file.name for file in path.parent.iterdir()] == ["laps.mp4"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("carr",), "there is no model 'carr'; did you mean car?"),
        (("car", "--trials", "0"), "trials is 0; it must be from 1 to 100"),
        (("car", "--trials", "101"), "trials is 101; it must be from 1 to 100"),
        (("car", "--resets", "-1"), "it must be from 0 to 10000"),
        (("car", "--off-track-penalty", "99"), "it must be from 0 to 60"),
        (("car", "--track", "rinvent_base"), "reinvent_base"),
        (("car", "--checkpoint", "7"), "has no checkpoint of iteration 7; it has 0, 1"),
        (("car", "--checkpoint", "worst"), "it must be best, last or the number of an iteration"),
        (("car", "--seed", "-1"), "seed is -1"),
        (("car", "--video", "{file}/laps.mp4"), "laps.mp4 cannot be written"),
        (("car", "--video", "{folder}"), "cannot be written"),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_written(words, expected, model, openracer, tmp_path):
    (tmp_path / "file").write_text("")
    places = {"{file}": tmp_path / "file", "{folder}": tmp_path}
    before = sorted(tmp_path.rglob("*"))
    told = [word.format(file=places["{file}"], folder=places["{folder}"]) for word in words]
    outcome = openracer("evaluate", *told)
    assert (outcome.code, outcome.out) == (2, "")
    assert len(outcome.err.splitlines()) == 1 and expected in outcome.err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_model_that_was_never_trained_says_so(tiny_training, openracer):
    create_model(TrainingDescription.from_values(tiny_training | {"name": "new"}))
    outcome = openracer("evaluate", "new")
    assert (outcome.code, len(outcome.err.splitlines())) == (2, 1)
    assert "has no checkpoint; train the model first" in outcome.err


def test_what_the_reward_prints_does_not_mix_with_the_result(model, openracer):
    model.reward_file.write_text("def reward_function(params):\n    print('hello')\n    return 1.0\n")
    outcome = openracer("evaluate", "car", "--json")
    assert json.loads(outcome.out)["model"] == "car"
    assert "hello" in outcome.err


def test_a_model_whose_reward_fails_is_told_so_without_our_traceback(model, openracer):
    model.reward_file.write_text("def reward_function(params):\n    return params['sped']\n")
    outcome = openracer("evaluate", "car")
    assert (outcome.code, outcome.out) == (2, "")
    assert "KeyError: 'sped'" in outcome.err and "openracer/runs" not in outcome.err
    assert read_evaluations(model) == []
