"""How long light commands take from the key to the end: ``python -m benchmarks.commands [--runs 9] [--json]``."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks.machine import describe_machine

COMMANDS = ("--help", "train --help", "reward examples", "model list", "track list")


def seconds(words: str) -> float:
    """One run of the command."""
    began = time.perf_counter()
    code = "from openracer.cli.main import main; main()"
    subprocess.run([sys.executable, "-c", code, *words.split()], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9, help="of each command")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["OPENRACER_HOME"] = home
        figures = {words: [seconds(words) for _ in range(arguments.runs)] for words in COMMANDS}
    medians = {words: round(statistics.median(times), 3) for words, times in figures.items()}
    if arguments.json:
        print(json.dumps({"command_s": medians, "machine": describe_machine()}))
        return
    for words, median in medians.items():
        print(f"openracer {words:20s} {median:6.2f} s")


if __name__ == "__main__":
    main()
