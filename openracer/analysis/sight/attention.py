"""Which part of a frame a choice comes from: Grad-CAM, and covering one place after the other.

Both work on any network that turns frames into scores, one for each question (how probable is action 3? how far to
steer?). Neither knows what the network is made of, save that Grad-CAM needs a convolution in it.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from openracer.language import gettext as _

Scores = Callable[[Tensor], Tensor]
"""From frames ``(B, H, W) uint8`` to ``(B, Q)`` float32 scores, differentiable."""

Maps = NDArray[np.float32]
"""``(Q, H, W)``, a map for each question: at least 0, its greatest value 1, or 0 everywhere."""

SPOT_PX = 6.0
"""Standard deviation of the round spot that covers a place, pixels."""
STRIDE_PX = 8
"""Distance of neighbouring spots, pixels."""
BATCH = 64


class _LastConvolution(TorchFunctionMode):
    """Remembers what the last convolution of a network put out, whichever way the network calls it."""

    features: Tensor | None = None

    def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        result = func(*args, **(kwargs or {}))
        if func in (functional.conv2d, torch.conv2d):
            self.features = result
        return result


def grad_cam(scores: Scores, frame: Tensor, both_signs: bool = False) -> Maps:
    """Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391) for every question.

    The features of the last convolution, each weighted with the mean gradient of the score, added up, and enlarged to
    the frame.

    Args:
        scores: of the network.
        frame: ``(H, W) uint8``.
        both_signs: whether what lowers the score counts too, as for an angle, where less is as much a choice as more.

    Raises:
        ValueError: the network has no convolution.
    """
    with torch.enable_grad(), _LastConvolution() as last:
        values = scores(frame[None])[0]
    if last.features is None or not last.features.requires_grad:
        raise ValueError(_("this network has no convolution, which Grad-CAM needs"))
    maps = []
    for value in values:
        (gradient,) = torch.autograd.grad(value, last.features, retain_graph=True)
        weights = gradient.mean(dim=(2, 3), keepdim=True)
        # A rectifier after the convolution, where it did not work in place.
        maps.append((weights * last.features.detach().relu()).sum(dim=1))
    coarse = torch.stack(maps).float()
    coarse = coarse.abs() if both_signs else coarse.relu()
    fine = functional.interpolate(coarse, frame.shape, mode="bilinear", align_corners=False)
    return _scaled(fine[:, 0])


def occlusion(scores: Scores, frame: Tensor, both_signs: bool = False) -> Maps:
    """How much each place matters: what its covering takes from the score, for every question.

    A round spot of the frame is blended into its blurred self, at one place after the other (Greydanus et al. 2018,
    arXiv:1711.00138).

    Args:
        scores: of the network.
        frame: ``(H, W) uint8``.
        both_signs: whether a score that rises counts too.
    """
    height, width = frame.shape
    sharp, dull = frame.float(), blurred(frame)
    down, across = _spot_places(height), _spot_places(width)
    columns, rows = _bells(across, width), _bells(down, height)
    places = [(row, column) for row in range(len(down)) for column in range(len(across))]
    changes = []
    with torch.no_grad():
        before = scores(frame[None])
        for first in range(0, len(places), BATCH):
            some = places[first : first + BATCH]
            spots = torch.stack([rows[row][:, None] * columns[column][None] for row, column in some])
            covered = sharp + spots * (dull - sharp)
            changes.append(before - scores(covered.round().to(torch.uint8)))
    lost = torch.cat(changes).T.reshape(-1, 1, len(down), len(across))
    lost = lost.abs() if both_signs else lost.relu()
    fine = functional.interpolate(lost.float(), (height, width), mode="bicubic", align_corners=False).relu()
    return _scaled(fine[:, 0])


def blurred(frame: Tensor) -> Tensor:
    """A frame ``(H, W)`` without its details: what is shown in place of what is covered, float32."""
    from scipy.ndimage import gaussian_filter

    return torch.from_numpy(gaussian_filter(frame.numpy().astype(np.float32), 2.0 * SPOT_PX))


def _spot_places(size: int) -> Tensor:
    """Centres of spots along a side, those of equal cells, pixels."""
    count = max(1, round(size / STRIDE_PX))
    return (torch.arange(count) + 0.5) * size / count - 0.5


def _bells(centres: Tensor, size: int) -> Tensor:
    return torch.exp(-0.5 * ((torch.arange(size)[None] - centres[:, None]) / SPOT_PX) ** 2)


def _scaled(maps: Tensor) -> Maps:
    greatest = maps.amax(dim=(1, 2), keepdim=True)
    return torch.where(greatest > 0.0, maps / greatest.clamp(min=1e-30), 0.0).numpy()
