"""A look at a model: what some checkpoints make of pictures, and one checkpoint closely in a few of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from openracer.agents.threads import TorchThreads
from openracer.analysis.loading import Recording, load
from openracer.analysis.sight.attention import Maps, grad_cam, occlusion
from openracer.analysis.sight.eye import Eye, open_eye
from openracer.analysis.sight.faithfulness import Check, area, check
from openracer.analysis.sight.opinions import opinions
from openracer.analysis.sight.pictures import SUFFIXES, DrivePictures, Pictures, pictures_in
from openracer.analysis.sight.values import driven_values
from openracer.formats.checkpoints_index import CheckpointName
from openracer.language import gettext as _
from openracer.models.folder import ModelFolder

CLOSELY = 8
"""So many pictures are looked at closely."""
MOST_CHECKPOINTS = 5
"""So many checkpoints are put side by side."""


@dataclass(frozen=True, eq=False)
class CloseLook:
    """One picture looked at closely.

    Attributes:
        number: of the picture.
        name: what it is called.
        frame: ``(120, 160) uint8``.
        answer: the picture's row of :func:`openracer.analysis.sight.opinions.opinions`.
        questions: see :attr:`openracer.analysis.sight.eye.Eye.questions`.
        maps: where the answer to each question comes from, ``(Q, 120, 160)``, by method: ``cam`` and ``cover``.
        checks: whether to believe each map.
    """

    number: int
    name: str
    frame: NDArray[np.uint8]
    answer: Mapping[str, float]
    questions: Sequence[str]
    maps: dict[str, Maps]
    checks: dict[str, list[Check]]

    @property
    def main_question(self) -> int:
        """The most probable action; the steering where there is no list."""
        return int(self.answer.get("best", 0))


@dataclass(frozen=True, eq=False)
class Sight:
    """What a model sees.

    Attributes:
        eye: the checkpoint that is looked at closely.
        pictures: that were looked at.
        answers: the opinions of some checkpoints by their names, the earliest first.
        looks: some pictures closely.
    """

    eye: Eye
    pictures: Pictures
    answers: dict[str, pd.DataFrame]
    looks: list[CloseLook]

    @property
    def opinions(self) -> pd.DataFrame:
        """What the checkpoint makes of each picture."""
        return self.answers[self.eye.name]

    @property
    def trust(self) -> pd.DataFrame:
        """Whether the maps may be believed, a row for each picture, method and question.

        Columns ``picture``, ``method``, ``question``, ``main`` (the choice that the model makes there), ``deletion``
        and ``insertion`` (areas), ``chance_deletion`` and ``chance_insertion`` (means of maps of chance), ``passed``.
        """
        rows = [
            {
                "picture": look.name,
                "method": method,
                "question": look.questions[question],
                "main": not self.eye.is_discrete or question == look.main_question,
                "deletion": area(found.deletion),
                "insertion": area(found.insertion),
                "chance_deletion": area(found.chance_deletion.mean(axis=0)),
                "chance_insertion": area(found.chance_insertion.mean(axis=0)),
                "passed": found.passed,
            }
            for look in self.looks
            for method, checks in look.checks.items()
            for question, found in enumerate(checks)
        ]
        return pd.DataFrame(rows)


def see(
    folder: ModelFolder,
    checkpoint: str | int,
    pictures: Pictures,
    closely: int = CLOSELY,
    on_progress: Callable[[float], None] | None = None,
) -> Sight:
    """Look at pictures through a model.

    Args:
        folder: of the model.
        checkpoint: that is looked at closely: ``best``, ``last`` or the number of an iteration.
        pictures: at least one.
        closely: in so many pictures, spread evenly over all.
        on_progress: told the share that is done, 0 to 1; from several threads.

    Raises:
        FileNotFoundError: there is no such checkpoint.
        ValueError: a file of the model is damaged, or a picture is none.
    """
    chosen = folder.checkpoints.find(checkpoint)
    names = some_checkpoints(folder.checkpoints.names(), chosen)
    numbers = spread_out(len(pictures), closely)
    # A close look costs about as much as an opinion on 2,000 frames.
    total, done = len(names) * len(pictures) + 2000 * len(numbers), 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if on_progress is not None:
            on_progress(done / total)

    threads = TorchThreads()
    eyes = {str(name): open_eye(folder, name) for name in names}
    answers = {name: opinions(eye, pictures, advance) for name, eye in eyes.items()}
    for name in names:
        if (
            isinstance(pictures, DrivePictures)
            and (values := driven_values(folder, name, pictures)) is not None
        ):
            answers[str(name)]["value"] = values
    eye = eyes[str(chosen)]
    # Words are made here: another thread does not know the reader's language.
    questions = eye.questions
    named = [(number, pictures.name(number)) for number in numbers]

    def look(picture: tuple[int, str]) -> CloseLook:
        found = look_closely(eye, pictures, *picture, answers[eye.name], questions)
        advance(2000)
        return found

    return Sight(eye, pictures, answers, threads.map(look, named))


def look_closely(
    eye: Eye, pictures: Pictures, number: int, name: str, table: pd.DataFrame, questions: Sequence[str]
) -> CloseLook:
    """Look at one picture closely.

    Args:
        eye: the checkpoint.
        pictures: all of them.
        number: of the picture.
        name: what to call it.
        table: opinions of the checkpoint on all of them.
        questions: in words.
    """
    frame = torch.from_numpy(pictures.frames([number])[0])
    both_signs = not eye.is_discrete
    maps = {
        "cam": grad_cam(eye.scores, frame, both_signs),
        "cover": occlusion(eye.scores, frame, both_signs),
    }
    checks = check(eye.kept(frame), frame, maps, seed=number)
    answer = {str(name): float(value) for name, value in table.iloc[number].items()}
    return CloseLook(number, name, frame.numpy(), answer, questions, maps, checks)


def spread_out(count: int, most: int) -> list[int]:
    """Numbers of at most so many things, spread evenly over all."""
    most = min(most, count)
    return [int((k + 0.5) * count / most) for k in range(most)]


def some_checkpoints(names: Sequence[CheckpointName], chosen: CheckpointName) -> list[CheckpointName]:
    """The chosen checkpoint and a few others from the first to the last, to be put side by side."""
    places = np.linspace(0, len(names) - 1, MOST_CHECKPOINTS - 1).round().astype(int)
    return sorted({chosen, *(names[place] for place in places)})


def find_pictures(source: str, track: str | None = None, episode: int | None = None) -> Pictures:
    """Pictures in a folder of them; else what the car saw in one drive of whatever :func:`load` understands.

    Args:
        source: the folder; or a log, archive, model.
        track: see :func:`drive_pictures`.
        episode: likewise.

    Raises:
        FileNotFoundError: there is no such place.
        ValueError: there is nothing to look at in it; one sentence.
    """
    folder = Path(source)
    if folder.is_dir() and any(path.suffix.lower() in SUFFIXES for path in folder.iterdir()):
        return pictures_in(folder)
    return drive_pictures(load(source), track, episode)


def drive_pictures(
    recording: Recording, track: str | None = None, episode: int | None = None
) -> DrivePictures:
    """What the car saw in one drive of a recording.

    Args:
        recording: see :func:`openracer.analysis.load`.
        track: name or file of the track, where the recording does not tell it.
        episode: unique number of an episode of the training, or of the evaluation where there is no training; default:
            the drive that came farthest, then the fastest one, of the evaluations if there are any.

    Raises:
        ValueError: nothing was driven, there is no such episode, or its track is not known.
    """
    steps = recording.steps
    if episode is None and len(recording.evaluation):
        steps = recording.evaluation
    if not len(steps):
        raise ValueError(_("{source} has no drive to look at").format(source=recording.source))
    if episode is None:
        groups = steps.groupby("unique_episode").agg(progress=("progress", "max"), rows=("steps", "size"))
        episode = int(groups.sort_values(["progress", "rows"], ascending=[False, True]).index[0])
    rows = steps[steps["unique_episode"] == episode].reset_index(drop=True)
    if not len(rows):
        last = int(steps["unique_episode"].max())
        message = _("{source} has no episode {episode}; it has 0 to {last}")
        raise ValueError(message.format(source=recording.source, episode=episode, last=last))
    return DrivePictures(rows, recording.track(track))
