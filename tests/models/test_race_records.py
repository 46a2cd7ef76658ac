"""Places in a race, and what is kept of one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openracer.models.race_records import CarResult, rank, read_race, read_races


def result(car, lap_times, progress=50.0, finished=False):
    status = "Lap complete" if finished else "Off track"
    return CarResult(
        1, car, car + 1, 0, tuple(lap_times), 100.0 if finished else progress, status, 0, 0, 0, 9
    )


CARS = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from([10.0, 10.5, 11.0]),
        st.integers(0, 2),
        st.sampled_from([-3.0, 0.0, 20.0, 70.0]),
    ),
    min_size=2,
    max_size=8,
)


@given(CARS)
def test_nobody_is_behind_one_who_did_worse(cars):
    results = [
        result(car, [time] * 3 if finished else [time] * laps, progress, finished)
        for car, (finished, time, laps, progress) in enumerate(cars)
    ]
    ranked = rank(results)
    assert sorted(r.car for r in ranked) == list(range(len(cars)))
    for a in ranked:
        better = sum(
            (b.is_finished and not a.is_finished)
            or (b.is_finished and a.is_finished and b.time_s < a.time_s)
            or (not b.is_finished and not a.is_finished and b.distance_laps > a.distance_laps)
            for b in ranked
        )
        assert a.place == better + 1


def test_there_is_no_race_of_a_wrong_stamp(data_folder):
    assert list(read_races()) == []
    for stamp in ("20260101000000", "../models", "x"):
        with pytest.raises(FileNotFoundError, match="there is no race"):
            read_race(stamp)
    folder = data_folder / "races" / "20260101000000"
    folder.mkdir(parents=True)
    (folder / "race.json").write_text('{"names": []}')
    with pytest.raises(ValueError, match="is damaged"):
        read_race("20260101000000")
    assert list(read_races()) == []
