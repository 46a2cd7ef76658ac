"""First step: networks in every format, and PyTorch's outputs for 64 real frames.

python -m tools.interop.write FOLDER
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from openracer.agents.layered import outputs_of
from openracer.formats.coach_variables import CoachCheckpoint, variables_of
from openracer.formats.graph_def import write_graph
from openracer.formats.graph_writing import nodes_of, sac_nodes_of
from openracer.formats.layers import Dense, LayeredNetwork
from openracer.formats.onnx_model import write_onnx
from openracer.formats.tensor_bundle import write_bundle
from openracer.formats.tflite_writing import write_tflite
from tests.formats.networks import DEEP, DEEPER, network, sac_checkpoint

NETWORKS = {
    "shallow-discrete": lambda: network(middle=(512,)),
    "shallow-continuous": lambda: network(middle=(512,), outputs=2, ending="linear"),
    "shallow-sac": lambda: network(middle=(512,)),
    "shallow-stereo": lambda: network(middle=(512,), outputs=5, channels=2),
    "shallow-lidar": lambda: network(middle=(512,), lidar=8),
    "deep-discrete": lambda: network(DEEP, pixels=(64,), middle=(512,)),
    "deep-continuous": lambda: network(DEEP, pixels=(64,), middle=(512,), outputs=2, ending="linear"),
    "deep-sac": lambda: network(DEEP, pixels=(64,), middle=(512,)),
    "deeper-discrete": lambda: network(DEEPER, pixels=(512, 512), middle=(256, 128)),
    "deeper-continuous": lambda: network(
        DEEPER, pixels=(512, 512), middle=(256, 128), outputs=2, ending="linear"
    ),
    "deeper-sac": lambda: network(DEEPER, pixels=(512, 512), middle=(256, 128)),
    "openracer-small": lambda: network(((8, 8, 16), (4, 2, 32), (3, 1, 32)), middle=(256,)),
}
"""AWS's networks in their real sizes, each with every kind of head (SAC puts on its own), and our small one."""

FRAMES = 64


def real_frames() -> np.ndarray:
    """(64, 120, 160) grey frames of a real drive."""
    folder = Path(os.environ["OPENRACER_TEST_DATA"]) / "frames"
    paths = sorted(folder.rglob("*.png"))[:FRAMES]
    return np.stack([np.asarray(Image.open(path).convert("L")) for path in paths])


def main(folder: Path) -> None:
    """Write everything into a folder."""
    grey = real_frames()
    for name, make in NETWORKS.items():
        here = folder / name
        here.mkdir(parents=True)
        checkpoint = sac_checkpoint(make()) if name.endswith("-sac") else with_critic(make())
        made = checkpoint.policy
        rng = np.random.default_rng(0)
        seen = {
            branch.sensor: (
                np.stack([grey, grey[::-1]][: branch.shape[2]], axis=-1).astype(np.float32)
                if len(branch.shape) == 3
                else rng.random((FRAMES, *branch.shape)).astype(np.float32)
            )
            for branch in made.branches
        }
        with torch.no_grad():
            said = outputs_of(made, {key: torch.from_numpy(value) for key, value in seen.items()}).numpy()
        np.savez(here / "observations.npz", **seen)
        np.save(here / "expected.npy", said)
        (here / "model.pb").write_bytes(write_graph(nodes_of(made)))
        (here / "model.onnx").write_bytes(write_onnx(made))
        (here / "model.tflite").write_bytes(write_tflite(made))
        (here / "half.tflite").write_bytes(write_tflite(made, halved=True))
        if made.ending == "tanh":
            (here / "sac.pb").write_bytes(write_graph(sac_nodes_of(made)))
        variables = variables_of(checkpoint)
        write_bundle(here / "7_Step-1234.ckpt", variables)
        np.savez(here / "variables.npz", **{key.replace("/", "|"): value for key, value in variables.items()})


def with_critic(policy: LayeredNetwork) -> CoachCheckpoint:
    """A policy of PPO and a critic of the same layers."""
    last = policy.layers[-1]
    layers = (*policy.layers[:-1], Dense(last.weight[:, :1], last.bias[:1]))
    log_std = np.array([-0.5, 0.5], np.float32) if policy.ending == "linear" else None
    return CoachCheckpoint(policy, replace(policy, ending="linear", layers=layers), log_std)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
