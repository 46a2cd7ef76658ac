"""How long a training will take at most, judged by the user's own trainings before it."""

from itertools import islice

from openracer.models.description import TrainingDescription
from openracer.models.events import last_event
from openracer.models.folder import ModelFolder
from openracer.models.library import list_models
from openracer.models.presets import PRESETS

_STEPS_PER_S = {
    "FAST_CONVOLUTIONAL_NETWORK": 5000.0,
    "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW": 300.0,
    "DEEP_CONVOLUTIONAL_NETWORK": 50.0,
    "DEEP_CONVOLUTIONAL_NETWORK_DEEP": 300.0,
}
"""Where nothing was trained here before: two cores, collecting and learning (docs/benchmarks.md)."""
_STEPS_OF_EPISODE = 120
"""A rough episode of a car that learns: some end after a second, a lap takes fifteen."""
_MODELS = 5
"""So many models, the newest first, are looked at."""


def estimate(description: TrainingDescription) -> float | None:
    """The longest that a training takes by its stop conditions.

    Laps may end it earlier.

    Args:
        description: of the training.

    Returns:
        Seconds of training; None where only laps, or nothing, ends it.
    """
    limits = []
    if description.stop.minutes is not None:
        limits.append(60.0 * description.stop.minutes)
    if description.stop.iterations is not None:
        limits.append(
            description.stop.iterations * steps_of_iteration(description) / _steps_per_s(description)
        )
    return min(limits, default=None)


def steps_of_iteration(description: TrainingDescription) -> float:
    """Steps that are driven between two updates; of episodes a rough guess."""
    if description.collector == "steps":
        return float(description.cars * description.steps_per_car)
    return float(description.hyperparameters.num_episodes_between_training * _STEPS_OF_EPISODE)


def _steps_per_s(description: TrainingDescription) -> float:
    """Speed of the newest training with the same network, passes and collector; else a typical one."""
    newest = sorted(list_models(), key=lambda folder: folder.path.stat().st_mtime, reverse=True)
    for folder in islice(newest, _MODELS):
        if (speed := _measured(folder, description)) is not None:
            return speed
    epochs = description.hyperparameters.num_epochs / PRESETS["fast"]["hyperparameters"]["num_epochs"]
    return _STEPS_PER_S[description.neural_network] / max(epochs, 1.0)


def _measured(folder: ModelFolder, description: TrainingDescription) -> float | None:
    try:
        earlier = folder.description()
        alike = (
            earlier.neural_network == description.neural_network
            and earlier.collector == description.collector
            and earlier.hyperparameters.num_epochs == description.hyperparameters.num_epochs
        )
        if not alike:
            return None
        last = last_event(folder.events_file, "iteration")
        return last["steps"] / last["seconds"] if last and last["seconds"] > 1.0 else None
    except (OSError, ValueError, KeyError):
        return None
