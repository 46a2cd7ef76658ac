"""The words and formats that the console has for values of the back end."""

from datetime import datetime

from openracer.language import current_language
from openracer.language import gettext as _
from openracer.models.library import list_models
from openracer.models.races import HEAD_TO_BOT, HEAD_TO_MODEL, OBJECT_AVOIDANCE, SELF, TIME_TRIAL
from openracer.rewards import examples
from openracer.service.accounts import Role
from openracer.service.class_overview import Standing

_ALGORITHMS = {"clipped_ppo": "PPO", "sac": "SAC"}


def algorithm_words(name: str) -> str:
    """The name of an algorithm as people know it."""
    return _ALGORITHMS[name]


def sensor_words(name: str) -> str:
    """The name of a sensor."""
    return {
        "FRONT_FACING_CAMERA": _("Camera"),
        "STEREO_CAMERAS": _("Stereo cameras"),
        "LIDAR": _("LIDAR"),
        "SECTOR_LIDAR": _("LIDAR, 8 sectors"),
        "DISCRETIZED_SECTOR_LIDAR": _("LIDAR, 8 sectors of 8 steps"),
    }[name]


def network_words(name: str) -> str:
    """The name of a network."""
    return {
        "FAST_CONVOLUTIONAL_NETWORK": _("Fast network"),
        "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW": _("DeepRacer's network"),
        "DEEP_CONVOLUTIONAL_NETWORK": _("DeepRacer's deep network"),
        "DEEP_CONVOLUTIONAL_NETWORK_DEEP": _("DeepRacer's deeper network"),
    }[name]


def example_title(name: str) -> str:
    """What an example of a reward function is called: its description up to the colon."""
    return _(examples.description(name)).partition(":")[0]


def race_titles() -> dict[str, str]:
    """The names of the race types."""
    return {
        TIME_TRIAL: _("Time trial"),
        OBJECT_AVOIDANCE: _("Object avoidance"),
        HEAD_TO_BOT: _("Head-to-bot"),
        HEAD_TO_MODEL: _("Model against model"),
    }


def opponent_words(name: str) -> str:
    """The name of an opponent."""
    return _("Itself") if name == SELF else name


def opponent_choices(own_name: str) -> dict[str, str]:
    """Who can be on the road with a model: itself, or another that has a checkpoint; by their names.

    Args:
        own_name: of the model.
    """
    others = [
        folder.name for folder in list_models() if folder.name != own_name and folder.checkpoints.names()
    ]
    return {SELF: _("Itself")} | {name: name for name in others}


def date_words(time: datetime) -> str:
    """A date and time of day, in the machine's time zone."""
    here = time.astimezone()
    if current_language() == "ko":
        return f"{here.year}. {here.month}. {here.day}. {here:%H:%M}"
    return f"{here.day} {here:%b %Y, %H:%M}"


def duration_words(seconds: float) -> str:
    """A duration in minutes and seconds, or hours and minutes."""
    minutes, rest = divmod(int(seconds), 60)
    if minutes >= 60:
        return _("{hours} h {minutes:02d} min").format(hours=minutes // 60, minutes=minutes % 60)
    return _("{minutes}:{seconds:02d} min").format(minutes=minutes, seconds=rest)


def network_explanation(name: str) -> str:
    """What a network is good for, in one sentence."""
    return {
        "FAST_CONVOLUTIONAL_NETWORK": _("Small and quick: the first laps come in under a minute."),
        "DEEP_CONVOLUTIONAL_NETWORK": _(
            "Four layers and a very wide one: a hundred times the work; for a GPU."
        ),
        "DEEP_CONVOLUTIONAL_NETWORK_DEEP": _("Many layers, few weights: as quick as the three layers."),
        "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW": _(
            "The three layers of the DeepRacer console: twenty times the work, and what AWS and the real car take."
        ),
    }[name]


def generation_words(name: str) -> str:
    """How a generation of the simulated car handles."""
    return {
        "v4": _("v4: DeepRacer console, 2020 to 2022"),
        "v5": _("v5: late DeepRacer console"),
        "v6": _("v6: DeepRacer on AWS, since 2025"),
    }[name]


def colour_words(name: str) -> str:
    """The name of a body's colour."""
    return {
        "Black": _("Black"),
        "Grey": _("Grey"),
        "White": _("White"),
        "Red": _("Red"),
        "Orange": _("Orange"),
        "Yellow": _("Yellow"),
        "Green": _("Green"),
        "Blue": _("Blue"),
        "Purple": _("Purple"),
    }[name]


def size_words(count: float) -> str:
    """A number of bytes in the unit that keeps it short."""
    units = ("B", "kB", "MB", "GB", "TB")
    power = next((power for power in range(len(units)) if count < 1000.0 ** (power + 1)), len(units) - 1)
    return f"{count / 1000.0**power:.3g} {units[power]}"


def role_words(role: Role) -> str:
    """The name of a role."""
    return {
        Role.ADMINISTRATOR: _("Administrator"),
        Role.ORGANISER: _("Organiser"),
        Role.RACER: _("Racer"),
    }[role]


def avatar_words(name: str) -> str:
    """The colour of a helmet."""
    return {
        "red": _("Red"),
        "orange": _("Orange"),
        "yellow": _("Yellow"),
        "green": _("Green"),
        "teal": _("Teal"),
        "blue": _("Blue"),
        "violet": _("Violet"),
        "pink": _("Pink"),
    }[name]


def standing_words(standing: Standing) -> str:
    """How somebody in a class is doing."""
    return {
        Standing.STUCK: _("Stuck"),
        Standing.NEW: _("Not begun"),
        Standing.TRAINS: _("Trains"),
        Standing.ON_THE_WAY: _("On the way"),
        Standing.LAPPED: _("Has lapped"),
    }[standing]
