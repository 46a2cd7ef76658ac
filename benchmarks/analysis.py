"""Reading logs beside deepracer-utils, reward replay and heat maps: ``python -m benchmarks.analysis [--json]``.

Times are the best of some rounds, in which both tools take turns; a ratio is their time over ours. Memory is the peak
of a process that does nothing else, and its ratio theirs over ours.
"""

import argparse
import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

from openracer import analysis
from openracer.analysis.figures.heat_map import heat_map
from openracer.analysis.reward_workshop import replay_rewards
from openracer.rewards import examples

TEXT_MB = 100
SAMPLE_ROWS = 2000
HEAT_ROWS = 1_000_000
OURS = "from openracer import analysis\nanalysis.load(sys.argv[1]).steps"
THEIRS = "from deepracer.logs import DeepRacerLog\nDeepRacerLog(sys.argv[1]).load_robomaker_logs()"


def best_of(rounds: int, *calls: Callable[[], object]) -> list[float]:
    """The quickest run of each call, s; they take turns."""
    times = [[] for _ in calls]
    for _ in range(rounds):
        for call, taken in zip(calls, times, strict=True):
            with contextlib.redirect_stdout(io.StringIO()):
                begin = perf_counter()
                call()
                taken.append(perf_counter() - begin)
    return [min(taken) for taken in times]


def csv_files(logs: Path) -> dict[str, float]:
    """The console export of 2022: 28 files, 44,247 rows."""
    from deepracer.logs import DeepRacerLog

    with tempfile.TemporaryDirectory() as folder:
        traces = logs / "console-v4" / "sim-trace" / "training" / "training-simtrace"
        shutil.copytree(traces, Path(folder) / "training-simtrace")

        def theirs() -> None:
            DeepRacerLog(model_folder=folder).load_training_trace(ignore_metadata=True)

        ours, other = best_of(25, lambda: analysis.load(folder), theirs)
    return {"csv_load_s": ours, "csv_load_ratio": other / ours}


def text_log(logs: Path) -> dict[str, float]:
    """A text log of 100 MB: one of 2022 again and again."""
    from deepracer.logs import DeepRacerLog

    content = (logs / "v5" / "object-avoidance-2022_june_pro.log").read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        # So their tool wants its folders.
        (Path(folder) / "sim-trace" / "training" / "training-simtrace").mkdir(parents=True)
        path = Path(folder) / "logs" / "training" / "training-20220710000000-long-robomaker.log"
        path.parent.mkdir(parents=True)
        path.write_bytes(content * (TEXT_MB * 1_000_000 // len(content)))
        ours, other = best_of(
            3,
            lambda: analysis.load(path),
            lambda: DeepRacerLog(model_folder=folder).load_robomaker_logs(),
        )
        peaks = [peak_mb(OURS, path), peak_mb(THEIRS, Path(folder))]
    return {
        "text_load_s": ours,
        "text_load_ratio": other / ours,
        "text_load_mb": peaks[0],
        "text_load_mb_ratio": peaks[1] / peaks[0],
    }


def peak_mb(code: str, path: Path) -> float:
    """The most memory that a process of its own takes, MB."""
    # What getrusage tells includes the memory of the process that started this one.
    whole = f"import sys\n{code}\nprint(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    answer = subprocess.run(
        [sys.executable, "-c", whole, str(path)], capture_output=True, text=True, check=True
    )
    return float(answer.stdout.split()[-1]) / 1024.0


def reward_replay(logs: Path) -> dict[str, float]:
    """44,247 rows through AWS's default reward function; theirs on a sample, because it takes long."""
    from deepracer.logs.log_utils import NewRewardUtils

    recording = analysis.load(logs / "console-v4")
    track, steps = recording.track(), recording.training
    source = examples.source(examples.names()[0])
    (ours,) = best_of(3, lambda: replay_rewards(steps, track, source))
    sample = steps.iloc[:SAMPLE_ROWS].copy()
    with tempfile.TemporaryDirectory() as folder:
        lines = source + "\n\nclass Reward:\n    def __init__(self, verbose=False):\n        pass\n"
        lines += "    def reward_function(self, params):\n        return reward_function(params)\n"
        (Path(folder) / "benchmark_reward.py").write_text(lines)
        sys.path.insert(0, folder)
        (other,) = best_of(1, lambda: NewRewardUtils.new_reward(sample, track.centre, "benchmark_reward"))
        sys.path.remove(folder)
    return {"reward_replay_s": ours, "reward_replay_ratio": other * len(steps) / SAMPLE_ROWS / ours}


def heat(logs: Path) -> dict[str, float]:
    """A million rows painted."""
    recording = analysis.load(logs / "console-v4")
    steps = recording.training
    rows = np.arange(HEAT_ROWS) % len(steps)
    x, y, reward = (steps[name].to_numpy(np.float64)[rows] for name in ("x", "y", "reward"))
    x = x + np.random.default_rng(0).normal(0.0, 0.02, HEAT_ROWS)
    track = recording.track()
    return {"heatmap_1m_s": best_of(3, lambda: heat_map("", track, x, y, reward, ""))[0]}


def main() -> None:
    """Print the figures as a table, or as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--logs", type=Path, default=Path(os.environ.get("OPENRACER_TEST_DATA", "../shared/data")) / "logs"
    )
    options = parser.parse_args()
    # The console's export may be named itself.
    logs = options.logs.parent if options.logs.name == "console-v4" else options.logs
    figures: dict[str, float] = {}
    for measure in (csv_files, text_log, reward_replay, heat):
        figures |= measure(logs)
    if options.json:
        print(json.dumps({name: round(value, 4) for name, value in figures.items()}))
        return
    for name, value in figures.items():
        print(f"{name:22} {value:10.3f}")


if __name__ == "__main__":
    main()
