"""The range of every setting, stated once: AWS's own, which bind the preset ``aws`` and exports to AWS, and ours.

AWS's are those of the DeepRacer console and of DeepRacer on AWS (AWS DeepRacer developer guide;
aws-solutions/deepracer-on-aws).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from openracer.language import gettext as _

Scope = Literal["aws", "own"]

Place = tuple[str | int, ...]
"""Where a value is in a description: the keys and indices that lead to it."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``low`` to ``high``, both allowed, in ``unit``."""

    low: float
    high: float
    unit: str = ""

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        unit = f" {_(self.unit)}" if self.unit else ""
        return _("from {low:.10g} to {high:.10g}{unit}").format(low=self.low, high=self.high, unit=unit)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some values."""

    values: tuple[int, ...]

    def __contains__(self, value: float) -> bool:
        return value in self.values

    def __str__(self) -> str:
        return _("one of {values}").format(values=", ".join(map(str, self.values)))


@dataclass(frozen=True, slots=True)
class Rule:
    """What a setting may be on AWS, and here."""

    aws: Interval | Choice
    own: Interval | Choice

    def __getitem__(self, scope: Scope) -> Interval | Choice:
        return self.aws if scope == "aws" else self.own


def _both(rule: Interval) -> Rule:
    return Rule(rule, rule)


RULES: dict[str, Rule] = {
    "batch_size": Rule(Choice((32, 64, 128, 256, 512)), Choice(tuple(2**k for k in range(5, 13)))),
    "num_epochs": Rule(Interval(3, 10), Interval(1, 10)),
    "lr_end": _both(Interval(0, 0.1)),
    "slow_start": _both(Interval(0, 10)),
    "lr": Rule(Interval(1e-8, 1e-3), Interval(1e-8, 0.1)),
    "beta_entropy": _both(Interval(0, 1)),
    "beta_entropy_end": _both(Interval(0, 1)),
    "discount_factor": _both(Interval(0, 1)),
    "gae_lambda": _both(Interval(0, 1)),
    "num_episodes_between_training": Rule(Interval(5, 100), Interval(1, 1000)),
    "e_greedy_value": _both(Interval(0, 1)),
    "epsilon_steps": _both(Interval(1, 10**9)),
    "sac_alpha": _both(Interval(0, 1)),
    "updates_per_step": _both(Interval(0.001, 10)),
    "replay_frames": _both(Interval(1_000, 1_000_000)),
    "random_shift": _both(Interval(0, 16)),
    "entropy_steps": _both(Interval(1, 10**9)),
    "speed": Rule(Interval(0.1, 4, "m/s"), Interval(0.1, 12, "m/s")),
    "steering_angle": _both(Interval(-30, 30, "degrees")),
    "actions": Rule(Interval(2, 30), Interval(2, 256)),
    "minutes": Rule(Interval(5, 1440), Interval(0.1, 1440)),
    "iterations": _both(Interval(1, 10**6)),
    "cars": _both(Interval(1, 4096)),
    "steps_per_car": _both(Interval(2, 100_000)),
    # On AWS one to six boxes, one to six bot cars.
    "number": Rule(Interval(1, 6), Interval(1, 30)),
    "min_distance": Rule(Interval(1, 10, "m"), Interval(0.5, 20, "m")),
    "fraction": Rule(Interval(0.07, 0.9), Interval(0, 0.999)),
    "bot_speed": Rule(Interval(0.2, 6, "m/s"), Interval(0, 12, "m/s")),
    "lane_change_min": _both(Interval(0.1, 60, "s")),
    "lane_change_max": _both(Interval(0.1, 60, "s")),
    "bot_penalty": _both(Interval(0, 60, "s")),
    "refresh_opponent": _both(Interval(1, 10**6)),
    "laps": _both(Interval(1, 100)),
    "step_jitter": _both(Interval(0, 0.02)),
    "colours": _both(Interval(0, 1)),
    "brightness": _both(Interval(0, 0.8)),
    "camera_height": _both(Interval(0, 0.05, "m")),
    "camera_pitch": _both(Interval(0, 10, "degrees")),
    "field_of_view": _both(Interval(0, 15, "degrees")),
    "speed_gain": _both(Interval(0, 0.5)),
    "steering_gain": _both(Interval(0, 0.5)),
    "command_delay": _both(Interval(0, 0.06, "s")),
    "blur": _both(Interval(0, 0.8, "pixels")),
    "noise": _both(Interval(0, 40)),
    "car_resize": _both(Interval(0, 1)),
    "trials": _both(Interval(1, 100)),
    "max_share": _both(Interval(0, 0.5)),
    "round_robin_advance_dist": _both(Interval(0, 1)),
    "seed": _both(Interval(0, 2**32 - 1)),
}

MAX_NAME = 64
MAX_DESCRIPTION = 255
MAX_REWARD = 140_000


def violations(
    values: Iterator[tuple[Place, str, str, float | None]], scope: Scope
) -> Iterator[tuple[Place, str]]:
    """A sentence for every value out of its range, with the place of the value.

    Args:
        values: the place in a description, name of the rule, what to call the value, and the value; None is always
            allowed.
        scope: whose ranges.
    """
    for place, rule, what, value in values:
        allowed = RULES[rule][scope]
        if value is not None and value not in allowed:
            yield (
                place,
                _("{what} is {value}; it must be {allowed}").format(
                    what=what, value=_written(value), allowed=allowed
                ),
            )


def _written(value: float) -> str:
    """A number in few characters; whole numbers may be too large for a float."""
    return f"{value:.10g}" if abs(value) < 1e15 else f"{str(value)[:16]}…"
