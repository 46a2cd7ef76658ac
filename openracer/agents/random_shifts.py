"""Frames shifted at random, against learning single pixels by heart (Kostrikov et al. 2020, arXiv:2004.13649)."""

import torch
from torch import Tensor


def shift(frames: Tensor, pixels: int, generator: torch.Generator) -> Tensor:
    """Each frame moved by its own whole number of pixels in both directions; its edges are continued.

    Args:
        frames: (B, H, W) or (B, H, W, eyes); both eyes are moved alike.
        pixels: at most so far.
        generator: of the random numbers.

    Returns:
        The same shape and type.
    """
    count, height, width = frames.shape[:3]
    down, right = torch.randint(-pixels, pixels + 1, (2, count, 1), generator=generator)
    rows = (torch.arange(height) + down).clamp(0, height - 1)
    columns = (torch.arange(width) + right).clamp(0, width - 1)
    return frames[torch.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]
