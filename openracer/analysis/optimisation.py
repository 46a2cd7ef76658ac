"""CMA-ES: minimise a function of a dozen numbers without derivatives.

The covariance matrix adaptation evolution strategy (N. Hansen, "The CMA Evolution Strategy: A Tutorial",
arXiv:1604.00772) draws candidates from a normal distribution, moves its mean to the best half, and learns its shape
from the steps that were good. Fitting a car needs it because the constants trade off: valleys are narrow and oblique.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


class Progress(NamedTuple):
    """The best so far, after each generation.

    Attributes:
        best: ``(D,)`` best candidate.
        value: its function value.
        sigma: present step size; the search has converged when it is small.
    """

    best: Vector
    value: float
    sigma: float


def minimise(
    function: Callable[[Vector], float], start: Vector, sigma: float, seed: int, candidates: int | None = None
) -> Iterator[Progress]:
    """Search from a start, for as long as the caller takes generations.

    Args:
        function: to minimise; NaN counts as infinitely bad.
        start: ``(D,)`` coordinates scaled alike: a step of ``sigma`` should matter about equally in all.
        sigma: first step size.
        seed: same seed, same search.
        candidates: function calls of a generation; by default 4 + 3 ln D.

    Yields:
        The best of all candidates and of the start.
    """
    random = np.random.default_rng(seed)
    size = len(start)
    count = candidates or 4 + int(3 * math.log(size))
    parents = count // 2
    weights = math.log(parents + 0.5) - np.log(np.arange(1, parents + 1))
    weights /= weights.sum()
    effective = 1.0 / (weights**2).sum()
    # Learning rates and damping as in the tutorial, table 1.
    c_sigma = (effective + 2.0) / (size + effective + 5.0)
    damping = 1.0 + c_sigma + 2.0 * max(0.0, math.sqrt((effective - 1.0) / (size + 1.0)) - 1.0)
    c_path = (4.0 + effective / size) / (size + 4.0 + 2.0 * effective / size)
    c_one = 2.0 / ((size + 1.3) ** 2 + effective)
    c_rest = min(1.0 - c_one, 2.0 * (effective - 2.0 + 1.0 / effective) / ((size + 2.0) ** 2 + effective))
    expected = math.sqrt(size) * (1.0 - 1.0 / (4.0 * size) + 1.0 / (21.0 * size**2))

    mean, best, value = start.copy(), start.copy(), function(start)
    covariance = np.eye(size)
    path_sigma, path = np.zeros(size), np.zeros(size)
    generation = 0
    while True:
        generation += 1
        eigenvalues, axes = np.linalg.eigh(covariance)
        scales = np.sqrt(np.maximum(eigenvalues, 1e-20))
        steps = (random.standard_normal((count, size)) * scales) @ axes.T
        values = np.array([function(mean + sigma * step) for step in steps])
        order = np.argsort(np.where(np.isnan(values), np.inf, values))
        if values[order[0]] < value:
            best, value = mean + sigma * steps[order[0]], float(values[order[0]])
        chosen = steps[order[:parents]]
        move = weights @ chosen
        mean = mean + sigma * move
        whitened = axes @ ((axes.T @ move) / scales)
        path_sigma = (1.0 - c_sigma) * path_sigma + math.sqrt(
            c_sigma * (2.0 - c_sigma) * effective
        ) * whitened
        length = float(np.linalg.norm(path_sigma))
        is_short = (
            length / math.sqrt(1.0 - (1.0 - c_sigma) ** (2 * generation))
            < (1.4 + 2.0 / (size + 1.0)) * expected
        )
        path = (1.0 - c_path) * path
        if is_short:
            path += math.sqrt(c_path * (2.0 - c_path) * effective) * move
        covariance = (
            (1.0 - c_one - c_rest) * covariance
            + c_one * (np.outer(path, path) + (not is_short) * c_path * (2.0 - c_path) * covariance)
            + c_rest * (chosen.T * weights) @ chosen
        )
        sigma *= math.exp(min(1.0, (c_sigma / damping) * (length / expected - 1.0)))
        yield Progress(best, value, sigma)
