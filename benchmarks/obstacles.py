"""How many greedy laps succeed with boxes and with bot cars on the road, over seeded layouts.

``python -m benchmarks.obstacles [--models BOXES BOTS] [--minutes M] [--seed S] [--json]``

Without ``--models`` both race types are trained first, with everything as it comes. Then each model drives 20 trials,
each in a layout of its own: six random boxes, or four bots at 0.5 m/s.
"""

import argparse
import json
import sys

from benchmarks.machine import describe_machine
from openracer.models.description import TrainingDescription
from openracer.models.folder import ModelFolder
from openracer.models.library import create_model, open_model
from openracer.runs.evaluation import evaluate
from openracer.runs.request import EvaluationRequest
from openracer.runs.supervisor import TrainingProcess

RACES = ("object_avoidance", "head_to_bot")
LAYOUTS = 20


def train(race: str, minutes: float) -> ModelFolder:
    """A new model of a race type; what the learner tells is left out."""
    name = "benchmark-" + race.replace("_", "-")
    values = {"name": name, "race_type": race, "stop": {"minutes": minutes}}
    folder = create_model(TrainingDescription.from_values(values))
    for _event in TrainingProcess(folder.path).watch():
        pass
    return folder


def measure(folder: ModelFolder, race: str, seed: int) -> dict[str, object]:
    """What came of the trials of one model."""
    result = evaluate(folder, EvaluationRequest(trials=LAYOUTS, seed=seed, race_type=race))
    laps = [trial.time_s for trial in result.trials if trial.is_complete]
    return {
        "race": race,
        "checkpoint": str(result.checkpoint),
        "layouts": LAYOUTS,
        "laps_completed": len(laps),
        "crashed": sum(trial.crashes for trial in result.trials),
        "off_track": sum(trial.off_tracks for trial in result.trials),
        "mean_lap_s": round(sum(laps) / len(laps), 2) if laps else None,
    }


def main() -> None:
    """Train where needed, drive, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs=2, help="trained models instead of new ones: for boxes, for bots")
    parser.add_argument("--minutes", type=float, default=20.0, help="of each training")
    parser.add_argument("--seed", type=int, default=1, help="of the layouts")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    arguments = parser.parse_args()
    rows = []
    for number, race in enumerate(RACES):
        folder = open_model(arguments.models[number]) if arguments.models else train(race, arguments.minutes)
        rows.append(measure(folder, race, arguments.seed))
        print(f"{race} measured", file=sys.stderr)
    if arguments.json:
        print(json.dumps({"machine": describe_machine(), "races": rows}))
        return
    print("| race | layouts | laps completed | crashed | off track | mean lap |\n|---|---|---|---|---|---|")
    for row in rows:
        columns = ("race", "layouts", "laps_completed", "crashed", "off_track", "mean_lap_s")
        print("| " + " | ".join(str(row[column]) for column in columns) + " |")
    print(describe_machine())


if __name__ == "__main__":
    main()
