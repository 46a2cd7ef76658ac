"""A race of models: two to eight in one world, each as it was trained, seeing and hitting each other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import numpy as np

from openracer.agents.threads import TorchThreads
from openracer.environments.action_space import action_space_of
from openracer.environments.racing import FinishedEpisode, RacingEnvironment, Recorder
from openracer.environments.starts import RoundRobinStarts
from openracer.models.episodes import EpisodeRecorder, EpisodeTrace
from openracer.models.folder import ModelFolder
from openracer.models.race_records import CarResult, RaceRecord, rank, write_race
from openracer.rewards.loading import HEARTBEAT_SIZE, RewardFunctions
from openracer.runs.driver import ModelDriver, load_driver
from openracer.runs.evaluation import STEP_JITTER_S, TIME_LIMIT_S
from openracer.runs.live import LiveKind, LiveRing
from openracer.runs.race_request import RaceRequest
from openracer.simulation.episode import EpisodeRules
from openracer.simulation.presets import find_preset
from openracer.simulation.simulator import Simulator
from openracer.tracks import catalogue


class RaceStoppedError(Exception):
    """The race was not wanted any more."""


@dataclass(frozen=True)
class Entrant:
    """Who drives a car.

    Attributes:
        folder: of the model.
        checkpoint: ``best``, ``last`` or the number of an iteration.
        name: in results and films; must differ from the others'.
    """

    folder: ModelFolder
    checkpoint: str
    name: str


@dataclass(frozen=True)
class RaceResult:
    """What came of a race.

    Attributes:
        record: the results, without a folder as long as they are not written.
        traces: of each entry its laps, holding after holding.
        continuous: whether an entry's action space is.
    """

    record: RaceRecord
    traces: tuple[tuple[EpisodeTrace, ...], ...]
    continuous: tuple[bool, ...]

    def write(self) -> RaceRecord:
        """Write it into the user's folder of races; gives the record of what is there.

        Raises:
            WriteError: it cannot be written.
        """
        return write_race(self.record, self.traces, self.continuous, datetime.now(UTC))


def entrants_of(folders: Sequence[tuple[ModelFolder, str]]) -> list[Entrant]:
    """Entrants of models and checkpoints, each with a name of its own."""
    names: list[str] = []
    for folder, checkpoint in folders:
        wanted = folder.name if checkpoint == "best" else f"{folder.name}@{checkpoint}"
        count = sum(name == wanted or name.startswith(f"{wanted} (") for name in names)
        names.append(f"{wanted} ({count + 1})" if count else wanted)
    return [
        Entrant(folder, checkpoint, name) for (folder, checkpoint), name in zip(folders, names, strict=True)
    ]


def race_models(
    entrants: Sequence[Entrant],
    request: RaceRequest,
    go_on: Callable[[], bool] = lambda: True,
    watched_in: Path | None = None,
) -> RaceResult:
    """Let models race each other, in full precision and with their most probable actions.

    No reward function is loaded, and nothing is written. All holdings are driven at once, each in a world of its own.

    Args:
        entrants: two to eight, in the order of the first grid.
        request: the rules; its names of models do not count.
        go_on: asked at every control step.
        watched_in: folder in which the cars of the first holding are published as they drive.

    Raises:
        RaceStoppedError: ``go_on`` said so.
        FileNotFoundError: there is no such checkpoint.
        ValueError: there is no such track, or a file of a model is damaged.
    """
    track = catalogue.find(request.track, request.reverse)
    threads = TorchThreads()
    drivers = [
        load_driver(entrant.folder, entrant.checkpoint, threads, request.trials) for entrant in entrants
    ]
    simulator = Simulator(
        [track],
        len(drivers) * request.trials,
        [find_preset(driver.description.vehicle) for driver in drivers for _trial in range(request.trials)],
        EpisodeRules(
            laps=request.laps,
            max_resets=request.max_resets,
            off_track_penalty=request.off_track_penalty_s,
            collision_penalty=request.collision_penalty_s,
            time_limit=TIME_LIMIT_S,
        ),
        step_jitter_s=STEP_JITTER_S,
        seed=request.seed,
        cars_per_world=len(drivers),
    )
    recorder = EpisodeRecorder(np.full(simulator.cars, track.length))
    recorders: list[Recorder] = [recorder]
    if watched_in is not None:
        recorders.append(_watched(watched_in, simulator))
    no_rewards = RewardFunctions("", [lambda _params: 0.0] * simulator.cars, np.zeros(HEARTBEAT_SIZE))
    space = action_space_of(drivers[0].description.actions)
    environment = RacingEnvironment(simulator, no_rewards, space, RoundRobinStarts(0.0), recorders)
    _drive(environment, drivers, go_on)
    simulator.close()
    traces = sorted(recorder.finished, key=lambda trace: trace.car)
    of_car = [tuple(group) for _car, group in groupby(traces, key=lambda trace: trace.car // request.trials)]
    settings = {**request.as_json(), "track": track.name, "reverse": track.is_reversed}
    record = RaceRecord(
        Path(),
        settings,
        tuple(entrant.name for entrant in entrants),
        tuple(str(entrant.folder.checkpoints.find(entrant.checkpoint)) for entrant in entrants),
        _results(environment.take_finished(), len(entrants), request),
    )
    return RaceResult(record, tuple(of_car), tuple(driver.is_continuous for driver in drivers))


def _watched(folder: Path, simulator: Simulator) -> LiveRing:
    """What publishes the cars of the first holding."""
    ModelFolder(folder).own_folder.mkdir(parents=True, exist_ok=True)
    return LiveRing(folder, LiveKind.RACE, simulator, np.arange(0, simulator.cars, simulator.worlds))


def _drive(environment: RacingEnvironment, drivers: Sequence[ModelDriver], go_on: Callable[[], bool]) -> None:
    """Drive until every car has ended its race; car ``d * trials + t`` is driver d's in holding t."""
    simulator, cars = environment.simulator, environment.all_cars
    environment.start(cars, np.zeros(len(cars)))
    while len(cars):
        if not go_on():
            raise RaceStoppedError
        whose = cars // simulator.worlds
        decisions = [
            driver.decide(simulator, cars[whose == number])
            for number, driver in enumerate(drivers)
            if number in whose
        ]
        actions, steering, speed = (np.concatenate(parts) for parts in zip(*decisions, strict=True))
        _rewards, done = environment.command(cars, actions, steering, speed)
        simulator.take_away(cars[done])
        cars = cars[~done]


def _results(
    episodes: Sequence[FinishedEpisode], entries: int, request: RaceRequest
) -> tuple[CarResult, ...]:
    """The results by holding and place, from the laps of all cars."""
    trials = request.trials
    laps: dict[int, list[FinishedEpisode]] = {}
    for episode in episodes:
        laps.setdefault(episode.car, []).append(episode)
    holdings: list[CarResult] = []
    for trial in range(trials):
        cars = []
        for entry in range(entries):
            own = laps[entry * trials + trial]
            crashes = sum(lap.crashes for lap in own)
            cars.append(
                CarResult(
                    trial=trial + 1,
                    car=entry,
                    start_place=(entry + trial) % entries + 1,
                    place=0,
                    lap_times=tuple(lap.lap_time for lap in own if lap.lap_time is not None),
                    progress=own[-1].progress,
                    status=own[-1].status.title,
                    off_tracks=sum(lap.off_tracks for lap in own),
                    crashes=crashes,
                    resets=sum(lap.resets for lap in own),
                    steps=sum(lap.steps for lap in own),
                )
            )
        holdings += rank(cars)
    return tuple(holdings)
