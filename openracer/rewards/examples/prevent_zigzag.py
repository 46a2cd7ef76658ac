"""Prevent zig-zag: follow the centre line, and earn less while steering hard.

A car that can only choose among a few steering angles likes to wag from left to right along a straight.
Taking a part of the reward away at large angles makes it choose them only where the road asks for them.
"""

STEERING_LIMIT = 15.0  # degrees; beyond it steering costs something
STEERING_FACTOR = 0.8  # what is left of the reward then


def reward_function(params):
    """Pay for being near the centre line, a fifth less while steering hard."""
    track_width = params["track_width"]
    distance_from_center = params["distance_from_center"]

    if distance_from_center <= 0.1 * track_width:
        reward = 1.0
    elif distance_from_center <= 0.25 * track_width:
        reward = 0.5
    elif distance_from_center <= 0.5 * track_width:
        reward = 0.1
    else:
        reward = 0.001

    # Positive angles steer to the left, negative ones to the right; here only the size counts.
    if abs(params["steering_angle"]) > STEERING_LIMIT:
        reward *= STEERING_FACTOR

    return reward
