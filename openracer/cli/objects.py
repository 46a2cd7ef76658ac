"""Options about what is on the road with the car: boxes or bot cars, for training and evaluation alike."""

from typing import Annotated, Any

import typer

from openracer.language import gettext as _

Race = Annotated[
    str | None,
    typer.Option(
        help=_("Race type: time_trial, object_avoidance, head_to_bot (head_to_head) or head_to_model.")
    ),
]
Opponent = Annotated[
    str | None,
    typer.Option(help=_("For head_to_model: the name of another model, or self for the model itself.")),
]
Number = Annotated[
    int | None, typer.Option("--objects", help=_("How many boxes or bot cars are on the road."))
]
Places = Annotated[
    list[str] | None,
    typer.Option(
        "--object-at",
        help=_(
            "A fixed place of a box or bot car: share of the lap and lane, 1 inner or -1 outer, as in 0.25,-1; "
            "for several give it several times."
        ),
    ),
]
Shuffled = Annotated[
    bool | None,
    typer.Option("--random/--no-random", help=_("Other places in each episode, or evenly spread ones.")),
]
BotSpeed = Annotated[float | None, typer.Option(help=_("Speed of bot cars, m/s."))]
LaneChanges = Annotated[
    bool | None, typer.Option("--lane-changes/--no-lane-changes", help=_("Bot cars change lanes."))
]


def object_settings(
    number: int | None,
    places: list[str] | None,
    shuffled: bool | None,
    bot_speed: float | None,
    lane_changes: bool | None,
) -> dict[str, Any]:
    """What the options say, by the names of :class:`openracer.models.description.ObjectSettings`.

    Raises:
        ValueError: a place cannot be read; one sentence.
    """
    given = {
        "number": number,
        "positions": [_position(place) for place in places] if places else None,
        "random": shuffled,
        "bot_speed": bot_speed,
        "lane_changes": lane_changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def _position(place: str) -> dict[str, Any]:
    fraction, _comma, lane = place.partition(",")
    try:
        return {"fraction": float(fraction), "lane": int(lane)}
    except ValueError:
        raise ValueError(
            _("--object-at is {place}; it must be a share of the lap and a lane, as in 0.25,-1").format(
                place=place
            )
        ) from None
