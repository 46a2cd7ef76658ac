"""The learning curve of a training from its events: reward and completion of every iteration."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One iteration.

    Attributes:
        iteration: from 1.
        reward: mean of its episodes' rewards, None where none ended.
        progress: mean of its episodes' progress, percent, None where none ended.
        evaluation: mean progress of the trials after it, percent, None where it was not evaluated.
    """

    iteration: int
    reward: float | None
    progress: float | None
    evaluation: float | None

    def as_row(self) -> list[float | None]:
        """All values in the order of the attributes."""
        return [self.iteration, self.reward, self.progress, self.evaluation]


def curve_of(events: Iterable[Mapping[str, Any]]) -> list[CurvePoint]:
    """The points of a learning curve.

    A training that was killed repeats the iterations after its last commit; of those the later ones count.

    Args:
        events: of all runs of the model, in their order; others than iterations are passed over.
    """
    points: list[CurvePoint] = []
    for event in events:
        if event["event"] != "iteration":
            continue
        while points and points[-1].iteration >= event["iteration"]:
            points.pop()
        progress = [float(trial["progress"]) for trial in event["evaluation"]]
        points.append(
            CurvePoint(
                event["iteration"],
                event["reward"],
                event["progress"],
                round(sum(progress) / len(progress), 2) if progress else None,
            )
        )
    return points
