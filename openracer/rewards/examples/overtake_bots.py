"""Overtake bots: earn the distance gained since the last step, and little of it close behind another car's tail.

A crash ends the episode and costs some of what was earned. But a crash comes late: what was wrong is that
the car stayed in the lane of a slower one a second before. So from 1.2 m behind a bot until it is passed, the reward
shrinks the less room there is to pass it. Both lie somewhere across the road: left of the centre line counts as
positive, right as negative, and their difference tells whether the car would pass.

The distance is measured from the progress that the car really made; who trails behind a slow bot earns little.
The function remembers the step before in a global variable. Every car has its own copy of this file's globals.
"""

SIGHT = 1.2  # m; from here on a bot ahead matters
BESIDE = 0.4  # m; so far behind its middle a bot can still be hit by the car's tail
CLEARANCE = 0.34  # m; half a bot, half a car and some air: bots move
LEAST = 0.1  # what is left of the reward right behind a bot
CARELESS = 0.5  # what is left of it with a wheel over the border
ACCIDENT = 30.0  # what two seconds of driving earn; without it a little speed is worth many a crash
FASTEST = 5.0  # m/s; whatever seems faster is the track passing near itself, not the car

previous = None


def reward_function(params):
    """Pay for speed along the track, as long as there is room to pass the next bot."""
    global previous

    now = {name: params[name] for name in ("steps", "progress", "sim_time")}
    before, previous = previous, now

    # The first step of an episode has nothing to be compared with.
    if before is None or now["steps"] <= before["steps"] or now["sim_time"] <= before["sim_time"]:
        return 0.0

    if params["is_offtrack"] or params["is_crashed"]:
        return -ACCIDENT

    percent = now["progress"] - before["progress"]
    if percent < -50.0:  # the line was crossed at full speed, and the next lap counts from 0 again
        percent += 100.0
    metres = percent / 100.0 * params["track_length"]
    reward = min(max(metres / (now["sim_time"] - before["sim_time"]), 0.0), FASTEST)

    if not params["all_wheels_on_track"]:
        reward *= CARELESS

    own_place = params["distance_from_center"] * (1 if params["is_left_of_center"] else -1)
    for number, distance in enumerate(params["objects_distance"]):
        # Behind the car the way around the lap is nearly a whole one.
        ahead = (distance - params["projection_distance"] + BESIDE) % params["track_length"] - BESIDE
        if ahead < SIGHT:
            side = 1 if params["objects_left_of_center"][number] else -1
            place = params["objects_distance_from_center"][number] * side
            reward *= max(LEAST, min(1.0, abs(own_place - place) / CLEARANCE))

    return reward
