"""Routes of reward functions: examples, and checking code before a training trusts it."""

from threading import BoundedSemaphore

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from openracer.api.errors import NotFoundError
from openracer.language import gettext as _
from openracer.models.description import TrainingDescription
from openracer.models.ranges import MAX_REWARD
from openracer.rewards import examples
from openracer.rewards.problems import ProblemKind
from openracer.rewards.validation import validate
from openracer.tracks import catalogue

router = APIRouter(prefix="/rewards", tags=["rewards"])

_at_the_same_time = BoundedSemaphore(2)
"""Every check is a process that may take a core for seconds."""


class Example(BaseModel):
    """An example of a reward function.

    Attributes:
        name: of the example.
        description: what it rewards.
    """

    name: str
    description: str


class ProblemOut(BaseModel):
    """What keeps a reward function from being used.

    Attributes:
        kind: what sort of problem.
        message: what is wrong, and what would be right.
        line: in the code, None where no line is to blame.
    """

    kind: ProblemKind
    message: str
    line: int | None


class ValidationRequest(BaseModel):
    """Code to check.

    Attributes:
        source: Python code that defines ``reward_function(params)``.
        track: whose geometry makes the situations that it is tried in.
        reverse: the other way round.
    """

    model_config = ConfigDict(extra="forbid")

    source: str
    track: str = "reinvent_base"
    reverse: bool = False


class ValidationResult(BaseModel):
    """What was found; an empty list means that the function can be used."""

    problems: list[ProblemOut] = Field(description="In the order of their lines.")


@router.get("/examples")
def list_examples() -> list[Example]:
    """Reward functions to start from, the default first."""
    return [Example(name=name, description=examples.description(name)) for name in examples.names()]


@router.get("/examples/{name}", response_class=PlainTextResponse)
def get_example(name: str) -> PlainTextResponse:
    """The code of an example."""
    try:
        return PlainTextResponse(examples.source(name[:100]), media_type="text/x-python")
    except ValueError as error:
        raise NotFoundError(str(error)) from None


@router.post("/validate")
def validate_reward(request: ValidationRequest) -> ValidationResult:
    """Check a reward function: it is read, then tried in a process of its own with limits of time and memory."""
    if len(request.source) > MAX_REWARD:
        raise ValueError(
            _("the reward function has {count} characters; it must have 1 to {limit}").format(
                count=len(request.source), limit=MAX_REWARD
            )
        )
    track = catalogue.find(request.track, request.reverse)
    with _at_the_same_time:
        problems = validate(request.source, track)
    return ValidationResult(
        problems=[ProblemOut(kind=found.kind, message=found.message, line=found.line) for found in problems]
    )


def refuse_unusable_reward(description: TrainingDescription) -> None:
    """Try a reward function that is not one of the examples.

    Raises:
        ValueError: it cannot be used; one sentence.
    """
    if description.reward_source in map(examples.source, examples.names()):
        return
    with _at_the_same_time:
        problems = validate(description.reward_source, description.find_track())
    if problems:
        place = description.reward
        if problems[0].line is not None:
            place = _("{file}, line {line}").format(file=place, line=problems[0].line)
        raise ValueError(f"{place}: {problems[0].message}")
