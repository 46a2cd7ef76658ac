"""A queue as a console has it."""

import pytest

from openracer.models.description import TrainingDescription
from openracer.models.library import create_model
from openracer.service.jobs import JobQueue
from tests.processes import wait_for


@pytest.fixture
def create(tiny_training):
    """``create(name, iterations, **changes)`` makes a model whose iterations take a tenth of a second."""

    def create(name="tiny", iterations=2, **changes):
        stop = {"minutes": None, "iterations": iterations}
        return create_model(
            TrainingDescription.from_values(tiny_training | {"name": name, "stop": stop} | changes)
        )

    return create


@pytest.fixture
def queue(processes_end):
    """A queue at work; what still runs at the end of a test is stopped."""
    queue = JobQueue()
    queue.start()
    yield queue
    for job in queue.jobs(active=True):
        queue.stop(job.id)
    wait_for(lambda: not queue.jobs(active=True), "the end of all jobs")
    queue.close()
