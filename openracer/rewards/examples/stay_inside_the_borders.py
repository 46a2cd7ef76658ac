"""Stay inside the borders: the car earns as long as all wheels are on the road, wherever on the road it is.

The car may use the whole width, which leaves it free to find its own line through a corner. It takes a little
longer to learn than following the centre line, because the reward does not say which way to steer until it is
nearly too late.
"""

MARGIN = 0.05  # metres that the car should keep between its nose and the border


def reward_function(params):
    """Pay 1.0 inside the borders, next to nothing elsewhere."""
    room_to_border = 0.5 * params["track_width"] - params["distance_from_center"]

    if params["all_wheels_on_track"] and room_to_border >= MARGIN:
        return 1.0
    return 0.001
