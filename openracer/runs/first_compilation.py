"""The compilation of a first run, shared by two processes: inside one, Numba compiles kernel after kernel.

While the training's process compiles what draws and judges, ``python -P -m openracer.runs.first_compilation`` compiles
what moves the cars, nearly half of all, and leaves it in the cache, from which the training takes it.
"""

import contextlib
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np

from openracer.simulation.presets import find_preset
from openracer.simulation.simulator import Simulator
from openracer.simulation.threads import available_cores
from openracer.tracks import catalogue

_COMPILED = "episode.step_cars-*.nbi"
"""Numba's index of the kernel that is compiled last; it is there once all are."""


class FirstCompilation:
    """The other process, where there is something left to compile and a second core to do it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        is_compiled = any(Path(numba.config.CACHE_DIR).rglob(_COMPILED))
        if not is_compiled and available_cores() > 1:
            with contextlib.suppress(OSError):  # a confined training may start no process
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "openracer.runs.first_compilation"],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )

    def settle(self) -> None:
        """Wait for it; whatever it has not compiled is compiled here when it is needed."""
        if self._process is not None:
            self._process.wait()


def main() -> None:
    """Let one car drive one step."""
    car = np.zeros(1, np.int64)
    simulator = Simulator([catalogue.find("reinvent_base")], 1, find_preset("v5"), workers=1)
    simulator.start(car, np.zeros(1))
    simulator.step(car, np.zeros(1), np.ones(1))
    simulator.close()


if __name__ == "__main__":
    main()
