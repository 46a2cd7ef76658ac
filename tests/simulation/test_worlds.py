"""Boxes and bots: where they are put, how bots drive, and who hits whom."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openracer.simulation import body
from openracer.simulation.bodies import BOT, BOX, CAR
from openracer.simulation.episode import EpisodeRules
from openracer.simulation.obstacles import Objects, Position
from openracer.simulation.placing import RESET_BEHIND
from openracer.simulation.presets import find_preset
from openracer.simulation.simulator import Simulator
from openracer.simulation.status import Status
from openracer.tracks.catalogue import find

TRACK = find("reinvent_base")
V5 = find_preset("v5")
ONE = np.array([0])


def simulator_with(objects, cars=1, rules=None, **more):
    simulator = Simulator([TRACK], cars, V5, rules, objects=objects, **more)
    simulator.start(np.arange(cars), np.zeros(cars))
    return simulator


@cache
def sharing(cars):
    """Cars of one world; each test starts them anew."""
    return Simulator([TRACK], cars, V5, cars_per_world=cars, workers=1)


def put(simulator, car, distance, lane=0.0, turn=0.0):
    """Put a car so far along the centre line, so far to the left of it, with its origin there."""
    x, y = TRACK.point_at(np.array([distance]))[0]
    row = np.searchsorted(TRACK.arc_length, distance, side="right") - 1
    road = TRACK.heading[min(row, len(TRACK.heading) - 1)]
    state = simulator.state
    state.x[car], state.y[car] = x - lane * math.sin(road), y + lane * math.cos(road)
    state.yaw[car] = road + turn


def put_at_body(simulator, j, ahead=0.0, aside=0.0, turn=0.0, car=0):
    """Put a car so far ahead of a body, in the body's axes."""
    bodies = simulator.bodies
    cos, sin = math.cos(bodies.yaw[j]), math.sin(bodies.yaw[j])
    simulator.state.x[car] = bodies.x[j] + ahead * cos - aside * sin
    simulator.state.y[car] = bodies.y[j] + ahead * sin + aside * cos
    simulator.state.yaw[car] = bodies.yaw[j] + turn


def drive(simulator, steps, speed=1.0, cars=None):
    cars = np.arange(simulator.cars) if cars is None else cars
    for _ in range(steps):
        record = simulator.step(cars, np.zeros(len(cars)), np.full(len(cars), speed))
    return record


class TestPlacing:
    @settings(max_examples=30, deadline=None)
    @given(st.integers(1, 8), st.sampled_from([BOX, BOT]), st.integers(0, 2**32 - 1))
    def test_random_objects_keep_their_distance_and_the_start_free(self, count, kind, seed):
        simulator = Simulator([TRACK], 3, V5, objects=Objects(kind, count, is_random=True), seed=seed)
        simulator.start(np.arange(3), np.zeros(3))
        for distances in simulator.bodies.distance.reshape(3, count):
            # A lane is a little longer or shorter than the centre line: the projection is not to the micrometre.
            assert distances[0] >= 2.0 - 0.05
            assert (np.diff(distances) >= 2.0 - 0.1).all()
            assert distances[-1] <= TRACK.length - 1.0 + 0.05

    def test_each_episode_and_each_world_has_other_places_and_a_seed_the_same(self):
        def layouts(seed):
            simulator = Simulator([TRACK], 2, V5, objects=Objects(BOX, 4, is_random=True), seed=seed)
            seen = []
            for _ in range(2):
                simulator.start(np.arange(2), np.zeros(2))
                seen += simulator.bodies.distance.reshape(2, 4).copy().tolist()
            return seen

        seen = layouts(5)
        assert len({tuple(layout) for layout in seen}) == 4
        assert layouts(5) == seen != layouts(6)

    def test_the_places_of_a_world_do_not_depend_on_the_others(self):
        objects = Objects(BOX, 4, is_random=True)
        alone, many = Simulator([TRACK], 1, V5, objects=objects), Simulator([TRACK], 5, V5, objects=objects)
        alone.start(ONE, np.zeros(1))
        many.start(np.array([3, 0, 4]), np.zeros(3))
        np.testing.assert_array_equal(alone.bodies.x, many.bodies.x[:4])

    def test_even_ones_alternate_from_the_inner_lane_on(self):
        bodies = simulator_with(Objects(BOX, 6)).bodies
        np.testing.assert_allclose(bodies.distance, np.linspace(2.0, TRACK.length - 1.0, 6), atol=0.05)
        assert bodies.is_inner.tolist() == [True, False] * 3
        np.testing.assert_allclose(bodies.distance_from_centre, 0.19, atol=0.01)

    def test_fixed_ones_are_where_they_are_asked_for(self):
        bodies = simulator_with(Objects(BOX, positions=(Position(0.3, -1), Position(0.7, 1)))).bodies
        np.testing.assert_allclose(bodies.distance, [0.3 * TRACK.length, 0.7 * TRACK.length], atol=0.05)
        assert bodies.is_inner.tolist() == [False, True]
        # re:Invent 2018 runs counter-clockwise: the inner lane is the left one.
        assert bodies.is_left.tolist() == [False, True]

    @settings(max_examples=50, deadline=None)
    @given(st.integers(1, 40), st.floats(0.5, 20.0))
    def test_so_many_fit_as_is_said(self, count, least):
        length = TRACK.length
        fits = not list(Objects(BOX, count, min_distance=least).misfits(length))
        assert fits == (count * least <= length - 1.0 + 1e-6)

    @pytest.mark.parametrize(
        ("objects", "told"),
        [
            (
                Objects(BOX, 9),
                "9 boxes at least 2 m apart do not fit on a track of 17.71 m; it has room for 8",
            ),
            (Objects(BOX, positions=(Position(1.0, 1),)), "off the track"),
            (Objects(BOX, positions=(Position(0.5, 0),)), "lane of an object is 0"),
            (Objects(BOT, positions=(Position(0.99, 1), Position(0.02, 1))), "0.53 m apart"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, objects, told):
        with pytest.raises(ValueError, match=told):
            Simulator([TRACK], 1, V5, objects=objects)

    def test_a_start_near_a_box_is_in_the_other_lane(self):
        simulator = Simulator([TRACK], 3, V5, objects=Objects(BOX, positions=(Position(0.5, 1),)))
        simulator.start(np.arange(3), np.array([0.5, 0.5 - 0.9 / TRACK.length, 0.5 - 1.1 / TRACK.length]))
        places = TRACK.project(np.stack([simulator.state.x, simulator.state.y], axis=1)).offset_m
        np.testing.assert_allclose(places, [-0.19, -0.19, 0.0], atol=0.02)


class TestBots:
    def test_a_bot_drives_its_speed_along_its_lane(self):
        simulator = simulator_with(Objects(BOT, 1, speed=0.5))
        before, lanes = simulator.bodies.distance.copy(), simulator.bodies.distance_from_centre.copy()
        drive(simulator, 61, speed=0.1)  # the first step only prepares
        np.testing.assert_allclose((simulator.bodies.distance - before) % TRACK.length, 2.0, atol=0.15)
        np.testing.assert_allclose(simulator.bodies.distance_from_centre, lanes, atol=0.02)

    def test_a_bot_looks_where_it_drives(self):
        simulator = simulator_with(Objects(BOT, 1, speed=1.0, changes_lanes=True, lane_change_s=(0.5, 0.5)))
        bodies, headings, ways = simulator.bodies, [], []
        for _ in range(90):
            x, y = bodies.x[0], bodies.y[0]
            yaw = bodies.yaw[0]
            drive(simulator, 1, speed=0.1)
            if math.hypot(bodies.x[0] - x, bodies.y[0] - y) > 1e-6:
                ways.append(math.atan2(bodies.y[0] - y, bodies.x[0] - x))
                headings.append(0.5 * (yaw + yaw + math.remainder(bodies.yaw[0] - yaw, math.tau)))
        error = np.abs(np.angle(np.exp(1j * (np.array(ways) - headings))))
        assert error.max() < 0.06

    def test_lane_changes_lead_to_the_other_lane_on_a_metre(self):
        simulator = simulator_with(Objects(BOT, 1, speed=1.0, changes_lanes=True, lane_change_s=(1.0, 1.0)))
        inner = [bool(simulator.bodies.is_inner[0])]
        for _ in range(75):
            drive(simulator, 1, speed=0.1)
            inner.append(bool(simulator.bodies.is_inner[0]))
        changes = np.flatnonzero(np.diff(inner))
        # A second in the lane, half a second to the middle, and so on.
        np.testing.assert_allclose(np.diff(changes), 30, atol=2)

    def test_a_bot_that_runs_into_the_car_is_held_with_all_others_and_the_car_has_not_crashed(self):
        simulator = simulator_with(Objects(BOT, 2, speed=0.5, penalty=1.0))
        drive(simulator, 2)
        put_at_body(simulator, 0, ahead=0.3)
        record = drive(simulator, 1)
        assert not record.is_crashed[0]
        put(simulator, 0, simulator.bodies.distance[1] - 3.0)
        before = simulator.bodies.distance.copy()
        drive(simulator, 10)
        np.testing.assert_array_equal(simulator.bodies.distance, before)
        drive(simulator, 20)
        assert (simulator.bodies.distance > before + 0.3).all()


class TestContact:
    @settings(max_examples=60, deadline=None)
    @given(st.floats(-0.7, 0.7), st.floats(-0.6, 0.6), st.floats(-math.pi, math.pi))
    def test_a_box_is_hit_when_a_corner_of_the_car_is_in_its_rectangle(self, ahead, aside, turn):
        simulator = simulator_with(Objects(BOX, positions=(Position(0.1, 1),)))
        drive(simulator, 1)
        put_at_body(simulator, 0, ahead, aside, turn)
        corners = [
            complex(ahead, aside) + complex(a * body.LENGTH / 2, b * body.WIDTH / 2) * np.exp(1j * turn)
            for a in (1, -1)
            for b in (1, -1)
        ]
        inside = [abs(corner.real) <= 0.25 and abs(corner.imag) <= 0.2 for corner in corners]
        margin = min(min(abs(abs(corner.real) - 0.25), abs(abs(corner.imag) - 0.2)) for corner in corners)
        if margin > 1e-6:
            assert bool(drive(simulator, 1).is_crashed[0]) == any(inside)

    @settings(max_examples=60, deadline=None)
    @given(st.floats(0.0, 1.0), st.floats(-0.3, 0.3), st.floats(-0.15, 0.15), st.floats(-3.0, 3.0))
    def test_of_two_cars_that_touch_the_one_behind_has_crashed(self, fraction, ahead, aside, turn):
        simulator = sharing(2)
        simulator.start(np.arange(2), np.zeros(2))
        drive(simulator, 1)
        distance = fraction * (TRACK.length - 0.01)
        put(simulator, 0, distance)
        put(simulator, 1, (distance + ahead) % TRACK.length, aside, turn)
        record = drive(simulator, 1)
        share = record.projection_distance / TRACK.length
        gap = (share[1] - share[0] + 0.5) % 1.0 - 0.5
        if record.is_crashed.any() and abs(gap) > 1e-9:
            # Never both; and it is the one whose front is behind, across the start line as anywhere.
            assert record.is_crashed.tolist() == [gap > 0, gap < 0]

    @settings(max_examples=20, deadline=None)
    @given(st.floats(0.0, 0.99), st.floats(0.02, 0.3))
    def test_it_makes_no_difference_which_of_two_cars_is_which(self, fraction, ahead):
        crashed = []
        for first, second in ((0, 1), (1, 0)):
            simulator = sharing(2)
            simulator.start(np.arange(2), np.zeros(2))
            drive(simulator, 1)
            put(simulator, first, fraction * TRACK.length)
            put(simulator, second, (fraction * TRACK.length + ahead) % TRACK.length)
            record = drive(simulator, 1)
            crashed.append([bool(record.is_crashed[first]), bool(record.is_crashed[second])])
        assert crashed[0] == crashed[1] == [True, False]

    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(st.floats(-0.4, 0.4), st.floats(-0.25, 0.25), st.floats(-3.0, 3.0)),
            min_size=2,
            max_size=5,
        ),
        st.randoms(use_true_random=False),
    )
    def test_who_has_crashed_does_not_depend_on_the_order_of_the_cars(self, places, random):
        def crashed(order):
            simulator = sharing(len(places))
            simulator.start(np.arange(len(places)), np.zeros(len(places)))
            drive(simulator, 1)
            for car, place in enumerate(order):
                ahead, aside, turn = places[place]
                put(simulator, car, 3.0 + ahead, aside, turn)
            flags = drive(simulator, 1).is_crashed
            return {place: bool(flags[car]) for car, place in enumerate(order)}

        order = list(range(len(places)))
        shuffled = random.sample(order, len(order))
        assert crashed(order) == crashed(shuffled)

    def test_a_car_that_is_taken_away_is_neither_hit_nor_seen_until_it_starts_anew(self):
        simulator = Simulator([TRACK], 2, V5, cars_per_world=2)
        simulator.start(np.arange(2), np.zeros(2))
        drive(simulator, 1)
        frame = {"FRONT_FACING_CAMERA": np.zeros((1, 120, 160), np.uint8)}

        def look():
            put(simulator, 0, 3.4)
            put(simulator, 1, 3.0)
            is_crashed = bool(drive(simulator, 1, cars=np.array([1]), speed=0.1).is_crashed[1])
            simulator.observe(np.array([1]), frame)
            return is_crashed, frame["FRONT_FACING_CAMERA"].copy()

        drive(simulator, 1, cars=ONE)
        put(simulator, 0, 3.3)
        drive(simulator, 1, cars=ONE)
        _there, seen = look()
        simulator.take_away(ONE)
        put(simulator, 1, 3.2)
        gone, empty = look()
        assert (seen != empty).sum() > 500
        assert not gone
        simulator.start(ONE, np.zeros(1))
        assert not simulator.bodies.is_away.any()

    def test_each_car_has_its_own_rules_and_its_own_vehicle(self):
        rules = [EpisodeRules(), EpisodeRules(max_resets=5)]
        simulator = Simulator([TRACK], 2, [V5, find_preset("v6")], rules)
        simulator.start(np.arange(2), np.zeros(2))
        drive(simulator, 8, speed=2.0)
        assert simulator.state.forward_speed[1] > 1.2 * simulator.state.forward_speed[0]
        for car in range(2):
            put(simulator, car, 3.0, lane=-1.0)
        assert drive(simulator, 1).done.tolist() == [True, False]

    def test_cars_of_different_worlds_pass_through_each_other(self):
        simulator = Simulator([TRACK], 2, V5)
        simulator.start(np.arange(2), np.zeros(2))
        assert not drive(simulator, 2).is_crashed.any()

    def test_a_crash_ends_a_training_episode_with_its_status(self):
        simulator = simulator_with(Objects(BOX, positions=(Position(0.1, 1),)))
        drive(simulator, 1)
        put_at_body(simulator, 0, ahead=-0.3)
        record = drive(simulator, 1)
        assert record.done[0] and Status(int(record.status[0])) is Status.CRASHED
        assert simulator.episode.crashes[0] == 1

    def test_after_a_crash_the_car_waits_a_metre_behind_the_box_in_the_other_lane(self):
        rules = EpisodeRules(max_resets=3, collision_penalty=2.0)
        simulator = simulator_with(Objects(BOX, positions=(Position(0.25, 1),)), rules=rules)
        drive(simulator, 1)
        put_at_body(simulator, 0, ahead=-0.3)
        record = drive(simulator, 1)
        assert not record.done[0] and Status(int(record.status[0])) is Status.CRASHED
        place = TRACK.project(np.array([[simulator.state.x[0], simulator.state.y[0]]]))
        assert place.distance_m[0] == pytest.approx(simulator.bodies.distance[0] - RESET_BEHIND, abs=0.02)
        assert place.offset_m[0] == pytest.approx(-0.19, abs=0.02)
        waited = 0
        while Status(int(drive(simulator, 1).status[0])) is Status.PAUSE:
            waited += 1
        assert waited == 30

    def test_after_running_into_a_bot_the_car_waits_where_it_is(self):
        rules = EpisodeRules(max_resets=3, collision_penalty=2.0)
        simulator = simulator_with(Objects(BOT, 1, speed=0.5), rules=rules)
        drive(simulator, 2)
        put_at_body(simulator, 0, ahead=-0.25)
        place = simulator.state.x[0], simulator.state.y[0]
        record = drive(simulator, 1)
        assert Status(int(record.status[0])) is Status.CRASHED
        drive(simulator, 29)
        assert (simulator.state.x[0], simulator.state.y[0]) == place
        assert Status(int(drive(simulator, 3).status[0])) is Status.IN_PROGRESS


class TestNeighbours:
    @settings(max_examples=30, deadline=None)
    @given(st.floats(0.0, 0.999), st.integers(1, 6))
    def test_the_objects_behind_and_ahead_enclose_the_car(self, fraction, count):
        simulator = simulator_with(Objects(BOX, count))
        put(simulator, 0, fraction * TRACK.length)
        record = drive(simulator, 1)
        gaps = (simulator.bodies.distance - record.projection_distance[0]) % TRACK.length
        assert record.next_object[0] == np.argmin(np.where(gaps == 0.0, TRACK.length, gaps))
        assert record.previous_object[0] == np.argmax(gaps)

    def test_cars_of_a_world_are_each_others_objects(self):
        simulator = simulator_with(Objects(BOX, 2), cars=4, cars_per_world=2)
        assert simulator.objects_of_cars.tolist() == [[0, 1, 3], [4, 5, 7], [0, 1, 2], [4, 5, 6]]
        assert simulator.bodies.kind.tolist() == [BOX, BOX, CAR, CAR] * 2

    def test_an_object_ahead_is_in_the_camera_and_one_behind_is_not(self):
        simulator = simulator_with(Objects(BOX, positions=(Position(0.15, 1),)))
        put_at_body(simulator, 0, ahead=-1.5)
        assert drive(simulator, 1).object_in_camera[0]
        put_at_body(simulator, 0, ahead=1.5)
        assert not drive(simulator, 1).object_in_camera[0]
