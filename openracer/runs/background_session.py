"""Staying behind what people look at: the niceness of a process for its whole session."""

import contextlib
import os
from pathlib import Path

_AUTOGROUP = Path("/proc/self/autogroup")


def stay_in_background() -> None:
    """Give this process's session the process's own niceness, where Linux shares time among sessions first.

    With autogroups (sched(7), "The autogroup feature"), as desktops have them, a process's niceness counts only against
    others of its session. Our programs have sessions of their own, so without this a training would take as much time
    as the console that shows it.
    """
    if (niceness := os.getpriority(os.PRIO_PROCESS, 0)) > 0:
        with contextlib.suppress(OSError):  # another system, or a kernel without autogroups
            _AUTOGROUP.write_text(str(niceness), encoding="ascii")
