"""A process that runs user code, watched from outside: code that never returns, or eats all memory, is ended."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from openracer import launching
from openracer.atomic import WriteError
from openracer.language import gettext as _
from openracer.runs.control import ControlBlock
from openracer.runs.disk import holds_more
from openracer.runs.memory import memory_limit, memory_of

REWARD_TIMEOUT_S = 5.0
"""A reward function may take this long for one call; the console's validation allows the same."""

_OUTPUT_TAIL_LINES = 15
_LOOK_S = 1.0
_USERS_MISTAKE = 2


class WatchedProcess:
    """A Python module that runs as a process, in a session of its own so that Ctrl-C in a terminal does not reach it.

    Args:
        module: to run.
        arguments: of it; the number of this process is added, whose end the module takes as its own.
        writes: folders in which it changes files.
        control: shared with it.
        output: the file that receives what it prints.
        inherited: open files that it keeps.
        reads: folders in which it reads files.

    Raises:
        WriteError: the output cannot be written.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        writes: Sequence[Path],
        control: ControlBlock,
        output: Path,
        inherited: Sequence[int] = (),
        reads: Sequence[Path] = (),
    ):
        self._control = control
        self._output_path = output
        self._memory_limit = memory_limit()
        self._writes = tuple(writes)
        self._room = launching.room()
        self._next_look_s = 0.0
        try:
            file = output.open("wb")
        except OSError as error:
            raise WriteError(output, error) from error
        program = launching.Program(
            module, [*arguments, str(os.getpid())], reads=reads, writes=writes, kernels=True
        )
        with file:
            self._process = subprocess.Popen(
                launching.command(program),
                env=launching.environment(),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                pass_fds=tuple(inherited),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll()

    def wait(self) -> None:
        """Wait for its end."""
        self._process.wait()

    def kill(self) -> None:
        """End it at once, and whatever user code has started in it."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # it ended just now
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def misbehaves(self) -> str | None:
        """End the process if its user code does not return, takes too much memory or fills the disk.

        Returns:
            What it did, one sentence; None if there is nothing to be said.
        """
        if self._control.reward_call_age() > REWARD_TIMEOUT_S:
            self.kill()
            car, episode, step = self._control.reward_call_place()
            return _(
                "the reward function did not return within {seconds:g} seconds (car {car}, episode {episode}, "
                "step {step})"
            ).format(seconds=REWARD_TIMEOUT_S, car=car, episode=episode, step=step)
        if memory_of(self.pid) > self._memory_limit:
            self.kill()
            return _(
                "the run took more than {gigabytes:.1f} GB of memory and was ended; a reward function must not "
                "keep more and more of what it is given"
            ).format(gigabytes=self._memory_limit / 1e9)
        if self._room is not None and self._writes_too_much(self._room):
            self.kill()
            return _("the run wrote more than there is room for, {gigabytes:.1f} GB, and was ended").format(
                gigabytes=self._room / 1e9
            )
        return None

    def _writes_too_much(self, room: int) -> bool:
        """Whether it has filled more than its room, looked up every second."""
        if time.monotonic() < self._next_look_s:
            return False
        self._next_look_s = time.monotonic() + _LOOK_S
        return holds_more(self._writes, self.pid, room)

    def last_words(self) -> str | None:
        """What the process, which has ended, printed last, if it ended over a user's mistake; else None."""
        lines = self.output().splitlines()
        return lines[-1] if self.exit_code == _USERS_MISTAKE and lines else None

    def unexpected_end(self) -> str:
        """What is known of a process that has ended for no reason that it knew."""
        code = self._process.returncode
        reason = _("the run ended unexpectedly (exit code {code})").format(code=code)
        return "\n".join([reason, *self.output().splitlines()[-_OUTPUT_TAIL_LINES:]])

    def output(self) -> str:
        """All that it printed so far."""
        return self._output_path.read_text(encoding="utf-8", errors="replace")
