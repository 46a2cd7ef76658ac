"""What the ground is made of, and the 256 codes that stand for mixtures of it in a surface map.

A texel of a surface map does not hold a colour but a code: one of the pure materials in one of several shades
(its texture), or a mixture of materials in eighths (an edge). What a code looks like is a palette's affair, so the
same map serves every colouring.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

FIELD, BORDER, ROAD, DASH = range(4)
MATERIALS = 4
EIGHTHS = 8
SHADES = 17
"""Shades of a pure material, from its darkest grain (0) over its mean (8) to its brightest (16)."""
MEAN_SHADE = SHADES // 2
WALL_CODES = 252
"""Codes 252 to 255 are the walls towards +x, +y, -x and -y; no texel of a map carries them."""


def pure_code(material: int, shade: int = MEAN_SHADE) -> int:
    """The code of a material without admixture in one of its shades (0 to ``SHADES - 1``)."""
    return material * SHADES + shade


def _mixtures() -> list[tuple[int, int, int, int]]:
    """All mixtures of at least two materials in eighths, in the order of their codes."""
    return [
        (field, border, road, EIGHTHS - field - border - road)
        for field, border, road in product(range(EIGHTHS), repeat=3)
        if field + border + road <= EIGHTHS
        and max(field, border, road, EIGHTHS - field - border - road) < EIGHTHS
    ]


def code_weights() -> NDArray[np.float64]:
    """What every code is made of.

    Returns:
        (256, 4) shares of field, border, road and dash; each row sums to 1, rows of unused and of wall codes to 0.
    """
    weights = np.zeros((256, MATERIALS))
    for material in range(MATERIALS):
        weights[pure_code(material, 0) : pure_code(material, 0) + SHADES, material] = 1.0
    mixtures = _mixtures()
    weights[MATERIALS * SHADES : MATERIALS * SHADES + len(mixtures)] = np.array(mixtures) / EIGHTHS
    return weights


def code_shades() -> NDArray[np.float64]:
    """The shade of every code: (256,) from -1 (darkest grain) to 1 (brightest), 0 for mixtures."""
    shades = np.zeros(256)
    shades[: MATERIALS * SHADES] = np.tile(np.linspace(-1.0, 1.0, SHADES), MATERIALS)
    return shades


def nested_codes() -> NDArray[np.uint8]:
    """Codes by how far three nested shapes cover a texel.

    Everything painted covers ``a`` eighths of the texel, the asphalt with its dashes ``b``, the dashes alone ``c``;
    as one lies inside the other, the shares are field ``8-a``, border ``a-b``, road ``b-c``, dash ``c``.

    Returns:
        (9, 9, 9) codes indexed by a, b, c. Pure materials are given in their mean shade. Entries that are not nested
        (b > a or c > b) hold the code of the nearest nested ones, with b and c cut down.
    """
    codes = {mixture: MATERIALS * SHADES + k for k, mixture in enumerate(_mixtures())}
    for material in range(MATERIALS):
        alone = tuple(EIGHTHS * (material == m) for m in range(MATERIALS))
        codes[alone] = pure_code(material)  # type: ignore[index]
    table = np.empty((EIGHTHS + 1,) * 3, np.uint8)
    for a, b, c in product(range(EIGHTHS + 1), repeat=3):
        asphalt = min(a, b)
        dash = min(asphalt, c)
        table[a, b, c] = codes[(EIGHTHS - a, a - asphalt, asphalt - dash, dash)]
    return table
