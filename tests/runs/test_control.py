"""The control block: what one side writes, the other reads."""

import errno
import os
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from openracer.atomic import WriteError
from openracer.rewards.loading import RewardFunctions, load_reward
from openracer.runs import control
from openracer.runs.control import ControlBlock


def test_the_wish_to_stop_reaches_the_other_side(tmp_path):
    here = ControlBlock(tmp_path / "control", create=True)
    there = ControlBlock(tmp_path / "control", create=False)
    assert not there.stop_wanted
    here.ask_to_stop()
    assert there.stop_wanted


def test_a_call_in_progress_is_seen_with_its_place_and_its_age(tmp_path, monkeypatch):
    here = ControlBlock(tmp_path / "control", create=True)
    there = ControlBlock(tmp_path / "control", create=False)
    seen = []

    def reward_function(params):
        began = there.heartbeat[0]
        monkeypatch.setattr(control, "monotonic", lambda: began + 7.5)
        seen.append((here.reward_call_age(), here.reward_call_place()))
        return 1.0

    rewards = RewardFunctions("", [reward_function] * 4, there.heartbeat)
    rewards([{"steps": 12.0}], [3], [41])
    assert seen == [(7.5, (3, 41, 12))]
    assert here.reward_call_age() == 0.0


def test_loading_is_watched_too(tmp_path, monkeypatch):
    block = ControlBlock(tmp_path / "control", create=True)
    watched = []
    watcher = SimpleNamespace(look=lambda: watched.append(block.heartbeat[0] > 0))
    monkeypatch.setitem(sys.modules, "watcher", watcher)
    load_reward("import watcher\nwatcher.look()\ndef reward_function(params): ...\n", 2, block.heartbeat)
    assert watched == [True, True]
    assert block.reward_call_age() == 0.0


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_supervisor_does_not_stumble_over_what_a_run_has_made_of_the_block(tmp_path, number):
    here = ControlBlock(tmp_path / "control", create=True)
    there = ControlBlock(tmp_path / "control", create=False)
    there.heartbeat[:] = number
    assert here.reward_call_place() == (0, 0, 0) and here.reward_call_age() == 0.0
    os.truncate(tmp_path / "control", 0)
    assert here.reward_call_place() == (0, 0, 0) and here.reward_call_age() == 0.0
    here.ask_to_stop()


def test_made_anew_it_forgets_and_leaves_older_mappings_alone(tmp_path):
    before = ControlBlock(tmp_path / "control", create=True)
    before.ask_to_stop()
    after = ControlBlock(tmp_path / "control", create=True)
    assert before.stop_wanted
    assert not after.stop_wanted
    assert np.count_nonzero(after.heartbeat) == 0


def test_a_full_disk_is_one_sentence(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteError, match="the disk is full; free some space and try again"):
        ControlBlock(tmp_path / "control", create=True)
    assert list(tmp_path.iterdir()) == []
