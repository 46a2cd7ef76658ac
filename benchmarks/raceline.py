"""The minimum-time laps: driven in the simulator, and beside the best laps of the leagues.

``python -m benchmarks.raceline [--json] [--tracks FOLDER --records FILE]``

The first table drives the computed lines with the tracking controller. The second, where a folder of DeepRacer track
files and a table of league records are given (by default those of ``OPENRACER_TEST_DATA``), compares the computed laps
with the best laps ever recorded on the same tracks.
"""

import argparse
import csv
import json
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.machine import describe_machine
from openracer.simulation.presets import find_preset
from openracer.simulation.raceline.line import MARGIN_M, minimum_time_line
from openracer.simulation.tracking import drive
from openracer.tracks import catalogue, npy
from openracer.tracks.track import Track

TRACKS = ("reinvent_base", "reInvent2019_track", "2022_summit_speedway", "jyllandsringen_open", "dubai_open")
VEHICLES = ("v5", "v4")
MAX_SPEED = 4.0
ROLLING_LAPS = 4
INNER_WHEELS_OFF_M = -0.14
"""Margin at which the inner wheels are 14 cm beyond the border and the outer ones 2 cm within it; rules allow it."""
FILES = {"2022_reinvent_champ": "2022_reinvent_champ_ccw"}
"""Track files whose name is not the record's."""


def driven(track: Track, vehicle: str) -> dict[str, Any]:
    """A standing and a flying lap: computed, and driven from rest."""
    preset = find_preset(vehicle)
    row: dict[str, Any] = {"track": track.name, "title": track.title, "vehicle": vehicle}
    for standing in (True, False):
        began = perf_counter()
        line = minimum_time_line(track, preset, MAX_SPEED, standing=standing)
        seconds = perf_counter() - began
        drove = drive(track, line, preset, MAX_SPEED, ROLLING_LAPS)
        laps = drove.lap_times_s if standing else drove.lap_times_s[1:]
        row["standing" if standing else "flying"] = {
            "computed_s": round(line.lap_time_s, 3),
            "driven_s": round(min(laps), 3) if laps else None,
            "slowest_s": round(max(laps), 3) if laps else None,
            "excess_percent": round(100.0 * (min(laps) / line.lap_time_s - 1.0), 2) if laps else None,
            "ended": drove.status.name.lower(),
            "rows_with_wheels_off": drove.rows_with_wheels_off,
            "search_s": round(seconds, 1),
        }
    return row


def compared(track: Track, record_s: float, event: str) -> dict[str, Any]:
    """Computed flying laps beside a league's best lap, with all wheels on the road and with the inner ones off."""
    row: dict[str, Any] = {"track": track.name, "event": event, "record_s": record_s}
    for vehicle in VEHICLES:
        for name, margin in (("wheels_on", MARGIN_M), ("wheels_off", INNER_WHEELS_OFF_M)):
            line = minimum_time_line(track, find_preset(vehicle), MAX_SPEED, margin=margin)
            row[f"{vehicle}_{name}_s"] = round(line.lap_time_s, 3)
    return row


def with_records(tracks: Path, records: Path) -> list[tuple[Track, float, str]]:
    """Time trial records of tracks whose file is in a folder."""
    found = []
    with records.open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            path = tracks / f"{FILES.get(line['track'], line['track'])}.npy"
            if line["race_type"] == "TIME_TRIAL" and path.is_file():
                track = npy.load(path, line["track"], line["track"], "")
                found.append((track, float(line["best_lap_s"]), line["event"]))
    return found


def main() -> None:
    """Print both tables."""
    data = Path(os.environ.get("OPENRACER_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--tracks", type=Path, default=data / "tracks", help="folder of track files")
    parser.add_argument("--records", type=Path, default=data / "league_records.csv", help="table of records")
    options = parser.parse_args()
    result: dict[str, Any] = {"machine": describe_machine(), "driven": [], "history": []}
    for name in TRACKS:
        for vehicle in VEHICLES:
            print(f"driving {name} with {vehicle}", file=sys.stderr)
            result["driven"].append(driven(catalogue.find(name), vehicle))
    if options.records.is_file():
        for track, record_s, event in with_records(options.tracks, options.records):
            print(f"comparing {track.name}", file=sys.stderr)
            result["history"].append(compared(track, record_s, event))
    if options.json:
        print(json.dumps(result, indent=2))
        return
    print(result["machine"])
    print("\nlap                               computed  driven  excess  ended")
    for row in result["driven"]:
        for start in ("standing", "flying"):
            lap = row[start]
            print(f"{row['title'][:20]:<20} {row['vehicle']} {start:<9} {lap['computed_s']:8.3f} ", end="")
            print(f"{lap['driven_s'] or float('nan'):8.3f} {lap['excess_percent']}%  {lap['ended']}")
    print("\ntrack                  record   v5 on  v5 off   v4 on  v4 off   event")
    for row in result["history"]:
        times = "".join(f"{row[f'{v}_wheels_{w}_s']:8.3f}" for v in VEHICLES for w in ("on", "off"))
        print(f"{row['track']:<20} {row['record_s']:8.3f}{times}   {row['event']}")


if __name__ == "__main__":
    main()
