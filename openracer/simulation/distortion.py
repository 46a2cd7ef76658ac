"""Blur and noise of the cars' pictures, as poor lenses and small sensors have them."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from openracer.simulation.lens import FRAME_HEIGHT, FRAME_WIDTH
from openracer.simulation.threads import next_car

_GRAINS = 1 << 20
_DEVIATION = 24.0
"""Of the grains: five deviations fit into a byte."""


def noise_grains(seed: int) -> NDArray[np.int8]:
    """Normal random numbers of which each picture takes a stretch from somewhere."""
    drawn = np.random.default_rng((seed, 0x6A15)).normal(0.0, _DEVIATION, _GRAINS)
    return np.clip(np.rint(drawn), -127, 127).astype(np.int8)


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")
def distort(turns, out, channels, cars, distortion, steps, clock, grains):  # type: ignore[no-untyped-def]
    """Blur the pictures of some cars, then add noise to them; the same picture always gets the same noise.

    Args:
        turns: of :func:`openracer.simulation.threads.all_turns`.
        out: (K, 120, 160) or (K, 120, 160, 2) uint8, changed in place.
        channels: 1 or 2.
        cars: (K,) int64.
        distortion: (N, 2) see :class:`openracer.simulation.randomisation.Variations`.
        steps: (N,) rows of the episode so far.
        clock: (N,) simulated time of each car, s.
        grains: of :func:`noise_grains`.
    """
    pixels = out.reshape(-1)
    width = FRAME_WIDTH * channels
    above, here = np.empty(width, np.int32), np.empty(width, np.int32)
    k, share_end = next_car(turns, len(cars), 0, 0)
    while k < len(cars):
        car = cars[k]
        start = np.uint64(k * FRAME_HEIGHT * width)
        side = np.int32(round(256.0 * distortion[car, 0]))
        if side > 0:
            _blur(pixels, start, width, channels, side, above, here)
        scale = np.int32(round(256.0 * distortion[car, 1] / _DEVIATION))
        if scale > 0:
            place = car * 7919 + steps[car] * 104729 + int(clock[car] * 1000.0) * 31
            _add_noise(pixels, start, FRAME_HEIGHT * width, scale, grains, place * 40503)
        k, share_end = next_car(turns, len(cars), k, share_end)


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")
def _blur(pixels, start, width, channels, side, above, here):  # type: ignore[no-untyped-def]
    """Blur along the rows and then along the columns; ``side`` of 256 parts go to each neighbour."""
    middle, half = np.int32(256) - np.int32(2) * side, np.int32(128)
    step = np.uint64(channels)
    for row in range(FRAME_HEIGHT):
        first = start + np.uint64(row * width)
        for i in range(np.uint64(width)):
            here[i] = pixels[first + i]
        for i in range(step, np.uint64(width) - step):
            total = side * (here[i - step] + here[i + step]) + middle * here[i]
            pixels[first + i] = np.uint8((total + half) >> np.int32(8))
    for i in range(np.uint64(width)):
        above[i] = pixels[start + i]
    for row in range(1, FRAME_HEIGHT - 1):
        first = start + np.uint64(row * width)
        below = first + np.uint64(width)
        for i in range(np.uint64(width)):
            here[i] = pixels[first + i]
        for i in range(np.uint64(width)):
            total = side * (above[i] + np.int32(pixels[below + i])) + middle * here[i]
            pixels[first + i] = np.uint8((total + half) >> np.int32(8))
        for i in range(np.uint64(width)):
            above[i] = here[i]


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")
def _add_noise(pixels, start, count, scale, grains, place):  # type: ignore[no-untyped-def]
    """Add ``scale`` of 256 parts of the grains from a place on."""
    first = np.uint64(place % (len(grains) - count))
    for i in range(np.uint64(count)):
        grey = np.int32(pixels[start + i]) + (
            (np.int32(grains[first + i]) * scale + np.int32(128)) >> np.int32(8)
        )
        pixels[start + i] = np.uint8(min(max(grey, np.int32(0)), np.int32(255)))
