"""Where the networks compute: on a GPU if there is one, else on the processor.

That is a property of the machine, not of a model. PyTorch is imported only when a device is looked for, so that the
names are there for who does not need it.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from openracer.language import gettext as _

if TYPE_CHECKING:
    import torch

NAMES = ("auto", "cpu", "cuda", "mps")
"""``auto`` is ``cuda`` (a GPU of NVIDIA's) if PyTorch finds one, else ``cpu``; ``mps`` is an Apple computer's GPU."""


def find_device(name: str) -> "torch.device":
    """The device of a name.

    Raises:
        ValueError: it is none of :data:`NAMES`, or this machine has none of that kind.
    """
    if name not in NAMES:
        raise ValueError(_("device is {name}; it must be auto, cpu, cuda or mps").format(name=name))
    import torch

    is_there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if name == "auto":
        return torch.device("cuda" if is_there["cuda"] else "cpu")
    if not is_there[name]:
        raise ValueError(
            _(
                "device is {name}, but PyTorch {version} finds no such GPU on this machine; use cpu or auto, or "
                "install the GPU's driver and a PyTorch that is built for it"
            ).format(name=name, version=torch.__version__)
        )
    return torch.device(name)


MOST_PINNED_BYTES = 1 << 29
"""Pinned memory is taken from the whole machine at once; a rollout that may need more does without."""


def frame_memory(device: "torch.device", shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Memory for frames, not yet filled; for a GPU pinned, so that it is fetched while the processor goes on.

    Args:
        device: that will read it.
        shape: of the array.
    """
    if device.type != "cuda" or np.prod(shape) > MOST_PINNED_BYTES:
        return np.empty(shape, np.uint8)
    import torch

    return torch.empty(shape, dtype=torch.uint8, pin_memory=True).numpy()
