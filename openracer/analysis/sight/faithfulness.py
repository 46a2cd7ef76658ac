"""Whether a map of attention may be believed: deletion and insertion, compared with maps of chance.

The places that a map calls important are covered first (deletion) or uncovered first (insertion). If the map is right,
the choice is lost at once, or found at once: a small area under the first curve and a large one under the second
(Petsiuk et al. 2018, arXiv:1806.07421). A map of chance, as smooth as the others, tells what no knowledge achieves.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openracer.analysis.sight.attention import BATCH, Maps, blurred

Kept = Callable[[Tensor], Tensor]
"""From frames ``(B, H, W) uint8`` to ``(B, Q)``: how much of each choice is there, 0 to 1."""

STEPS = 16
"""Points of a curve after its first."""
CHANCES = 6
"""Maps of chance."""
_CHANCE_CELLS = (15, 20)
"""Such a map is as coarse as the features of a last convolution."""


@dataclass(frozen=True, eq=False)
class Check:
    """The curves of one map for one question, and what chance achieves.

    Attributes:
        deletion: ``(STEPS + 1,)`` what is left of the choice, from the whole frame to the covered one.
        insertion: ``(STEPS + 1,)`` the same from the covered frame to the whole one.
        chance_deletion: ``(CHANCES, STEPS + 1)`` of maps of chance.
        chance_insertion: likewise.
    """

    deletion: NDArray[np.float64]
    insertion: NDArray[np.float64]
    chance_deletion: NDArray[np.float64]
    chance_insertion: NDArray[np.float64]

    @property
    def gain(self) -> float:
        """Area under the insertion less that under the deletion, -1 to 1."""
        return area(self.insertion) - area(self.deletion)

    @property
    def chance_gains(self) -> NDArray[np.float64]:
        """The same of the maps of chance, ``(CHANCES,)``."""
        pairs = zip(self.chance_insertion, self.chance_deletion, strict=True)
        return np.array([area(insertion) - area(deletion) for insertion, deletion in pairs])

    @property
    def passed(self) -> bool:
        """Whether the map is better than every map of chance."""
        return self.gain > float(self.chance_gains.max())


def area(curve: NDArray[np.float64]) -> float:
    """Mean height of a curve whose points are equally far apart."""
    return float(np.trapezoid(curve) / (len(curve) - 1))


def check(kept: Kept, frame: Tensor, maps: dict[str, Maps], seed: int = 0) -> dict[str, list[Check]]:
    """Check maps of one frame.

    Args:
        kept: how much of each of the Q choices is there.
        frame: ``(H, W) uint8``.
        maps: ``(Q, H, W)`` by the name of the method.
        seed: of the maps of chance, which all of them are compared with.

    Returns:
        A check for each question, by the name of the method.
    """
    random = np.random.default_rng(seed)
    curves = [_curves(kept, frame, _chance_map(random, frame)) for _ in range(CHANCES)]
    chance_deletion, chance_insertion = (np.stack([curve[k] for curve in curves]) for k in (0, 1))
    checks: dict[str, list[Check]] = {}
    for name, of_method in maps.items():
        checks[name] = []
        for question, importance in enumerate(of_method):
            deletion, insertion = _curves(kept, frame, importance)
            checks[name].append(
                Check(
                    deletion[:, question],
                    insertion[:, question],
                    chance_deletion[:, :, question],
                    chance_insertion[:, :, question],
                )
            )
    return checks


def _curves(
    kept: Kept, frame: Tensor, importance: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Deletion and insertion of all questions along one map, each ``(STEPS + 1, Q)``."""
    order = np.argsort(-importance.ravel(), kind="stable")
    rank = np.empty(order.size, np.int64)
    rank[order] = np.arange(order.size)
    taken = torch.from_numpy(rank.reshape(importance.shape)[None]) < torch.linspace(
        0, order.size, STEPS + 1
    ).round().reshape(-1, 1, 1)
    dull = blurred(frame).round().to(torch.uint8)
    shown = torch.cat([torch.where(taken, dull, frame), torch.where(taken, frame, dull)])
    with torch.no_grad():
        values = torch.cat([kept(part) for part in torch.split(shown, BATCH)]).double().numpy()
    return values[: STEPS + 1], values[STEPS + 1 :]


def _chance_map(random: np.random.Generator, frame: Tensor) -> NDArray[np.float32]:
    coarse = torch.from_numpy(random.random(_CHANCE_CELLS, np.float32))[None, None]
    fine = torch.nn.functional.interpolate(coarse, frame.shape, mode="bilinear", align_corners=False)
    return fine[0, 0].numpy()
