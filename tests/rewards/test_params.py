"""The params dictionary holds what DeepRacer's does, in plain Python objects."""

import re
from bisect import bisect_right
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LinearRing, LineString, Point, Polygon

from openracer.rewards.params import Params, ParamsBuilder
from openracer.rewards.samples import sample_states
from openracer.simulation.presets import V5
from openracer.simulation.record import StepRecord
from openracer.simulation.simulator import Simulator
from openracer.tracks.track import Track

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "reward_parameters.md"

DEEPRACER_KEYS = [
    "all_wheels_on_track",
    "x",
    "y",
    "heading",
    "distance_from_center",
    "projection_distance",
    "progress",
    "steps",
    "speed",
    "steering_angle",
    "track_width",
    "track_length",
    "waypoints",
    "closest_waypoints",
    "is_left_of_center",
    "is_reversed",
    "closest_objects",
    "objects_location",
    "objects_left_of_center",
    "object_in_camera",
    "objects_speed",
    "objects_heading",
    "objects_distance_from_center",
    "objects_distance",
    "is_crashed",
    "is_offtrack",
    "sim_time",
]


def a_record(cars: int) -> StepRecord:
    """A row in which every quantity of every car is different where its type allows."""
    record = StepRecord.zeros(cars)
    for place, column in enumerate(record):
        column[:] = (
            (np.arange(cars) * 7 + place) % 2 if column.dtype == bool else np.arange(cars) * 100 + place
        )
    return record


def build(track: Track, record: StepRecord, cars: list[int]) -> list[Params]:
    count = len(record.x)
    builder = ParamsBuilder([track], np.zeros(count, dtype=np.int64))
    return list(builder.build(record, np.arange(count) / 10.0, -np.arange(count) * 1.5, np.array(cars)))


def plain(value: object) -> bool:
    if type(value) in (list, tuple):
        return all(plain(item) for item in value)  # type: ignore[attr-defined]
    return type(value) in (bool, int, float)


def test_has_deepracers_27_keys(reinvent: Track) -> None:
    [params] = build(reinvent, a_record(1), [0])
    assert len(DEEPRACER_KEYS) == 27
    assert set(params) == set(DEEPRACER_KEYS) == set(Params.__annotations__)


def test_values_are_plain_python_objects_of_the_promised_types(reinvent: Track) -> None:
    [params] = build(reinvent, a_record(3), [2])
    for key, promised in get_type_hints(Params).items():
        value = params[key]  # type: ignore[literal-required]
        assert plain(value), key
        assert type(value) is (
            promised if isinstance(promised, type) and promised in (bool, float) else list
        ), key
    assert all(type(point) is tuple and len(point) == 2 for point in params["waypoints"])


def test_every_car_has_its_own_row_in_the_order_asked_for(reinvent: Track) -> None:
    record = a_record(5)
    for car, params in zip([3, 0, 4], build(reinvent, record, [3, 0, 4]), strict=True):
        assert params["x"] == record.x[car]
        assert params["y"] == record.y[car]
        assert params["heading"] == record.heading_deg[car]
        assert params["distance_from_center"] == record.distance_from_centre[car]
        assert params["projection_distance"] == record.projection_distance[car]
        assert params["progress"] == record.progress[car]
        assert params["steps"] == record.steps[car]
        assert params["track_width"] == record.track_width[car]
        assert params["closest_waypoints"] == [record.previous_waypoint[car], record.next_waypoint[car]]
        assert params["is_left_of_center"] == record.is_left_of_centre[car]
        assert params["all_wheels_on_track"] == record.all_wheels_on_track[car]
        assert params["is_offtrack"] == record.is_offtrack[car]
        assert params["is_crashed"] == record.is_crashed[car]
        assert params["sim_time"] == record.sim_time[car]
        assert params["speed"] == car / 10.0
        assert params["steering_angle"] == -car * 1.5


def test_no_cars_no_dictionaries(reinvent: Track) -> None:
    builder = ParamsBuilder([reinvent], np.zeros(2, dtype=np.int64))
    assert not list(builder.build(a_record(2), np.ones(2), np.ones(2), np.array([], dtype=np.int64)))


def test_alone_on_the_track_the_object_keys_have_deepracers_defaults(reinvent: Track) -> None:
    [params] = build(reinvent, a_record(1), [0])
    assert params["closest_objects"] == [0, 0]
    assert params["object_in_camera"] is False
    for key in DEEPRACER_KEYS:
        if key.startswith("objects_"):
            assert params[key] == [], key  # type: ignore[literal-required]


def test_cars_on_different_tracks_are_told_of_their_own(reinvent: Track) -> None:
    backwards = reinvent.reverse()
    builder = ParamsBuilder([reinvent, backwards], np.array([1, 0, 1]))
    told = list(builder.build(a_record(3), np.ones(3), np.ones(3), np.arange(3)))
    assert [params["is_reversed"] for params in told] == [True, False, True]
    for params, track in zip(told, (backwards, reinvent, backwards), strict=True):
        assert params["waypoints"] == [tuple(point) for point in track.centre.tolist()]
        assert params["track_length"] == pytest.approx(LineString(track.centre).length)


def test_what_a_reward_function_writes_into_its_params_is_gone_at_the_next_step(reinvent: Track) -> None:
    builder = ParamsBuilder([reinvent], np.zeros(2, dtype=np.int64))
    arguments = (a_record(2), np.ones(2), np.ones(2), np.arange(2))
    untouched = list(builder.build(*arguments))
    first, second = builder.build(*arguments)
    for value in first.values():
        if isinstance(value, list):
            value.clear()
    first.clear()  # type: ignore[attr-defined]
    assert second == untouched[1]
    assert list(builder.build(*arguments)) == untouched


finite = st.floats(-1e6, 1e6)


@given(rows=st.lists(st.tuples(finite, finite, finite, st.integers(1, 100_000), st.booleans()), min_size=1))
@settings(max_examples=50)
def test_numbers_arrive_unchanged(rows: list[tuple[float, float, float, int, bool]]) -> None:
    x, progress, speed, steps, offtrack = (np.array(column) for column in zip(*rows, strict=True))
    record = StepRecord.zeros(len(rows))._replace(x=x, progress=progress, steps=steps, is_offtrack=offtrack)
    centre = np.array([[0.0, 0.0], [1.0, 0.0]])
    road = Track("t", "T", "", centre, centre + np.array([0.0, 1.0]), centre - [0, 1], closed=False)
    builder = ParamsBuilder([road], np.zeros(len(rows), dtype=np.int64))
    told = builder.build(record, speed, -speed, np.arange(len(rows)))
    assert [(p["x"], p["progress"], p["speed"], int(p["steps"]), p["is_offtrack"]) for p in told] == rows


def check_against_shapely(params: Params, track: Track) -> None:
    """Every quantity of geometry, from its definition, by a library that the simulator does not use."""
    front = Point(params["x"], params["y"])
    centre = LineString(track.centre)
    distance = centre.project(front)
    nearest = centre.interpolate(distance)
    inner, outer = LineString(track.inner), LineString(track.outer)
    inner_near = inner.interpolate(inner.project(nearest))
    outer_near = outer.interpolate(outer.project(nearest))
    assert params["distance_from_center"] == pytest.approx(front.distance(centre), abs=1e-9)
    assert params["track_length"] == pytest.approx(centre.length)
    assert params["track_width"] == pytest.approx(inner_near.distance(outer_near), abs=1e-6)
    seam = track.closed and min(distance, centre.length - distance) < 1e-6
    if not seam:
        assert params["projection_distance"] == pytest.approx(distance, abs=1e-9)
        along = [centre.project(Point(point)) for point in track.centre[:-1]] + [centre.length]
        following = bisect_right(along, distance)
        if min(abs(distance - mark) for mark in along) > 1e-6:
            count = len(track.centre)
            assert params["closest_waypoints"] == [(following - 1) % count, following % count]
    if params["distance_from_center"] > 1e-6:
        nearer_inner = front.distance(inner_near) < front.distance(outer_near)
        counter_clockwise = LinearRing(track.centre).is_ccw if track.closed else not track.is_reversed
        assert params["is_left_of_center"] == (nearer_inner == counter_clockwise)
    road = (
        Polygon(track.outer, [track.inner]) if track.closed else Polygon([*track.outer, *track.inner[::-1]])
    )
    heading = np.radians(params["heading"])
    along_car = np.array([np.cos(heading), np.sin(heading)])
    across_car = np.array([-np.sin(heading), np.cos(heading)])
    # Wheel positions from the origin, which is 0.14 m behind the front point: the car's URDF.
    places = ((-0.081663, 0.08105), (-0.081663, -0.08105), (0.082311, 0.079601), (0.082311, -0.079601))
    front_point = np.array([params["x"], params["y"]])
    wheels = [front_point + (ahead - 0.14) * along_car + left * across_car for ahead, left in places]
    inside = [road.contains(Point(wheel)) for wheel in wheels]
    assert params["all_wheels_on_track"] == all(inside)
    assert params["is_offtrack"] == (not any(inside))


def test_sample_states_obey_the_definitions(track: Track) -> None:
    for sample in sample_states(track):
        check_against_shapely(sample.params, track)


def test_driven_cars_are_told_what_the_definitions_say(reinvent: Track) -> None:
    cars = np.arange(8)
    simulator = Simulator([reinvent, reinvent.reverse()], len(cars), V5, workers=1)
    simulator.start(cars, cars / len(cars))
    builder = ParamsBuilder(simulator.tracks, simulator.track)
    choose = np.random.default_rng(5)
    for row in range(60):
        steering_deg, speed = choose.uniform(-25.0, 25.0, len(cars)), choose.uniform(0.5, 3.0, len(cars))
        record = simulator.step(cars, np.radians(steering_deg), speed)
        told = builder.build(record, speed, steering_deg, cars)
        if row % 4 == 0:
            for car, params in enumerate(told):
                check_against_shapely(params, simulator.tracks[simulator.track[car]])
                assert params["speed"] == speed[car]
                assert params["steering_angle"] == steering_deg[car]
        simulator.start(cars[record.done], np.zeros(int(record.done.sum())))
    simulator.close()


def documented() -> dict[str, str]:
    """The keys in the tables of the documentation, and the types given there."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", DOCUMENTATION.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len(dict(rows)), "a key is documented twice"
    return dict(rows)


def test_the_documentation_explains_every_key_and_no_other() -> None:
    assert set(documented()) == set(Params.__annotations__)


def test_the_documentation_gives_the_right_types() -> None:
    for key, hint in get_type_hints(Params).items():
        words = {bool: "bool", float: "float"}.get(hint, "list")
        assert documented()[key].strip().startswith(words), key
