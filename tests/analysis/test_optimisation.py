"""CMA-ES on functions whose minimum is known."""

import itertools

import numpy as np
import pytest

from openracer.analysis.optimisation import minimise


def rosenbrock(z):
    return float((100.0 * (z[1:] - z[:-1] ** 2) ** 2 + (1.0 - z[:-1]) ** 2).sum())


def test_a_curved_valley_is_followed_to_its_end():
    last = None
    for last in itertools.islice(minimise(rosenbrock, np.zeros(6), 0.5, seed=1), 900):
        if last.value < 1e-10:
            break
    assert last is not None
    assert np.allclose(last.best, 1.0, atol=1e-3)


def test_scales_are_learned():
    weights = 10.0 ** np.arange(0, 12, 2)
    search = minimise(lambda z: float((weights * (z - 3.0) ** 2).sum()), np.zeros(6), 1.0, seed=0)
    assert next(p for p in itertools.islice(search, 1500) if p.value < 1e-8).best == pytest.approx(
        np.full(6, 3.0), abs=1e-3
    )


def test_the_best_never_gets_worse_and_undefined_values_are_avoided():
    values = [
        p.value
        for p in itertools.islice(
            minimise(lambda z: float("nan") if z[0] > 1 else float((z**2).sum()), np.full(3, 0.9), 0.5, 2), 60
        )
    ]
    assert values == sorted(values, reverse=True)
    assert values[-1] < 1e-3


def test_the_same_seed_searches_the_same_way():
    first, second = (
        [p.value for p in itertools.islice(minimise(rosenbrock, np.zeros(3), 0.5, seed=5), 20)]
        for _ in range(2)
    )
    assert first == second
