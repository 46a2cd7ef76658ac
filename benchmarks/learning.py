"""How long a car takes from nothing to its first clean evaluation, under both presets.

``python -m benchmarks.learning [--seeds K] [--presets fast aws] [--track T] [--limit-minutes M] [--json]``

Clean evaluation: greedy policy, five trials that start at 0, 20, 40, 60 and 80 % of the lap, each a full lap without
leaving the track, their mean lap at most 18 s on re:Invent 2018 (elsewhere 18/17.71 s a metre), so that crawling does
not count. The clock is the training's own: collecting, learning, evaluating, saving, without start-up and compilation.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from typing import Any

from benchmarks.machine import describe_machine
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model
from openracer.runs.supervisor import Event, TrainingProcess

SLOWEST_LAP_S_PER_M = 18.0 / 17.71


def is_clean(event: Event, track_length: float) -> bool:
    """Whether an iteration's evaluation was clean."""
    laps = [trial["lap_time"] for trial in event["evaluation"]]
    return len(laps) == 5 and None not in laps and statistics.mean(laps) <= SLOWEST_LAP_S_PER_M * track_length


def train_until_clean(preset: str, seed: int, track: str, limit_minutes: float) -> dict[str, Any]:
    """One training; ``first_clean_eval_s`` is None where the limit came first."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["OPENRACER_HOME"] = home
        values = {"name": f"{preset}-{seed}", "preset": preset, "seed": seed, "track": track}
        # The preset aws takes no fewer than AWS's five minutes; the limit is kept here.
        described = TrainingDescription.from_values({**values, "stop": {"minutes": max(5.0, limit_minutes)}})
        length = described.find_track().length
        process = TrainingProcess(create_model(described).path)
        result: dict[str, Any] = {
            "seed": seed,
            "first_clean_eval_s": None,
            "first_clean_eval_steps": None,
            "lap_time_s": None,
        }
        for event in process.watch():
            if event is None or event["event"] != "iteration":
                continue
            if is_clean(event, length):
                laps = [trial["lap_time"] for trial in event["evaluation"]]
                result["first_clean_eval_s"] = event["seconds"]
                result["first_clean_eval_steps"] = event["steps"]
                result["lap_time_s"] = round(statistics.mean(laps), 2)
                break
            if event["seconds"] > 60.0 * limit_minutes:
                break
        process.kill()
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="trainings of each preset")
    parser.add_argument("--presets", nargs="+", default=["fast", "aws"], choices=["fast", "aws"])
    parser.add_argument("--track", default="reinvent_base", help="world name or title")
    parser.add_argument(
        "--limit-minutes", type=float, default=10.0, help="give up a training after this time"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    arguments = parser.parse_args()
    train_until_clean(
        "fast", 1000, arguments.track, 0.02
    )  # compiles, if this is the first run on the machine
    figures: dict[str, Any] = {}
    for preset in arguments.presets:
        figures[preset] = []
        for seed in range(arguments.seeds):
            row = train_until_clean(preset, seed, arguments.track, arguments.limit_minutes)
            figures[preset].append(row)
            print(f"{preset}: {row}", file=sys.stderr)
    if arguments.json:
        print(json.dumps(figures))
        return
    print("| preset | seed | seconds | steps | mean lap |\n|---|---|---|---|---|")
    for preset, rows in figures.items():
        for row in rows:
            cells = (
                preset,
                row["seed"],
                row["first_clean_eval_s"],
                row["first_clean_eval_steps"],
                row["lap_time_s"],
            )
            print("| " + " | ".join("-" if cell is None else str(cell) for cell in cells) + " |")
    print(describe_machine())


if __name__ == "__main__":
    main()
