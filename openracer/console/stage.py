"""The stage of a model's page: the live canvas of a run, and the replay of an evaluation."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from openracer.analysis.drives import track_shape
from openracer.console.module_view import ModuleView
from openracer.language import gettext as _
from openracer.models.description import TrainingDescription
from openracer.models.evaluations import Evaluation
from openracer.models.garage import COLOURS
from openracer.models.settings import ContinuousActions
from openracer.simulation.status import Status
from openracer.tracks.track import Track


def live_canvas(
    description: TrainingDescription, track: Track, kind: str, is_running: bool, has_episodes: bool
) -> ModuleView:
    """A run as it happens.

    Args:
        description: of the model.
        track: that is driven, in its direction.
        kind: ``training`` or ``evaluation``.
        is_running: whether the job runs now.
        has_episodes: whether the run writes episodes while it goes on, so that the newest can be shown.
    """
    base = f"/watch/{quote(description.name)}"
    options = {
        "kind": kind,
        "feed": f"{base}/live?kind={kind}",
        "newest": f"{base}/newest" if has_episodes else None,
        "episodes": f"{base}/episodes",
        "running": is_running,
        "words": stage_words() | _live_words(),
    }
    return ModuleView("live_canvas.js", options | _scene(description, track, "last"))


def replay(description: TrainingDescription, track: Track, evaluation: Evaluation) -> ModuleView:
    """An evaluation at any time after.

    Args:
        description: of the model.
        track: that was driven, in its direction.
        evaluation: to show.
    """
    checkpoint = str(evaluation.settings.get("checkpoint", "best")).partition("_")[0]
    options = {
        "drives": drives_address(description.name, evaluation.stamp),
        "words": stage_words() | replay_words(),
    }
    return ModuleView("replay.js", options | _scene(description, track, checkpoint))


def drives_address(model: str, stamp: str) -> str:
    """Where the drives of an evaluation are."""
    return f"/watch/{quote(model)}/evaluations/{stamp}"


def _scene(description: TrainingDescription, track: Track, checkpoint: str) -> dict[str, Any]:
    parameters = {"track": track.name, "reverse": str(track.is_reversed).lower(), "checkpoint": checkpoint}
    return {
        "shape": track_shape(track),
        "actions": action_list(description),
        "colour": COLOURS[description.colour],
        "look": {"address": f"/watch/{quote(description.name)}/look", "parameters": parameters},
    }


def action_list(description: TrainingDescription) -> Mapping[str, Any]:
    """The action space for canvases, steering in degrees and speed in m/s."""
    space = description.action_space
    if isinstance(space, ContinuousActions):
        steering, speed = space.steering_angle, space.speed
        return {"steering": [steering.low, steering.high], "speed": [speed.low, speed.high]}
    return {"discrete": [[action.steering_angle, action.speed] for action in space]}


def stage_words() -> dict[str, Any]:
    """The words of every stage."""
    return {
        "view": _("View of the track with its cars"),
        "above": _("From above"),
        "behind": _("From behind the car"),
        "follow": _("Follow the car"),
        "fit": _("Whole track"),
        "zoom_in": _("Zoom in"),
        "zoom_out": _("Zoom out"),
        "camera": _("Camera"),
        "choice": _("What the policy would do"),
        "steering": _("Steering"),
        "speed": _("Speed"),
        "progress": _("Progress"),
        "reward": _("Reward"),
        "time": _("Time"),
        "steps": _("Steps"),
        "resets": _("Resets"),
        "playback": _("Playback speed"),
        "statuses": {status.label: _(status.title) for status in Status},
    }


def _live_words() -> dict[str, Any]:
    return {
        "car": _("Which car to follow"),
        "newest": _("Newest episode"),
        "live_car": _("Car {number}, live"),
        "episode": _("Episode {number}"),
        "total": _("reward {reward}"),
        "driving": _("{count} cars driving"),
        "learning": _("The network is learning"),
        "starting": _(
            "Starting. The cars appear here in a few seconds. The very first time the simulator is compiled before, "
            "which takes up to a minute."
        ),
        "nothing": _("Nothing has been driven yet."),
    }


def replay_words() -> dict[str, Any]:
    """The words of a replay, besides those of its stage."""
    return {
        "play": _("Play"),
        "pause": _("Pause"),
        "trials": _("Which trial to show"),
        "trial": _("Trial {number}"),
        "timeline": _("Time line"),
        "slow": _("slow"),
        "fast": _("fast"),
        "ghost": _("Against the ghost"),
        "loading": _("Loading …"),
        "lost": _("This drive cannot be read."),
    }
