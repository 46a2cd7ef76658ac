"""What many runs share: the queue of jobs, its database, and the processes in which jobs run."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openracer.service.jobs import JobQueue
    from openracer.service.people import People

_current: "JobQueue | None" = None
_people: "People | None" = None


def current_queue() -> "JobQueue":
    """The queue of this console.

    Raises:
        RuntimeError: this process is no console.
    """
    if _current is None:
        raise RuntimeError("no console has been started in this process")
    return _current


def set_current_queue(queue: "JobQueue | None") -> None:
    """Make a queue that of this process."""
    global _current
    _current = queue


def current_people() -> "People":
    """The people of this console.

    Raises:
        RuntimeError: this process is no console.
    """
    if _people is None:
        raise RuntimeError("no console has been started in this process")
    return _people


def set_current_people(people: "People | None") -> None:
    """Make people those of this process."""
    global _people
    _people = people
