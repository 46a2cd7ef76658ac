"""How many steps a second the simulator makes, beside Gymnasium's CarRacing in the same run.

``python -m benchmarks.simulation [--json]``

A camera step is physics, rules and the frame of one car; an environment step adds ``params`` and a reward function in
Python; a training step adds the policy and learning from it (preset ``fast``).
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from time import perf_counter

import gymnasium
import numpy as np

from benchmarks.machine import describe_machine
from openracer.environments.racing import RacingEnvironment
from openracer.environments.starts import RoundRobinStarts
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model
from openracer.rewards import examples
from openracer.rewards.loading import load_reward
from openracer.runs.assembly import build_environment, build_simulator
from openracer.runs.supervisor import TrainingProcess

CARS = (1, 16, 64, 256)
SECONDS = 2.0
TRAINING_ITERATIONS = 12


def rate(step: Callable[[], int], seconds: float = SECONDS) -> float:
    """Steps a second of a function that makes some steps and says how many; the median of five stretches."""
    step()
    rates = []
    for _ in range(5):
        began, steps = perf_counter(), 0
        while perf_counter() - began < seconds / 5:
            steps += step()
        rates.append(steps / (perf_counter() - began))
    return float(np.median(rates))


def description(cars: int) -> TrainingDescription:
    """Preset ``fast`` on re:Invent 2018 with so many cars."""
    return TrainingDescription.from_values({"name": f"benchmark-{cars}", "cars": cars})


def environment(cars: int) -> RacingEnvironment:
    """Cars with the default reward function."""
    described = description(cars)
    rewards = load_reward(examples.source(examples.DEFAULT), cars)
    return build_environment(described, build_simulator(described, cars), rewards, RoundRobinStarts(0.05))


def camera_steps_per_s(cars: int) -> float:
    """Physics, rules and frames under random steering."""
    racing = environment(cars)
    simulator, frames = racing.simulator, np.empty((cars, 120, 160), np.uint8)
    random = np.random.default_rng(0)
    steering = random.uniform(-0.3, 0.3, (64, cars))
    speed = np.full(cars, 1.5)
    turn = 0

    def step() -> int:
        nonlocal turn
        record = simulator.step(racing.all_cars, steering[turn % 64], speed)
        turn += 1
        ended = np.flatnonzero(record.done)
        if len(ended):
            racing.restart(ended)
        simulator.observe(racing.all_cars, {"FRONT_FACING_CAMERA": frames})
        return cars

    return rate(step)


def env_steps_per_s(cars: int) -> float:
    """The same with ``params`` and the default reward function in Python."""
    racing = environment(cars)
    frames = np.empty((cars, 120, 160), np.uint8)
    actions = np.random.default_rng(0).integers(0, 10, (64, cars))
    turn = 0

    def step() -> int:
        nonlocal turn
        racing.step(racing.all_cars, actions[turn % 64])
        turn += 1
        racing.take_finished()
        racing.observe(racing.all_cars, {"FRONT_FACING_CAMERA": frames})
        return cars

    return rate(step)


def training_steps_per_s(cars: int) -> float:
    """Steps a second of a whole training, saving and evaluations included, after its first two iterations."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["OPENRACER_HOME"] = home
        described = description(cars).with_changes({"stop": {"iterations": TRAINING_ITERATIONS}})
        events = [
            event
            for event in TrainingProcess(create_model(described).path).watch()
            if event is not None and event["event"] == "iteration"
        ]
    first, last = events[1], events[-1]
    return float((last["steps"] - first["steps"]) / (last["time"] - first["time"]))


def carracing_steps_per_s() -> float:
    """Gymnasium's CarRacing-v3: pixels from a 2-D world, on one core."""
    env = gymnasium.make("CarRacing-v3")
    env.reset(seed=0)
    random = np.random.default_rng(0)

    def step() -> int:
        action = np.array([random.uniform(-0.3, 0.3), 0.3, 0.0], np.float32)
        *_, terminated, truncated, _info = env.step(action)
        if terminated or truncated:
            env.reset()
        return 1

    return rate(step)


def measure() -> dict[str, object]:
    """All figures."""
    camera, env, training = {}, {}, {}
    for cars in CARS:
        camera[str(cars)] = round(camera_steps_per_s(cars))
        env[str(cars)] = round(env_steps_per_s(cars))
        training[str(cars)] = round(training_steps_per_s(cars))
        print(f"{cars} cars measured", file=sys.stderr)
    carracing = carracing_steps_per_s()
    return {
        "machine": describe_machine(),
        "camera_steps_per_s": camera,
        "env_steps_per_s": env,
        "training_steps_per_s": training,
        "carracing_steps_per_s": round(carracing),
        "ratio": {cars: round(steps / carracing) for cars, steps in camera.items()},
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    arguments = parser.parse_args()
    figures = measure()
    if arguments.json:
        print(json.dumps(figures))
        return
    print("| cars | camera steps/s | with reward | training steps/s | × CarRacing-v3 |")
    print("|---|---|---|---|---|")
    for cars in figures["camera_steps_per_s"]:
        columns = ("camera_steps_per_s", "env_steps_per_s", "training_steps_per_s", "ratio")
        print(f"| {cars} | " + " | ".join(f"{figures[column][cars]:,}" for column in columns) + " |")
    print(f"\nCarRacing-v3: {figures['carracing_steps_per_s']} steps/s\n{figures['machine']}")


if __name__ == "__main__":
    main()
