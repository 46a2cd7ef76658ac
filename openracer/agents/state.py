"""What a learner is at the moment, as plain tensors that a file can hold, and back."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from openracer.agents.optimiser import Adam
from openracer.language import gettext as _


def weights_of(modules: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    """Weights of some networks under flat names, "network.weight"."""
    return {
        f"{network}.{name}": tensor.detach().clone(memory_format=torch.contiguous_format).cpu()
        for network, module in modules.items()
        for name, tensor in module.state_dict().items()
    }


@torch.no_grad()
def load_weights(modules: Mapping[str, nn.Module], tensors: Mapping[str, Tensor]) -> None:
    """Take over what :func:`weights_of` gave; there may be other tensors beside.

    Raises:
        ValueError: a tensor is missing or has another shape.
    """
    for network, module in modules.items():
        for name, target in module.state_dict().items():
            source = tensors.get(f"{network}.{name}")
            if source is None or source.shape != target.shape:
                found = "missing" if source is None else f"of shape {tuple(source.shape)}"
                raise ValueError(
                    _(
                        "the weights do not fit this network: {network}.{name} is {found}; "
                        "it must have shape {shape}"
                    ).format(network=network, name=name, found=found, shape=tuple(target.shape))
                )
            target.copy_(source)


def progress_of(optimisers: Mapping[str, Adam], generator: torch.Generator, steps: int) -> dict[str, Tensor]:
    """What a training depends on beside the weights: memories of the optimisers, random numbers, number of steps."""
    tensors = {
        f"adam.{network}.{name}": tensor
        for network, optimiser in optimisers.items()
        for name, tensor in optimiser.tensors().items()
    }
    return tensors | {"generator": generator.get_state(), "steps": torch.tensor(steps)}


def load_progress(
    optimisers: Mapping[str, Adam], generator: torch.Generator, tensors: Mapping[str, Tensor]
) -> int:
    """Take over what :func:`progress_of` gave; gives the number of steps.

    Raises:
        ValueError: it is not there, or of another training.
    """
    for network, optimiser in optimisers.items():
        prefix = f"adam.{network}."
        optimiser.load(
            {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
        )
    try:
        generator.set_state(tensors["generator"])
        return int(tensors["steps"])
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        raise ValueError(
            _("the random generator or the number of steps is missing or damaged: {error}").format(
                error=error
            )
        ) from None
