"""How close a camera policy comes to the fastest lap there is, from nothing, with the preset ``race``.

``python -m benchmarks.racing [--tracks T…] [--vehicle V] [--minutes M] [--seed S] [--models NAME…] [--pictures FOLDER]
[--json]``

For each track a model ``racing-TRACK`` is trained in the user's library; with ``--models`` those models are taken as
they are instead. Each then drives five trials of three laps without a stop, from rest on the start line, with its best
checkpoint, most probable actions and uneven step times; leaving the track ends a trial. Its lap times are compared with
the minimum-time laps (``openracer track raceline``) and, if a table of records is at hand, with the leagues' best lap.
"""

import argparse
import csv
import json
import os
import resource
import statistics
import sys
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine
from benchmarks.racing_pictures import curves_png, driven_png
from openracer.models import library
from openracer.models.description import TrainingDescription
from openracer.models.evaluations import read_evaluations
from openracer.models.events import read_events
from openracer.models.folder import ModelFolder
from openracer.runs.evaluation import EvaluationResult, evaluate
from openracer.runs.request import EvaluationRequest
from openracer.runs.supervisor import TrainingProcess
from openracer.simulation.presets import find_preset
from openracer.simulation.raceline.line import RaceLine, minimum_time_line

TRACKS = ("reinvent_base", "reInvent2019_track", "2022_summit_speedway", "dubai_open", "jyllandsringen_open")
MAX_SPEED = 4.0
TRIALS, LAPS = 5, 3


def train(track: str, vehicle: str, minutes: float | None, seed: int) -> tuple[ModelFolder, float]:
    """Train a model of the preset ``race``, telling its progress on the error stream.

    Returns:
        The model, and minutes of processor time of all cores together.
    """
    values: dict[str, Any] = {
        "name": f"racing-{track.replace('_', '-')}",
        "preset": "race",
        "track": track,
        "vehicle": vehicle,
        "seed": seed,
    }
    if minutes is not None:
        values["stop"] = {"minutes": minutes}
    folder = library.create_model(TrainingDescription.from_values(values))
    told, used, trials = 0.0, _processor_minutes(), []
    for event in TrainingProcess(folder.path).watch():
        if event is None or event["event"] not in ("iteration", "failed"):
            continue
        if event["event"] == "failed":
            raise SystemExit(event["message"])
        trials = event["evaluation"] or trials
        if event["seconds"] >= told + 30.0:
            told = event["seconds"]
            print(f"{track}: {told:.0f} s, {event['steps']:,} steps, {_brief(trials)}", file=sys.stderr)
    return folder, round(_processor_minutes() - used, 1)


def _processor_minutes() -> float:
    """Processor time of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (usage.ru_utime + usage.ru_stime) / 60.0


def _brief(trials: list[dict[str, Any]]) -> str:
    laps = [trial["lap_time"] for trial in trials if trial["lap_time"] is not None]
    return f"{len(laps)} of {len(trials)} laps, mean {statistics.mean(laps):.2f} s" if laps else "no lap yet"


def race(folder: ModelFolder) -> tuple[EvaluationResult, dict[str, Any]]:
    """Let a model drive; what it reached, times in s."""
    result = evaluate(folder, EvaluationRequest(trials=TRIALS, laps=LAPS))
    trials = [
        [lap.time_s for lap in result.trials if lap.trial == number and lap.is_complete]
        for number in range(1, TRIALS + 1)
    ]
    standing = [laps[0] for laps in trials if laps]
    flying = [lap for laps in trials for lap in laps[1:]]
    events = [event for event in read_events(folder.events_file)[0] if event["event"] == "iteration"]
    description = folder.description()
    return result, {
        "track": result.track.name,
        "title": result.track.title,
        "vehicle": description.vehicle,
        "seed": description.seed,
        "checkpoint": str(result.checkpoint),
        "trained_minutes": round(events[-1]["seconds"] / 60.0, 1) if events else None,
        "trained_steps": events[-1]["steps"] if events else None,
        "clean_trials": sum(len(laps) == LAPS for laps in trials),
        "trials": TRIALS,
        "laps_s": [[round(lap, 3) for lap in laps] for laps in trials],
        "standing_s": round(statistics.mean(standing), 3) if standing else None,
        "best_flying_s": round(min(flying), 3) if flying else None,
        "mean_flying_s": round(statistics.mean(flying), 3) if flying else None,
    }


def with_limits(row: dict[str, Any], standing: RaceLine, flying: RaceLine) -> dict[str, Any]:
    """A row together with the minimum-time laps, and how far its own are above them, percent."""
    limits = {"standing": standing.lap_time_s, "flying": flying.lap_time_s}
    row = row | {f"least_{kind}_s": round(limit, 3) for kind, limit in limits.items()}
    for key, kind in (("standing", "standing"), ("best_flying", "flying"), ("mean_flying", "flying")):
        lap = row[f"{key}_s"]
        row[f"{key}_above_percent"] = None if lap is None else round(100.0 * (lap / limits[kind] - 1.0), 1)
    return row


def league_records(path: Path) -> dict[str, float]:
    """The best time trial lap of each track in a table of league records; empty if there is no such file."""
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["race_type"] == "TIME_TRIAL"]
    return {row["track"]: float(row["best_lap_s"]) for row in rows}


def main() -> None:
    """Train or take models, let them race, and print."""
    data = Path(os.environ.get("OPENRACER_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tracks", nargs="+", default=list(TRACKS), help="world names")
    parser.add_argument("--vehicle", default="v5", help="generation of the car")
    parser.add_argument("--minutes", type=float, help="of each training; by default the preset's")
    parser.add_argument("--seed", type=int, default=0, help="of the trainings")
    parser.add_argument("--models", nargs="+", help="take these models instead of training")
    parser.add_argument("--pictures", type=Path, help="write pictures of driven lines and learning curves")
    parser.add_argument("--records", type=Path, default=data / "league_records.csv", help="league records")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args()
    records = league_records(options.records)
    rows, curves = [], {}
    for name in options.models or options.tracks:
        if options.models:
            folder, processor = library.open_model(name), None
        else:
            folder, processor = train(name, options.vehicle, options.minutes, options.seed)
        result, row = race(folder)
        row["processor_minutes"] = processor
        preset = find_preset(row["vehicle"])
        standing, flying = (
            minimum_time_line(result.track, preset, MAX_SPEED, standing=s) for s in (True, False)
        )
        rows.append(with_limits(row, standing, flying) | {"league_s": records.get(row["track"])})
        curves[row["title"]] = (
            read_events(folder.events_file)[0],
            (standing.lap_time_s + (LAPS - 1) * flying.lap_time_s) / LAPS,
        )
        if options.pictures is not None:
            options.pictures.mkdir(parents=True, exist_ok=True)
            picture = driven_png(
                result.track, flying, read_evaluations(folder)[-1].drives(), row["best_flying_s"]
            )
            (options.pictures / f"racing_{row['track']}.png").write_bytes(picture)
            (options.pictures / "racing_curves.png").write_bytes(curves_png(curves))
    if options.json:
        print(json.dumps({"machine": describe_machine(), "rows": rows}, indent=2))
        return
    print(describe_machine())
    print_table(rows)


def print_table(rows: list[dict[str, Any]]) -> None:
    """The rows as a Markdown table."""
    print(
        "| track | vehicle | trained | clean | standing | limit | above | best flying | mean | limit | above | league |"
    )
    print("|---|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for row in rows:
        cells = [
            row["title"],
            row["vehicle"],
            f"{row['trained_minutes']} min",
            f"{row['clean_trials']}/{row['trials']}",
        ]
        for key in (
            "standing_s",
            "least_standing_s",
            "standing_above_percent",
            "best_flying_s",
            "mean_flying_s",
        ):
            cells.append(_cell(row[key], key))
        cells += [_cell(row[key], key) for key in ("least_flying_s", "best_flying_above_percent", "league_s")]
        print("| " + " | ".join(cells) + " |")


def _cell(value: float | None, key: str) -> str:
    if value is None:
        return "-"
    return f"{value:+.1f} %" if key.endswith("percent") else f"{value:.2f}"


if __name__ == "__main__":
    main()
