"""What stands or drives on the road beside the cars: how many boxes or bot cars, where, and whether they fit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openracer.language import gettext as _
from openracer.simulation.bodies import BOT, BOX
from openracer.tracks.track import Track

INNER_LANE, OUTER_LANE = 1, -1
"""Lanes, midway between the centre line and the inner or the outer border."""

END_GAP = 1.0
"""The road's last metre before the start line stays free (deepracer-simapp, ``markov/agent_ctrl``)."""


class Position(NamedTuple):
    """A fixed place on the road.

    Attributes:
        fraction: of the lap, 0 to 1.
        lane: 1 the inner, -1 the outer one.
    """

    fraction: float
    lane: int


@dataclass(frozen=True)
class Objects:
    """Boxes or bot cars in every world.

    Attributes:
        kind: :data:`~openracer.simulation.bodies.BOX` or :data:`~openracer.simulation.bodies.BOT`.
        count: how many; with ``positions`` it is their number.
        positions: fixed places; empty spreads the objects evenly, in alternating lanes.
        is_random: draw places and lanes anew for each episode.
        min_distance: along the centre line, from the start line and between neighbours, m.
        speed: of bots, m/s.
        changes_lanes: bots change lanes ...
        lane_change_s: ... after a random time between these, s.
        penalty: bots stand still for so long after one has run into a car, s.
    """

    kind: int = BOX
    count: int = 0
    positions: tuple[Position, ...] = ()
    is_random: bool = False
    min_distance: float = 2.0
    speed: float = 0.0
    changes_lanes: bool = False
    lane_change_s: tuple[float, float] = (3.0, 5.0)
    penalty: float = 2.0

    @property
    def number(self) -> int:
        """How many there are in a world."""
        return len(self.positions) or self.count

    def misfits(self, length: float) -> Iterator[str]:
        """Why they do not fit on a track of this length, m; a sentence for each reason."""
        what = _("boxes") if self.kind == BOX else _("bot cars")
        for position in self.positions:
            if not 0.0 <= position.fraction < 1.0:
                yield _(
                    "an object is at {fraction:g} of the lap, which is off the track; it must be from 0 to less than 1"
                ).format(fraction=position.fraction)
            if position.lane not in (INNER_LANE, OUTER_LANE):
                yield _("the lane of an object is {lane}; it must be 1 (inner) or -1 (outer)").format(
                    lane=position.lane
                )
        places = sorted(position.fraction * length for position in self.positions)
        for place, following in zip(places, [*places[1:], *(p + length for p in places[:1])], strict=True):
            if len(places) > 1 and following - place < self.min_distance - 1e-6:
                yield _(
                    "two objects are {gap:.2f} m apart along the track; they must be at least {least:g} m apart"
                ).format(gap=following - place, least=self.min_distance)
                break
        room = int((length - END_GAP) / self.min_distance + 1e-9)
        if not self.positions and self.count > room:
            yield _(
                "{count} {what} at least {least:g} m apart do not fit on a track of {length:.2f} m; "
                "it has room for {room}"
            ).format(count=self.count, what=what, least=self.min_distance, length=length, room=room)

    def check(self, tracks: Sequence[Track]) -> None:
        """Refuse objects that do not fit.

        Raises:
            ValueError: they do not fit on one of the tracks; one sentence.
        """
        for track in tracks:
            for misfit in self.misfits(track.length):
                raise ValueError(misfit)


NO_OBJECTS = Objects()
"""An empty road."""


class ObjectRules(NamedTuple):
    """The numbers of :class:`Objects` that kernels need."""

    number: int
    is_fixed: int
    is_random: int
    is_bot: int
    min_distance: float
    speed: float
    changes_lanes: int
    shortest_stay: float
    longest_stay: float
    penalty: float

    @classmethod
    def of(cls, objects: Objects) -> "ObjectRules":
        """The same as numbers."""
        return cls(
            objects.number,
            int(bool(objects.positions)),
            int(objects.is_random),
            int(objects.kind == BOT),
            float(objects.min_distance),
            float(objects.speed),
            int(objects.changes_lanes),
            float(objects.lane_change_s[0]),
            float(objects.lane_change_s[1]),
            float(objects.penalty),
        )


def fixed_places(objects: Objects) -> NDArray[np.float64]:
    """``(F, 2)`` fractions of the lap and lanes of the fixed positions."""
    return np.array(objects.positions, np.float64).reshape(-1, 2)
