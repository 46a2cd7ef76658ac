"""The car's body: where its wheels, its front point and its outline are, seen from its origin.

Origin: ``base_link``, midway between the axles; x forward, y left, metres. All figures are those of the simulator's car
(aws-deepracer-community/deepracer-simapp, ``deepracer_description`` URDF and ``markov/track_geom/constants.py``).
"""

FRONT_POINT_AHEAD = 0.14
"""The point that rules, rewards and traces call the car's x, y: this far ahead of the origin, m."""

REAR_AXLE_AHEAD = -0.081663
FRONT_AXLE_AHEAD = 0.082311
REAR_HALF_TRACK = 0.08105
FRONT_HALF_TRACK = 0.079601

LENGTH = 0.32352
WIDTH = 0.1961
"""The rectangle that the crash rule uses, centred at the origin, m."""

MAX_STEERING = 0.5235987755982988
"""Commands beyond ±30° are clipped to it, rad."""

MIN_SPEED = 0.1
"""A driving car is never commanded slower than this, m/s."""
