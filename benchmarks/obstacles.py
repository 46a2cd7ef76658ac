"""How many greedy laps succeed with boxes and with bot cars on the road, and what both cost the simulator.

``python -m benchmarks.obstacles [--races R…] [--models NAME…] [--minutes M] [--seed S] [--only-throughput] [--json]``

Without ``--models`` a model of each race type is trained first, with everything as it comes. Then each drives 20 laps,
each in a seeded layout of its own: six random boxes, or four bots at 0.5 m/s. A lap succeeds if it is completed without
a crash, and against bots if all four are overtaken as well. Bots start in the first 60 % of the lap: at 0.5 m/s one
beyond would be at the line before any car that takes ten seconds or more for its lap. ``--random-bots`` spreads them
over the whole lap instead, as races do; how many were overtaken is then told, too.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
from typing import Any

import numpy as np
import torch

from benchmarks import throughput
from benchmarks.machine import describe_machine
from openracer.agents.inference import GreedyDriver
from openracer.agents.threads import TorchThreads
from openracer.environments.racing import FinishedEpisode
from openracer.environments.starts import RoundRobinStarts
from openracer.models.description import TrainingDescription
from openracer.models.events import read_events
from openracer.models.folder import ModelFolder
from openracer.models.library import create_model, open_model
from openracer.rewards.loading import load_reward
from openracer.runs.assembly import build_environment, build_policy, build_simulator
from openracer.runs.evaluation import STEP_JITTER_S, drive_trials, load_policy
from openracer.runs.supervisor import TrainingProcess
from openracer.simulation.episode import EpisodeRules

OBJECTS = {"object_avoidance": 6, "head_to_bot": 4}
LAYOUTS = 20
LANES = (1, -1)
BOT_SPEED = 0.5
GAP_M, REACH = 2.0, 0.6
"""Bots start at least so far from the line and from each other, within this share of the lap."""


def train(race: str, minutes: float | None) -> tuple[ModelFolder, float]:
    """A new model of a race type, and the minutes of processor time of all cores together that it took."""
    values: dict[str, Any] = {"name": "benchmark-" + race.replace("_", "-"), "race_type": race}
    if minutes is not None:
        values["stop"] = {"minutes": minutes}
    folder, before = create_model(TrainingDescription.from_values(values)), _processor_minutes()
    for event in TrainingProcess(folder.path).watch():
        if event is not None and event["event"] == "failed":
            raise RuntimeError(event["message"])
    return folder, _processor_minutes() - before


def _processor_minutes() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) / 60.0


def bot_layout(length: float, random: np.random.Generator) -> list[dict[str, Any]]:
    """Places for the four bots of one layout, all within reach on a track of this length, m."""
    count = OBJECTS["head_to_bot"]
    slack = REACH * length - count * GAP_M
    if slack < 0.0:
        raise ValueError(
            f"{count} bots {GAP_M} m apart do not fit in {REACH:.0%} of a track of {length:.1f} m"
        )
    distances = GAP_M * np.arange(1, count + 1) + np.sort(random.uniform(0.0, slack, count))
    return [{"fraction": float(d / length), "lane": LANES[random.integers(2)]} for d in distances]


def overtaken(episode: FinishedEpisode, layout: list[dict[str, Any]], length: float) -> int:
    """How many bots of a layout are behind the car at the end of its episode, which began at the line."""
    travelled = BOT_SPEED * (episode.end_time - episode.start_time)
    own = episode.progress / 100.0 * length
    return sum(bot["fraction"] * length + travelled < own for bot in layout)


def drive(folder: ModelFolder, race: str, changes: dict[str, Any], trials: int) -> list[FinishedEpisode]:
    """One lap of each of some cars with the model's best checkpoint, from the line, with uneven step times."""
    described = folder.description().with_changes({"race_type": race, **changes})
    policy = build_policy(described, torch.float32)
    load_policy(policy, folder, folder.checkpoints.find("best"))
    simulator = build_simulator(described, trials, EpisodeRules(time_limit=120.0), STEP_JITTER_S)
    rewards = load_reward(described.reward_source, trials)
    environment = build_environment(described, simulator, rewards, RoundRobinStarts(0.0))
    episodes = drive_trials(environment, GreedyDriver(policy, TorchThreads()).act, np.zeros(trials))
    simulator.close()
    return episodes


def measure(folder: ModelFolder, race: str, seed: int, random_bots: bool) -> dict[str, Any]:
    """What came of the laps of one model."""
    settings = {"random": True, "number": OBJECTS[race], "positions": [], "bot_speed": BOT_SPEED}
    passed: list[int] = []
    if race == "head_to_bot" and not random_bots:
        length, episodes = folder.description().find_track().length, []
        for number in range(LAYOUTS):
            layout = bot_layout(length, np.random.default_rng((seed, number)))
            changes = {"seed": seed + number, "objects": settings | {"positions": layout}}
            episodes += drive(folder, race, changes, 1)
            passed.append(overtaken(episodes[-1], layout, length))
    else:
        episodes = drive(folder, race, {"seed": seed, "objects": settings}, LAYOUTS)
    laps = [episode.lap_time for episode in episodes if episode.lap_time is not None]
    is_clean = [episode.lap_time is not None and episode.crashes == 0 for episode in episodes]
    events, _offset = read_events(folder.events_file)
    iterations = [event for event in events if event["event"] == "iteration"]
    return {
        "race": race,
        "model": folder.name,
        "checkpoint": str(folder.checkpoints.find("best")),
        "steps_trained": iterations[-1]["steps"] if iterations else None,
        "minutes_trained": round(iterations[-1]["seconds"] / 60.0, 1) if iterations else None,
        "layouts": LAYOUTS,
        "laps_without_a_crash": sum(is_clean),
        "and_all_overtaken": sum(
            clean and count == OBJECTS[race] for clean, count in zip(is_clean, passed, strict=True)
        )
        if passed
        else None,
        "crashed": sum(episode.crashes for episode in episodes),
        "off_track": sum(episode.off_tracks for episode in episodes),
        "mean_lap_s": round(sum(laps) / len(laps), 2) if laps else None,
    }


def main() -> None:
    """Train where needed, drive, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--races", nargs="*", default=list(OBJECTS), choices=list(OBJECTS))
    parser.add_argument("--models", nargs="+", help="trained models, one for each race, instead of new ones")
    parser.add_argument("--minutes", type=float, help="of each training; by default the recipe's")
    parser.add_argument("--seed", type=int, default=1, help="of the layouts")
    parser.add_argument("--random-bots", action="store_true", help="spread bots over the whole lap")
    parser.add_argument("--no-throughput", action="store_true", help="leave out what the simulator makes")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    arguments = parser.parse_args()
    if arguments.models and len(arguments.models) != len(arguments.races):
        parser.error("--models takes one model for each race")
    speed = [] if arguments.no_throughput else throughput.measure()
    rows = []
    with tempfile.TemporaryDirectory() as home:
        if not arguments.models:
            os.environ["OPENRACER_HOME"] = home
        for number, race in enumerate(arguments.races):
            minutes = None
            if arguments.models:
                folder = open_model(arguments.models[number])
            else:
                folder, minutes = train(race, arguments.minutes)
            row = measure(folder, race, arguments.seed, arguments.random_bots)
            rows.append(row | {"processor_minutes": None if minutes is None else round(minutes, 1)})
            print(f"{race} measured", file=sys.stderr)
    if arguments.json:
        print(json.dumps({"machine": describe_machine(), "races": rows, "throughput": speed}))
        return
    if rows:
        print(
            "| race | steps trained | laps without a crash | and all overtaken | mean lap |\n|---|---|---|---|---|"
        )
    columns = ("race", "steps_trained", "laps_without_a_crash", "and_all_overtaken", "mean_lap_s")
    for row in rows:
        print(
            "| " + " | ".join("-" if row[column] is None else str(row[column]) for column in columns) + " |"
        )
    if speed:
        throughput.print_table(speed)
    print(describe_machine())


if __name__ == "__main__":
    main()
