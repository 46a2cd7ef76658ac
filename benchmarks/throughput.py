"""What boxes, bot cars and sensors cost the simulator: camera steps for each second of processor time.

All settings take turns within one run, on one core, so that their shares hold also on a machine that others use.
"""

import statistics
from collections.abc import Mapping
from time import thread_time
from typing import Any

import numpy as np

from openracer.environments.starts import RoundRobinStarts
from openracer.models.description import TrainingDescription
from openracer.runs.assembly import build_simulator
from openracer.simulation.sensors import buffers_for

CARS, ROUNDS, STEPS = 64, 15, 40

BOXES, BOTS = (
    {"race_type": "object_avoidance"},
    {"race_type": "head_to_bot", "objects": {"lane_changes": True}},
)
SETTINGS: dict[str, dict[str, Any]] = {
    "nothing, front camera": {},
    "6 random boxes, front camera": BOXES,
    "4 random bots that change lanes, front camera": BOTS,
    "nothing, stereo cameras": {"sensor": "stereo"},
    "nothing, front camera and SECTOR_LIDAR": {"sensor": "camera,sector_lidar"},
    "6 random boxes, front camera and LIDAR": BOXES | {"sensor": "camera,lidar"},
    "6 random boxes, stereo cameras and LIDAR": BOXES | {"sensor": "stereo,lidar"},
}
"""By name, what differs from the preset ``fast``."""


class Driving:
    """Cars that drive slowly with random steering, in one thread.

    Args:
        values: of a training.
    """

    def __init__(self, values: Mapping[str, Any]):
        described = TrainingDescription.from_values({"name": "benchmark", **values})
        self._simulator = build_simulator(
            described, CARS, workers=1, randomisation=described.randomisation.in_si
        )
        self._starts = RoundRobinStarts(0.05)
        self._all = np.arange(CARS)
        self._seen = buffers_for(described.sensors, CARS)
        self._steering = np.random.default_rng(0).uniform(-0.3, 0.3, (STEPS, CARS))
        self._simulator.start(self._all, self._starts.take(CARS))
        self.seconds_of_round()  # compiles

    def seconds_of_round(self) -> float:
        """Processor time of :data:`STEPS` steps of all cars, s."""
        began = thread_time()
        for steering in self._steering:
            record = self._simulator.step(self._all, steering, np.full(CARS, 1.5))
            ended = np.flatnonzero(record.done)
            self._simulator.start(ended, self._starts.take(len(ended)))
            self._simulator.observe(self._all, self._seen)
        return thread_time() - began


def measure(settings: Mapping[str, Mapping[str, Any]] = SETTINGS) -> list[dict[str, Any]]:
    """A row for each of some settings; the first is what the others are compared with."""
    drivings = {name: Driving(values) for name, values in settings.items()}
    times = [
        {name: driving.seconds_of_round() for name, driving in drivings.items()} for _round in range(ROUNDS)
    ]
    first = next(iter(settings))
    return [
        {
            "setting": name,
            "camera_steps_per_cpu_s": round(CARS * STEPS / statistics.median(row[name] for row in times)),
            "share_percent": round(100.0 * statistics.median(row[first] / row[name] for row in times), 1),
        }
        for name in settings
    ]


def print_table(rows: list[dict[str, Any]]) -> None:
    """What :func:`measure` gave, for the documentation."""
    print("| on the road, sensors | steps/s | share of the empty road |\n|---|---|---|")
    for row in rows:
        print(f"| {row['setting']} | {row['camera_steps_per_cpu_s']:,} | {row['share_percent']:.0f} % |")
