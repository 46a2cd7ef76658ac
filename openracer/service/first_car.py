"""A first car in one step: a model with settings that learn quickly, queued at once."""

from openracer.language import gettext as _
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model, free_name
from openracer.service.jobs import Job, JobQueue


def train_first_car(queue: JobQueue) -> Job:
    """Make a model that drives its first clean laps in about a minute, and ask for its training.

    Raises:
        WriteError: the model cannot be written.
    """
    description = TrainingDescription.from_values(
        {
            "name": free_name("first-car"),
            "description": _("Made with one click."),
            "preset": "fast",
            "stop": {"minutes": 5.0, "iterations": None, "until": "clean-laps"},
        }
    )
    return queue.submit_training(create_model(description).name)
