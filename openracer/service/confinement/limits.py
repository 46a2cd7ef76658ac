"""Limits that the kernel keeps for each process: memory, processor time, sizes and numbers of files, of threads."""

import contextlib
import os
import resource

import psutil

LARGEST_FILE = 256 * 1024**2
"""Bytes. A model's largest files are far smaller, and the console reads some of them whole."""
MOST_FILES = 512
"""Open at the same time."""
MOST_THREADS = 256
"""Beyond those that the user has already."""
ADDRESSES = 16 * 1024**3
"""Bytes of address space for what is mapped but hardly used: PyTorch's libraries, stacks of threads."""


def confine(memory: int, processor_s: int) -> None:
    """Limit this process for ever.

    Args:
        memory: bytes that it may fill.
        processor_s: seconds of processor time, counted over all its threads.
    """
    for which, limit in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_AS, memory + ADDRESSES),
        (resource.RLIMIT_CPU, processor_s),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_NOFILE, MOST_FILES),
        (resource.RLIMIT_NPROC, _threads_of_this_user() + MOST_THREADS),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(which)[1]
        least = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(which, (least, least))


def _threads_of_this_user() -> int:
    count = 0
    for process in psutil.process_iter(["uids", "num_threads"]):
        with contextlib.suppress(psutil.Error, AttributeError, TypeError):
            count += process.info["num_threads"] if process.info["uids"].real == os.getuid() else 0
    return count
