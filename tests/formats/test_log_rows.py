"""Rows of traces: every number is what Python reads, damage is counted."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from openracer.formats.log_rows import parse_rows
from openracer.formats.simtrace import COLUMNS

ROW = "0,{steps},0.5,1.25,-90.0,30.0,2.0,3,{reward},False,True,12.5,7,17.6,{time},in_progress,0.0"

numbers = st.one_of(
    st.floats(-1e6, 1e6).map(repr),
    st.floats(allow_nan=False).map(repr),
    st.decimals(-(10**5), 10**5, places=4, allow_nan=False).map(str),
    st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{0,20})?", fullmatch=True),
    st.from_regex(r"-?\.[0-9]{1,18}(e[+-]?[0-9]{1,2})?", fullmatch=True),
)


@given(st.lists(numbers, min_size=1, max_size=20))
def test_numbers_are_those_that_python_reads(rewards: list[str]) -> None:
    text = "\n".join(ROW.format(steps=k + 1, reward=r, time=float(k)) for k, r in enumerate(rewards))
    trace, broken = parse_rows(text.encode())
    assert broken == 0
    assert trace["reward"].tolist() == [float(reward) for reward in rewards]


def test_numbers_in_full_precision_are_those_that_python_reads() -> None:
    random = np.random.default_rng(0)
    parts = [random.uniform(-s, s, 4000) for s in (1e-3, 1.0, 5.0, 180.0, 2e9)]
    near = np.nextafter(2.0 ** np.arange(-8, 30), random.choice([-np.inf, np.inf], 38))
    rewards = [repr(value) for value in np.concatenate([*parts, near]).tolist() if "e" not in repr(value)]
    ties = [str((2**53 + 2 * k + 1) / 10.0) + "5" for k in range(200)]
    rewards += [text for text in ties if "e" not in text] + [str(2**53 + 2 * k + 1) for k in range(200)]
    text = "\n".join(ROW.format(steps=k + 1, reward=r, time=float(k)) for k, r in enumerate(rewards))
    trace, broken = parse_rows(text.encode())
    assert broken == 0
    assert trace["reward"].tolist() == [float(reward) for reward in rewards]


@given(st.binary(max_size=300), st.integers(0, 2))
def test_rubbish_between_rows_is_counted_and_nothing_else_is_lost(rubbish: bytes, place: int) -> None:
    rubbish = rubbish.replace(b"\n", b"").replace(b",", b"") or b"x"
    rows = [ROW.format(steps=k + 1, reward=1.0, time=float(k)).encode() for k in range(2)]
    rows.insert(place, rubbish)
    trace, broken = parse_rows(b"\n".join(rows))
    assert broken == 1
    assert trace["steps"].tolist() == [1.0, 2.0]


@given(
    st.sampled_from(range(len(COLUMNS))),
    st.sampled_from(["", "-", "1.2.3", "Trueish", "--1", "0x1f", "[1", "é9"]),
)
def test_a_damaged_value_costs_its_row_only(column: int, damage: str) -> None:
    values = ROW.format(steps=3, reward=1.0, time=1.0).split(",")
    values[column] = damage
    good = "".join(ROW.format(steps=k, reward=1.0, time=float(k)) + "\n" for k in (1, 2))
    trace, broken = parse_rows(f"{good}{','.join(values)}\n".encode())
    may_stay = COLUMNS[column] in ("action", "episode_status")  # an unknown action is -1; no status is one
    assert broken + len(trace["X"]) == 3
    assert broken == 1 or may_stay
    assert trace["steps"][:2].tolist() == [1.0, 2.0]


def test_actions_with_commas_in_brackets_are_one_value() -> None:
    row = ROW.format(steps=1, reward=1.0, time=0.0).replace(",3,", ",[-12.5,2.0],")
    trace, broken = parse_rows(row.encode())
    assert broken == 0
    assert trace["action"].tolist() == ["[-12.5 2.0]"]


def test_rows_of_a_kind_that_is_rarer_are_broken() -> None:
    usual = ROW.format(steps=1, reward=1.0, time=0.0)
    older = usual.rsplit(",", 1)[0]
    next_one = ROW.format(steps=2, reward=1.0, time=0.1)
    trace, broken = parse_rows("\n".join([usual, next_one, older]).encode())
    assert broken == 1
    assert np.array_equal(trace["pause_duration"], [0.0, 0.0])


def test_of_an_era_to_come_the_columns_that_all_begin_with_are_read() -> None:
    rows = [ROW.format(steps=step, reward=1.0, time=step / 15) + ",0,1234.5,new,7.5" for step in (1, 2, 3)]
    trace, broken = parse_rows("\n".join(rows).encode())
    assert (broken, trace["steps"].tolist()) == (0, [1.0, 2.0, 3.0])
    assert "wall_clock" not in trace


def test_speeds_of_any_car_are_read_as_they_are() -> None:
    rows = [
        ROW.format(steps=step, reward=1.0, time=step / 15).replace(",2.0,", f",{step * 4.0},")
        for step in (1, 2, 3)
    ]
    trace, broken = parse_rows("\n".join(rows).encode())
    assert (broken, trace["throttle"].tolist()) == (0, [4.0, 8.0, 12.0])
