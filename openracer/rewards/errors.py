"""What is told when a reward function fails: one sentence, the car's situation, the traceback."""

import linecache
import traceback
from collections.abc import Mapping
from io import StringIO
from types import CodeType
from typing import Any

from openracer.language import gettext as _
from openracer.rewards.problems import ProblemKind

REWARD_FILE = "reward_function.py"
"""The name that tracebacks and messages give to the code, whatever file it came from (it is AWS's name)."""

_LONGEST_VALUE = 160


class RewardFunctionError(ValueError):
    """A reward function could not be loaded, raised, or returned something that is no usable reward.

    ``str`` of it is the whole report; ``reason`` is its one sentence.

    Attributes:
        kind: what sort of failure.
        reason: what went wrong.
        line: line in the reward function's code, if known.
        trace: the traceback within the user's code, empty if nothing was raised.
        car: index of the car.
        episode: its episode, None while the module was being loaded.
        step: the episode's row, None while loading.
        params: the dictionary as the function left it, None while loading.
    """

    def __init__(
        self,
        kind: ProblemKind,
        reason: str,
        line: int | None = None,
        trace: str = "",
        car: int = 0,
        episode: int | None = None,
        step: int | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        # ValueError keeps these arguments, so the error can be pickled from one process to another.
        super().__init__(kind, reason, line, trace, car, episode, step, params)
        self.kind = kind
        self.reason = reason
        self.line = line
        self.trace = trace
        self.car = car
        self.episode = episode
        self.step = step
        self.params = params

    def __str__(self) -> str:
        if self.episode is None:
            headline = _("The reward function could not be loaded: {reason}").format(reason=self.reason)
        else:
            headline = _("The reward function failed in episode {episode}, step {step} (car {car}): {reason}")
            headline = headline.format(episode=self.episode, step=self.step, car=self.car, reason=self.reason)
        if self.line is not None:
            place = _("{file}, line {line}").format(file=REWARD_FILE, line=self.line)
            headline = f"{headline}\n{place}"
        parts = [headline]
        if self.trace:
            parts.append(self.trace.rstrip())
        if self.params is not None:
            values = [f"  {key}: {_brief(value)}" for key, value in self.params.items()]
            parts.append("\n".join(["params:", *values]))
        return "\n\n".join(parts)


def _brief(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # the user's code may have put anything in
        return f"<{type(value).__name__}>"
    if len(text) <= _LONGEST_VALUE:
        return text
    count = f" ({len(value)})" if isinstance(value, list | tuple | dict) else ""
    return text[:_LONGEST_VALUE].rstrip() + " …" + count


def describe(error: BaseException, source: str) -> tuple[str, int | None, str]:
    """Put an error that user code raised into words.

    Args:
        error: as it was caught, with its traceback.
        source: the user's code, for the traceback to quote.

    Returns:
        The sentence, the innermost line of the user's code that it points at, and the traceback from the
        user's code inwards.
    """
    # Tracebacks look for the lines here; without a modification time the entry is taken as it is, file or no file.
    text = StringIO(source, newline=None).readlines()
    linecache.cache[REWARD_FILE] = (len(source), None, text, REWARD_FILE)
    told = traceback.TracebackException.from_exception(error)
    frames = [frame.filename == REWARD_FILE for frame in told.stack]
    lines = [frame.lineno for frame in told.stack if frame.filename == REWARD_FILE]
    line = lines[-1] if lines else None
    if True in frames:
        del told.stack[: frames.index(True)]
    else:
        told.stack.clear()
    if isinstance(error, SyntaxError) and error.filename == REWARD_FILE:
        line = error.lineno
        return error.msg, line, ""
    reason = [*told.format_exception_only()][-1].strip()
    return reason, line, "".join(told.format())


def first_line(function: object) -> int | None:
    """The line where a function is defined, if it is one of the user's own."""
    code = getattr(function, "__code__", None)
    return code.co_firstlineno if isinstance(code, CodeType) and code.co_filename == REWARD_FILE else None
