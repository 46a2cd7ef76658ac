"""The description of a training: presets, ranges, and one sentence for each mistake."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openracer.formats.model_metadata import Action, ActionRanges
from openracer.models.description import TrainingDescription, find_problems
from openracer.models.presets import PRESETS
from openracer.models.sentences import DescriptionError
from openracer.rewards import examples
from openracer.tracks.catalogue import UnknownTrackError

AWS = {"name": "a", "preset": "aws"}
RANGES = {"steering_angle": {"low": -20, "high": 25}, "speed": {"low": 1, "high": 2}}


def sentence_for(values: dict[str, Any]) -> str:
    with pytest.raises(DescriptionError) as caught:
        TrainingDescription.from_values({"name": "a"} | values)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_preset_aws_is_the_consoles_defaults() -> None:
    description = TrainingDescription.from_values(AWS)
    numbers = description.hyperparameters
    assert (numbers.batch_size, numbers.num_epochs, numbers.lr) == (64, 10, 0.0003)
    assert (numbers.beta_entropy, numbers.discount_factor, numbers.loss_type) == (0.01, 0.999, "huber")
    assert (numbers.num_episodes_between_training, numbers.gae_lambda) == (20, 0.95)
    assert description.neural_network == "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW"
    assert description.collector == "episodes"
    description.check_for_aws()


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_complete_and_within_its_ranges(preset: str) -> None:
    description = TrainingDescription.from_values({"name": "a", "preset": preset})
    assert description.vehicle == "v5"
    assert description.reward_source == examples.source(description.reward)
    assert len(description.actions) == (40 if preset == "race" else 10)  # type: ignore[arg-type]
    assert description.find_track().name == "reinvent_base"


def test_values_replace_the_presets_key_by_key() -> None:
    description = TrainingDescription.from_values({"name": "a", "hyperparameters": {"batch_size": "128"}})
    assert description.hyperparameters.batch_size == 128
    assert description.hyperparameters.lr == PRESETS["fast"]["hyperparameters"]["lr"]


def test_a_continuous_action_space_replaces_the_presets_list() -> None:
    description = TrainingDescription.from_values({"name": "a", "action_space": RANGES})
    assert description.actions == ActionRanges(-20.0, 25.0, 1.0, 2.0)
    assert not description.metadata.is_discrete


def test_actions_keep_their_order() -> None:
    actions = [{"steering_angle": 5, "speed": 1}, {"steering_angle": -5, "speed": 2, "index": 1}]
    description = TrainingDescription.from_values({"name": "a", "action_space": actions})
    assert description.actions == (Action(5.0, 1.0), Action(-5.0, 2.0))


def test_metadata_carries_the_vehicles_generation() -> None:
    assert TrainingDescription.from_values({"name": "a", "vehicle": "v6"}).metadata.version == 6.0


def test_changes_leave_the_rest_alone() -> None:
    before = TrainingDescription.from_values(AWS | {"reward": "race_fast"})
    after = before.with_changes({"hyperparameters": {"lr": 0.001}, "stop": {"iterations": 3}})
    assert after.hyperparameters == before.hyperparameters.model_copy(update={"lr": 0.001})
    assert after.stop.iterations == 3
    assert after.reward_source == before.reward_source
    assert before.with_changes({"reward": "constant"}).reward_source == examples.source("constant")


def test_a_description_survives_json() -> None:
    description = TrainingDescription.from_values({"name": "a", "action_space": RANGES})
    assert TrainingDescription.model_validate_json(description.model_dump_json()) == description


def test_a_reward_is_never_read_from_a_file_of_the_machine() -> None:
    assert sentence_for({"reward": "/etc/hostname"}).startswith("there is no example reward function")


def test_an_unknown_track_is_found_out_when_it_is_looked_up() -> None:
    description = TrainingDescription.from_values({"name": "a", "track": "reinvent_bass"})
    with pytest.raises(UnknownTrackError, match="reinvent_base"):
        description.find_track()


NAMES = [
    ("my model", "the name 'my model' contains a space; use 1 to 64 letters, digits and hyphens"),
    ("my_model", "the name 'my_model' contains an underscore; use 1 to 64 letters, digits and hyphens"),
    ("a/b", "the name 'a/b' contains a slash; use 1 to 64 letters, digits and hyphens"),
    ("..", "the name '..' contains a dot; use 1 to 64 letters, digits and hyphens"),
    ("모델", "the name '모델' contains '모'; use 1 to 64 letters, digits and hyphens"),
    ("", "a model needs a name; use 1 to 64 letters, digits and hyphens"),
    ("a" * 65, "the name aaaaaaaaaaaaaaaaaaaa… has 65 characters; use 1 to 64 letters, digits and hyphens"),
]


@pytest.mark.parametrize(("name", "sentence"), NAMES)
def test_a_name_that_aws_would_refuse_is_refused(name: str, sentence: str) -> None:
    assert sentence_for({"name": name}) == sentence


MISTAKES: list[tuple[dict[str, Any], str]] = [
    (
        {"preset": "aws", "hyperparameters": {"batch_size": 100}},
        "batch_size is 100; it must be one of 32, 64, 128, 256, 512",
    ),
    (
        {"hyperparameters": {"batch_size": 100}},
        "batch_size is 100; it must be one of 32, 64, 128, 256, 512, 1024, 2048, 4096",
    ),
    ({"preset": "aws", "hyperparameters": {"num_epochs": 2}}, "num_epochs is 2; it must be from 3 to 10"),
    ({"hyperparameters": {"num_epochs": 11}}, "num_epochs is 11; it must be from 1 to 10"),
    ({"preset": "aws", "hyperparameters": {"lr": 0.01}}, "lr is 0.01; it must be from 1e-08 to 0.001"),
    ({"hyperparameters": {"lr": "fast"}}, "lr is 'fast'; it must be a number"),
    ({"hyperparameters": {"lr": float("nan")}}, "lr is nan; it must be a number"),
    ({"hyperparameters": {"batch_size": 64.5}}, "batch_size is 64.5; it must be a whole number"),
    (
        {"hyperparameters": {"loss_type": "mse"}},
        "loss_type is 'mse'; it must be 'huber' or 'mean squared error'",
    ),
    ({"hyperparameters": 3}, "hyperparameters is 3; it must be a group of settings"),
    ({"preset": "aws", "stop": {"minutes": 1}}, "minutes is 1; it must be from 5 to 1440"),
    ({"stop": {"minutes": 0}}, "minutes is 0; it must be from 0.1 to 1440"),
    ({"stop": {"until": "bored"}}, "until is 'bored'; it must be 'clean-laps'"),
    ({"preset": "quick"}, "preset is 'quick'; it must be 'fast', 'race' or 'aws'"),
    (
        {"race_type": "drag_race"},
        "race_type is 'drag_race'; it must be 'time_trial', 'object_avoidance', 'head_to_bot' or 'head_to_model'",
    ),
    (
        {"race_type": "object_avoidance", "objects": {"number": 9}},
        "9 boxes at least 2 m apart do not fit on a track of 17.71 m; it has room for 8",
    ),
    (
        {
            "race_type": "head_to_head",
            "objects": {"positions": [{"fraction": 0.2, "lane": 1}, {"fraction": 0.22, "lane": -1}]},
        },
        "two objects are 0.35 m apart along the track; they must be at least 2 m apart",
    ),
    (
        {"objects": {"positions": [{"fraction": 1.2, "lane": 1}]}},
        "fraction of position 0 is 1.2; it must be from 0 to 0.999",
    ),
    ({"objects": {"bot_speed": -1}}, "bot_speed is -1; it must be from 0 to 12 m/s"),
    (
        {"objects": {"lane_change_min": 6}},
        "lane_change_min is 6; it must not be more than lane_change_max, which is 5",
    ),
    (
        {"sensor": ["LIDAR"]},
        "a car needs a camera to drive by; add one of FRONT_FACING_CAMERA, STEREO_CAMERAS to its sensors",
    ),
    (
        {"sensor": "camera,lidar,sector_lidar"},
        "a car has at most one of LIDAR, SECTOR_LIDAR, DISCRETIZED_SECTOR_LIDAR, but LIDAR, SECTOR_LIDAR are given",
    ),
    (
        {"sensor": "sonar"},
        "the sensor 'SONAR' is unknown; it must be one of FRONT_FACING_CAMERA, STEREO_CAMERAS, LIDAR, "
        "SECTOR_LIDAR, DISCRETIZED_SECTOR_LIDAR",
    ),
    (
        {
            "algorithm": "sac",
            "action_space": [{"steering_angle": 0, "speed": 1}, {"steering_angle": 9, "speed": 1}],
        },
        "algorithm is sac, whose actions are numbers, but action_space is a list of actions; "
        "give ranges of steering_angle and speed",
    ),
    (
        {"algorithm": "sac", "hyperparameters": {"replay_frames": 2000}},
        "replay_frames is 2000; it must be at least 2112, what is driven between two updates",
    ),
    ({"sensor": 7}, "sensor is 7; it must be a list"),
    (
        {"sensor": []},
        "a car needs a camera to drive by; add one of FRONT_FACING_CAMERA, STEREO_CAMERAS to its sensors",
    ),
    ({"reverse": "perhaps"}, "reverse is 'perhaps'; it must be true or false"),
    ({"track": 5}, "track is 5; it must be text"),
    ({"trak": "x"}, "unknown key 'trak'; did you mean 'track'?"),
    ({"stop": {"minuts": 5}}, "unknown key 'minuts'; did you mean 'minutes'?"),
    ({"batch_size": 64}, "unknown key 'batch_size' here; it belongs to hyperparameters"),
    ({"batchsize": 64}, "unknown key 'batchsize'; did you mean 'hyperparameters.batch_size'?"),
    ({"reward": "race_fst"}, "there is no example reward function race_fst; did you mean race_fast?"),
    ({"reward_source": ""}, "the reward function has 0 characters; it must have 1 to 140000"),
    ({"description": "x" * 256}, "the description has 256 characters; it may have 255"),
    (
        {"action_space": "left"},
        "action_space is 'left'; it must be a list of actions, or ranges of steering_angle and speed",
    ),
    ({"action_space": []}, "the number of actions is 0; it must be from 2 to 256"),
    ({"action_space": [{"steering_angle": 1}]}, "speed of action 0 is missing"),
    (
        {"action_space": [{"steering_angle": 1, "speed": 1}, {"steering_angle": 31, "speed": 1}]},
        "steering_angle of action 1 is 31; it must be from -30 to 30 degrees",
    ),
    (
        {"action_space": [{"steering_angle": 1, "speed": 13}, {"steering_angle": 3, "speed": 1}]},
        "speed of action 0 is 13; it must be from 0.1 to 12 m/s",
    ),
    (
        {"action_space": RANGES | {"speed": {"low": 2, "high": 2}}},
        "low of speed is 2; it must be less than high, which is 2",
    ),
    ({"action_space": RANGES | {"speed": {"low": 2}}}, "high of speed is missing"),
    (
        {"action_space": RANGES, "hyperparameters": {"exploration_type": "e-greedy"}},
        "exploration_type is e-greedy, which needs a discrete action_space",
    ),
    (
        {"preset": "aws", "neural_network": "FAST_CONVOLUTIONAL_NETWORK"},
        "neural_network is FAST_CONVOLUTIONAL_NETWORK, which AWS does not have; it must be "
        "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW or DEEP_CONVOLUTIONAL_NETWORK or DEEP_CONVOLUTIONAL_NETWORK_DEEP",
    ),
]


@pytest.mark.parametrize(("values", "sentence"), MISTAKES)
def test_a_mistake_is_one_sentence(values: dict[str, Any], sentence: str) -> None:
    assert sentence_for(values) == sentence


def test_the_sentence_begins_with_the_file() -> None:
    with pytest.raises(DescriptionError, match=r"^my\.yaml: name is missing$"):
        TrainingDescription.from_values({}, "my.yaml")


def test_exports_to_aws_are_bound_by_its_ranges() -> None:
    description = TrainingDescription.from_values({"name": "a"})
    with pytest.raises(DescriptionError, match="num_epochs is 2; it must be from 3 to 10"):
        description.check_for_aws()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(list(TrainingDescription.model_fields)), json_values, max_size=5))
def test_no_values_cause_anything_but_one_sentence(values: dict[str, Any]) -> None:
    try:
        TrainingDescription.from_values(values)
    except DescriptionError as error:
        assert len(str(error).splitlines()) == 1


def test_every_problem_is_told_at_its_place():
    values = {
        "name": "a b",
        "description": "x" * 256,
        "preset": "fast",
        "hyperparameters": {"lr": None, "batch_size": "many"},
        "reward_source": "x" * 140_001,
        "action_space": [{"steering_angle": 0, "speed": 1}, {"steering_angle": 0, "speed": None}],
    }
    problems = find_problems(values)
    assert set(problems) == {
        ("name",),
        ("description",),
        ("reward_source",),
        ("hyperparameters", "lr"),
        ("hyperparameters", "batch_size"),
        ("action_space", 1, "speed"),
    }
    assert "140001" in problems["reward_source",]
    assert problems["action_space", 1, "speed"] == "speed of action 1 is empty"


def test_every_range_and_contradiction_is_told_at_its_place():
    values = {
        "name": "car",
        "hyperparameters": {"lr": 1.0, "batch_size": 100, "exploration_type": "e-greedy"},
        "stop": {"minutes": 0.01},
        "action_space": {"steering_angle": {"low": 10, "high": -40}, "speed": {"low": 1, "high": 13}},
    }
    problems = find_problems(values)
    assert set(problems) == {
        ("hyperparameters", "lr"),
        ("hyperparameters", "batch_size"),
        ("hyperparameters", "exploration_type"),
        ("stop", "minutes"),
        ("action_space", "steering_angle", "low"),
        ("action_space", "steering_angle", "high"),
        ("action_space", "speed", "high"),
    }
    with pytest.raises(DescriptionError) as first:
        TrainingDescription.from_values(values)
    assert str(first.value) in problems.values()
    assert find_problems({"name": "car"}) == {}


def test_the_preset_aws_has_awss_limits_in_the_problems_too():
    values = {"name": "car", "stop": {"minutes": 1.0}, "neural_network": "FAST_CONVOLUTIONAL_NETWORK"}
    assert find_problems(values) == {}
    assert set(find_problems(values | {"preset": "aws"})) == {("stop", "minutes"), ("neural_network",)}


def test_head_to_head_is_the_consoles_word_for_a_race_against_bots() -> None:
    described = TrainingDescription.from_values({"name": "car", "race_type": "head_to_head"})
    assert described.race_type == "head_to_bot"
    assert described.reward == "overtake_bots"
    assert described.objects_on_road.number == 4


def test_what_a_race_type_brings_does_not_go_before_what_is_given() -> None:
    values = {"name": "car", "race_type": "object_avoidance", "reward": "race_fast", "objects": {"number": 2}}
    described = TrainingDescription.from_values(values)
    assert (described.reward, described.objects.number) == ("race_fast", 2)


def test_one_training_may_have_several_tracks_and_both_directions() -> None:
    described = TrainingDescription.from_values(
        {"name": "a", "track": "re:Invent 2018", "other_tracks": "Oval_track, reInvent2019_track:reverse"}
    )
    assert described.with_world_names().other_tracks == ("Oval_track", "reInvent2019_track:reverse")
    ways = [track.directed_name for track in described.find_tracks()]
    assert ways == ["reinvent_base", "Oval_track", "reInvent2019_track:reverse"]
    both = described.with_changes({"alternate_direction": True}).find_tracks()
    turned = ["reinvent_base:reverse", "Oval_track:reverse", "reInvent2019_track"]
    assert [track.directed_name for track in both] == ways + turned
    alone = described.on_track("Bowtie_track", True)
    assert [track.directed_name for track in alone.find_tracks()] == ["Bowtie_track:reverse"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"other_tracks": ["Oval_track", "Oval_track"]}, "Oval_track is there twice"),
        ({"other_tracks": ["Oval_track"], "cars": 1}, "cars is 1; it must be at least 2"),
        ({"other_tracks": ["Oval_track"], "alternate_direction": True, "cars": 3}, "it must be at least 4"),
        ({"other_tracks": ["reinvent_base:reverse"], "alternate_direction": True}, "is there twice"),
        ({"other_tracks": ["Straight_track"], "race_type": "object_avoidance"}, "do not fit on a track of"),
    ],
)
def test_tracks_that_contradict_each_other_are_refused(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DescriptionError, match=sentence):
        TrainingDescription.from_values({"name": "a", "track": "reinvent_base", **values})


def test_another_track_that_nobody_knows_is_found_out_when_it_is_looked_up() -> None:
    described = TrainingDescription.from_values({"name": "a", "other_tracks": ["nowhere"]})
    with pytest.raises(UnknownTrackError, match="nowhere"):
        described.with_world_names()


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("off", {"noise": 0.0, "colours": 0.0}),
        ("real_car", {"noise": 5.0, "colours": 0.4}),
        ("light, noise=7", {"noise": 7.0, "colours": 0.15}),
        ("blur=0.5", {"noise": 0.0, "blur": 0.5}),
        ({"blur": 0.5}, {"noise": 0.0, "blur": 0.5}),
    ],
)
def test_a_randomisation_is_a_name_or_settings_or_both(written: Any, values: dict[str, float]) -> None:
    settings = TrainingDescription.from_values({"name": "a", "randomisation": written}).randomisation
    assert {name: getattr(settings, name) for name in values} == values


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("strong", "the randomisation 'strong' is unknown"),
        ("noise", "the randomisation 'noise' is unknown"),
        ("noise=much", "noise of the randomisation is 'much'; it must be a number"),
        ("blur=2", "blur is 2; it must be from 0 to 0.8 pixels"),
        ({"blurr": 1}, "blurr"),
    ],
)
def test_a_randomisation_that_is_none_is_refused(written: Any, sentence: str) -> None:
    with pytest.raises(DescriptionError, match=sentence):
        TrainingDescription.from_values({"name": "a", "randomisation": written})
