import math

PREVIOUS_PROGRESS = 0.0


class Memory:
    slow_corners = 0


def reward_function(params):
    """
    Reward progress per step, keep the car aligned with the road
    """
    global PREVIOUS_PROGRESS
    progress = params["progress"]
    steps = params["steps"]
    waypoints = params["waypoints"]
    closest_waypoints = params["closest_waypoints"]
    if steps <= 2:
        PREVIOUS_PROGRESS = progress
        Memory.slow_corners = 0
    gained = progress - PREVIOUS_PROGRESS
    PREVIOUS_PROGRESS = progress
    if not params["all_wheels_on_track"]:
        return 1e-3

    reward = max(1e-3, 1.0 + 5.0 * gained + 20.0 * progress / (steps * 100.0))

    next_point = waypoints[closest_waypoints[1]]
    prev_point = waypoints[closest_waypoints[0]]
    track_direction = math.degrees(math.atan2(next_point[1] - prev_point[1], next_point[0] - prev_point[0]))
    direction_diff = abs(track_direction - params["heading"])
    if direction_diff > 180:
        direction_diff = 360 - direction_diff
    if direction_diff > 10.0:
        Memory.slow_corners += 1
        reward *= 0.5
    if abs(params["steering_angle"]) > 20:
        reward *= 0.8
    return float(reward)
