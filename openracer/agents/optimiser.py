"""Adam (Kingma and Ba 2015, arXiv:1412.6980) for one network, its memory as plain tensors that a file can hold.

The arithmetic is PyTorch's. Its class ``torch.optim.Adam`` is not used, because making one imports PyTorch's compiler,
which takes the better part of a second at every start of a training, and because its memory would be kept in a pickle.
"""

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

from openracer.language import gettext as _

BETA_1, BETA_2 = 0.9, 0.999
EPSILON = 1e-5
"""As Coach's agents have it (IntelLabs/coach, ``rl_coach/base_parameters.py``)."""

_MEMORY = ("step", "exp_avg", "exp_avg_sq")
"""What is remembered of a weight: number of steps, mean gradient, mean squared gradient."""


class Adam:
    """Improves weights by their gradients.

    Args:
        parameters: the weights.
        learning_rate: at first.

    Attributes:
        learning_rate: may be changed between steps.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], learning_rate: float) -> None:
        self.learning_rate = learning_rate
        self._parameters = list(parameters)
        self._memory: dict[str, list[Tensor]] = {}

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor]) -> None:
        """Change every weight by its gradient."""
        if not self._memory:
            self._memory = {
                "step": [torch.zeros((), device=weight.device) for weight in self._parameters],
                "exp_avg": [torch.zeros_like(weight) for weight in self._parameters],
                "exp_avg_sq": [torch.zeros_like(weight) for weight in self._parameters],
            }
        steps, means, squares = (self._memory[name] for name in _MEMORY)
        adam(
            [weight.detach() for weight in self._parameters], list(gradients), means, squares, [], steps,
            fused=True, amsgrad=False, beta1=BETA_1, beta2=BETA_2, lr=self.learning_rate, weight_decay=0.0,
            eps=EPSILON, maximize=False,
        )  # fmt: skip

    def tensors(self) -> dict[str, Tensor]:
        """Number of steps and both moments of every weight, under "index.name"; empty before the first step."""
        return {
            f"{index}.{name}": tensor.clone(memory_format=torch.contiguous_format).cpu()
            for name, tensors in self._memory.items()
            for index, tensor in enumerate(tensors)
        }

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over what :meth:`tensors` gave for the same weights; the learning rate stays.

        Raises:
            ValueError: one is missing or has another shape.
        """
        self._memory = {}
        if tensors:
            self._memory = {name: self._moments(name, tensors) for name in _MEMORY}

    def _moments(self, name: str, tensors: Mapping[str, Tensor]) -> list[Tensor]:
        """What is remembered under a name of every weight, in the weight's own order of memory."""
        moments = []
        for index, weight in enumerate(self._parameters):
            moment = torch.zeros((), device=weight.device) if name == "step" else torch.empty_like(weight)
            source = tensors.get(f"{index}.{name}")
            if source is None or source.shape != moment.shape:
                raise ValueError(
                    _(
                        "the optimiser's memory does not fit this network: {name} of weight {index} is missing or "
                        "of another shape"
                    ).format(name=name, index=index)
                )
            moments.append(moment.copy_(source))
        return moments
