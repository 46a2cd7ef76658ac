"""The way from the console's process into a confined one: its command, its environment, its policy."""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import openracer
from openracer import locations
from openracer.launching import Program
from openracer.runs.memory import memory_limit
from openracer.service.confinement import user
from openracer.service.confinement.layers import Layer
from openracer.service.confinement.policy import Policy

PROCESSOR_S = 24 * 3600
"""Seconds of processor time of one process where its caller knows no better."""

_KEPT = ("PATH", "LANG", "LC_ALL", "LC_MESSAGES", "TZ", "OPENRACER_LANGUAGE", "NUMBA_CACHE_DIR")
"""Variables that mean something to our own code and tell nothing. No token, password or address is among them."""
_SYSTEM = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/proc/cpuinfo", "/proc/meminfo",
           "/sys/devices/system/cpu", "/dev/urandom")  # fmt: skip


class Door:
    """Starts programs with user code confined, as :func:`openracer.launching.confine_with` wants it.

    Args:
        layers: that are in force.
        person: number of the one whose code it is.
        processor_s: seconds of processor time for each process.
        room: bytes that all a program may change may hold; None is no limit. The kernel limits single files only, so
            it is for the one who watches to end a program that writes more.
    """

    def __init__(
        self,
        layers: Iterable[Layer],
        person: int,
        processor_s: int = PROCESSOR_S,
        room: int | None = None,
    ):
        self.room = room
        self._layers = tuple(layers)
        self._user = user.number_for(person) if Layer.USER in self._layers else None
        self._processor_s = processor_s

    def command(self, program: Program) -> list[str]:
        """The command that runs a program inside."""
        for path in program.writes:
            if self._user is not None and path.is_dir():
                user.give(path, self._user)
        inside = [
            sys.executable,
            "-P",
            "-m",
            "openracer.service.confinement.enter",
            self.policy(program).as_json(),
        ]
        return [*inside, program.module, *program.arguments]

    def policy(self, program: Program) -> Policy:
        """What a program may do."""
        package = Path(openracer.__file__).resolve().parent.parent
        python = (sys.prefix, sys.base_prefix, *map(os.path.realpath, (sys.prefix, sys.base_prefix)))
        own = (str(package), os.environ["NUMBA_CACHE_DIR"], str(locations.tracks_folder()))
        return Policy(
            readable=(*_SYSTEM, *python, *own, *map(str, program.reads)),
            writable=("/dev/null", *map(str, program.writes)),
            memory=memory_limit(),
            processor_s=self._processor_s,
            user=self._user,
            kernels=program.kernels,
            layers=self._layers,
        )

    @staticmethod
    def environment(wanted: Mapping[str, str]) -> dict[str, str]:
        """The environment inside: what our own code needs, and nothing that was meant for the console."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        return {
            **kept,
            **wanted,
            "OPENRACER_HOME": str(locations.data_folder()),
            "PYTHONPATH": str(Path(openracer.__file__).resolve().parent.parent),
            "HOME": "/nonexistent",
            "PYTHONDONTWRITEBYTECODE": "1",
            "OPENBLAS_NUM_THREADS": "1",  # NumPy would start threads before the doors are shut
            "CUDA_VISIBLE_DEVICES": "",  # a graphics card is not confined
        }
