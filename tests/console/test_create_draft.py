"""A draft of a model keeps what was typed and says at each place what is wrong with it."""

import pytest

from openracer.console.create.action_step import generated, ranges_of
from openracer.console.create.draft import browser_of, draft_of
from openracer.console.create.form import number, written
from openracer.models import library
from openracer.models.description import TrainingDescription
from openracer.models.presets import PRESETS
from openracer.rewards import examples

BROWSER = "a" * 32


def test_a_draft_is_read_again_as_it_was_left(data_folder):
    draft = draft_of(BROWSER)
    assert not draft.is_resumed
    draft.set("blue", "name")
    draft.set("many", "hyperparameters", "batch_size")
    draft.step = 3
    draft.save()
    again = draft_of(BROWSER)
    assert again.is_resumed
    assert again.step == 3
    assert again.value("name") == "blue"
    assert again.problems()["hyperparameters", "batch_size"].startswith("batch_size is 'many'")
    assert draft_of("b" * 32).value("name") == "my-model"


def test_a_damaged_draft_is_begun_anew(data_folder):
    draft = draft_of(BROWSER)
    draft.save()
    for content in ("", "{", "[]", '{"values": 3}', '{"values": {}, "unknown": 1}'):
        draft.path.write_text(content)
        assert draft_of(BROWSER).value("name") == "my-model"


def test_a_preset_sets_the_learner_anew_and_keeps_what_is_the_users(data_folder):
    draft = draft_of(BROWSER)
    draft.set("Vegas_track", "track")
    draft.set("def reward_function(params):\n    return 1.0\n", "reward_source")
    draft.set(0.5, "hyperparameters", "lr")
    draft.choose_preset("aws")
    assert draft.value("hyperparameters", "lr") == PRESETS["aws"]["hyperparameters"]["lr"]
    assert draft.value("track") == "Vegas_track"
    assert "return 1.0" in draft.value("reward_source")
    assert draft.problems() == {}


def test_an_example_that_was_not_changed_follows_the_preset(data_folder):
    draft = draft_of(BROWSER)
    draft.set("follow_the_centre_line", "reward")
    draft.set(examples.source("follow_the_centre_line"), "reward_source")
    draft.choose_preset("race")
    assert draft.value("reward_source") == examples.source("race_fast")


def test_a_taken_name_is_told_at_the_name(data_folder):
    library.create_model(TrainingDescription.from_values({"name": "taken"}))
    draft = draft_of(BROWSER)
    draft.set("taken", "name")
    assert "already" in draft.problems()["name",]


def test_the_model_that_is_made_is_the_one_that_was_described(data_folder):
    draft = draft_of(BROWSER)
    draft.set("mine", "name")
    draft.set(12.5, "stop", "minutes")
    draft.set({"steering_angle": {"low": -20, "high": 25}, "speed": {"low": 1, "high": 3}}, "action_space")
    folder = draft.make()
    description = folder.description()
    assert description.stop.minutes == 12.5
    assert description.actions.steering_high_deg == 25
    assert not draft.path.exists()


def test_browsers_names_are_never_paths():
    assert browser_of({"openracer_browser": BROWSER}) == BROWSER
    for crooked in ("../../etc/passwd", "A" * 32, "", "a" * 31):
        assert browser_of({"openracer_browser": crooked}) != crooked


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        (" -2.5 ", -2.5),
        ("1e-4", 1e-4),
        ("0,5", 0.5),
        ("", None),
        ("nan", "nan"),
        ("1e999", "1e999"),
        ("many", "many"),
        ("9" * 30, float("9" * 30)),
        ("1,000,000", "1,000,000"),
    ],
)
def test_what_was_typed_becomes_a_number_or_stays(text, value):
    assert number(text) == value


def test_numbers_are_shown_as_they_would_be_typed():
    assert [written(value) for value in (None, 3, 0.0003, 1e-8, "x")] == ["", "3", "0.0003", "1e-08", "x"]


def test_the_generator_makes_the_consoles_list():
    assert generated(30, 5, 1.0, 2) == [
        {"steering_angle": angle, "speed": speed} for angle in (-30, -15, 0, 15, 30) for speed in (0.5, 1.0)
    ]


def test_a_list_spans_its_ranges():
    assert ranges_of(PRESETS["race"]["action_space"]) == {
        "steering_angle": {"low": -30, "high": 30},
        "speed": {"low": 1.2, "high": 4.0},
    }
    assert ranges_of([{"steering_angle": "x", "speed": 1.0}])["speed"] == {"low": 0.5, "high": 2.0}
