"""Adam's memory as plain tensors, so that it can be kept in a safetensors file instead of a pickle."""

from collections.abc import Mapping

import torch
from torch import Tensor


def adam_tensors(optimiser: torch.optim.Adam) -> dict[str, Tensor]:
    """Number of steps and both moments of every weight, under "index.name"; empty before the first step."""
    return {
        f"{index}.{name}": value.detach().clone(memory_format=torch.contiguous_format)
        for index, parameter in enumerate(optimiser.param_groups[0]["params"])
        for name, value in optimiser.state[parameter].items()
    }


def load_adam_tensors(optimiser: torch.optim.Adam, tensors: Mapping[str, Tensor]) -> None:
    """Take over what ``adam_tensors`` gave for the same weights; the learning rate stays the optimiser's own."""
    optimiser.state.clear()
    for key, tensor in tensors.items():
        index, _, name = key.partition(".")
        parameter = optimiser.param_groups[0]["params"][int(index)]
        value = torch.empty_like(parameter) if tensor.shape == parameter.shape else torch.empty_like(tensor)
        optimiser.state[parameter][name] = value.copy_(tensor)
