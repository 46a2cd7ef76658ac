"""What machine a measurement was made on."""

import platform
from datetime import UTC, datetime
from pathlib import Path

import numba
import numpy
import torch

from openracer import __version__
from openracer.simulation.threads import available_cores


def describe_machine() -> dict[str, str | int]:
    """Processor, cores, versions and date, as JSON can hold them."""
    return {
        "processor": _processor(),
        "cores": available_cores(),
        "system": platform.system(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numba": numba.__version__,
        "numpy": numpy.__version__,
        "openracer": __version__,
        "date": datetime.now(UTC).date().isoformat(),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
