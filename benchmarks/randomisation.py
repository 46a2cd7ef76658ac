"""What domain randomisation costs, and what it looks like.

``python -m benchmarks.randomisation [--rounds K] [--picture FILE] [--json]``

The simulator with and without randomisation takes turns, on one core; then short trainings with and without take turns,
each in a process of its own. Both are judged by processor time, so that the shares hold also on a machine that others
use.
"""

import argparse
import json
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks import throughput
from benchmarks.machine import describe_machine
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model
from openracer.models.randomisation import NAMED, OFF
from openracer.runs.assembly import build_simulator
from openracer.runs.supervisor import TrainingProcess
from openracer.simulation.sensors import buffers_for

PICTURE = ("blur", "noise", "car_resize")
"""Settings that change the finished picture; the others change the world, the camera and the car."""
STRONG = NAMED["real_car"]
SETTINGS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "world, camera and car": {"randomisation": STRONG | dict.fromkeys(PICTURE, 0.0)},
    "colours and brightness": {
        "randomisation": OFF | {name: STRONG[name] for name in ("colours", "brightness")}
    },
    "blur, noise and the car's resizing": {"randomisation": OFF | {name: STRONG[name] for name in PICTURE}},
    "everything (real_car)": {"randomisation": STRONG},
}
ITERATIONS = 12
ROWS, COLUMNS, SEED = 3, 4, 4


def processor_s_per_step(values: dict[str, Any]) -> float:
    """Processor time of a short training for each of its steps, after its start, s."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["OPENRACER_HOME"] = home
        described = {
            "name": "benchmark",
            "stop": {"iterations": ITERATIONS},
            "evaluation": {"max_share": 0.0},
        }
        folder = create_model(TrainingDescription.from_values({**described, **values}))
        spent = []
        process = TrainingProcess(folder.path)
        for event in process.watch():
            if event is not None and event["event"] == "iteration":
                with Path(f"/proc/{process.pid}/stat").open() as file:
                    ticks = file.read().rpartition(")")[2].split()[11:13]
                spent.append((sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"), event["steps"]))
    (first_s, first), (last_s, last) = spent[1], spent[-1]
    return (last_s - first_s) / (last - first)


def trainings(rounds: int) -> list[dict[str, Any]]:
    """Trainings in turns; the first setting is what the others are compared with."""
    names = ("nothing", "blur, noise and the car's resizing", "everything (real_car)")
    times = [{name: processor_s_per_step(SETTINGS[name]) for name in names} for _round in range(rounds)]
    return [
        {
            "setting": name,
            "training_steps_per_cpu_s": round(1.0 / statistics.median(row[name] for row in times)),
            "share_percent": round(100.0 * statistics.median(row[names[0]] / row[name] for row in times), 1),
        }
        for name in names
    ]


def draw(path: Path) -> None:
    """Frames from one place: the usual one first, then those of some episodes."""
    described = TrainingDescription.from_values({"name": "a", "seed": SEED, "race_type": "object_avoidance"})
    frames = []
    for randomisation in ("off", *["real_car"] * (ROWS * COLUMNS - 1)):
        settings = described.with_changes({"randomisation": randomisation, "seed": SEED + len(frames)})
        placed = settings.with_changes({"objects": {"positions": [{"fraction": 0.09, "lane": -1}]}})
        simulator = build_simulator(placed, 1, randomisation=placed.randomisation.in_si)
        simulator.start(np.zeros(1, np.int64), np.zeros(1))
        seen = buffers_for(simulator.sensors, 1)
        simulator.observe(np.zeros(1, np.int64), seen)
        frames.append(np.pad(seen["FRONT_FACING_CAMERA"][0], 3, constant_values=255))
    rows = [np.hstack(frames[row * COLUMNS : (row + 1) * COLUMNS]) for row in range(ROWS)]
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.vstack(rows)).save(path, optimize=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="trainings of each setting; 0 leaves them out")
    parser.add_argument("--picture", type=Path, help="only draw some frames into this PNG file")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    arguments = parser.parse_args()
    if arguments.picture is not None:
        draw(arguments.picture)
        return
    simulator = throughput.measure(SETTINGS)
    trained = trainings(arguments.rounds) if arguments.rounds else []
    if arguments.json:
        print(json.dumps({"machine": describe_machine(), "simulator": simulator, "training": trained}))
        return
    print("| randomised | steps/s | share |\n|---|---|---|")
    for row in simulator:
        print(
            f"| {row['setting']} | {row['camera_steps_per_cpu_s']:,} camera | {row['share_percent']:.0f} % |"
        )
    for row in trained:
        print(
            f"| {row['setting']} | {row['training_steps_per_cpu_s']:,} training | {row['share_percent']:.0f} % |"
        )
    print(describe_machine())


if __name__ == "__main__":
    main()
