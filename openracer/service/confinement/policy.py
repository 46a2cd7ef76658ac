"""What one process with user code may do: made by the console's process, obeyed by :mod:`.enter` in the new one."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True)
class Policy:
    """What a process may do.

    Attributes:
        readable: files and folders that it may read.
        writable: those that it may change too.
        memory: bytes that it may fill.
        processor_s: seconds of processor time.
        user: number of the user as whom it runs; None leaves it who it is.
        kernels: whether it uses compiled kernels.
        layers: names of :class:`openracer.service.confinement.layers.Layer` that are in force.
    """

    readable: tuple[str, ...]
    writable: tuple[str, ...]
    memory: int
    processor_s: int
    user: int | None
    kernels: bool
    layers: tuple[str, ...]

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What :meth:`as_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        values |= {name: tuple(values[name]) for name in ("readable", "writable", "layers")}
        return cls(**values)

    def as_json(self) -> str:
        """As text for a command line; there is nothing secret in it."""
        return json.dumps(asdict(self))

    @property
    def paths(self) -> list[Path]:
        """All that may be read."""
        return [Path(path) for path in (*self.readable, *self.writable)]
