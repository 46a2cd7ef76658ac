"""Validation tries a reward function where it can do no harm, and says in a sentence and a line what is wrong."""

import time
from itertools import pairwise
from pathlib import Path

import pytest

from openracer.rewards import examples
from openracer.rewards.problems import Problem, ProblemKind
from openracer.rewards.samples import sample_states
from openracer.rewards.validation import validate
from openracer.tracks.track import Track

HEAD = "def reward_function(params):\n"


def only_problem(source: str, track: Track, time_limit_s: float = 5.0) -> Problem:
    [problem] = validate(source, track, time_limit_s)
    return problem


@pytest.mark.parametrize("name", examples.names())
def test_examples_can_be_used_on_every_kind_of_track(name: str, track: Track) -> None:
    assert validate(examples.source(name), track) == []


def test_the_allowed_libraries_and_printing_can_be_used(reinvent: Track) -> None:
    source = (
        "import math, random\nimport numpy as np\nimport scipy.interpolate\nfrom shapely.geometry import Point\n"
        + HEAD
        + "    print('x' * 100000)\n"
        + "    return math.sqrt(np.float32(4)) + random.random() + Point(0, 0).distance(Point(1, 0))\n"
    )
    assert validate(source, reinvent) == []


def test_every_documented_key_can_be_read_and_changed(reinvent: Track) -> None:
    keys = sorted(sample_states(reinvent)[0].params)
    source = (
        f"KEYS = {keys!r}\n"
        + HEAD
        + "    point = params['waypoints'][params['closest_waypoints'][1]]\n"
        + "    good = sorted(params) == KEYS and type(point) is tuple and len(params['waypoints']) > 100\n"
        + "    params['waypoints'].clear()\n    params.clear()\n    return 1.0 if good else None\n"
    )
    assert validate(source, reinvent) == []


def test_steps_and_time_go_forward_as_in_an_episode(track: Track) -> None:
    *lap, again = [sample.params for sample in sample_states(track)]
    for before, after in pairwise(lap):
        assert after["steps"] > before["steps"]
        assert after["sim_time"] > before["sim_time"]
        assert after["progress"] >= before["progress"]
    assert lap[0]["steps"] == again["steps"] == 2.0
    assert again["sim_time"] > lap[-1]["sim_time"]
    assert lap[-1]["progress"] == 100.0


def test_the_situations_are_what_their_names_say(track: Track) -> None:
    samples = {sample.name: sample.params for sample in sample_states(track)}
    assert samples["off the track"]["is_offtrack"]
    assert not samples["with wheels over the border"]["all_wheels_on_track"]
    assert not samples["with wheels over the border"]["is_offtrack"]
    assert samples["left of the centre line"]["is_left_of_center"]
    assert not samples["right of the centre line"]["is_left_of_center"]
    assert samples["in the middle of the lap"]["all_wheels_on_track"]
    assert samples["in the middle of the lap"]["progress"] == pytest.approx(50.0)


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("    x = 1\n    return x / 0\n", 3, "ZeroDivisionError"),
        ("    return params['no_such_key']\n", 2, "KeyError: 'no_such_key'"),
        ("    return params['objects_location'][0][0]\n", 2, "IndexError"),
        ("    return None\n", 1, "returned None"),
        ("    return float('nan')\n", 1, "returned nan"),
        ("    return 1e6\n", 1, "returned 1000000.0"),
        ("    yield 1.0\n", 1, "returned generator"),
        ("    return reward_function(params)\n", 2, "RecursionError"),
    ],
)
def test_failures_name_the_line_and_the_situation(body: str, line: int, words: str, reinvent: Track) -> None:
    problem = only_problem(HEAD + body, reinvent)
    assert (problem.kind, problem.line) == (ProblemKind.TEST_FAILURE, line)
    assert words in problem.message
    assert "with the car at the start" in problem.message


def test_a_mistake_in_a_rare_branch_is_found(reinvent: Track) -> None:
    problem = only_problem(
        HEAD + "    if params['is_offtrack']:\n        return zero\n    return 1.0\n", reinvent
    )
    assert (problem.kind, problem.line) == (ProblemKind.TEST_FAILURE, 3)
    assert "NameError" in problem.message
    assert "off the track" in problem.message


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("def reward_function(params)\n", ProblemKind.SYNTAX_ERROR, 1),
        ("import os\n" + HEAD + "    return 1.0\n", ProblemKind.IMPORT_ERROR, 1),
        ("import numpy.no_such_part\n" + HEAD + "    return 1.0\n", ProblemKind.IMPORT_ERROR, 1),
        (HEAD + "    return open('x')\n", ProblemKind.FORBIDDEN, 2),
        ("reward_function = lambda a, b: 1.0\n", ProblemKind.SIGNATURE, 1),
        ("x = [][1]\n" + HEAD + "    return 1.0\n", ProblemKind.TEST_FAILURE, 1),
        ("", ProblemKind.SIGNATURE, None),
        ("x = " + "-" * 100_000 + "1\n", ProblemKind.SYNTAX_ERROR, None),
    ],
)
def test_every_kind_of_problem(source: str, kind: ProblemKind, line: int | None, reinvent: Track) -> None:
    problem = only_problem(source, reinvent)
    assert (problem.kind, problem.line) == (kind, line)


def test_code_that_breaks_a_rule_is_not_run(reinvent: Track) -> None:
    problems = validate("import os\nwhile True:\n    pass\n", reinvent)
    assert {problem.kind for problem in problems} == {ProblemKind.IMPORT_ERROR, ProblemKind.SIGNATURE}


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (HEAD + "    while True:\n        pass\n", (2, 3)),
        (HEAD + "    return sum(range(10**14))\n", (2,)),  # never comes back from C
        (
            HEAD
            + "    try:\n        while True:\n            pass\n    except BaseException:\n        return 1.0\n",
            (3, 4),
        ),
        ("x = sum(range(10**14))\n" + HEAD + "    return 1.0\n", (1,)),
        (HEAD + "    print('x')\n    return helper()\ndef helper():\n    return sum(range(10**14))\n", (5,)),
    ],
)
def test_what_never_returns_is_ended_even_in_c_code(
    source: str, line: tuple[int, ...], reinvent: Track
) -> None:
    started = time.monotonic()
    problem = only_problem(source, reinvent, time_limit_s=0.5)
    assert problem.kind is ProblemKind.TIMEOUT
    assert problem.line in line
    assert "0.5 seconds" in problem.message
    assert time.monotonic() - started < 20.0


@pytest.mark.skipif("sys.platform != 'linux'", reason="only Linux limits a process's address space reliably")
def test_taking_all_the_memory_is_a_failure_of_the_code(reinvent: Track) -> None:
    problem = only_problem(HEAD + "    return sum([0.0] * 10**10)\n", reinvent)
    assert (problem.kind, problem.line) == (ProblemKind.TEST_FAILURE, 2)
    assert "MemoryError" in problem.message


def test_code_that_crashes_python_is_told_with_its_line(reinvent: Track) -> None:
    source = (
        "import numpy as np\n"
        + HEAD
        + "    far = np.lib.stride_tricks.as_strided(np.zeros(1), (10**9,), (2**20,))\n    return far.sum()\n"
    )
    problem = only_problem(source, reinvent)
    assert (problem.kind, problem.line) == (ProblemKind.TEST_FAILURE, 4)
    assert "brought the Python interpreter down" in problem.message


def test_code_that_ends_the_process_is_not_taken_for_good(reinvent: Track) -> None:
    problem = only_problem("import random\n" + HEAD + "    getattr(random, '_' + 'os')._exit(0)\n", reinvent)
    assert (problem.kind, problem.line) == (ProblemKind.TEST_FAILURE, None)
    assert "brought the Python interpreter down: exit code 0" in problem.message


@pytest.mark.skipif("sys.platform == 'win32'", reason="Windows has no limit on file sizes")
def test_nothing_can_be_written_to_files(reinvent: Track, tmp_path: Path) -> None:
    file = tmp_path / "stolen.txt"
    # dump is no forbidden name, so this one gets as far as the trial.
    source = f"import numpy as np\nnp.ones(1000).dump({str(file)!r})\n" + HEAD + "    return 1.0\n"
    problem = only_problem(source, reinvent)
    assert (problem.kind, problem.line) == (ProblemKind.TEST_FAILURE, 2)
    assert "OSError" in problem.message
    assert not file.exists() or file.stat().st_size == 0
