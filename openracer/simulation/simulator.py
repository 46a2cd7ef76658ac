"""The simulator: many cars on many tracks at once, stepped in control periods and seen through their cameras."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.bodies import BOT, Bodies
from openracer.simulation.camera import render_frames, render_stereo
from openracer.simulation.columns import row_of, rows_of
from openracer.simulation.distortion import distort, noise_grains
from openracer.simulation.episode import PAUSE, EpisodeRules, start_episodes, step_cars
from openracer.simulation.episode_state import EpisodeState
from openracer.simulation.lanes import LaneTable
from openracer.simulation.lidar import scan
from openracer.simulation.obstacles import NO_OBJECTS, ObjectRules, Objects, fixed_places
from openracer.simulation.palette import PALETTES
from openracer.simulation.randomisation import NOTHING_RANDOM, Randomisation, Variations
from openracer.simulation.record import StepRecord
from openracer.simulation.scenery import Scenery
from openracer.simulation.sensors import CAMERAS, DEFAULT, FRONT_FACING_CAMERA, LIDARS, SENSORS, Sensor
from openracer.simulation.threads import Kernel, Threads
from openracer.simulation.track_table import TrackTable
from openracer.simulation.vehicle import TICK, VehiclePreset, VehicleState
from openracer.simulation.worlds import BotState, WorldState, advance_worlds, lay_out_worlds, share_poses
from openracer.tracks.track import Track

CONTROL_TICKS = 4
"""Ticks of 1/60 s between two camera frames: 15 Hz."""

_LEAST_TO_STEP, _LEAST_TO_SEE = 24, 4
"""Cars whose steps, or frames, take some twenty-five microseconds, about as long as waking a thread does."""


class Simulator:
    """N cars in their worlds, one array per quantity, car index first.

    A world is a track with the cars, boxes and bot cars that are on it together.

    Args:
        tracks: the tracks in use.
        world_track: ``(W,)`` index of each world's track; by default world i has track ``i % len(tracks)``.
        cars: number of cars N.
        vehicle: constants of the cars; if they differ, of each.
        rules: what ends an episode; if that differs, for each car.
        step_jitter_s: standard deviation of the time between two frames of a car, s. The real simulator's is 4 to
            6 ms in the console's evaluations, so that no two trials are alike.
        seed: of that jitter.
        workers: threads to use; by default all cores.
        sensors: what the cars are equipped with; not every car has to look with all of them.
        objects: boxes or bot cars in every world.
        cars_per_world: cars that share a world, see each other and hit each other: of W worlds, world i has the cars i,
            ``i + W``, ``i + 2 * W`` and so on.
        control_ticks: ticks of 1/60 s between two camera frames.
        randomisation: how much looks and cars differ from episode to episode.

    Raises:
        ValueError: the objects do not fit on a track.

    Attributes:
        sensors: as given.
        worlds: number of worlds W.
        world: ``(N,) int64`` world of each car.
        track: ``(N,) int64`` track of each car.
        state: pose and motion.
        episode: what the rules remember.
        record: the last row of every car.
        objects: as given.
        bodies: the boxes, bots and, where several share a world, cars of every world.
    """

    def __init__(
        self,
        tracks: Sequence[Track],
        cars: int,
        vehicle: VehiclePreset | Sequence[VehiclePreset],
        rules: EpisodeRules | Sequence[EpisodeRules] | None = None,
        world_track: NDArray[np.int64] | None = None,
        step_jitter_s: float = 0.0,
        seed: int = 0,
        workers: int | None = None,
        sensors: Sequence[Sensor] = DEFAULT,
        objects: Objects = NO_OBJECTS,
        cars_per_world: int = 1,
        control_ticks: int = CONTROL_TICKS,
        randomisation: Randomisation = NOTHING_RANDOM,
    ):
        self.tracks = tuple(tracks)
        self.sensors = tuple(sensors)
        objects.check(self.tracks)
        self.objects = objects
        self.cars_per_world = cars_per_world
        self._control_ticks = control_ticks
        self.worlds = worlds = cars // cars_per_world
        self.world = np.arange(cars) % worlds
        self._world_track = np.arange(worlds) % len(self.tracks) if world_track is None else world_track
        self.track = self._world_track[self.world]
        self.state = VehicleState.zeros(cars)
        self.episode = EpisodeState.zeros(cars)
        self.record = StepRecord.zeros(cars)
        self._rules, self._presets = _for_each(rules or EpisodeRules(), cars), _for_each(vehicle, cars)
        self._variations: Variations | None = None
        if randomisation.is_off:
            self.scenery, self.palette = Scenery(self.tracks, PALETTES[:1]), np.zeros(cars, np.int32)
        else:
            self._variations = Variations(randomisation, self.tracks, self._presets, self.period, seed)
            self.scenery, self.palette = self._variations.scenery, self._variations.look
            self._presets = self._variations.presets
            self._grains = noise_grains(seed)
        self._scene = self.track.astype(np.int32)
        self._table = TrackTable.of(self.tracks)
        self._threads = Threads(workers)
        self._step_jitter_s = step_jitter_s
        self._jitter = [np.random.default_rng((seed, world)) for world in range(worlds)]
        self._others = cars_per_world if cars_per_world > 1 else 0
        self._slots = self.world * self.bodies_per_world + objects.number + np.arange(cars) // worlds
        self.bodies = Bodies.zeros(max(1, worlds * self.bodies_per_world))
        self._worlds = WorldState.seeded(worlds, seed)
        self._bots = BotState.zeros(max(1, worlds * objects.number))
        self._object_rules, self._fixed = row_of(ObjectRules.of(objects)), fixed_places(objects)
        self._lanes = LaneTable.of(self.tracks)

    @property
    def cars(self) -> int:
        """Number of cars N."""
        return len(self.world)

    @property
    def period(self) -> float:
        """Simulated time between two camera frames, s."""
        return self._control_ticks * TICK

    def start(self, cars: NDArray[np.int64], fractions: NDArray[np.float64]) -> None:
        """Begin a new episode for some cars; with the first car of a world, for its boxes and bots, too.

        Args:
            cars: ``(K,)`` indices.
            fractions: ``(K,)`` start on the centre line, as a fraction of the track's length. An open track always
                starts at its beginning.
        """
        if self._variations is not None:
            self._variations.draw(cars)
        if self.objects.number:
            lay_out_worlds(
                self.world[cars[cars < self.worlds]], self.period, self._object_rules, self._fixed,
                rows_of(self._worlds), rows_of(self._bots), *self._world_arguments,
            )  # fmt: skip
        is_closed = self._table.tracks["is_closed"][self.track[cars]]
        start_episodes(
            cars,
            np.where(is_closed, fractions, 0.0),
            rows_of(self.state),
            rows_of(self.episode),
            self._table,
            self.track,
            *self.body_arguments,
        )
        self._share_poses(cars)

    def step(
        self, cars: NDArray[np.int64], steering: NDArray[np.float64], speed: NDArray[np.float64]
    ) -> StepRecord:
        """Write the row of some cars, then let their commands act for one control period.

        Args:
            cars: ``(K,)`` indices, each at most once; the others stand still in time.
            steering: ``(K,)`` commands, rad, left positive; clipped to ±30°.
            speed: ``(K,)`` commands, m/s.

        Returns:
            The rows of all N cars (the same arrays at every step).
        """
        if self._variations is not None:
            steering = steering * self._variations.steering_gain[cars]
        self._share_poses(cars)
        periods = self._periods(cars)
        self._threads.run(
            step_cars, len(cars), _LEAST_TO_STEP, cars, rows_of(self.state), rows_of(self.episode),
            rows_of(self.record), self._table, self.track, self._rules, self._presets, steering, speed, periods,
            self._control_ticks, *self.body_arguments, rows_of(self._worlds), self.objects.penalty,
        )  # fmt: skip
        if self.objects.kind == BOT and self.objects.number:
            worlds, first = np.unique(self.world[cars], return_index=True)
            self._threads.run(
                advance_worlds, len(worlds), _LEAST_TO_STEP, worlds, periods[first], self._object_rules,
                rows_of(self._worlds), rows_of(self._bots), *self._world_arguments,
            )  # fmt: skip
        self._share_poses(cars)
        return self.record

    def take_away(self, cars: NDArray[np.int64]) -> None:
        """Take some cars ``(K,)``, which share their worlds with others, off the road until their next episode."""
        self.bodies.is_away[self._slots[cars]] = True
        self.bodies.is_solid[self._slots[cars]] = False

    @property
    def bodies_per_world(self) -> int:
        """Boxes and bots of a world and, if it has several, its cars."""
        return self.objects.number + self._others

    @cached_property
    def objects_of_cars(self) -> NDArray[np.int64]:
        """``(N, O)`` which of :attr:`bodies` are each car's objects: all of its world but itself."""
        bodies = self.bodies_per_world
        own = self.objects.number + np.arange(self.cars) // self.worlds
        numbers = np.arange(bodies - (1 if self._others else 0))
        return np.asarray(self.world[:, None] * bodies + numbers + (numbers >= own[:, None]))

    @cached_property
    def body_arguments(self) -> tuple[Any, ...]:
        """What kernels take of bodies: their structs, the worlds of the cars, objects and cars of a world."""
        return rows_of(self.bodies), self.world, self.objects.number, self._others

    @cached_property
    def _world_arguments(self) -> tuple[Any, ...]:
        return rows_of(self.bodies), self.bodies_per_world, self._lanes, self._table, self._world_track

    def _share_poses(self, cars: NDArray[np.int64]) -> None:
        """Let the cars of worlds with several see where the others are."""
        if self._others:
            share_poses(
                cars, rows_of(self.state), self.episode.phase == PAUSE, self._slots, rows_of(self.bodies), self._table,
                self.track,
            )  # fmt: skip

    def _periods(self, cars: NDArray[np.int64]) -> NDArray[np.float64]:
        """Length of the next control period of some cars ``(K,)``, s; what a world draws depends on no other."""
        periods = np.full(len(cars), self.period)
        if self._step_jitter_s > 0.0:
            worlds, place = np.unique(self.world[cars], return_inverse=True)
            drawn = np.array([self._jitter[world].normal(0.0, self._step_jitter_s) for world in worlds])
            periods += np.clip(drawn, -0.4 * self.period, 0.4 * self.period)[place]
        return periods

    def observe(self, cars: NDArray[np.int64], out: Mapping[str, NDArray[Any]]) -> None:
        """Write what some cars see with some of their sensors.

        Args:
            cars: ``(K,)`` indices.
            out: a buffer for each of those sensors by its name, ``(K, *shape)`` of its type, filled in place.
        """
        for sensor in map(SENSORS.__getitem__, out):
            if sensor in CAMERAS:
                self._threads.run(
                    render_frames if sensor is FRONT_FACING_CAMERA else render_stereo, len(cars), _LEAST_TO_SEE,
                    out[sensor.name], cars, rows_of(self.state), self._scene, self.palette, *self.body_arguments,
                    *self.scenery.kernel_arguments,
                )  # fmt: skip
                if self._variations is not None and self._variations.is_distorted:
                    self._threads.run(
                        distort, len(cars), _LEAST_TO_SEE, out[sensor.name], int(np.prod(sensor.shape[2:])), cars,
                        self._variations.distortion, self.episode.steps, self.episode.clock, self._grains,
                    )  # fmt: skip
            else:
                self._threads.run(
                    scan, len(cars), _LEAST_TO_STEP, out[sensor.name], LIDARS.index(sensor), cars,
                    rows_of(self.state), self._scene, *self.body_arguments, self.scenery.rooms,
                )  # fmt: skip

    def describe(
        self, kernel: Kernel, cars: NDArray[np.int64], out: NDArray[np.float32], *constants: object
    ) -> None:
        """Fill rows of numbers about some cars with a kernel of the caller's.

        Args:
            kernel: ``kernel(turns, out, cars, state, episode, table, track (N,), *constants)``,
                where ``state`` and ``episode`` are arrays of structs.
            cars: ``(K,)`` indices.
            out: ``(K, D) float32``, filled in place.
            constants: passed on to the kernel.
        """
        self._threads.run(
            kernel, len(cars), _LEAST_TO_STEP, out, cars, rows_of(self.state), rows_of(self.episode), self._table,
            self.track, *constants,
        )  # fmt: skip

    def close(self) -> None:
        """End the threads."""
        self._threads.close()


_Constants = VehiclePreset | EpisodeRules


def _for_each(constants: _Constants | Sequence[_Constants], cars: int) -> NDArray[np.void]:
    """``(N,)`` structs of constants, which are those of all cars or of each."""
    if isinstance(constants, VehiclePreset | EpisodeRules):
        return np.repeat(row_of(constants), cars)
    return np.concatenate([row_of(each) for each in constants])
