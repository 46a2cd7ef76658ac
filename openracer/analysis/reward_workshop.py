"""Reward workshop: what another reward function would have paid for a recorded drive, and what it would teach.

The parameters are rebuilt from the road's geometry and the trace. A log does not tell where boxes and other cars were,
so the keys about objects have AWS's defaults.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr

from openracer.analysis.diagnosis import Finding, Weight
from openracer.analysis.episodes import episode_table
from openracer.language import gettext as _
from openracer.rewards.loading import load_reward
from openracer.rewards.params import ParamsBuilder
from openracer.rewards.poses import record_at
from openracer.tracks.track import Track

Array = NDArray[np.float64]

ROWS_AT_ONCE = 4096
FEWEST_LAPS = 6
RANKED = 0.3
STANDING_MPS = 0.15
SLOW_SHARE = 0.25
FEWEST_ROWS = 30
TURN_DEG = 20.0
"""A change of the command from one side to the other by so much in one step is zigzag."""


def replay_rewards(steps: pd.DataFrame, track: Track, source: str) -> Array:
    """The rewards that a function gives to the steps of a drive, ``(K,)``; 0 where a car is prepared or held.

    It runs in this process, one instance for the whole drive, and is asked in the order of the rows.

    Args:
        steps: see :func:`openracer.analysis.frames.steps_frame`.
        track: that they were driven on, in the driving direction.
        source: Python code that defines ``reward_function(params)``.

    Raises:
        openracer.rewards.errors.RewardFunctionError: the code fails.
    """
    function = load_reward(source, 1)
    builder = ParamsBuilder([track], np.zeros(ROWS_AT_ONCE, np.int64))
    status = steps["episode_status"].to_numpy()
    asked = np.flatnonzero(~np.isin(status, ("prepare", "pause", "park")))
    rewards = np.zeros(len(steps))
    columns = {
        name: steps[name].to_numpy(np.float64)
        for name in ("x", "y", "yaw", "progress", "steps", "tstamp", "speed", "steering_angle")
    }
    on_track, episode = steps["on_track"].to_numpy(np.bool_), steps["unique_episode"].to_numpy()
    for begin in range(0, len(asked), ROWS_AT_ONCE):
        rows = asked[begin : begin + ROWS_AT_ONCE]
        part = {name: column[rows] for name, column in columns.items()}
        record = record_at(
            track,
            np.stack([part["x"], part["y"]], axis=1),
            np.radians(part["yaw"]),
            part["progress"],
            part["steps"].astype(np.int64),
            part["tstamp"],
        )._replace(
            all_wheels_on_track=on_track[rows],
            is_crashed=status[rows] == "crashed",
            is_offtrack=status[rows] == "off_track",
        )
        params = builder.build(record, part["speed"], part["steering_angle"], np.arange(len(rows)))
        rewards[rows] = function(params, np.zeros(len(rows), np.int64), episode[rows])
    return rewards


def judge(placed: pd.DataFrame, rewards: Array) -> list[Finding]:
    """What a reward would teach, as far as this drive tells.

    Args:
        placed: see :func:`openracer.analysis.places.with_places`.
        rewards: ``(K,)`` of its steps, for example of :func:`replay_rewards`.

    Returns:
        Findings ``lap-rank``, ``standing-still``, ``crawling`` and ``zigzag``; warnings where it pays for these.
    """
    found = [rank_of_laps(placed, rewards), *_of_steps(placed, rewards)]
    return [finding for finding in found if finding is not None]


def rank_of_laps(placed: pd.DataFrame, rewards: Array) -> Finding | None:
    """Whether it would rank the faster laps higher; None where there are too few laps."""
    laps = episode_table(placed.assign(new_reward=rewards))
    laps = laps[laps["complete"] == 1]
    if len(laps) < FEWEST_LAPS or min(laps["new_reward"].nunique(), laps["time"].nunique()) < 3:
        return None
    rank = float(spearmanr(laps["time"], laps["new_reward"]).statistic)
    if rank > RANKED:
        text = _(
            "It would rank the slower of {count} laps higher (rank correlation of time and reward {rank:+.2f})."
        )
        return Finding("lap-rank", Weight.WARNING, text.format(count=len(laps), rank=rank))
    if rank < -RANKED:
        text = _(
            "It would rank the faster of {count} laps higher (rank correlation of time and reward {rank:+.2f})."
        )
        return Finding("lap-rank", Weight.GOOD, text.format(count=len(laps), rank=rank))
    text = _(
        "It would hardly tell the faster of {count} laps from the slower (rank correlation {rank:+.2f})."
    )
    return Finding("lap-rank", Weight.NOTE, text.format(count=len(laps), rank=rank))


def _of_steps(placed: pd.DataFrame, rewards: Array) -> list[Finding]:
    """Rewards that pay for standing still, crawling or zigzag."""
    speed, steering = placed["velocity"].to_numpy(), placed["steering_angle"].to_numpy(np.float64)
    driving = (placed["steps"].to_numpy() > 5) & placed["on_track"].to_numpy(np.bool_)
    if driving.sum() < FEWEST_ROWS:
        return []
    usual = float(rewards[driving].mean())
    findings = []
    standing = driving & (speed < STANDING_MPS)
    if standing.sum() >= FEWEST_ROWS and usual > 0.0 and rewards[standing].mean() > 0.8 * usual:
        text = _(
            "It pays for standing still: {still:.2f} for a step without motion, {usual:.2f} for a usual one."
        )
        findings.append(
            Finding(
                "standing-still",
                Weight.WARNING,
                text.format(still=float(rewards[standing].mean()), usual=usual),
            )
        )
    slow = driving & (speed <= np.quantile(speed[driving], SLOW_SHARE))
    fast = driving & (speed >= np.quantile(speed[driving], 1.0 - SLOW_SHARE))
    # What counts for the car is the reward of a lap: reward for each step, times the steps that a lap needs.
    lap_slow, lap_fast = (
        float(rewards[rows].mean()) / max(float(speed[rows].mean()), 0.05) for rows in (slow, fast)
    )
    if usual > 0.0 and lap_slow > 1.25 * lap_fast:
        text = _(
            "It pays for crawling: a metre driven slowly earns {slow:.2f}, a metre driven fast {fast:.2f}, because a "
            "slow car collects more steps."
        )
        findings.append(
            Finding("crawling", Weight.WARNING, text.format(slow=lap_slow / 15.0, fast=lap_fast / 15.0))
        )
    turns = np.diff(steering, prepend=steering[:1])
    zigzag = driving & (np.abs(turns) >= TURN_DEG) & (steering * (steering - turns) < 0.0)
    if zigzag.sum() >= FEWEST_ROWS and usual > 0.0 and rewards[zigzag].mean() > 1.05 * usual:
        text = _(
            "It pays for zigzag: {zigzag:.2f} for a step that steers to the other side, {usual:.2f} for a usual one."
        )
        findings.append(
            Finding("zigzag", Weight.WARNING, text.format(zigzag=float(rewards[zigzag].mean()), usual=usual))
        )
    return findings
