"""Everything the camera kernel needs to know of the tracks in a batch, packed into flat arrays."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.lens import NOMINAL, Lens, camera_rows, lens_table
from openracer.simulation.palette import PALETTES, Palette
from openracer.simulation.solids import MODELS
from openracer.simulation.surface import LEVELS, build_surface
from openracer.tracks.track import Track

KernelArguments = tuple[
    NDArray[np.uint8], NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8], NDArray[np.int64],
    NDArray[np.float64], NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8],
]  # fmt: skip


_MOST_MAPS = 8
"""Looks that have maps of greys of their own."""


class Look(NamedTuple):
    """How a car's camera shows the world.

    Attributes:
        palette: index of the colours.
        lens: index of the camera.
        gain: a grey g becomes gain g + offset.
        offset: see there.
    """

    palette: int
    lens: int = 0
    gain: float = 1.0
    offset: float = 0.0


class Scenery:
    """The surfaces, rooms and palettes of several tracks.

    Args:
        tracks: in the order of the cars' ``scene`` index.
        palettes: colours of worlds.
        lenses: cameras.
        looks: in the order of the cars' ``palette`` index; by default one for each palette.

    Attributes:
        tracks: as given.
        palettes: as given.
        looks: as given.
        rooms: (S, 4) m, lower and upper corner of each track's room.
        texels: (T,) uint8, the codes of all maps of all tracks, one after the other.
        levels: (S, LEVELS, 2) int64, where in ``texels`` a map begins and how many texels its rows have.
    """

    def __init__(
        self,
        tracks: Sequence[Track],
        palettes: Sequence[Palette] = PALETTES,
        lenses: Sequence[Lens] = (NOMINAL,),
        looks: Sequence[Look] = (),
    ) -> None:
        self.tracks = tuple(tracks)
        self.palettes = tuple(palettes)
        self.looks = tuple(looks) or tuple(map(Look, range(len(self.palettes))))
        self._lenses = tuple(lenses)
        surfaces = [build_surface(t.centre, t.inner, t.outer, t.closed) for t in self.tracks]
        self.rooms = np.array([surface.room for surface in surfaces])
        self.levels = np.empty((len(surfaces), LEVELS, 2), np.int64)
        offset = 0
        for scene, surface in enumerate(surfaces):
            for level, codes in enumerate(surface.levels):
                self.levels[scene, level] = offset, codes.shape[1]
                offset += codes.size
        self.texels = np.concatenate([codes.ravel() for surface in surfaces for codes in surface.levels])

    @cached_property
    def kernel_arguments(self) -> KernelArguments:
        """The last arguments of :func:`openracer.simulation.camera.render_frames`."""
        first_part, parts, greys = MODELS
        plain = [(self.palettes[look.palette], look) for look in self.looks]
        shades = np.array([_shown(palette.grey(), look) for palette, look in plain])
        # A pixel costs one fetch from a map of greys, two from codes and shades; but many maps fill the cache.
        is_coded = len(self.looks) > _MOST_MAPS
        return (
            self.texels[None] if is_coded else shades.take(self.texels, axis=1),
            self.levels,
            self.rooms,
            shades,
            np.array([look.lens for look in self.looks]),
            lens_table(self._lenses),
            np.array([camera_rows(lens) for lens in self._lenses]),
            first_part,
            parts,
            np.array([_shown(palette.bodies * greys, look) for palette, look in plain]),
        )

    def surface_map(self, scene: int, level: int) -> NDArray[np.uint8]:
        """A view of one map: (rows along y, columns along x) codes of a track at a level of its pyramid."""
        start, columns = self.levels[scene, level]
        end = np.append(self.levels[:, :, 0].ravel(), self.texels.size)[scene * LEVELS + level + 1]
        return self.texels[start:end].reshape(-1, columns)


def _shown(greys: NDArray[Any], look: Look) -> NDArray[np.uint8]:
    """Greys in a brighter or darker look, of the same shape."""
    return np.clip(np.rint(look.gain * greys + look.offset), 0, 255).astype(np.uint8)
