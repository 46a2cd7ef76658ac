"""How long a car's ``params`` and its reward take, in microseconds: ``python -m benchmarks.rewards [--json]``."""

import json
import sys
from collections import deque
from collections.abc import Callable
from time import perf_counter

import numpy as np

from openracer.rewards import examples
from openracer.rewards.loading import load_reward
from openracer.rewards.params import ParamsBuilder
from openracer.simulation.record import StepRecord
from openracer.tracks import catalogue

ROUNDS = 15
CALLS = 200


def microseconds_per_car(call: Callable[[], object], cars: int) -> float:
    """The quickest of several rounds, so that other work on the machine counts little."""
    rounds = []
    for _ in range(ROUNDS):
        started = perf_counter()
        for _ in range(CALLS):
            call()
        rounds.append(perf_counter() - started)
    return min(rounds) / CALLS / cars * 1e6


def measure(cars: int) -> dict[str, float]:
    """``params`` alone, and with each example reward function, for so many cars at once."""
    everyone = np.arange(cars)
    builder = ParamsBuilder([catalogue.find("reinvent_base")], np.zeros_like(everyone))
    record = StepRecord.zeros(cars)
    record.track_width[:] = 0.76
    record.all_wheels_on_track[:] = True
    commands = np.ones(cars)
    episodes = np.zeros(cars)
    figures = {
        "params": microseconds_per_car(
            lambda: deque(builder.build(record, commands, commands, everyone), maxlen=0), cars
        )
    }
    params = list(builder.build(record, commands, commands, everyone))
    for name in examples.names():
        rewards = load_reward(examples.source(name), cars)
        figures[name] = microseconds_per_car(
            lambda rewards=rewards: rewards(params, everyone, episodes), cars
        )
    return figures


def main() -> None:
    """Print the figures as a table, or as one JSON object."""
    figures = {cars: measure(cars) for cars in (1, 16, 64, 256)}
    if "--json" in sys.argv[1:]:
        print(json.dumps({"reward_us_per_car": figures}))
        return
    print("microseconds a car" + "".join(f"{cars:>8d}" for cars in figures))
    for row in figures[1]:
        print(f"{row:24s}" + "".join(f"{figures[cars][row]:8.2f}" for cars in figures))


if __name__ == "__main__":
    main()
