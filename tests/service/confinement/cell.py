"""The inside of the escape tests: runs attempts one after the other and tells what came of each.

``python -m tests.service.confinement.cell FILE``: the file holds ``{name: source}``; a line of JSON for each follows.
"""

import json
import os
import sys
from pathlib import Path

from openracer.rewards.errors import RewardFunctionError
from openracer.rewards.loading import load_reward


def main() -> None:
    attempts = json.loads(Path(sys.argv[1]).read_text())
    # Attempts close, replace and print to whatever they find.
    answer = os.dup(1)
    for name, source in attempts.items():
        os.write(answer, json.dumps({"name": name}).encode() + b"\n")
        try:
            rewards = load_reward(source, 1)([{"steps": 1}], [0], [0])
            told = None
        except RewardFunctionError as error:
            rewards, told = None, error.reason
        reward = None if rewards is None else float(rewards[0])
        os.write(answer, json.dumps({"name": name, "told": told, "reward": reward}).encode() + b"\n")


if __name__ == "__main__":
    main()
