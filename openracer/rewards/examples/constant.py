"""A constant: the car earns 1.0 for every step that it is still on the road.

An episode ends when the car leaves the road, so staying on it longer earns more: that alone is enough to
learn to drive. Good for comparing: a reward function that teaches no faster than this one says nothing
useful.
"""


def reward_function(params):
    """Pay the same for every step."""
    return 1.0
