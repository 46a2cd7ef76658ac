"""A training in a process of its own: killed, hanging, left alone, or wanted twice."""

import itertools
import subprocess
import sys

import pytest

from benchmarks.kills import finish, problems_of
from openracer import launching
from openracer.models.description import TrainingDescription
from openracer.models.events import read_events
from openracer.models.library import create_model, delete_model, list_models
from openracer.models.lock import ModelInUseError, ModelLock
from openracer.models.run_state import load_state
from openracer.runs import watched
from openracer.runs.supervisor import TrainingProcess
from tests.processes import wait_for

pytestmark = pytest.mark.usefixtures("processes_end")


@pytest.fixture
def create(tiny_training):
    def create(iterations, **changes):
        values = tiny_training | {"stop": {"minutes": None, "iterations": iterations}} | changes
        return create_model(TrainingDescription.from_values(values))

    return create


def see_iterations(process, count):
    """Watch until so many iterations have been told."""
    events = (event for event in process.watch() if event is not None and event["event"] == "iteration")
    assert len(list(itertools.islice(events, count))) == count


def is_free(folder):
    try:
        ModelLock(folder).close()
    except ModelInUseError:
        return False
    return True


def test_killed_again_and_again_it_ends_with_all_its_iterations_and_an_intact_folder(create):
    folder = create(24)
    saved = []
    for seen in (0, 3, 6):
        process = TrainingProcess(folder.path)
        see_iterations(process, seen)
        process.kill()
        last = list(process.watch())[-1]
        assert last["event"] == "failed"
        assert "killed (signal 9); openracer train --resume tiny goes on" in last["message"]
        state = load_state(folder)
        saved.append(0 if state is None else state.iteration)
    assert saved == sorted(saved) and saved[1] >= 3 and saved[2] >= saved[1] + 6
    finish(folder)
    assert load_state(folder).iteration == 24
    assert problems_of(folder) == []
    told = [
        event["iteration"] for event in read_events(folder.events_file)[0] if event["event"] == "iteration"
    ]
    assert set(range(1, 25)) - set(told) <= set(saved)  # killed between saving and telling


HANGING = """CALLS = 0

def reward_function(params):
    global CALLS
    CALLS += 1
    if CALLS == 70:
        {hang}
    return 1.0
"""


@pytest.mark.parametrize(
    ("hang", "saved"), [("while True: pass", {1}), ("9 ** 9 ** 9", {0, 1})], ids=["in Python", "in C"]
)
def test_a_reward_that_never_returns_is_ended_and_the_model_so_far_kept(hang, saved, create, monkeypatch):
    """One that hangs inside Python's own C code also stops the thread that is writing the iteration before."""
    monkeypatch.setattr(watched, "REWARD_TIMEOUT_S", 1.0)
    folder = create(9, reward="mine.py", reward_source=HANGING.format(hang=hang))
    process = TrainingProcess(folder.path)
    events = [event for event in process.watch() if event is not None]
    state = load_state(folder)
    iterations = 0 if state is None else state.iteration
    assert iterations in saved
    kinds = [event["event"] for event in events if event["event"] != "iteration"]
    assert kinds == ["preparing", "started", "failed"]
    assert len(events) - len(kinds) <= iterations
    message = events[-1]["message"]
    assert message.startswith("the reward function did not return within 1 seconds (car ")
    assert process._process.exit_code == -9
    assert read_events(folder.events_file)[0][-1] == events[-1]
    if saved == {1}:
        assert problems_of(folder) == []


def test_only_one_process_trains_a_model_and_nobody_deletes_it_meanwhile(create):
    folder = create(10_000)
    process = TrainingProcess(folder.path)
    see_iterations(process, 1)
    for change in (lambda: TrainingProcess(folder.path), lambda: delete_model(folder.name)):
        with pytest.raises(ModelInUseError, match="model tiny is being trained by another process") as caught:
            change()
        assert len(str(caught.value).splitlines()) == 1
    see_iterations(process, 2)  # the first goes on undisturbed
    process.ask_to_stop()
    last = [event for event in process.watch() if event is not None][-1]
    assert (last["event"], last["reason"]) == ("finished", "stopped")
    assert problems_of(folder) == []
    delete_model(folder.name)
    assert list_models() == []


def test_left_alone_it_ends_after_its_iteration(create):
    folder = create(10_000)
    # A supervisor that is killed as soon as it has seen an iteration.
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from openracer.runs.supervisor import TrainingProcess\n"
        "for event in TrainingProcess(Path(sys.argv[1])).watch():\n"
        "    if event is not None and event['event'] == 'iteration':\n"
        "        os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(folder.path)], check=False).returncode == -9
    wait_for(lambda: is_free(folder), "the end of the training")
    last = read_events(folder.events_file)[0][-1]
    assert (last["event"], last["reason"]) == ("finished", "stopped")
    assert load_state(folder).iteration == last["iteration"] < 10_000
    assert problems_of(folder) == []


def test_a_process_that_cannot_start_says_why(create, monkeypatch):
    folder = create(1)
    monkeypatch.setattr(launching.sys, "executable", "/bin/false")
    (event,) = [event for event in TrainingProcess(folder.path).watch() if event is not None]
    assert event["event"] == "failed"
    assert event["message"] == "the run ended unexpectedly (exit code 1)"


def test_a_broken_model_is_a_sentence(create):
    folder = create(1)
    (folder.own_folder / "run_state.json").write_text("{}")
    (event,) = [
        event
        for event in TrainingProcess(folder.path).watch()
        if event is not None and event["event"] == "failed"
    ]
    assert event["message"].endswith("run_state.json is damaged: 'tensors'")
