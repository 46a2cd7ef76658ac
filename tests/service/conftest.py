"""A queue as a console has it, and patience with its processes."""

import time

import pytest

from openracer.models.description import TrainingDescription
from openracer.models.library import create_model
from openracer.service.jobs import JobQueue

DEADLINE_S = 90.0


@pytest.fixture
def until():
    """``until(condition, what)`` waits for a condition and gives what it found."""

    def wait(condition, what):
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            if found := condition():
                return found
            time.sleep(0.02)
        return pytest.fail(f"{what} did not happen within {DEADLINE_S} s")

    return wait


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
def queue(until):
    """A queue at work; what still runs at the end of a test is stopped."""
    queue = JobQueue()
    queue.start()
    yield queue
    for job in queue.jobs(active=True):
        queue.stop(job.id)
    until(lambda: not queue.jobs(active=True), "the end of all jobs")
    queue.close()
