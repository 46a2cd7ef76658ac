"""Third step: what TensorFlow wrote, and what the car's converter made, read by OpenRacer.

python -m tools.interop.read FOLDER
"""

import sys
from pathlib import Path

import numpy as np
import torch

from openracer.agents.layered import outputs_of
from openracer.formats.coach_variables import ACTION, networks_of
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
        expected = np.load(here / "expected.npy")
        results = [("the car's TFLite", read_tflite((here / "car.tflite").read_bytes()), expected, HALF)]
        if (here / "tensorflow.npz").is_file():
            outputs = dict(np.load(here / "tensorflow.npz"))
            seen[ACTION] = torch.from_numpy(outputs["action"])
            frozen = layers_of(read_graph((here / "tensorflow.pb").read_bytes()))
            checkpoint = networks_of(read_bundle(here / "5_Step-55.ckpt"))
            results.append(("TensorFlow's frozen graph", frozen, outputs["policy"], ONE))
            # AWS's graph of SAC ends before the tanh, the simulator adds it.
            driven = np.tanh(outputs["policy"]) if here.name.endswith("-sac") else outputs["policy"]
            results.append(("TensorFlow's checkpoint", checkpoint.policy, driven, ONE))
            critics = {
                "value": checkpoint.critic,
                **dict(zip(("q1", "q2"), checkpoint.twins or (), strict=False)),
            }
            for name, critic in critics.items():
                assert critic is not None
                results.append((f"its critic: {name}", critic, outputs[name], ONE))
        for title, network, wanted, limit in results:
            with torch.no_grad():
                said = outputs_of(network, seen).numpy()
            difference = float(np.abs(said - wanted).max())
            failures += difference > limit
            print(f"{here.name:20}{title:32}{difference:20.1e}{'' if difference <= limit else '  FAILED'}")
    return failures


if __name__ == "__main__":
    sys.exit(min(main(Path(sys.argv[1])), 1))
