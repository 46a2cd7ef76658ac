"""What a person sees while a model trains: progress, the last iterations, laps, and how it ended."""

import json
import sys
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from openracer.language import gettext as _
from openracer.models.description import TrainingDescription
from openracer.models.folder import ModelFolder
from openracer.runs.supervisor import Event, TrainingProcess

_ROWS = 12


def show_training(process: TrainingProcess, folder: ModelFolder, as_json: bool) -> int:
    """Show a training until it ends; the first Ctrl-C asks it to stop, the second ends it at once.

    Args:
        process: the training.
        folder: of its model.
        as_json: print its events as lines of JSON.

    Returns:
        Exit code: 0 finished or stopped, 2 failed.
    """
    return _print_events(process) if as_json else _Display(process, folder).run()


def _print_events(process: TrainingProcess) -> int:
    last: Event = {}
    events = process.watch()
    while True:
        try:
            for event in events:
                if event is not None:
                    last = event
                    sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
                    sys.stdout.flush()
            break
        except KeyboardInterrupt:
            process.ask_to_stop()
            events = process.watch()
    return 2 if last.get("event") == "failed" else 0


class _Display:
    """A live table in the terminal."""

    def __init__(self, process: TrainingProcess, folder: ModelFolder):
        self._process = process
        self._folder = folder
        self._description: TrainingDescription = folder.description()
        self._iterations: list[Event] = []
        self._state = _("Starting; the very first run compiles the simulator, which takes some seconds.")
        self._end: Event | None = None
        self._asked_to_stop = False
        self._console = Console()

    def run(self) -> int:
        """Show until the end."""
        self._console.print(self._headline())
        with Live(self._render(), console=self._console, refresh_per_second=8, transient=False) as live:
            while self._end is None:
                try:
                    for event in self._process.watch():
                        if event is not None:
                            self._take(event)
                        live.update(self._render())
                except KeyboardInterrupt:
                    if self._asked_to_stop:
                        self._process.kill()
                        raise
                    self._asked_to_stop = True
                    self._process.ask_to_stop()
                    self._state = _(
                        "Stopping: this iteration is finished and saved; Ctrl-C again ends it at once."
                    )
            live.update(self._render())
        return self._say_how_it_ended()

    def _headline(self) -> Text:
        description = self._description
        track = description.find_track()
        line = Text()
        line.append(_("Training "))
        line.append(description.name, style="bold cyan")
        line.append(
            _(" on {track} ({length:.1f} m), reward {reward}, preset {preset}").format(
                track=track.title, length=track.length, reward=description.reward, preset=description.preset
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
        for heading in (
            _("Iteration"), _("Steps"), _("Reward"), _("Completion"), _("Laps"), _("Evaluation"), _("Best lap"),
            _("Steps/s"),
        ):  # fmt: skip
            table.add_column(heading, justify="right", no_wrap=True)
        for event in self._iterations[-_ROWS:]:
            trials = event["evaluation"]
            evaluation = ""
            if trials:
                complete = sum(trial["lap_time"] is not None for trial in trials)
                mean = sum(trial["progress"] for trial in trials) / len(trials)
                evaluation = f"{mean:.0f} %  {complete}/{len(trials)}"
            table.add_row(
                str(event["iteration"]),
                f"{event['steps']:,}",
                "-" if event["reward"] is None else f"{event['reward']:.1f}",
                "-" if event["progress"] is None else f"{event['progress']:.0f} %",
                str(event["laps"]),
                evaluation,
                "-" if event["best_lap"] is None else f"{event['best_lap']:.2f} s",
                f"{event['steps_per_s']:,}",
            )
        return table

    def _progress(self) -> Table:
        stop, event = self._description.stop, self._iterations[-1]
        seconds, shares = event["seconds"], [0.0]
        left: list[float] = []
        if stop.minutes is not None:
            shares.append(seconds / (60.0 * stop.minutes))
            left.append(60.0 * stop.minutes - seconds)
        if stop.iterations is not None:
            shares.append(event["iteration"] / stop.iterations)
            left.append(seconds / event["iteration"] * (stop.iterations - event["iteration"]))
        line = Table.grid(padding=(0, 1))
        words = _("{time} trained").format(time=_clock(seconds))
        if left:
            words += _(", at most {time} left").format(time=_clock(max(0.0, min(left))))
        if stop.until == "clean-laps":
            words += _(", or until every lap of an evaluation is clean")
        line.add_row(ProgressBar(total=1.0, completed=min(1.0, max(shares)), width=24), words)
        return line

    def _say_how_it_ended(self) -> int:
        end = self._end or {}
        name = self._description.name
        if end["event"] == "failed":
            self._console.print(f"[bold red]{_('Error:')}[/] ", end="")
            self._console.print(end["message"], markup=False, highlight=False, soft_wrap=True)
            return 2
        reasons = {
            "clean-laps": _("Every lap of the evaluation was completed."),
            "minutes": _("The time is up."),
            "iterations": _("All iterations are done."),
            "stopped": _("Stopped and saved; openracer train --resume {name} goes on.").format(name=name),
        }
        self._console.print(Text(reasons[end["reason"]], style="bold green"))
        self._console.print(_("Model folder: "), end="")
        self._console.print(str(self._folder.path), markup=False, highlight=False, soft_wrap=True)
        return 0


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
