"""Diagnosis in words: what is wrong with a training, as far as its log tells, and what one would try."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from openracer.analysis.actions import actions_of
from openracer.analysis.episodes import iteration_table
from openracer.analysis.sections import Section
from openracer.analysis.timing import SLOW_MEAN_S, SLOW_P95_S, step_times
from openracer.formats.model_metadata import ActionRanges
from openracer.formats.text_log import JobFacts
from openracer.language import gettext as _

FEWEST_ITERATIONS = 9
FEWEST_EXITS = 5
RARE_SHARE = 0.005
LAST_SECOND_ROWS = 15
TOO_FAST = 1.12
"""Times the speed of those who got through."""
COLLAPSED = 0.25
"""Share of the first entropy below which hardly anything new is tried; of continuous actions the entropy may be
negative, there it is the share of the first spread of steering and of speed."""


class Weight(Enum):
    """How much a finding matters."""

    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the log tells.

    Attributes:
        code: what kind of finding, for programs: ``plateau``, ``entropy``, ``unused-actions``, ``exits``, ``starts``,
            ``timing``, ``reward-rank``, ``improving``.
        weight: how much it matters.
        text: one or two sentences.
    """

    code: str
    weight: Weight
    text: str


def diagnose(
    placed: pd.DataFrame,
    episodes: pd.DataFrame,
    sections: list[Section],
    updates: pd.DataFrame,
    facts: JobFacts,
) -> list[Finding]:
    """Everything that can be said about a training.

    Args:
        placed: see :func:`openracer.analysis.places.with_places`.
        episodes: see :func:`openracer.analysis.episodes.episode_table`.
        sections: of the track.
        updates: see :func:`openracer.analysis.updates.updates_of`.
        facts: about the job: its action space.
    """
    if not len(episodes):
        return []
    findings = [
        course_of(episodes),
        entropy_of(updates, episodes, facts),
        *unused_actions(placed, facts),
        *exits_of(placed, episodes, sections),
        starts_of(episodes),
        timing_of(placed),
        reward_rank(episodes),
    ]
    found = [finding for finding in findings if finding is not None]
    return sorted(found, key=lambda finding: finding.weight is not Weight.WARNING)


def course_of(episodes: pd.DataFrame) -> Finding | None:
    """Whether the training still gets better: its last third against the third before."""
    table = iteration_table(episodes)
    third = len(table) // 3
    if len(table) < FEWEST_ITERATIONS:
        return None
    before, last = table.iloc[-2 * third : -third], table.iloc[-third:]
    gain = float(last["progress_mean"].mean() - before["progress_mean"].mean())
    level, done = float(last["progress_mean"].mean()), 100.0 * float(last["complete"].mean())
    if done >= 90.0:
        text = _("The car completes {done:.0f} % of its laps in the last {count} iterations.")
        return Finding("improving", Weight.GOOD, text.format(done=done, count=third))
    noise = float(table["progress_mean"].diff().std(ddof=0)) / np.sqrt(third)
    if gain > max(noise, 1.0):
        text = _(
            "It still gets better: mean progress rose by {gain:.0f} points to {level:.0f} % over the last {count} "
            "iterations. Train on."
        )
        return Finding("improving", Weight.GOOD, text.format(gain=gain, level=level, count=third))
    text = _(
        "Plateau: mean progress has stayed at {level:.0f} % over the last {count} iterations. A change of the reward, "
        "slower actions or a lower learning rate helps more than training on."
    )
    return Finding("plateau", Weight.WARNING, text.format(level=level, count=2 * third))


def entropy_of(updates: pd.DataFrame, episodes: pd.DataFrame, facts: JobFacts) -> Finding | None:
    """Whether the policy stopped trying anything new before it could drive."""
    entropy = updates["entropy"].dropna()
    if not len(entropy):
        return None
    first, last = float(entropy.iloc[: max(1, len(entropy) // 10)].mean()), float(entropy.iloc[-1])
    done = float(episodes.tail(max(5, len(episodes) // 5))["complete"].mean())
    if isinstance(facts.action_space, ActionRanges):
        # The entropy of a normal distribution falls by the logarithm of what its standard deviation falls by.
        is_low = last - first < 2.0 * np.log(COLLAPSED)
    else:
        is_low = first > 0.0 and last < COLLAPSED * first
    if is_low and done < 0.8:
        text = _(
            "Entropy collapse: it fell from {first:.2f} to {last:.2f}, so hardly anything new is tried, while only "
            "{done:.0f} % of the laps are complete. A larger entropy weight (beta_entropy) keeps it exploring."
        )
        return Finding("entropy", Weight.WARNING, text.format(first=first, last=last, done=100.0 * done))
    return None


def unused_actions(steps: pd.DataFrame, facts: JobFacts) -> list[Finding]:
    """Actions of the action space that the trained policy does not take."""
    late = steps[steps["unique_episode"] >= steps["unique_episode"].quantile(0.8)]
    actions = actions_of(late)
    if actions.continuous:
        return []
    counts = np.bincount(actions.number, minlength=len(actions.names))
    taken = {
        name
        for name, count in zip(actions.names, counts.tolist(), strict=True)
        if count >= RARE_SHARE * len(late)
    }
    space = facts.action_space
    if space is not None and not isinstance(space, ActionRanges):
        known = [
            f"{round(action.steering_angle_deg, 1):g}° {round(action.speed, 2):g} m/s" for action in space
        ]
    else:
        known = actions_of(steps).names
    unused = [name for name in known if name not in taken]
    if not unused or len(unused) == len(known):
        return []
    text = _("Hardly used at the end (under 0.5 % of the steps): {unused} of {all} actions, {names}.")
    return [
        Finding(
            "unused-actions", Weight.NOTE,
            text.format(unused=len(unused), all=len(known), names=_listed(unused)),
        )
    ]  # fmt: skip


def _listed(names: list[str], most: int = 6) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else shown + " …"


def exits_of(placed: pd.DataFrame, episodes: pd.DataFrame, sections: list[Section]) -> list[Finding]:
    """Where episodes end before the lap is complete, late in the training, and what the car did there."""
    late = episodes[episodes["unique_episode"] >= episodes["unique_episode"].quantile(0.6)]
    failed = late[
        (late["complete"] == 0) & late["status"].isin(["off_track", "crashed", "reversed", "immobilized", ""])
    ]
    if len(failed) < FEWEST_EXITS:
        return []
    rows = placed[placed["unique_episode"].isin(failed["unique_episode"])]
    last = rows.groupby("unique_episode").tail(1)
    counts = last["section"].value_counts()
    findings = []
    for index in counts.index[:2].tolist():
        share = counts[index] / len(last)
        if counts[index] < FEWEST_EXITS or share < max(
            0.2, 1.5 * sections[index].length_m / sum(s.length_m for s in sections)
        ):
            continue
        there = set(last.loc[last["section"] == index, "unique_episode"])
        text = _("{share:.0f} % of the late failures are in {section}{why}.").format(
            share=100.0 * share,
            section=sections[index].label,
            why=_why(placed, rows, there, index, sections[index]),
        )
        findings.append(Finding("exits", Weight.WARNING, text))
    if not findings:
        text = _("The {count} late failures are spread over the whole lap; no place stands out.")
        findings.append(Finding("exits", Weight.NOTE, text.format(count=len(last))))
    return findings


def _why(placed: pd.DataFrame, rows: pd.DataFrame, there: set[int], index: int, section: Section) -> str:
    """What those who failed did in their last second, beside what others did in that section."""
    final = rows[rows["unique_episode"].isin(there)].groupby("unique_episode").tail(LAST_SECOND_ROWS)
    passed = placed[
        (placed["section"] == index) & ~placed["unique_episode"].isin(there) & (placed["velocity"] > 0.0)
    ]
    speed, steering = float(final["velocity"].median()), float(final["steering_angle"].mean())
    usual = float(passed["velocity"].median()) if len(passed) > 30 else np.nan
    side = _("left") if float(final.groupby("unique_episode")["offset"].last().median()) > 0.0 else _("right")
    told = _(
        ": the car leaves to the {side}; in the last second it drove {speed:.1f} m/s and steered {angle:+.0f}°"
    ).format(side=side, speed=speed, angle=steering)
    if np.isfinite(usual) and speed > TOO_FAST * usual:
        return told + _(", faster than those who get through ({usual:.1f} m/s)").format(usual=usual)
    if section.is_bend and steering * np.sign(section.turn_deg) < -3.0:
        return told + _(", away from the bend")
    if section.is_bend and abs(steering) < 0.4 * float(np.abs(placed["steering_angle"]).quantile(0.95)):
        return told + _(", too little for the bend")
    return told


def starts_of(episodes: pd.DataFrame) -> Finding | None:
    """Start places from which the car fails much more than from others."""
    late = episodes[episodes["unique_episode"] >= episodes["unique_episode"].quantile(0.5)]
    groups = late.groupby("start_at")["progress"]
    table = pd.DataFrame({"count": groups.size(), "progress": groups.mean()})
    table = table[table["count"] >= 5]
    overall = float(late["progress"].mean())
    bad = table[table["progress"] < 0.5 * overall].sort_values("progress")
    if len(table) < 3 or not len(bad) or overall < 5.0:
        return None
    names = ", ".join(f"{waypoint} ({row.progress:.0f} %)" for waypoint, row in list(bad.iterrows())[:5])
    text = _(
        "From some start places it fails early: from waypoint {names}, where the mean progress is {overall:.0f} %."
    )
    return Finding("starts", Weight.WARNING, text.format(names=names, overall=overall))


def timing_of(steps: pd.DataFrame) -> Finding | None:
    """Whether the simulator kept its pace."""
    seconds = step_times(steps)["seconds"]
    seconds = seconds[seconds < 1.0]
    if len(seconds) < 100:
        return None
    mean, slow = float(seconds.mean()), float(seconds.quantile(0.95))
    if float(seconds.median()) > 0.9 * 0.1:
        return None  # before 2021 the control period was longer
    if mean <= SLOW_MEAN_S and slow <= SLOW_P95_S:
        return None
    text = _(
        "Uneven steps: {mean:.0f} ms on average, 5 % above {slow:.0f} ms; 67 ms are right. A busy machine "
        "gives the car its commands late, and it learns that."
    )
    return Finding("timing", Weight.WARNING, text.format(mean=1e3 * mean, slow=1e3 * slow))


def reward_rank(episodes: pd.DataFrame) -> Finding | None:
    """Whether faster laps earn more, by the rank correlation of the whole laps."""
    laps = episodes[episodes["complete"] == 1]
    if len(laps) < 8 or min(laps["reward"].nunique(), laps["time"].nunique()) < 3:
        return None
    rank = float(spearmanr(laps["time"], laps["reward"]).statistic)
    if rank > 0.3:
        text = _(
            "The reward pays for slowness: among {count} whole laps the slower ones earn more (rank correlation "
            "{rank:+.2f}). Reward progress per step or speed, so that a faster lap is worth more."
        )
        return Finding("reward-rank", Weight.WARNING, text.format(count=len(laps), rank=rank))
    if rank < -0.3:
        text = _("The reward ranks faster laps higher (rank correlation of time and reward {rank:+.2f}).")
        return Finding("reward-rank", Weight.GOOD, text.format(rank=rank))
    text = _(
        "The reward hardly tells fast laps from slow ones (rank correlation of time and reward {rank:+.2f})."
    )
    return Finding("reward-rank", Weight.NOTE, text.format(rank=rank))
