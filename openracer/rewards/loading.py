"""Loading a reward function: every car has its own instance of the user's module, as if it were alone."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openracer.language import gettext as _
from openracer.rewards.errors import REWARD_FILE, RewardFunctionError, describe, first_line
from openracer.rewards.problems import ProblemKind

if TYPE_CHECKING:
    from openracer.rewards.params import Params

LARGEST_REWARD = 1e5
"""A reward beyond ± this ends a training, as on AWS (aws-deepracer-community/deepracer-simapp)."""

HEARTBEAT_SIZE = 4
"""A heartbeat's entries: ``time.monotonic()`` as the call in progress began (else 0), car, episode, step."""

RewardFunction = Callable[["Params"], Any]


def load_reward(source: str, n_cars: int, heartbeat: NDArray[np.float64] | None = None) -> "RewardFunctions":
    """Make one reward function a car.

    The code is compiled once and run once for each car, in a module of its own, so that what it keeps in
    globals, in classes or in function attributes is that car's alone.

    Args:
        source: Python code that defines ``reward_function(params)``.
        n_cars: N, at least 1.
        heartbeat: ``(HEARTBEAT_SIZE,)`` contiguous array, for example in shared memory, that is stamped
            before every call into user code and cleared after, for a watchdog in another process.

    Returns:
        The N functions.

    Raises:
        RewardFunctionError: the code is no Python, fails when it is run, or has no ``reward_function`` that
            takes exactly one parameter.
    """
    if n_cars < 1:
        raise ValueError(_("a reward function needs at least one car, not {count}").format(count=n_cars))
    beat = np.zeros(HEARTBEAT_SIZE) if heartbeat is None else heartbeat
    code = compile_reward(source)
    functions = []
    for car in range(n_cars):
        beat[1:] = car, 0.0, 0.0
        beat[0] = monotonic()
        try:
            functions.append(_instantiate(code, source, car))
        finally:
            beat[0] = 0.0
    return RewardFunctions(source, functions, beat)


def compile_reward(source: str) -> CodeType:
    """Compile the code.

    Raises:
        RewardFunctionError: it is no valid Python.
    """
    try:
        return compile(source, REWARD_FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        reason, line, _trace = describe(error, source)
        message = _("this is not valid Python: {reason}").format(reason=reason)
        raise RewardFunctionError(ProblemKind.SYNTAX_ERROR, message, line) from error


def _instantiate(code: CodeType, source: str, car: int) -> RewardFunction:
    module = ModuleType("reward_function")
    module.__file__ = REWARD_FILE
    try:
        exec(code, module.__dict__)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        reason, line, trace = describe(error, source)
        kind = ProblemKind.IMPORT_ERROR if isinstance(error, ImportError) else ProblemKind.TEST_FAILURE
        raise RewardFunctionError(kind, reason, line, trace, car) from error
    function: object = getattr(module, "reward_function", None)
    if not callable(function):
        message = _("there is no reward_function(params); the file must define one")
        raise RewardFunctionError(ProblemKind.SIGNATURE, message, car=car)
    if not takes_one_parameter(function):
        message = _("reward_function must take exactly one parameter, params")
        raise RewardFunctionError(ProblemKind.SIGNATURE, message, first_line(function), car=car)
    return function


def takes_one_parameter(function: Callable[..., object]) -> bool:
    """Whether the function has exactly one parameter, and it can be passed by position."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # callables written in C may tell nothing of themselves
        return True
    return len(parameters) == 1 and parameters[0].kind in (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    )


def usable_reward(returned: object) -> float:
    """What a reward function returned, as a number.

    Raises:
        ValueError: it is no number, NaN, infinite or beyond ±:data:`LARGEST_REWARD`.
    """
    try:
        reward = float(returned)  # type: ignore[arg-type]
    except Exception as error:
        kind = "None" if returned is None else type(returned).__name__
        raise ValueError(
            _("reward_function returned {kind}; it must return a number").format(kind=kind)
        ) from error
    if not -LARGEST_REWARD <= reward <= LARGEST_REWARD:
        raise ValueError(
            _("reward_function returned {reward}; it must be a finite number from -100000 to 100000").format(
                reward=reward
            )
        )
    return reward


class RewardFunctions:
    """One reward function a car, each with globals of its own; made by :func:`load_reward`.

    Attributes:
        source: the code that all of them come from.
    """

    def __init__(
        self, source: str, functions: Sequence[RewardFunction], heartbeat: NDArray[np.float64]
    ) -> None:
        self.source = source
        self._functions = tuple(functions)
        self._beat = heartbeat.data.cast("B").cast("d")  # quicker to write to than the array itself

    def __len__(self) -> int:
        return len(self._functions)

    def __call__(
        self, params: Iterable["Params"], cars: ArrayLike, episodes: ArrayLike
    ) -> NDArray[np.float64]:
        """Ask the cars' functions for their rewards, one after the other.

        Args:
            params: M dictionaries.
            cars: ``(M,)`` the car of each.
            episodes: ``(M,)`` the number of the episode it is in; told if its function fails.

        Returns:
            ``(M,)`` rewards.

        Raises:
            RewardFunctionError: a function raised, or returned what :func:`usable_reward` refuses.
        """
        beat = self._beat
        functions = self._functions
        rewards: list[float] = []
        try:
            for values, car, episode in zip(
                params, np.asarray(cars).tolist(), np.asarray(episodes).tolist(), strict=True
            ):
                function = functions[car]
                beat[1] = car
                beat[2] = episode
                beat[3] = step = values["steps"]
                beat[0] = monotonic()  # last, so that a watchdog never blames the call before
                try:
                    returned = function(values)
                except KeyboardInterrupt:
                    raise
                except BaseException as error:
                    reason, line, trace = describe(error, self.source)
                    raise RewardFunctionError(
                        ProblemKind.TEST_FAILURE, reason, line, trace, car, episode, int(step), values
                    ) from error
                try:
                    rewards.append(usable_reward(returned))
                except ValueError as error:
                    line = first_line(function)
                    raise RewardFunctionError(
                        ProblemKind.TEST_FAILURE, str(error), line, "", car, episode, int(step), values
                    ) from error
        finally:
            beat[0] = 0.0
        return np.array(rewards, dtype=np.float64)
