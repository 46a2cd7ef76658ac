"""How long a car takes from nothing to its first clean evaluation.

``python -m benchmarks.learning [--seeds K] [--presets fast aws] [--tracks T… | all] [--limit-minutes M]
[--algorithm clipped_ppo|sac] [--picture FILE] [--json]``

Clean evaluation: greedy policy, five trials that start at 0, 20, 40, 60 and 80 % of the lap, each a full lap without
leaving the track, their mean lap at most 18 s on re:Invent 2018 (elsewhere 18/17.71 s a metre), so that crawling does
not count. The clock is the training's own: collecting, learning, evaluating, saving, without start-up and compilation.

``--picture`` draws the learning curves of all trainings of the first preset and track, which then go on for
15 seconds at least. The JSON object has a list of trainings for each preset, with their curves, and under ``summary``
what the table tells below.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import learning_picture
from benchmarks.machine import describe_machine
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model
from openracer.runs.supervisor import Event, TrainingProcess
from openracer.tracks import catalogue

SLOWEST_LAP_S_PER_M = 18.0 / 17.71
CURVE_S = 15.0

Training = dict[str, Any]


def is_clean(event: Event, track_length: float) -> bool:
    """Whether an iteration's evaluation was clean."""
    laps = [trial["lap_time"] for trial in event["evaluation"]]
    return len(laps) == 5 and None not in laps and statistics.mean(laps) <= SLOWEST_LAP_S_PER_M * track_length


def train_until_clean(
    preset: str,
    seed: int,
    track: str,
    limit_minutes: float,
    least_seconds: float = 0.0,
    algorithm: str = "clipped_ppo",
) -> Training:
    """One training in a process of its own.

    Args:
        preset: of its settings.
        seed: of its random numbers.
        track: world name or title.
        limit_minutes: when to give up.
        least_seconds: go on so long, even after a clean evaluation.
        algorithm: ``clipped_ppo`` or ``sac``.

    Returns:
        ``track``, ``seed``, ``first_clean_eval_s``, ``first_clean_eval_steps`` and ``lap_time_s``, which are None where
        the limit came first, ``curve``, and ``failure``, a sentence if the training failed, else None.
    """
    with tempfile.TemporaryDirectory() as home:
        os.environ["OPENRACER_HOME"] = home
        values = {"name": f"{preset}-{seed}", "preset": preset, "seed": seed, "track": track}
        values["algorithm"] = algorithm
        # The preset aws takes no fewer than AWS's five minutes; the limit is kept here.
        described = TrainingDescription.from_values({**values, "stop": {"minutes": max(5.0, limit_minutes)}})
        found = described.find_track()
        process = TrainingProcess(create_model(described).path)
        result: Training = {
            "track": found.name,
            "seed": seed,
            "first_clean_eval_s": None,
            "first_clean_eval_steps": None,
            "lap_time_s": None,
            "failure": None,
            "curve": [],
        }
        try:
            for event in process.watch():
                if event is not None and event["event"] == "failed":
                    result["failure"] = event["message"]
                if event is None or event["event"] != "iteration":
                    continue
                result["curve"].append(
                    {key: event[key] for key in ("seconds", "steps", "progress", "reward_per_step")}
                )
                if result["first_clean_eval_s"] is None and is_clean(event, found.length):
                    laps = [trial["lap_time"] for trial in event["evaluation"]]
                    result["first_clean_eval_s"] = event["seconds"]
                    result["first_clean_eval_steps"] = event["steps"]
                    result["lap_time_s"] = round(statistics.mean(laps), 2)
                is_done = result["first_clean_eval_s"] is not None and event["seconds"] >= least_seconds
                if is_done or event["seconds"] > 60.0 * limit_minutes:
                    break
        finally:
            process.kill()
    return result


def summary(trainings: list[Training]) -> dict[str, Any]:
    """Median and worst of some trainings' first clean evaluations; None where the trainings in question had none."""
    seconds = sorted(_or_never(training["first_clean_eval_s"]) for training in trainings)
    steps = sorted(_or_never(training["first_clean_eval_steps"]) for training in trainings)
    figures = {
        "median_s": statistics.median(seconds),
        "max_s": seconds[-1],
        "median_steps": statistics.median(steps),
        "max_steps": steps[-1],
    }
    return {
        "trainings": len(trainings),
        "clean": sum(training["first_clean_eval_s"] is not None for training in trainings),
        **{name: None if value == float("inf") else round(value, 2) for name, value in figures.items()},
    }


def _or_never(value: float | None) -> float:
    return float("inf") if value is None else value


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="trainings of each preset on each track")
    parser.add_argument("--presets", nargs="+", default=["fast", "aws"], choices=["fast", "aws"])
    parser.add_argument(
        "--tracks", "--track", nargs="+", default=["reinvent_base"], help="world names or titles, or all"
    )
    parser.add_argument(
        "--limit-minutes", type=float, default=10.0, help="give up a training after this time"
    )
    parser.add_argument("--algorithm", default="clipped_ppo", choices=["clipped_ppo", "sac"])
    parser.add_argument("--picture", type=Path, help="draw the learning curves into this PNG file")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    arguments = parser.parse_args()
    tracks = catalogue.names() if arguments.tracks == ["all"] else arguments.tracks
    # Compiles, if this is the first run on the machine.
    train_until_clean("fast", 1000, tracks[0], 0.02)
    figures: dict[str, list[Training]] = {}
    least_seconds = CURVE_S if arguments.picture is not None else 0.0
    for preset in arguments.presets:
        figures[preset] = []
        for track in tracks:
            for seed in range(arguments.seeds):
                row = train_until_clean(
                    preset, seed, track, arguments.limit_minutes, least_seconds, arguments.algorithm
                )
                figures[preset].append(row)
                told = {key: value for key, value in row.items() if key != "curve"}
                print(f"{preset}: {told}", file=sys.stderr, flush=True)
    if arguments.picture is not None:
        _draw(arguments.picture, arguments.presets[0], figures[arguments.presets[0]])
    summaries = {preset: summary(rows) for preset, rows in figures.items()}
    if arguments.json:
        print(json.dumps({**figures, "summary": summaries, "machine": describe_machine()}))
    else:
        _print_table(figures, summaries)


def _draw(path: Path, preset: str, trainings: list[Training]) -> None:
    """Draw the curves on the first track."""
    track = catalogue.find(trainings[0]["track"])
    drawn = [training for training in trainings if training["track"] == track.name and training["curve"]]
    path.parent.mkdir(parents=True, exist_ok=True)
    learning_picture.draw(f"Preset {preset} on {track.title}, from nothing", drawn).save(path, optimize=True)


def _print_table(figures: dict[str, list[Training]], summaries: dict[str, dict[str, Any]]) -> None:
    print("| preset | track | seed | seconds | steps | mean lap |\n|---|---|---|---|---|---|")
    for preset, rows in figures.items():
        for row in rows:
            cells = (
                preset,
                catalogue.find(row["track"]).title,
                row["seed"],
                row["first_clean_eval_s"],
                row["first_clean_eval_steps"],
                row["lap_time_s"],
            )
            print("| " + " | ".join("-" if cell is None else str(cell) for cell in cells) + " |")
    for preset, figure in summaries.items():
        print(
            f"{preset}: {figure['clean']} of {figure['trainings']} clean; median {figure['median_s']} s and "
            f"{figure['median_steps']} steps, worst {figure['max_s']} s and {figure['max_steps']} steps"
        )
    print(describe_machine())


if __name__ == "__main__":
    main()
