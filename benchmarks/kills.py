"""A training killed with ``kill -9`` at random moments, again and again, and resumed each time.

``python -m benchmarks.kills [--kills 10] [--iterations 40] [--preset fast] [--seed 0] [--json]``

In the end it must have as many iterations as one that was never killed, and every file in its folder must agree with
every other. Half of the kills fall into starting up and the first iteration, half into the second or third iteration;
there must be so many iterations that none of the killed runs can reach the end.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import describe_machine
from openracer.formats.coach_csv import read_coach_csv
from openracer.formats.metrics import read_training_metrics
from openracer.formats.simtrace import read_simtrace
from openracer.models.description import TrainingDescription
from openracer.models.folder import ModelFolder
from openracer.models.library import create_model
from openracer.models.run_state import RunState, load_state
from openracer.runs.supervisor import TrainingProcess

LONGEST_START_S = 6.0
"""A kill that waits for no iteration comes at most so long after the start."""

LONGEST_ITERATION_S = 1.0
"""Another comes at most so long after the end of an iteration."""


def problems_of(folder: ModelFolder) -> list[str]:
    """Everything in a model's folder that does not agree with the rest; the model must not be training."""
    state = load_state(folder)
    if state is None:
        return ["there is no run state"]
    problems = [*_problems_of_checkpoints(folder, state), *_problems_of_traces(folder, state)]
    rows = read_training_metrics(folder.metrics_file).episodes
    numbers = [row.episode for row in rows if row.phase == "training"]
    if len(rows) != state.metrics_rows or numbers != list(range(1, state.episodes + 1)):
        problems.append(f"the metrics have {len(numbers)} episodes, the run state {state.episodes}")
    if read_coach_csv(folder.coach_file)["Episode #"] != numbers:
        problems.append("the learner's CSV has other episodes than the metrics")
    leftovers = [path.name for path in folder.path.rglob(".*.tmp")]
    if leftovers or len(list(folder.own_folder.glob("state-*"))) != 1:
        problems.append(f"temporary files are left: {leftovers}")
    return problems


def _problems_of_checkpoints(folder: ModelFolder, state: RunState) -> list[str]:
    names = folder.checkpoints.names()
    for name in names:
        folder.checkpoints.load(name)  # raises if it is damaged or not finite
    problems = []
    if folder.checkpoints.index() != state.index:
        problems.append("the index of checkpoints is not that of the run state")
    if names[-1] != state.index.last.checkpoint or state.index.best.checkpoint not in names:
        problems.append("the index names a checkpoint that is missing")
    if (names[-1].iteration, names[-1].steps) != (state.iteration, state.steps):
        problems.append(f"the last checkpoint is {names[-1]}, the run state's iteration {state.iteration}")
    return problems


def _problems_of_traces(folder: ModelFolder, state: RunState) -> list[str]:
    per_file = folder.description().hyperparameters.num_episodes_between_training
    problems = []
    files = sorted(int(path.name.split("-")[0]) for path in folder.traces_folder.iterdir())
    if files != list(range(-(-state.episodes // per_file))):
        problems.append(f"the trace files are {files}, the run state's episodes {state.episodes}")
    for number in files:
        trace = read_simtrace(folder.traces_folder / f"{number}-iteration.csv")
        first_rows = np.flatnonzero(trace["steps"] == 1)
        last_rows = np.flatnonzero(trace["done"])
        episodes = trace["episode"][first_rows].tolist()
        if episodes != list(range(number * per_file, min((number + 1) * per_file, state.episodes))):
            problems.append(f"trace file {number} has the episodes {episodes}")
        if [*(first_rows[1:] - 1).tolist(), len(trace["steps"]) - 1] != last_rows.tolist():
            problems.append(f"trace file {number} has an episode that is not complete")
        if (np.diff(trace["steps"])[np.diff(trace["episode"]) == 0] != 1).any():
            problems.append(f"trace file {number} lacks a row")
    return problems


def kill_at_random(folder: ModelFolder, moments: random.Random) -> dict[str, Any]:
    """Start or resume a training and kill it within its start-up or one of its next iterations.

    Returns:
        Seconds from the start to the kill, iterations seen in between, and the last one that was saved.
    """
    process = TrainingProcess(folder.path)
    began = time.monotonic()
    iterations = moments.choice((0, 0, 1, 2))
    events = process.watch()
    seen = 0
    while seen < iterations:
        event = next(events)
        seen += event is not None and event["event"] == "iteration"
    time.sleep(moments.uniform(0.0, LONGEST_START_S if iterations == 0 else LONGEST_ITERATION_S))
    process.kill()
    after_s = time.monotonic() - began
    state = load_state(folder)
    saved = None if state is None else state.iteration
    return {"after_s": round(after_s, 2), "iterations_seen": seen, "saved_iteration": saved}


def finish(folder: ModelFolder) -> None:
    """Resume a training and let it end by itself.

    Raises:
        RuntimeError: it fails.
    """
    for event in TrainingProcess(folder.path).watch():
        if event is not None and event["event"] == "failed":
            raise RuntimeError(event["message"])


def main() -> None:
    """Kill, resume, check and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--iterations", type=int, default=40, help="that the training shall have in the end")
    parser.add_argument("--preset", default="fast", choices=["fast", "aws"])
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["OPENRACER_HOME"] = str(Path(home))
        values = {
            "name": "killed",
            "preset": arguments.preset,
            "stop": {"minutes": None, "iterations": arguments.iterations},
        }
        folder = create_model(TrainingDescription.from_values(values))
        moments = random.Random(arguments.seed)
        rows = [kill_at_random(folder, moments) for _ in range(arguments.kills)]
        finish(folder)
        state = load_state(folder)
        report = {
            "kills": rows,
            "iterations_wanted": arguments.iterations,
            "iterations": None if state is None else state.iteration,
            "episodes": None if state is None else state.episodes,
            "problems": problems_of(folder),
            "machine": describe_machine(),
        }
    if arguments.json:
        print(json.dumps(report))
    else:
        print("kill      after   iterations seen   saved iteration")
        for number, row in enumerate(rows, 1):
            saved = "-" if row["saved_iteration"] is None else row["saved_iteration"]
            print(f"{number:4d} {row['after_s']:8.2f} s {row['iterations_seen']:>17} {saved:>17}")
        print(f"iterations in the end: {report['iterations']} of {arguments.iterations}")
        print("problems: " + ("; ".join(report["problems"]) or "none"))
    sys.exit(bool(report["problems"]) or report["iterations"] != arguments.iterations)


if __name__ == "__main__":
    main()
