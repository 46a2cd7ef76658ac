"""What can be wrong with a reward function, in a form that a page or a command line can show."""

from dataclasses import dataclass
from enum import StrEnum


class ProblemKind(StrEnum):
    """What sort of problem it is; SYNTAX_ERROR, IMPORT_ERROR and TEST_FAILURE are DeepRacer's own names."""

    SYNTAX_ERROR = "SYNTAX_ERROR"
    IMPORT_ERROR = "IMPORT_ERROR"
    FORBIDDEN = "FORBIDDEN"
    SIGNATURE = "SIGNATURE"
    TEST_FAILURE = "TEST_FAILURE"
    TIMEOUT = "TIMEOUT"


@dataclass(frozen=True)
class Problem:
    """One thing that keeps a reward function from being used.

    Attributes:
        kind: what sort of problem.
        message: what is wrong, and what would be right, for the author.
        line: line in the code, None where no line is to blame.
    """

    kind: ProblemKind
    message: str
    line: int | None
