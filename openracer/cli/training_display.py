"""What a person sees while a model trains: progress, the last iterations, laps, and how it ended."""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any, Protocol, Self

from rich.cells import cell_len
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from openracer.analysis.outlook import outlook
from openracer.language import gettext as _
from openracer.models.description import TrainingDescription
from openracer.models.folder import ModelFolder
from openracer.models.track_words import further_tracks_words
from openracer.runs.supervisor import Event

_ROWS = 12
_WIDTHS = (9, 9, 7, 10, 5, 12, 9, 7)


class WatchedTraining(Protocol):
    """A training, on this machine or on another."""

    def watch(self) -> Iterator[Event | None]:
        """Its events until it ends, and None in between."""

    def ask_to_stop(self) -> None:
        """Let it finish its iteration, save and end."""

    def kill(self) -> None:
        """Do not wait for that."""


@dataclass(frozen=True)
class Shown:
    """What is said of the model that is trained.

    Attributes:
        description: of the training.
        track: title of its track.
        track_length: m.
        place: says where the model is.
    """

    description: TrainingDescription
    track: str
    track_length: float
    place: str


def shown_here(folder: ModelFolder) -> Shown:
    """What is said of a model on this machine."""
    description = folder.description()
    track = description.find_track()
    return Shown(description, track.title, track.length, _("Model folder: ") + str(folder.path))


def show_training(process: WatchedTraining, shown: Shown, as_json: bool) -> int:
    """Show a training until it ends; the first Ctrl-C asks it to stop, the second ends it at once.

    Args:
        process: the training.
        shown: its model.
        as_json: print its events as lines of JSON.

    Returns:
        Exit code: 0 finished or stopped, 2 failed.
    """
    return _print_events(process) if as_json else _Display(process, shown).run()


class _Interrupts:
    """Counts how often Ctrl-C is pressed inside a ``with`` block, instead of an exception at any moment."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._interrupted)
        return self

    def __exit__(self, *_exception: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _interrupted(self, _signal: int, _frame: FrameType | None) -> None:
        self.count += 1


def _watch(process: WatchedTraining, on_stopping: Callable[[], None]) -> Iterator[Event | None]:
    """The events of a training, while Ctrl-C first asks it to stop and then ends it at once.

    Raises:
        KeyboardInterrupt: it was ended at once.
    """
    asked = False
    with _Interrupts() as interrupts:
        for event in process.watch():
            yield event
            if interrupts.count > 1:
                process.kill()
                raise KeyboardInterrupt
            if interrupts.count and not asked:
                asked = True
                process.ask_to_stop()
                on_stopping()


def _print_events(process: WatchedTraining) -> int:
    last: Event = {}
    for event in _watch(process, lambda: None):
        if event is not None:
            last = event
            sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
            sys.stdout.flush()
    return 2 if last["event"] == "failed" else 0


class _Display:
    """A live table in the terminal."""

    def __init__(self, process: WatchedTraining, shown: Shown):
        self._process = process
        self._shown = shown
        self._description = shown.description
        self._iterations: list[Event] = []
        self._state = _("Starting; the very first run compiles the simulator, which can take half a minute.")
        self._end: Event = {}
        self._asked_to_stop = False
        self._printed = 0
        self._console = Console()

    def run(self) -> int:
        """Show until the end: a table that lives in a terminal, a line for each iteration elsewhere."""
        self._console.print(self._headline(), soft_wrap=not self._console.is_terminal)
        if self._console.is_terminal:
            with Live(self._render(), console=self._console, refresh_per_second=8) as live:
                self._follow(lambda: live.update(self._render()))
        else:
            self._follow(self._print_new_lines)
        return self._say_how_it_ended()

    def _follow(self, show: Callable[[], None]) -> None:
        for event in _watch(self._process, self._tell_stopping):
            if event is not None:
                self._take(event)
            show()

    def _tell_stopping(self) -> None:
        self._asked_to_stop = True
        self._state = _("Stopping: this iteration is finished and saved; Ctrl-C again ends it at once.")

    def _print_new_lines(self) -> None:
        lines = [_headings(), *map(_cells, self._iterations)]
        for cells in lines[self._printed :] if len(lines) > 1 else []:
            padded = (
                " " * (width - cell_len(cell)) + cell for width, cell in zip(_WIDTHS, cells, strict=True)
            )
            self._console.print("  ".join(padded), markup=False, highlight=False, soft_wrap=True)
            self._printed += 1

    def _headline(self) -> Text:
        description = self._description
        line = Text()
        line.append(_("Training "))
        line.append(description.name, style="bold cyan")
        line.append(
            _(" on {track} ({length:.1f} m){others}, reward {reward}, preset {preset}").format(
                others=further_tracks_words(description),
                track=self._shown.track + (_(" (reverse)") if description.reverse else ""),
                length=self._shown.track_length,
                reward=description.reward,
                preset=description.preset,
            )
        )
        return line

    def _take(self, event: Event) -> None:
        kind = event["event"]
        if kind == "iteration":
            self._iterations.append(event)
            if not self._asked_to_stop:
                self._state = ""
        elif kind == "started" and not self._asked_to_stop:
            self._state = _("Driving the first laps.")
            if event.get("refills"):
                self._state = _("SAC's memory of what it drove is not saved: it is filled anew first.")
        elif kind in ("finished", "failed"):
            self._end = event
            self._state = ""

    def _render(self) -> Group:
        parts: list[Any] = []
        if self._iterations:
            parts += [self._table(), self._progress()]
        if self._state:
            parts.append(Text(self._state, style="yellow"))
        return Group(*parts)

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in _headings():
            table.add_column(heading, justify="right", no_wrap=True)
        for event in self._iterations[-_ROWS:]:
            table.add_row(*_cells(event))
        return table

    def _progress(self) -> Table:
        event = self._iterations[-1]
        ahead = outlook(self._description.stop, event["seconds"], event["iteration"])
        words = _("{time} trained").format(time=_clock(event["seconds"]))
        if ahead.seconds_left is not None:
            words += _(", at most {time} left").format(time=_clock(ahead.seconds_left))
        bar = ProgressBar(total=1.0, completed=ahead.share or 0.0, width=24)
        line = Table.grid(padding=(0, 1))
        line.add_row(bar, words)
        return line

    def _say_how_it_ended(self) -> int:
        if self._end["event"] == "failed":
            self._say_what_failed(self._end["message"])
            return 2
        name = self._description.name
        reasons = {
            "clean-laps": _("Every lap of the evaluation was completed."),
            "minutes": _("The time is up."),
            "iterations": _("All iterations are done."),
            "stopped": _("Stopped and saved; openracer train --resume {name} goes on.").format(name=name),
        }
        reason = self._end["reason"]
        self._console.print(Text(reasons[reason], style="bold green"))
        if not self._iterations and reason in ("minutes", "iterations"):
            self._say_how_to_train_more(reason)
        self._print_folder(self._console)
        return 0

    def _say_how_to_train_more(self, reason: str) -> None:
        """A resumed training that ends before its first iteration looks like one that does not work."""
        more = {"minutes": int(self._end["seconds"] / 60) + 6, "iterations": self._end["iteration"] + 10}
        self._console.print(
            _(
                "Stop conditions count from the very beginning, and {name} has trained {time} in {iterations} "
                "iterations already. To train more: openracer train --resume {name} --{reason} {more}"
            ).format(
                name=self._description.name,
                time=_clock(self._end["seconds"]),
                iterations=self._end["iteration"],
                reason=reason,
                more=more[reason],
            ),
            highlight=False,
            markup=False,
            soft_wrap=not self._console.is_terminal,
        )

    def _say_what_failed(self, message: str) -> None:
        console = Console(stderr=True)
        console.print(Text(_("Error:"), style="bold red"), end=" ")
        console.print(message, markup=False, highlight=False, soft_wrap=True)
        console.print(_("The model is kept as it was saved last."))
        self._print_folder(console)

    def _print_folder(self, console: Console) -> None:
        console.print(self._shown.place, markup=False, highlight=False, soft_wrap=True)


def _headings() -> list[str]:
    return [
        _("Iteration"), _("Steps"), _("Reward"), _("Completion"), _("Laps"), _("Evaluation"), _("Best lap"),
        _("Steps/s"),
    ]  # fmt: skip


def _cells(event: Event) -> list[str]:
    """What the table says of an iteration."""
    trials = event["evaluation"]
    evaluation = ""
    if trials:
        complete = sum(trial["lap_time"] is not None for trial in trials)
        mean = sum(trial["progress"] for trial in trials) / len(trials)
        evaluation = f"{int(mean)} %  {complete}/{len(trials)}"
    return [
        str(event["iteration"]),
        f"{event['steps']:,}",
        "-" if event["reward"] is None else f"{event['reward']:.1f}",
        "-" if event["progress"] is None else f"{int(event['progress'])} %",
        str(event["laps"]),
        evaluation,
        "-" if event["best_lap"] is None else f"{event['best_lap']:.2f} s",
        f"{event['steps_per_s']:,}",
    ]


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
