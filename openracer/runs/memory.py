"""How much memory a run may take before it is ended, so that a careless reward function cannot take all of it."""

import contextlib
from pathlib import Path

import psutil

LEAST = 2 * 1024**3
"""Bytes that a run may always take: a training with ordinary settings needs about half of that."""

_CONTAINER_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def memory_limit() -> int:
    """Bytes that one run may take: half of the machine's, or of the container's."""
    total: int = psutil.virtual_memory().total
    for path in _CONTAINER_LIMITS:
        with contextlib.suppress(OSError, ValueError):  # there is no such file, or it says "max"
            total = min(total, int(path.read_text()))
    return max(LEAST, total // 2)


def memory_of(pid: int) -> int:
    """Bytes of memory that a process holds; 0 if it has ended."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
