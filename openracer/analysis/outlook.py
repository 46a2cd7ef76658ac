"""How far a training is, and how long it may still take."""

from dataclasses import dataclass

from openracer.models.settings import StopConditions


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far a training is on its way to its stop condition.

    Attributes:
        share: done, 0 to 1; None where only being stopped ends it.
        seconds_left: at most; None likewise.
    """

    share: float | None
    seconds_left: float | None


def outlook(stop: StopConditions, seconds: float, iteration: int) -> Outlook:
    """How long a training may still take.

    Args:
        stop: its conditions.
        seconds: trained so far.
        iteration: updates so far.
    """
    shares: list[float] = []
    left: list[float] = []
    if stop.minutes is not None:
        shares.append(seconds / (60.0 * stop.minutes))
        left.append(60.0 * stop.minutes - seconds)
    if stop.iterations is not None:
        shares.append(iteration / stop.iterations)
        if iteration > 0:
            left.append(seconds / iteration * (stop.iterations - iteration))
    return Outlook(
        min(1.0, max(shares)) if shares else None,
        max(0.0, min(left)) if left else None,
    )
