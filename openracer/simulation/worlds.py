"""Worlds in time: laying out their boxes and bots for an episode, driving the bots, and where each body is."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.bodies import BOT, BOX, CAR, Bodies
from openracer.simulation.body import FRONT_POINT_AHEAD
from openracer.simulation.columns import zero_columns
from openracer.simulation.lanes import LANE_CHANGE_DISTANCE, LaneTable, pose_between_lanes
from openracer.simulation.obstacles import END_GAP, INNER_LANE, OUTER_LANE, ObjectRules
from openracer.simulation.threads import next_car
from openracer.simulation.track_table import CENTRE, TrackTable, project_nearby
from openracer.simulation.vehicle import VehicleState
from openracer.tracks.compiled import kernel


class WorldState(NamedTuple):
    """W worlds, one ``(W,)`` array for each quantity.

    Attributes:
        random: state of the world's random numbers.
        hold: time for which its bots stand still, s.
    """

    random: NDArray[np.uint64]
    hold: NDArray[np.float64]

    @classmethod
    def seeded(cls, worlds: int, seed: int) -> "WorldState":
        """Worlds whose random numbers depend on the seed and on their own number."""
        state = cls(*zero_columns({"random": np.uint64, "hold": np.float64}, worlds))
        state.random[:] = [
            np.random.SeedSequence((seed, w)).generate_state(1, np.uint64)[0] for w in range(worlds)
        ]
        return state


class BotState(NamedTuple):
    """The boxes or bots of W worlds, M each, one ``(W * M,)`` array for each quantity.

    Attributes:
        way: along the centre line, m; not wrapped at the end of a lap.
        lane: 1 inner, -1 outer; during a change the one that is left.
        changing_from: way at which the change began, m; infinite if there is none.
        stay: time until the next change begins, s.
    """

    way: NDArray[np.float64]
    lane: NDArray[np.float64]
    changing_from: NDArray[np.float64]
    stay: NDArray[np.float64]

    @classmethod
    def zeros(cls, count: int) -> "BotState":
        """So many bots before their first episode."""
        return cls(*zero_columns(dict.fromkeys(cls._fields, np.float64), count))


@kernel()
def next_bits(random: NDArray[np.uint64], i: int) -> np.uint64:
    """The next 64 random bits of one of several states (splitmix64: Steele, Lea and Flood 2014)."""
    random[i] += np.uint64(0x9E3779B97F4A7C15)
    z = random[i]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel()
def draw_uniform(worlds: WorldState, world: int) -> float:
    """The next random number of a world, from 0 to less than 1."""
    return float(next_bits(worlds.random, world) >> np.uint64(11)) * 2.0**-53


@kernel()
def lay_out(
    world: int, first: int, length: float, rules: ObjectRules, fixed: NDArray[np.float64], worlds: WorldState,
    bots: BotState,
) -> None:  # fmt: skip
    """Choose the places of a world's objects (deepracer-simapp, ``markov/agent_ctrl``: obstacles and bot cars).

    Evenly spread from the least distance behind the start line to a metre before it; drawn at random, each moves, in a
    shuffled order, to anywhere between its neighbours that keeps the least distance.

    Args:
        world: index of the world.
        first: of its objects in ``bots``.
        length: of its track, m.
        rules: of the objects.
        fixed: ``(F, 2)`` fixed places; used if ``rules.is_fixed``.
        worlds: whose random numbers are drawn.
        bots: written.
    """
    count = rules.number
    nearest, farthest = rules.min_distance, length - END_GAP
    for i in range(count):
        if rules.is_fixed:
            bots.way[first + i], bots.lane[first + i] = fixed[i, 0] * length, fixed[i, 1]
        else:
            share = i / (count - 1) if count > 1 else 0.0
            bots.way[first + i] = nearest + share * (farthest - nearest)
            bots.lane[first + i] = INNER_LANE if i % 2 == 0 else OUTER_LANE
        bots.changing_from[first + i] = math.inf
        # Abused as the order of drawing until the loop below is through.
        bots.stay[first + i] = i
    if rules.is_random and not rules.is_fixed:
        for i in range(count - 1, 0, -1):
            other = int(draw_uniform(worlds, world) * (i + 1))
            swapped = bots.stay[first + i]
            bots.stay[first + i], bots.stay[first + other] = bots.stay[first + other], swapped
        for k in range(count):
            i = int(bots.stay[first + k])
            low = nearest if i == 0 else bots.way[first + i - 1] + nearest
            high = farthest if i == count - 1 else bots.way[first + i + 1] - nearest
            place, side = draw_uniform(worlds, world), draw_uniform(worlds, world)
            if low < high:
                bots.way[first + i] = low + place * (high - low)
            bots.lane[first + i] = INNER_LANE if side < 0.5 else OUTER_LANE
    for i in range(count):
        bots.stay[first + i] = math.inf
        if rules.changes_lanes:
            bots.stay[first + i] = _stay(rules, worlds, world)


@kernel(inline="always")
def _stay(rules, worlds, world):  # type: ignore[no-untyped-def]
    """How long a bot keeps to its lane, s."""
    return rules.shortest_stay + draw_uniform(worlds, world) * (rules.longest_stay - rules.shortest_stay)


@kernel()
def put_bodies(
    first: int, slot: int, length: float, rules: ObjectRules, bots: BotState, bodies: Bodies,
    lanes: LaneTable, table: TrackTable, track: int,
) -> None:  # fmt: skip
    """Where a world's boxes and bots are now.

    Args:
        first: of its objects in ``bots``.
        slot: of its first body in ``bodies``.
        length: of its track, m.
        rules: of the objects.
        bots: where they are along the road.
        bodies: written.
        lanes: of all tracks.
        table: all tracks.
        track: the world's.
    """
    for i in range(rules.number):
        way = bots.way[first + i]
        distance = way - math.floor(way / length) * length
        share, slope = (1.0 if bots.lane[first + i] > 0 else 0.0), 0.0
        along = (way - bots.changing_from[first + i]) / LANE_CHANGE_DISTANCE
        if along > 0.0:
            # As a cubic spline through both lanes goes: slowly away from one, slowly on to the other.
            turn = along * along * (3.0 - 2.0 * along)
            sign = 1.0 - 2.0 * share
            share, slope = share + sign * turn, sign * 6.0 * along * (1.0 - along) / LANE_CHANGE_DISTANCE
        x, y, yaw = pose_between_lanes(lanes, track, distance, share, slope)
        j = slot + i
        bodies.kind[j] = BOT if rules.is_bot else BOX
        bodies.speed[j] = rules.speed
        bodies.is_solid[j] = True
        put_body(bodies, j, x, y, yaw, table, track)
        bodies.lap_share[j] = _share_of(distance + FRONT_POINT_AHEAD * rules.is_bot, length)


@kernel(inline="always")
def _share_of(distance, length):  # type: ignore[no-untyped-def]
    """Share of the lap, from 0 to less than 1."""
    return distance / length - math.floor(distance / length)


@kernel()
def put_body(bodies: Bodies, j: int, x: float, y: float, yaw: float, table: TrackTable, track: int) -> None:
    """Write the pose of a body and what follows from it."""
    bodies.x[j], bodies.y[j], bodies.yaw[j] = x, y, yaw
    i, distance, near_x, near_y = project_nearby(x, y, CENTRE, table.centre, table, track)
    row = table.tracks[track].first + i
    road_x = table.centre[row + 1, 0] - table.centre[row, 0]
    road_y = table.centre[row + 1, 1] - table.centre[row, 1]
    bodies.distance[j] = distance
    bodies.distance_from_centre[j] = math.hypot(x - near_x, y - near_y)
    bodies.is_left[j] = road_x * (y - near_y) - road_y * (x - near_x) > 0.0
    bodies.is_inner[j] = bodies.is_left[j] == table.tracks[track].is_counter_clockwise


@kernel()
def drive_bots(
    world: int, first: int, rules: ObjectRules, worlds: WorldState, bots: BotState, period: float
) -> None:
    """Let a world's bots drive for a control period, s, unless they are held."""
    if worlds.hold[world] > 0.0:
        worlds.hold[world] = max(0.0, worlds.hold[world] - period)
        return
    for i in range(first, first + rules.number):
        bots.way[i] += rules.speed * period
        if bots.way[i] - bots.changing_from[i] >= LANE_CHANGE_DISTANCE:
            bots.lane[i] = -bots.lane[i]
            bots.changing_from[i] = math.inf
            bots.stay[i] = _stay(rules, worlds, world)
        elif bots.changing_from[i] == math.inf:
            bots.stay[i] -= period
            if bots.stay[i] <= 0.0:
                bots.changing_from[i] = bots.way[i]


@kernel()
def advance_worlds(
    turns: NDArray[np.int64], chosen: NDArray[np.int64], periods: NDArray[np.float64], all_rules: NDArray[np.void],
    worlds: WorldState, bots: BotState, bodies: Bodies, per_world: int, lanes: LaneTable, table: TrackTable,
    world_track: NDArray[np.int64],
) -> None:  # fmt: skip
    """Let the bots of some worlds drive for one control period.

    Args:
        turns: of :func:`openracer.simulation.threads.all_turns`.
        chosen: ``(K,)`` worlds.
        periods: ``(K,)`` s.
        all_rules: ``(1,)`` the :class:`~openracer.simulation.obstacles.ObjectRules`.
        worlds: state of all worlds.
        bots: of all worlds.
        bodies: of all worlds, written.
        per_world: bodies of a world.
        lanes: of all tracks.
        table: all tracks.
        world_track: ``(W,)`` track of each world.
    """
    rules = all_rules[0]
    k, share_end = next_car(turns, len(chosen), 0, 0)
    while k < len(chosen):
        world = chosen[k]
        track = world_track[world]
        first = world * rules.number
        drive_bots(world, first, rules, worlds, bots, periods[k])
        length = table.arc_length[table.tracks[track].last - 1]
        put_bodies(first, world * per_world, length, rules, bots, bodies, lanes, table, track)
        k, share_end = next_car(turns, len(chosen), k, share_end)


@kernel()
def lay_out_worlds(
    chosen: NDArray[np.int64], hold: float, all_rules: NDArray[np.void], fixed: NDArray[np.float64],
    worlds: WorldState, bots: BotState, bodies: Bodies, per_world: int, lanes: LaneTable, table: TrackTable,
    world_track: NDArray[np.int64],
) -> None:  # fmt: skip
    """Begin a new episode in some worlds: their objects take new places.

    Args:
        chosen: ``(K,)`` worlds.
        hold: time for which bots stand still at first, s.
        all_rules: ``(1,)`` the :class:`~openracer.simulation.obstacles.ObjectRules`.
        fixed: ``(F, 2)`` fixed places.
        worlds: state of all worlds.
        bots: of all worlds.
        bodies: of all worlds, written.
        per_world: bodies of a world.
        lanes: of all tracks.
        table: all tracks.
        world_track: ``(W,)`` track of each world.
    """
    rules = all_rules[0]
    for world in chosen:
        track = world_track[world]
        length = table.arc_length[table.tracks[track].last - 1]
        first = world * rules.number
        worlds.hold[world] = hold
        lay_out(world, first, length, rules, fixed, worlds, bots)
        put_bodies(first, world * per_world, length, rules, bots, bodies, lanes, table, track)


@kernel()
def share_poses(
    cars: NDArray[np.int64], state: VehicleState, is_held: NDArray[np.bool_], slots: NDArray[np.int64], bodies: Bodies,
    table: TrackTable, track: NDArray[np.int64],
) -> None:  # fmt: skip
    """Write where cars are, so that the others of their world see them.

    Args:
        cars: ``(K,)`` indices.
        state: motion of all cars.
        is_held: ``(N,)`` held for a penalty.
        slots: ``(N,)`` body of each car.
        bodies: written.
        table: all tracks.
        track: ``(N,)`` track of each car.
    """
    for car in cars:
        j = slots[car]
        x, y, yaw = state.x[car], state.y[car], state.yaw[car]
        put_body(bodies, j, x, y, yaw, table, track[car])
        bodies.kind[j] = CAR
        bodies.speed[j] = state.forward_speed[car]
        bodies.is_solid[j] = not is_held[car]
        bodies.is_away[j] = False
        front_x, front_y = x + FRONT_POINT_AHEAD * math.cos(yaw), y + FRONT_POINT_AHEAD * math.sin(yaw)
        _, distance, _, _ = project_nearby(front_x, front_y, CENTRE, table.centre, table, track[car])
        bodies.lap_share[j] = _share_of(distance, table.arc_length[table.tracks[track[car]].last - 1])
