"""Third step: what TensorFlow wrote, and what the car's converter made, read by OpenRacer.

python -m tools.interop.read FOLDER
"""

import sys
from pathlib import Path

import numpy as np
import torch

from openracer.agents.layered import outputs_of
from openracer.formats.coach_variables import networks_of
from openracer.formats.graph_def import read_graph
from openracer.formats.graph_reading import layers_of
from openracer.formats.tensor_bundle import read_bundle
from openracer.formats.tflite_reading import read_tflite

ONE, HALF = 1e-4, 1e-2


def main(folder: Path) -> int:
    """Read everything; the number of failures."""
    failures = 0
    print(f"{'network':20}{'file':32}{'greatest difference':>20}")
    for here in sorted(path for path in folder.iterdir() if path.is_dir()):
        seen = {key: torch.from_numpy(value) for key, value in np.load(here / "observations.npz").items()}
        results = [
            ("the car's TFLite", read_tflite((here / "car.tflite").read_bytes()), "expected.npy", HALF)
        ]
        if (here / "tensorflow.pb").is_file():
            frozen = layers_of(read_graph((here / "tensorflow.pb").read_bytes()))
            policy = networks_of(read_bundle(here / "5_Step-55.ckpt")).policy
            results += [
                ("TensorFlow's frozen graph", frozen, "tensorflow.npy", ONE),
                ("TensorFlow's checkpoint", policy, "tensorflow.npy", ONE),
            ]
        for title, network, file, limit in results:
            with torch.no_grad():
                said, expected = outputs_of(network, seen).numpy(), np.load(here / file)
            if title == "TensorFlow's checkpoint" and here.name.endswith("-sac"):
                expected = np.tanh(expected)  # AWS's graph ends before the tanh, the simulator adds it
            difference = float(np.abs(said - expected).max())
            failures += difference > limit
            print(f"{here.name:20}{title:32}{difference:20.1e}{'' if difference <= limit else '  FAILED'}")
    return failures


if __name__ == "__main__":
    sys.exit(min(main(Path(sys.argv[1])), 1))
