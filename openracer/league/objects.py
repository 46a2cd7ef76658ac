"""What stands or drives on the road in a race, the same for everybody, whatever each model was trained with."""

from collections.abc import Mapping
from typing import Any

from openracer.league.race import Race
from openracer.models.description import TrainingDescription
from openracer.models.races import DEFAULTS, OBJECTS
from openracer.simulation.obstacles import Objects


def objects_of(race: Race) -> Objects:
    """Boxes or bot cars of a race.

    Raises:
        ValueError: a setting is wrong; one sentence.
    """
    usual: Mapping[str, Any] = DEFAULTS[race.race_type].get("objects", {})
    values = {
        "name": "race",
        "preset": "fast",
        "track": race.track,
        "race_type": race.race_type,
        "objects": {**OBJECTS, **usual, **race.objects},
    }
    return TrainingDescription.from_values(values).objects_on_road
