"""How closely the simulated car follows the real ones: open-loop replay of recorded drives.

``python -m benchmarks.fidelity [--logs PATH ...] [--preset NAME|FILE] [--stride K] [--json]``

A path is a text log, a simtrace CSV file, an archive or a folder. From every K-th row on, the model drives freely for
30 steps (2 s) under the recorded commands; told are the median and the 90th percentile of its errors after 1, 5, 15
and 30 steps: distance of the front points in cm and difference of the headings in degrees. The preset is that of the
simulator that wrote the log, or where a log does not tell, the one that follows it best; or a given one, by its name
or as a file of ``openracer vehicle identify``. Nothing else is fitted to a log
but the slope of its time stamps (see ``docs/vehicle.md``).
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openracer.analysis.preset_files import read_preset
from openracer.analysis.replay import HORIZONS, OBSERVERS, ObserverGains, loss, replay, window_starts
from openracer.analysis.transitions import make_transitions
from openracer.formats.logs import Log, read_logs
from openracer.simulation.presets import PRESETS
from openracer.simulation.vehicle import VehiclePreset

STRIDE = 6
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
DEFAULT_LOGS = Path(os.environ.get("OPENRACER_TEST_DATA", SHARED_DATA)) / "logs"


def summary(errors: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    """Median and 90th percentile at each horizon.

    Args:
        errors: ``(W, 4)``, NaN where a window ends before the horizon.
    """
    figures = {}
    for column, steps in enumerate(HORIZONS):
        known = errors[np.isfinite(errors[:, column]), column]
        if len(known):
            median, p90 = np.percentile(known, (50, 90))
            figures[str(steps)] = {"median": round(float(median), 3), "p90": round(float(p90), 3)}
    return figures


Errors = tuple[NDArray[np.float64], NDArray[np.float64]]


def candidates(log: Log, wanted: str | None) -> dict[str, tuple[VehiclePreset, ObserverGains]]:
    """Presets that may be the drive's car, by name."""
    if wanted is not None and wanted not in PRESETS:
        return {Path(wanted).stem: read_preset(Path(wanted))}
    name = wanted or log.facts.vehicle
    return {key: (PRESETS[key], OBSERVERS[key]) for key in ([name] if name else PRESETS)}


def errors_of(log: Log, stride: int, wanted: str | None) -> tuple[str, Errors] | None:
    """Preset and errors (m, rad) of one drive; None where it has no window."""
    transitions = make_transitions(log)
    starts = window_starts(transitions, stride)
    if not len(starts):
        return None
    tried = {name: replay(transitions, starts, *preset) for name, preset in candidates(log, wanted).items()}
    best = min(tried, key=lambda name: loss(*tried[name]))
    return best, tried[best]


def result(name: str, preset: str, errors: Errors) -> dict[str, Any]:
    """One entry of the list."""
    position, heading = errors
    return {
        "log": name,
        "preset": preset,
        "windows": len(position),
        "position_cm": summary(100.0 * position),
        "heading_deg": summary(np.degrees(heading)),
    }


def label(log: Log) -> str:
    """The drive's path: its source and, where that holds several, its place in it."""
    return log.source if log.source.endswith(log.name) else f"{log.source}/{log.name}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--logs", nargs="+", type=Path, help="logs, traces, archives or folders")
    parser.add_argument("--preset", help="v4, v5, v6 or a YAML file; default: that of each log")
    parser.add_argument("--stride", type=int, default=STRIDE, help="rows between two starts")
    parser.add_argument("--json", action="store_true", help="print a JSON list instead of a table")
    arguments = parser.parse_args()
    drives = [log for path in arguments.logs or [DEFAULT_LOGS] for log in read_logs(path)]
    if not arguments.logs:
        drives = [log for log in drives if log.facts.vehicle]  # generation 1 is none of our presets
    results = []
    pooled: dict[str, list[Errors]] = {}
    for log in drives:
        if (measured := errors_of(log, arguments.stride, arguments.preset)) is not None:
            results.append(result(label(log), *measured))
            pooled.setdefault(measured[0], []).append(measured[1])
    if arguments.json:
        print(json.dumps(results, indent=2))
        return
    for preset, parts in pooled.items():
        position, heading = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        results.append(result("all together", preset, (position, heading)))
    print_table(results)


def print_table(results: list[dict[str, Any]]) -> None:
    """Print median and 90th percentile of each drive, position in cm / heading in degrees."""
    print(f"{'median (p90), cm / degrees, after':45}" + "".join(f"{steps:>21} steps" for steps in HORIZONS))
    for entry in results:
        cells = []
        for steps in map(str, HORIZONS):
            position, heading = entry["position_cm"].get(steps), entry["heading_deg"].get(steps)
            cells.append(
                f"{position['median']:5.1f} ({position['p90']:5.1f}) / {heading['median']:4.1f} ({heading['p90']:4.1f})"
                if position
                else "–"
            )
        print(f"{entry['log'][-41:]:41} {entry['preset']} " + " ".join(f"{cell:>26}" for cell in cells))


if __name__ == "__main__":
    main()
