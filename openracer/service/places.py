"""How many jobs of a kind may run at the same time on this machine."""

from openracer.service.store import JobKind
from openracer.simulation.threads import available_cores

_CORES_OF_A_TRAINING = 4
"""A training uses all cores that it finds; with more than four for each, a second one costs the first little."""


def places(kind: JobKind, cores: int | None = None) -> int:
    """The number of places for jobs of a kind.

    Evaluations, submissions and duels have places of their own, so that they need not wait for a training to end.

    Args:
        kind: of the jobs.
        cores: of the machine; None counts those that this process may use.
    """
    trainings = max(1, (cores or available_cores()) // _CORES_OF_A_TRAINING)
    return trainings if kind is JobKind.TRAINING else max(1, trainings // 2)
