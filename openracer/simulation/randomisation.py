"""Domain randomisation: worlds, cameras and cars differ from episode to episode, so that a policy trusts no detail.

AWS's randomises lights and the colours of boxes and bots (deepracer-simapp, ``markov/domain_randomizations``). What
takes a policy to the physical car is more: how its camera is mounted, how its picture is made smaller, how strongly
motor and servo follow (Tobin et al. 2017, arXiv:1703.06907; Peng et al. 2018, arXiv:1710.06537).
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.lens import NOMINAL, Lens
from openracer.simulation.palette import LUMA, PALETTES, Palette
from openracer.simulation.scenery import Look, Scenery
from openracer.simulation.worlds import next_bits
from openracer.tracks.compiled import kernel
from openracer.tracks.track import Track

VARIANTS = 256
"""So many different looks, and cars, are drawn beforehand; each episode takes one of each."""
_LENSES = 64
_LEAST_CONTRAST = 40.0
"""Between the borders and the road, in grey levels: what no eye could tell apart teaches nothing."""
_OFFSET_LEVELS = 64.0
_FOOTPRINT_OF_CAR = 0.5
_MIXED = 0.9

Distortion = NDArray[np.float64]
"""(N, 2) for each car the share of a pixel that goes to each neighbour, and the noise's deviation in grey levels."""


@dataclass(frozen=True)
class Randomisation:
    """How much differs; 0 is nothing.

    Attributes:
        colours: share of a random colour in each colour of the world, boxes and cars, 0 to 1.
        brightness: the picture's gain is between 1 minus and 1 plus this.
        camera_height: of the lens, more or less, m.
        camera_pitch: more or less, rad.
        field_of_view: more or less, rad.
        speed_gain: the car's speed for a command is between 1 minus and 1 plus this times the usual one.
        steering_gain: the same of the angle of the wheels.
        command_delay: commands act later by up to this, s; with the vehicle's own delay at most a control period.
        blur: the picture is blurred by up to this, standard deviation in pixels.
        noise: of each pixel, up to this standard deviation in grey levels.
        car_resize: share of episodes whose pictures are made smaller without smoothing, as the physical car does.
    """

    colours: float = 0.0
    brightness: float = 0.0
    camera_height: float = 0.0
    camera_pitch: float = 0.0
    field_of_view: float = 0.0
    speed_gain: float = 0.0
    steering_gain: float = 0.0
    command_delay: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    car_resize: float = 0.0

    @property
    def is_off(self) -> bool:
        """Whether nothing differs."""
        return not any(astuple(self))


NOTHING_RANDOM = Randomisation()


class Variations:
    """What differs between the episodes of N cars.

    Args:
        randomisation: how much.
        tracks: the tracks in use.
        vehicles: ``(N,)`` structs of the constants of the cars.
        period: time of a control step, s.
        seed: of what is drawn; a car's episodes depend on it, on the car's number and on no other car.

    Attributes:
        scenery: with all looks.
        look: ``(N,) int32`` of each car.
        presets: ``(N,)`` structs of each car's constants now.
        steering_gain: ``(N,)`` angle of the wheels over the commanded one.
        distortion: of each car's picture.
    """

    def __init__(
        self,
        randomisation: Randomisation,
        tracks: Sequence[Track],
        vehicles: NDArray[np.void],
        period: float,
        seed: int,
    ):
        random = np.random.default_rng((seed, 0x5EED))
        cars = len(vehicles)
        self.is_distorted = randomisation.blur > 0.0 or randomisation.noise > 0.0
        self.scenery = _random_scenery(randomisation, tracks, random)
        self.look = np.zeros(cars, np.int32)
        self._period, self._vehicles, self.presets = period, vehicles, vehicles.copy()
        self.steering_gain, self.distortion = np.ones(cars), np.zeros((cars, 2))
        speed, steering = randomisation.speed_gain, randomisation.steering_gain
        self._table = np.stack(
            [
                random.uniform(1.0 - speed, 1.0 + speed, VARIANTS),
                random.uniform(1.0 - steering, 1.0 + steering, VARIANTS),
                random.uniform(0.0, randomisation.command_delay, VARIANTS),
                # Two neighbours on each side of a pixel: of the variance s² of the blur each takes half.
                0.5 * random.uniform(0.0, randomisation.blur, VARIANTS) ** 2,
                random.uniform(0.0, randomisation.noise, VARIANTS),
            ]
        )
        self._random = random.integers(2**63, size=cars, dtype=np.uint64)

    def draw(self, cars: NDArray[np.int64]) -> None:
        """Begin a new episode of some cars ``(K,)``: another look, another car."""
        draw_variants(
            cars, self._random, self._table, self._vehicles, self._period, self.look, self.presets, self.steering_gain,
            self.distortion,
        )  # fmt: skip


@kernel()
def draw_variants(
    cars: NDArray[np.int64], random: NDArray[np.uint64], table: NDArray[np.float64], vehicles: NDArray[np.void],
    period: float, look: NDArray[np.int32], presets: NDArray[np.void], steering_gain: NDArray[np.float64],
    distortion: Distortion,
) -> None:  # fmt: skip
    """Draw what differs in the next episode of some cars, each quantity by a byte of random bits.

    Args:
        cars: ``(K,)`` indices.
        random: ``(N,)`` states of the cars' random numbers.
        table: ``(5, VARIANTS)`` gains of speed and steering, delay in s, blur and noise.
        vehicles: ``(N,)`` the cars as they are.
        period: time of a control step, s.
        look: ``(N,)`` filled in place, as are all that follow.
        presets: ``(N,)`` the cars as they are in the episode.
        steering_gain: ``(N,)``.
        distortion: ``(N, 2)``.
    """
    for k in range(len(cars)):
        car = cars[k]
        z = next_bits(random, car)
        look[car] = np.int32(z & np.uint64(0xFF))
        delay = table[2, (z >> np.uint64(24)) & np.uint64(0xFF)]
        presets[car].wheel_speed_gain = (
            vehicles[car].wheel_speed_gain * table[0, (z >> np.uint64(8)) & np.uint64(0xFF)]
        )
        presets[car].speed_delay_s = min(vehicles[car].speed_delay_s + delay, period)
        presets[car].steering_delay_s = min(vehicles[car].steering_delay_s + delay, period)
        steering_gain[car] = table[1, (z >> np.uint64(16)) & np.uint64(0xFF)]
        distortion[car, 0] = table[3, (z >> np.uint64(32)) & np.uint64(0xFF)]
        distortion[car, 1] = table[4, (z >> np.uint64(40)) & np.uint64(0xFF)]


def _random_scenery(
    randomisation: Randomisation, tracks: Sequence[Track], random: np.random.Generator
) -> Scenery:
    palettes, lenses = [PALETTES[0]], [NOMINAL]
    if randomisation.colours > 0.0:
        palettes = [
            random_palette(PALETTES[variant % len(PALETTES)], randomisation.colours, random)
            for variant in range(VARIANTS)
        ]
    if randomisation.car_resize or any(astuple(randomisation)[2:5]):
        lenses = [_random_lens(randomisation, random) for _lens in range(_LENSES)]
    width = randomisation.brightness
    looks = [
        Look(
            variant % len(palettes),
            int(random.integers(len(lenses))),
            float(random.uniform(1.0 - width, 1.0 + width)),
            float(random.uniform(-width, width)) * _OFFSET_LEVELS,
        )
        for variant in range(VARIANTS)
    ]
    return Scenery(tracks, palettes, lenses, looks)


def random_palette(base: Palette, share: float, random: np.random.Generator) -> Palette:
    """A palette whose colours are mixed with random ones, its borders still to be told from its road."""

    def mixed(colour: tuple[float, float, float]) -> tuple[float, float, float]:
        red, green, blue = (1.0 - share) * np.array(colour) + share * random.uniform(0.0, 255.0, 3)
        return float(red), float(green), float(blue)

    while True:
        border, road = mixed(base.border), mixed(base.road)
        if abs(float((np.array(border) - road) @ np.array(LUMA))) >= _LEAST_CONTRAST:
            break
    east, north, west, south = map(mixed, base.walls)
    return replace(
        base,
        name="random",
        field=mixed(base.field),
        border=border,
        road=road,
        dash=mixed(base.dash),
        walls=(east, north, west, south),
        bodies=float(random.uniform(1.0 - _MIXED * share, 1.0 + _MIXED * share)),
    )


def _random_lens(randomisation: Randomisation, random: np.random.Generator) -> Lens:
    def around(middle: float, width: float) -> float:
        return float(random.uniform(middle - width, middle + width))

    return Lens(
        around(NOMINAL.height, randomisation.camera_height),
        around(NOMINAL.pitch, randomisation.camera_pitch),
        around(NOMINAL.field_of_view, randomisation.field_of_view),
        _FOOTPRINT_OF_CAR if random.uniform() < randomisation.car_resize else 1.0,
    )
