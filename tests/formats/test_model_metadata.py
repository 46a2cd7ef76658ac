"""model_metadata.json of every year, and what is said of broken ones."""

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openracer.formats.errors import FormatError
from openracer.formats.model_metadata import (
    Action,
    ActionRanges,
    LidarSettings,
    ModelMetadata,
    format_model_metadata,
    parse_model_metadata,
    read_model_metadata,
    write_model_metadata,
)

ACTIONS: list[dict[str, Any]] = [
    {"steering_angle": -30, "speed": 1},
    {"steering_angle": "15.5", "speed": "0.8", "index": 1},
]

numbers = st.floats(-1e6, 1e6)
actions = st.lists(st.builds(Action, numbers, numbers), min_size=1, max_size=40).map(tuple)
ranges = st.tuples(numbers, numbers, numbers, numbers).filter(lambda v: v[0] < v[1] and v[2] < v[3])
sensors = st.tuples(
    st.sampled_from(["observation", "FRONT_FACING_CAMERA", "STEREO_CAMERAS"]),
    st.sampled_from(["LIDAR", "SECTOR_LIDAR"]),
).flatmap(lambda pair: st.sampled_from([pair, pair[:1], pair[::-1]]))
metadata = st.builds(
    ModelMetadata,
    action_space=actions | ranges.map(lambda v: ActionRanges(*v)),
    sensors=sensors,
    neural_network=st.sampled_from(["DEEP_CONVOLUTIONAL_NETWORK_SHALLOW", "FAST_CONVOLUTIONAL_NETWORK"]),
    version=st.sampled_from([2.0, 3.0, 4.0, 5.0, 6.0]),
    lidar=st.none()
    | st.builds(LidarSettings, st.sampled_from([1, 2, 8, 64]), st.integers(1, 64), st.floats(0.1, 5)),
)


@given(metadata)
def test_what_is_written_is_read_back(value: ModelMetadata) -> None:
    assert parse_model_metadata(json.loads(json.dumps(format_model_metadata(value)))) == value


@given(metadata)
def test_numbers_may_be_text(value: ModelMetadata) -> None:
    def as_text(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: as_text(item) for key, item in part.items()}
        if isinstance(part, list):
            return [as_text(item) for item in part]
        return str(part) if isinstance(part, int | float) else part

    assert parse_model_metadata(as_text(format_model_metadata(value))) == value


def test_the_file_of_2019_has_only_actions() -> None:
    value = parse_model_metadata({"action_space": ACTIONS})
    assert value.action_space == (Action(-30.0, 1.0), Action(15.5, 0.8))
    assert (value.sensors, value.version) == (("observation",), 1.0)
    assert value.neural_network == "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW"
    assert value.training_algorithm == "clipped_ppo"


def test_sensors_without_a_version_mean_version_2() -> None:
    value = parse_model_metadata({"action_space": ACTIONS, "sensor": ["STEREO_CAMERAS", "LIDAR"]})
    assert (value.sensors, value.version) == (("STEREO_CAMERAS", "LIDAR"), 2.0)


def test_version_1_has_the_sensor_observation_whatever_the_file_says() -> None:
    value = parse_model_metadata({"action_space": ACTIONS, "sensor": ["STEREO_CAMERAS"], "version": "1"})
    assert value.sensors == ("observation",)


def test_algorithm_and_kind_are_lower_cased_and_trimmed() -> None:
    space = {"steering_angle": {"low": "-30", "high": 30}, "speed": {"low": 0.5, "high": "4"}}
    content = {
        "action_space": space,
        "training_algorithm": " SAC ",
        "action_space_type": "Continuous ",
        "version": 5,
    }
    value = parse_model_metadata(content | {"sensor": ["FRONT_FACING_CAMERA"]})
    assert value.action_space == ActionRanges(-30.0, 30.0, 0.5, 4.0)
    assert value.training_algorithm == "sac"
    assert not value.is_discrete


def test_a_real_car_model_is_read(real_data: Path, tmp_path: Path) -> None:
    with tarfile.open(real_data / "models" / "frozen-graph-random-weights.tar.gz") as archive:
        archive.extract("model_metadata.json", tmp_path, filter="data")
    value = read_model_metadata(tmp_path / "model_metadata.json")
    assert value.is_discrete
    assert len(value.action_space) == 9  # type: ignore[arg-type]
    assert (value.version, value.sensors) == (3.0, ("FRONT_FACING_CAMERA",))
    write_model_metadata(tmp_path / "again.json", value)
    assert read_model_metadata(tmp_path / "again.json") == value


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({}, "m.json has no action_space; it must list actions, or give ranges of steering_angle and speed"),
    ({"action_space": []}, "m.json: action_space is an empty list; it must have at least one action"),
    ({"action_space": "left"}, "m.json: action_space is text; it must be a list of actions, or ranges"),
    ({"action_space": [3]}, "m.json: action 0 is a number; it must have a steering_angle and a speed"),
    ({"action_space": [{"speed": 1}]}, "m.json: action 0 has no steering_angle"),
    (
        {"action_space": [{"steering_angle": "left", "speed": 1}]},
        "m.json: steering_angle of action 0 is 'left'; it must be a number",
    ),
    (
        {"action_space": [{"steering_angle": float("nan"), "speed": 1}]},
        "m.json: steering_angle of action 0 is nan; it must be a number",
    ),
    (
        {"action_space": {"steering_angle": {"low": 3}}},
        "m.json: steering_angle of the continuous action_space must have a low and a high",
    ),
    (
        {"action_space": {"steering_angle": {"low": 3, "high": 3}}},
        "m.json: low of steering_angle is 3; it must be less than high, which is 3",
    ),
    (
        {"action_space": ACTIONS, "action_space_type": "continuous"},
        "m.json: action_space_type is continuous, but action_space is a list of actions, which is discrete",
    ),
    (
        {"action_space": ACTIONS, "training_algorithm": "dqn"},
        "m.json: training_algorithm is 'dqn'; it must be one of clipped_ppo, sac",
    ),
    (
        {"action_space": ACTIONS, "training_algorithm": "sac"},
        "m.json: training_algorithm is sac, which needs a continuous action_space",
    ),
    (
        {"action_space": ACTIONS, "version": 4},
        "m.json has no sensor; from version 2 on it must list a camera, for example FRONT_FACING_CAMERA",
    ),
    ({"action_space": ACTIONS, "sensor": "LIDAR"}, "m.json: sensor is text; it must be a list of names"),
    (
        {"action_space": ACTIONS, "sensor": ["LIDAR"]},
        "m.json: sensor is ['LIDAR']; exactly one must be a camera "
        "(observation, FRONT_FACING_CAMERA, LEFT_CAMERA, STEREO_CAMERAS)",
    ),
    ({"action_space": ACTIONS, "version": "four"}, "m.json: version is 'four'; it must be a number"),
]


@pytest.mark.parametrize(("content", "sentence"), BROKEN)
def test_what_is_wrong_is_said_in_one_sentence(content: dict[str, Any], sentence: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse_model_metadata(content, "m.json")
    assert str(caught.value) == sentence


@given(
    st.dictionaries(
        st.sampled_from(
            ["action_space", "sensor", "version", "training_algorithm", "neural_network", "lidar_config"]
        ),
        st.recursive(
            st.none() | st.booleans() | numbers | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["steering_angle", "speed", "low", "high"]), inner, max_size=3
                )
            ),
            max_leaves=8,
        ),
    )
)
def test_no_content_causes_anything_but_a_format_error(content: dict[str, Any]) -> None:
    try:
        parse_model_metadata(content)
    except FormatError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "m.json: line 1 is not JSON (expecting property name enclosed in double quotes)"),
        ("[1]", "m.json holds a list; it must hold an object in curly brackets"),
        ("\xff", "m.json is not text in UTF-8"),
    ],
)
def test_a_file_that_is_no_json_object_is_said_so(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "m.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(FormatError) as caught:
        read_model_metadata(tmp_path / "m.json")
    assert str(caught.value) == sentence


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(json.dumps({"action_space": ACTIONS}), encoding="utf-8-sig")
    assert read_model_metadata(tmp_path / "m.json").version == 1.0


def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"^there is no file .*m\.json$"):
        read_model_metadata(tmp_path / "m.json")


@pytest.mark.parametrize("sectors", [0, 3, 12, 128])
def test_sectors_that_do_not_divide_the_rays_are_refused(sectors: int) -> None:
    content = {"action_space": ACTIONS, "sensor": ["STEREO_CAMERAS", "SECTOR_LIDAR"], "version": 5}
    with pytest.raises(FormatError, match=f"num_sectors is {sectors}; it must divide the 64 rays"):
        parse_model_metadata(content | {"lidar_config": {"num_sectors": sectors}})
