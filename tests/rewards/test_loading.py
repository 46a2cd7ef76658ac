"""A reward function runs as if its car were alone on AWS, and says clearly what went wrong."""

import pickle
import sys
import time
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openracer.rewards.errors import RewardFunctionError
from openracer.rewards.loading import HEARTBEAT_SIZE, RewardFunctions, load_reward
from openracer.rewards.params import Params, ParamsBuilder
from openracer.rewards.problems import ProblemKind
from openracer.simulation.record import StepRecord
from openracer.tracks.track import Track

GAIN_SINCE_LAST_STEP = """
previous = None

def reward_function(params):
    global previous
    gain = 0.0 if previous is None or params["steps"] < previous[0] else params["progress"] - previous[1]
    previous = params["steps"], params["progress"]
    return gain
"""

CLASS_WITH_STATE = """
import math

class Reward:
    def __init__(self):
        self.best = -1.0

    def reward(self, params):
        self.best = max(self.best, params["progress"])
        return math.sqrt(self.best + 1.0)

keeper = Reward()

def reward_function(params):
    return keeper.reward(params)
"""

FUNCTION_ATTRIBUTE = """
def reward_function(params):
    if not hasattr(reward_function, "total"):
        reward_function.total = 0.0
    reward_function.total += params["speed"]
    return reward_function.total
"""

CLASS_ATTRIBUTE = """
class State:
    seen = []

def reward_function(params):
    State.seen.append(params["progress"])
    return sum(State.seen)
"""


def params_of(steps: float = 2.0, progress: float = 1.0, speed: float = 1.0) -> Params:
    centre = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.5]])
    road = Track("t", "T", "", centre, centre, centre, closed=False)
    record = StepRecord.zeros(1)._replace(steps=np.array([steps]), progress=np.array([progress]))
    return next(ParamsBuilder([road], [0]).build(record, np.array([speed]), np.zeros(1), np.arange(1)))


def ask(source: str, **values: float) -> float:
    return float(load_reward(source, 1)([params_of(**values)], [0], [0])[0])


def failure_of(source: str, car: int = 0, episode: int = 0, **values: float) -> RewardFunctionError:
    rewards = load_reward(source, car + 1)
    with pytest.raises(RewardFunctionError) as caught:
        rewards([params_of(**values)], [car], [episode])
    return caught.value


@pytest.mark.parametrize(
    "source", [GAIN_SINCE_LAST_STEP, CLASS_WITH_STATE, FUNCTION_ATTRIBUTE, CLASS_ATTRIBUTE]
)
def test_64_cars_together_are_rewarded_like_64_cars_alone(source: str, reinvent: Track) -> None:
    cars, rows = 64, 40
    choose = np.random.default_rng(0)
    record = StepRecord.zeros(cars)
    builder = ParamsBuilder([reinvent], np.zeros(cars, dtype=np.int64))
    together = load_reward(source, cars)
    alone = [load_reward(source, 1) for _ in range(cars)]
    for _ in range(rows):
        record.progress[:] = choose.uniform(0.0, 100.0, cars)
        record.steps[:] = np.where(choose.random(cars) < 0.1, 2, record.steps + 1)
        speed = choose.uniform(0.1, 4.0, cars)
        driven = np.flatnonzero(choose.random(cars) < 0.8)
        arguments = (record, speed, np.zeros(cars), driven)
        got = together(builder.build(*arguments), driven, np.zeros(len(driven)))
        params = list(builder.build(*arguments))
        expected = [alone[car]([params[place]], [0], [0])[0] for place, car in enumerate(driven)]
        assert got.tolist() == expected


def test_a_reward_written_for_aws_runs_unmodified(reinvent: Track) -> None:
    source = """
import math
import numpy as np
import random
import scipy.spatial
import shapely.geometry
from shapely.geometry import Point, LineString

TARGET_STEPS = 300
history = {"heading": None}

def reward_function(params):
    waypoints = params['waypoints']
    closest_waypoints = params['closest_waypoints']
    heading = params['heading']
    next_point = waypoints[closest_waypoints[1]]
    prev_point = waypoints[closest_waypoints[0]]
    track_direction = math.degrees(math.atan2(next_point[1] - prev_point[1], next_point[0] - prev_point[0]))
    direction_diff = abs(track_direction - heading)
    if direction_diff > 180:
        direction_diff = 360 - direction_diff
    reward = float(np.exp(-direction_diff / 30.0))
    if (params['steps'] % 100) == 0 and params['progress'] > (params['steps'] / TARGET_STEPS) * 100:
        reward += 10.0
    history["heading"] = heading
    reward += Point(params['x'], params['y']).distance(LineString(waypoints)) * 0
    print("reward", reward)
    return float(reward)
"""
    record = StepRecord.zeros(1)._replace(
        steps=np.array([100]),
        progress=np.array([50.0]),
        previous_waypoint=np.array([3]),
        next_waypoint=np.array([4]),
    )
    (x0, y0), (x1, y1) = reinvent.centre[3:5]
    record.heading_deg[:] = np.degrees(np.arctan2(y1 - y0, x1 - x0))
    params = ParamsBuilder([reinvent], [0]).build(record, np.ones(1), np.zeros(1), np.arange(1))
    assert load_reward(source, 1)(params, [0], [0]) == pytest.approx(11.0)


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        ("1", 1.0),
        ("True", 1.0),
        ("-1e5", -1e5),
        ("1e5", 1e5),
        ("np.float32(0.5)", 0.5),
        ("np.array(2.5)", 2.5),
        ("np.int64(-3)", -3.0),
        ("'0.25'", 0.25),
    ],
)
def test_whatever_float_accepts_is_a_reward(returned: str, expected: float) -> None:
    assert ask(f"import numpy as np\ndef reward_function(params):\n    return {returned}\n") == expected


@given(reward=st.floats(-1e5, 1e5))
@settings(max_examples=50)
def test_rewards_are_neither_clipped_nor_scaled(reward: float) -> None:
    assert ask(f"def reward_function(params):\n    return {reward!r}\n") == reward


@pytest.mark.parametrize(
    "returned",
    [
        "None",
        "float('nan')",
        "float('inf')",
        "-float('inf')",
        "100000.1",
        "-1e6",
        "'fast'",
        "[1.0]",
        "10**400",
        "1j",
    ],
)
def test_a_result_that_is_no_usable_number_is_refused_with_everything_one_needs(returned: str) -> None:
    error = failure_of(
        f"\ndef reward_function(params):\n    return {returned}\n", car=2, episode=7, steps=31.0
    )
    assert error.kind is ProblemKind.TEST_FAILURE
    assert (error.car, error.episode, error.step, error.line) == (2, 7, 31, 2)
    assert "reward_function returned" in error.reason
    assert error.params is not None
    assert error.params["steps"] == 31.0


def test_an_exception_is_reported_with_episode_step_params_and_traceback() -> None:
    source = (
        "def helper(value):\n    return 1 / value\n\ndef reward_function(params):\n    return helper(0)\n"
    )
    error = failure_of(source, car=1, episode=12, steps=34.0, progress=56.5)
    report = str(error)
    assert (error.car, error.episode, error.step, error.line) == (1, 12, 34, 2)
    assert error.reason == "ZeroDivisionError: division by zero"
    assert "episode 12, step 34 (car 1): ZeroDivisionError: division by zero" in report
    assert 'File "reward_function.py", line 5, in reward_function\n    return helper(0)' in report
    assert 'File "reward_function.py", line 2, in helper\n    return 1 / value' in report
    assert "loading.py" not in report
    assert "progress: 56.5" in report


def test_the_report_does_not_print_hundreds_of_waypoints(reinvent: Track) -> None:
    params = ParamsBuilder([reinvent], [0]).build(StepRecord.zeros(1), np.ones(1), np.ones(1), np.arange(1))
    with pytest.raises(RewardFunctionError) as caught:
        load_reward("def reward_function(params):\n    return params['no such key']\n", 1)(params, [0], [0])
    assert max(map(len, str(caught.value).splitlines())) < 250
    assert caught.value.params is not None
    assert len(caught.value.params["waypoints"]) == len(reinvent.centre)


def test_what_cannot_be_shown_does_not_hide_the_failure() -> None:
    source = """
class Unspeakable(Exception):
    def __str__(self): return 1 / 0
    __repr__ = __str__
def reward_function(params):
    params["x"] = Unspeakable()
    raise params["x"]
"""
    assert "x: <Unspeakable>" in str(failure_of(source))


def test_an_error_inside_a_library_points_at_the_users_line() -> None:
    source = "import numpy as np\n\ndef reward_function(params):\n    return np.linalg.inv(np.zeros((2, 2)))[0, 0]\n"
    assert failure_of(source).line == 4


def test_tracebacks_quote_the_right_file_when_several_are_loaded() -> None:
    first = load_reward("def reward_function(params):\n    return first_mistake\n", 1)
    load_reward("def reward_function(params):\n    return second_one\n", 1)
    with pytest.raises(RewardFunctionError, match="return first_mistake"):
        first([params_of()], [0], [0])


def test_leaving_python_is_a_failure_but_ctrl_c_is_not() -> None:
    assert "SystemExit" in failure_of("import sys\ndef reward_function(params):\n    sys.exit(3)\n").reason
    assert "GeneratorExit" in failure_of("def reward_function(params):\n    raise GeneratorExit\n").reason
    rewards = load_reward("def reward_function(params):\n    raise KeyboardInterrupt\n", 1)
    with pytest.raises(KeyboardInterrupt):
        rewards([params_of()], [0], [0])


def test_the_error_survives_the_way_to_another_process() -> None:
    error = failure_of("def reward_function(params):\n    return 1 / 0\n", episode=3)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert (again.kind, again.line, again.episode, again.params) == (error.kind, 2, 3, error.params)


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("def reward_function(params)\n    return 1.0\n", ProblemKind.SYNTAX_ERROR, 1),
        ("x = 1\nif x:\nreward = 1\n", ProblemKind.SYNTAX_ERROR, 3),
        ("x = '\0'", ProblemKind.SYNTAX_ERROR, None),
        ("x = '\ud800'", ProblemKind.SYNTAX_ERROR, None),
        ("\nimport no_such_module_anywhere\n", ProblemKind.IMPORT_ERROR, 2),
        ("from math import no_such_name\n", ProblemKind.IMPORT_ERROR, 1),
        ("x = 1\ny = x / 0\n", ProblemKind.TEST_FAILURE, 2),
        ("raise SystemExit\n", ProblemKind.TEST_FAILURE, 1),
        ("", ProblemKind.SIGNATURE, None),
        ("reward_function = 1.0\n", ProblemKind.SIGNATURE, None),
        ("\ndef reward_function(params, more):\n    return 1.0\n", ProblemKind.SIGNATURE, 2),
        ("def reward_function():\n    return 1.0\n", ProblemKind.SIGNATURE, 1),
        ("def reward_function(*params):\n    return 1.0\n", ProblemKind.SIGNATURE, 1),
        ("def reward_function(*, params):\n    return 1.0\n", ProblemKind.SIGNATURE, 1),
    ],
)
def test_what_cannot_be_loaded_is_refused_with_its_line(
    source: str, kind: ProblemKind, line: int | None
) -> None:
    with pytest.raises(RewardFunctionError) as caught:
        load_reward(source, 2)
    assert (caught.value.kind, caught.value.line) == (kind, line)
    assert str(caught.value).startswith("The reward function could not be loaded: ")


@pytest.mark.parametrize(
    "source",
    [
        "reward_function = lambda params: 1.0\n",
        "class Reward:\n    def __call__(self, params):\n        return 1.0\nreward_function = Reward()\n",
        "class Reward:\n    def f(self, params):\n        return 1.0\nreward_function = Reward().f\n",
        "def reward_function(params, /):\n    return 1.0\n",
    ],
)
def test_anything_callable_with_one_parameter_is_a_reward_function(source: str) -> None:
    assert ask(source) == 1.0


def test_the_module_is_named_like_on_aws() -> None:
    assert ask("name = __name__\ndef reward_function(params):\n    return name == 'reward_function'\n") == 1.0


def test_needs_a_car() -> None:
    with pytest.raises(ValueError, match="at least one car"):
        load_reward("def reward_function(params):\n    return 1.0\n", 0)


class Probe(ModuleType):
    """A module for user code to import, through which a test looks at the heartbeat at that moment."""

    def __init__(self, heartbeat: np.ndarray) -> None:
        super().__init__("probe")
        self.heartbeat = heartbeat
        self.seen: list[list[float]] = []

    def look(self) -> float:
        self.seen.append(self.heartbeat.tolist())
        return 1.0


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Probe:
    probe = Probe(np.full(HEARTBEAT_SIZE, -1.0))
    monkeypatch.setitem(sys.modules, "probe", probe)
    return probe


def test_the_heartbeat_tells_which_call_is_in_progress(probe: Probe) -> None:
    before = time.monotonic()
    source = "import probe\ndef reward_function(params):\n    return probe.look()\n"
    rewards = load_reward(source, 3, probe.heartbeat)
    rewards([params_of(steps=5.0), params_of(steps=9.0)], [2, 0], [7, 8])
    assert [seen[1:] for seen in probe.seen] == [[2.0, 7.0, 5.0], [0.0, 8.0, 9.0]]
    started = [seen[0] for seen in probe.seen]
    assert before <= started[0] <= started[1] <= time.monotonic()
    assert probe.heartbeat[0] == 0.0


def test_the_heartbeat_covers_loading(probe: Probe) -> None:
    load_reward("import probe\nprobe.look()\nreward_function = lambda params: 1.0\n", 2, probe.heartbeat)
    assert [seen[1:] for seen in probe.seen] == [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    assert all(seen[0] > 0.0 for seen in probe.seen)
    assert probe.heartbeat[0] == 0.0


@pytest.mark.parametrize("source", ["def reward_function(params):\n    return 1 / 0\n", "x = 1 / 0\n"])
def test_the_heartbeat_rests_after_a_failure(source: str) -> None:
    heartbeat = np.zeros(HEARTBEAT_SIZE)
    with pytest.raises(RewardFunctionError):
        rewards: RewardFunctions = load_reward(source, 1, heartbeat)
        rewards([params_of()], [0], [0])
    assert heartbeat[0] == 0.0


def test_one_dictionary_a_car_is_required() -> None:
    rewards: Any = load_reward("def reward_function(params):\n    return 1.0\n", 2)
    with pytest.raises(ValueError, match="zip"):
        rewards([params_of()], [0, 1], [0, 0])
