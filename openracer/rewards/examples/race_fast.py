"""Race fast: earn the distance gained since the last step, and more for the same distance in less time.

Adding up the distance gained gives every full lap the same sum, slow or fast. So each step also pays a bonus
that grows with the square of the speed: the same lap in half the time earns twice the bonus. Up to 4 m/s the
bonus is smaller than the pay for the distance, or a short wild dash would earn more than a whole careful lap.

The speed is measured from the progress that the car really made. ``params["speed"]`` would not do: it is what was
commanded, and a car that slides off the road at full throttle commands a high speed too.

The function remembers the step before in a global variable. Every car has its own copy of this file's globals.
"""

BONUS = 0.25  # at 4 m/s the bonus is as large as the pay for the distance
FASTEST = 5.0  # m/s; whatever seems faster is the track passing near itself, not the car
CARELESS = 0.3  # what is left of the reward with a wheel over the border

previous = None


def reward_function(params):
    """Pay for real speed along the track, with care for the borders."""
    global previous

    now = {name: params[name] for name in ("steps", "progress", "sim_time")}
    before, previous = previous, now

    # The first step of an episode has nothing to be compared with.
    if before is None or now["steps"] <= before["steps"] or now["sim_time"] <= before["sim_time"]:
        return 0.0

    if params["is_offtrack"]:
        return 0.0

    percent = now["progress"] - before["progress"]
    if percent < -50.0:  # the line was crossed at full speed, and the next lap counts from 0 again
        percent += 100.0
    metres = percent / 100.0 * params["track_length"]
    speed = metres / (now["sim_time"] - before["sim_time"])
    speed = min(max(speed, 0.0), FASTEST)

    reward = speed + BONUS * speed**2

    if not params["all_wheels_on_track"]:
        reward *= CARELESS

    return reward
