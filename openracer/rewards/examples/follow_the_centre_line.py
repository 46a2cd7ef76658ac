"""Follow the centre line: the nearer the car is to it, the more it earns.

This is the best first reward function. The road is divided into three bands around the centre line, and each
band pays a fixed amount. The bands are fractions of the road's width, so that the same code works on every
track.

The car learns to stay in the middle. Nothing here says that it should be fast: if slow is safer, it will be
slow.
"""


def reward_function(params):
    """Pay 1.0 on the centre line, less in the bands around it, next to nothing at the border."""
    track_width = params["track_width"]
    distance_from_center = params["distance_from_center"]

    if distance_from_center <= 0.1 * track_width:
        return 1.0
    if distance_from_center <= 0.25 * track_width:
        return 0.5
    if distance_from_center <= 0.5 * track_width:
        return 0.1
    return 0.001  # the car is on its way off the road; not 0, so that driving on still beats standing still
