"""Checkpoints: found by name, checked when read, thinned by rule."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from openracer.formats.checkpoints_index import CheckpointName, CheckpointsIndex, IndexEntry
from openracer.formats.errors import FormatError
from openracer.models.checkpoints import Checkpoints, kept

WEIGHTS = {
    "policy.0.weight": torch.randn(4, 3, generator=torch.Generator().manual_seed(1)),
    "value": torch.ones(2),
}
SHAPES = {name: tuple(tensor.shape) for name, tensor in WEIGHTS.items()}


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path)


def publish(checkpoints: Checkpoints, best: CheckpointName, last: CheckpointName) -> None:
    checkpoints.publish(CheckpointsIndex(IndexEntry(best, 50.0, 1.0), IndexEntry(last, None, 2.0)))


def test_weights_come_back_bit_for_bit(checkpoints: Checkpoints) -> None:
    name = CheckpointName(3, 1200)
    turned = WEIGHTS | {"policy.0.weight": WEIGHTS["policy.0.weight"].t().contiguous().t()}
    checkpoints.save(name, turned, {"model": "a"})
    assert checkpoints.path(name).name == "3_Step-1200.safetensors"
    loaded = checkpoints.load(name, SHAPES)
    assert all(torch.equal(loaded[key], WEIGHTS[key]) for key in WEIGHTS)


def test_best_last_and_numbers_are_found(checkpoints: Checkpoints) -> None:
    names = [CheckpointName(i, 100 * i) for i in range(5)]
    for name in names:
        checkpoints.save(name, WEIGHTS)
    assert checkpoints.find("best") == names[4]
    publish(checkpoints, names[2], names[4])
    assert checkpoints.find("best") == names[2]
    assert checkpoints.find("last") == names[4]
    assert checkpoints.find(3) == checkpoints.find("3") == names[3]
    assert (checkpoints.path(names[0]).parent / ".coach_checkpoint").read_text() == "4_Step-400.safetensors"


def test_copies_under_other_names_are_no_checkpoints(checkpoints: Checkpoints) -> None:
    name = CheckpointName(3, 300)
    checkpoints.save(name, WEIGHTS)
    content = checkpoints.path(name).read_bytes()
    for copy in ("3_Step-300 copy", "03_Step-300", "x_Step-4", "٤_Step-٤"):
        (checkpoints.path(name).parent / f"{copy}.safetensors").write_bytes(content)
    assert checkpoints.names() == [name]


def test_what_is_not_there_is_said_so(checkpoints: Checkpoints) -> None:
    with pytest.raises(FileNotFoundError, match="has no checkpoint; train the model first"):
        checkpoints.find("best")
    for iteration in (1, 2, 16, 20):
        checkpoints.save(CheckpointName(iteration, iteration), WEIGHTS)
    with pytest.raises(
        FileNotFoundError, match=r"no checkpoint of iteration 12; it has 2, 16, 20 and 1 more"
    ):
        checkpoints.find(12)
    with pytest.raises(ValueError, match="checkpoint is 'newest'; it must be best, last or the number"):
        checkpoints.find("newest")


def test_other_networks_and_damage_are_refused(checkpoints: Checkpoints) -> None:
    name = CheckpointName(1, 10)
    checkpoints.save(name, WEIGHTS)
    with pytest.raises(
        FormatError, match=r"1_Step-10\.safetensors: value has the shape \(2,\); .* needs \(3,\)"
    ):
        checkpoints.load(name, SHAPES | {"value": (3,)})
    with pytest.raises(FormatError, match="has no extra: it is of another network"):
        checkpoints.load(name, SHAPES | {"extra": (1,)})
    with pytest.raises(FormatError, match="has value, which this network does not"):
        checkpoints.load(name, {"policy.0.weight": (4, 3)})
    checkpoints.save(name, WEIGHTS | {"value": torch.tensor([1.0, float("nan")])})
    with pytest.raises(FormatError, match="value has a number that is not finite"):
        checkpoints.load(name)
    content = checkpoints.path(name).read_bytes()
    for damaged in (content[:-3], b"", b"\x80\x04K\x01.", content[:8] + b"x" + content[9:]):
        checkpoints.path(name).write_bytes(damaged)
        with pytest.raises(FormatError, match=r"^1_Step-10\.safetensors is damaged: "):
            checkpoints.load(name)
    with pytest.raises(FileNotFoundError):
        checkpoints.load(CheckpointName(9, 9))


def test_thinning_keeps_best_latest_and_two_of_every_doubling(checkpoints: Checkpoints) -> None:
    best = CheckpointName(0, 0)
    for iteration in range(40):
        name = CheckpointName(iteration, 10 * iteration)
        best = name if iteration == 21 else best
        checkpoints.save(name, WEIGHTS)
        publish(checkpoints, best, name)
    iterations = [name.iteration for name in checkpoints.names()]
    assert iterations == [0, 1, 2, 3, 4, 6, 8, 12, 16, 21, 24, 32, 36, 37, 38, 39]


@given(st.integers(1, 3000), st.data())
def test_thinning_step_by_step_keeps_what_the_rule_keeps_of_all(last: int, data: st.DataObject) -> None:
    best = CheckpointName(data.draw(st.integers(0, last)), 0)
    names = [CheckpointName(iteration, 0) for iteration in range(last + 1)]
    stay = kept(names, best)
    assert best in stay
    assert set(names[-4:]) <= stay
    assert kept(sorted(stay), best) == stay
    assert len(stay) <= 2 * last.bit_length() + 6


def test_later_checkpoints_are_dropped(checkpoints: Checkpoints) -> None:
    for iteration in range(4):
        checkpoints.save(CheckpointName(iteration, iteration), WEIGHTS)
    checkpoints.drop_after(1)
    assert [name.iteration for name in checkpoints.names()] == [0, 1]
