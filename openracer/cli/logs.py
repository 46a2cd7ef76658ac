"""``openracer logs``: what logs, folders and archives tell, in the terminal, as HTML files, and from CloudWatch."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openracer.language import gettext as _

if TYPE_CHECKING:
    from openracer.analysis.diagnosis import Finding
    from openracer.analysis.loading import Recording
    from openracer.analysis.study import Study

app = typer.Typer(no_args_is_help=True, help=_("Logs: what a training or an evaluation tells."))

AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON instead of text."))]
Source = Annotated[
    str, typer.Argument(help=_("Log, folder, archive, s3:// address, or name of one of your models."))
]
TrackName = Annotated[
    str | None,
    typer.Option("--track", help=_("Name of the track, or its .npy file, where the log does not tell it.")),
]


@app.command(help=_("Tell what happened in a log, and what stands out."))
def summary(source: Source, track: TrackName = None, as_json: AsJson = False) -> None:
    """Tell what happened in a log, and what stands out."""
    from openracer.analysis.episodes import episode_table, lap_table
    from openracer.analysis.loading import load
    from openracer.analysis.race_choice import best_checkpoint
    from openracer.analysis.run_comparison import summary_row
    from openracer.analysis.study import checkpoints_of, study_of

    recording = load(source)
    study, problem = study_of(recording, track)
    episodes = episode_table(recording.steps)
    choice = best_checkpoint(checkpoints_of(recording))
    findings = [] if study is None else study.findings
    problems = [*recording.problems, *([problem] if problem else [])]
    if as_json:
        told = {
            "source": source,
            "track": recording.world_name if study is None else study.track.name,
            "jobs": [
                {
                    "name": job.name,
                    "kind": job.kind,
                    "era": job.era,
                    "steps": len(job.steps),
                    "broken": job.broken,
                }
                for job in recording.jobs
            ],
            "summary": _plain(summary_row(episodes)),
            "fastest_laps_s": [round(time, 3) for time in lap_table(episodes)["lap_time"].head(10)],
            "checkpoint_to_race": None if choice is None else choice.iteration,
            "findings": [
                {"code": found.code, "weight": found.weight.value, "text": found.text} for found in findings
            ],
            "problems": problems,
        }
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    _print_summary(recording, study, summary_row(episodes))
    if choice is not None:
        words = _("Checkpoint to race: iteration {iteration}, {seconds:.1f} s of driving for a clean lap "
                  "({low:.1f} to {high:.1f} s, 90 %).")  # fmt: skip
        typer.echo(
            words.format(iteration=choice.iteration, seconds=choice.seconds, low=choice.low, high=choice.high)
        )
    _print_findings(findings)
    for sentence in problems:
        typer.echo(typer.style(sentence, fg=typer.colors.YELLOW), err=True)


def _print_findings(findings: "list[Finding]") -> None:
    colours = {"warning": typer.colors.RED, "good": typer.colors.GREEN, "note": None}
    for found in findings:
        typer.echo(f"{typer.style('•', fg=colours[found.weight.value], bold=True)} {found.text}")


def _plain(row: dict[str, float]) -> dict[str, float | None]:
    """Figures as JSON can hold them."""
    return {name: None if math.isnan(value) else round(value, 4) for name, value in row.items()}


def _words() -> dict[str, str]:
    """What the figures of a run are called."""
    return {
        "episodes": _("Episodes"),
        "steps": _("Steps"),
        "iterations": _("Iterations"),
        "laps": _("Whole laps"),
        "best_lap": _("Best lap, s"),
        "median_lap": _("Median lap, s"),
        "late_progress": _("Mean progress of the last fifth, %"),
        "late_completion": _("Completed laps of the last fifth, %"),
        "late_lap": _("Median lap of the last fifth, s"),
        "late_reward": _("Mean reward of the last fifth"),
        "speed": _("Mean speed command, m/s"),
    }


def _print_summary(recording: "Recording", study: "Study | None", row: dict[str, float]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from openracer.cli.screen import table_console

    console = table_console()
    where = study.track.title if study is not None else recording.world_name or _("unknown track")
    console.print(f"[bold]{escape(recording.source)}[/bold]  {escape(where)}", highlight=False)
    table = Table(show_header=False, box=None)
    table.add_column()
    table.add_column(justify="right")
    words = _words()
    for name, value in row.items():
        table.add_row(words[name], _number(name, value))
    console.print(table)


def _number(name: str, value: float) -> str:
    if math.isnan(value):
        return "–"
    if name in ("episodes", "steps", "iterations", "laps"):
        return f"{value:,.0f}"
    return f"{100.0 * value:.0f}" if name == "late_completion" else f"{value:.2f}"


@app.command(help=_("Put two or more runs side by side."))
def compare(
    sources: Annotated[list[str], typer.Argument(help=_("Logs, folders, archives or models, two at least."))],
    as_json: AsJson = False,
) -> None:
    """Put two or more runs side by side."""
    from openracer.analysis.episodes import episode_table
    from openracer.analysis.loading import load
    from openracer.analysis.run_comparison import compare as compared

    if len(sources) < 2:
        raise typer.BadParameter(_("name two runs at least"))
    names = [Path(source).name or source for source in sources]
    keys = names if len(set(names)) == len(names) else sources
    table = compared(
        {key: episode_table(load(source).steps) for key, source in zip(keys, sources, strict=True)}
    )
    rows: list[dict[str, Any]] = table.to_dict("records")
    if as_json:
        plain = [{"run": row.pop("run"), **_plain(row)} for row in rows]
        typer.echo(json.dumps(plain, indent=2, ensure_ascii=False))
        return
    from rich.markup import escape
    from rich.table import Table

    from openracer.cli.screen import table_console

    grid = Table(box=None, header_style="bold")
    grid.add_column()
    for row in rows:
        grid.add_column(escape(row["run"]), justify="right", overflow="fold")
    for name, word in _words().items():
        if name in table:
            grid.add_row(word, *(_number(name, row[name]) for row in rows))
    chances = [f"{100.0 * row['chance_best']:.0f} %" for row in rows]
    grid.add_row(_("Chance to be the best"), *chances)
    table_console().print(grid)


@app.command(help=_("Write one interactive HTML file with figures and a diagnosis."))
def report(
    source: Source,
    output: Annotated[Path, typer.Option("--output", "-o", help=_("The file to write."))] = Path(
        "report.html"
    ),
    track: TrackName = None,
    ideal: Annotated[
        bool, typer.Option(help=_("Compare with the minimum-time line, which takes some seconds to find."))
    ] = True,
) -> None:
    """Write one interactive HTML file with figures and a diagnosis."""
    from rich.console import Console

    from openracer.analysis.loading import load
    from openracer.analysis.report import report as report_of
    from openracer.analysis.study import study_of
    from openracer.atomic import write_text

    with Console(stderr=True).status(_("Reading …")) as status:
        recording = load(source)
        study, problem = study_of(recording, track)
        line = None
        if ideal and study is not None and study.track.closed:
            status.update(_("Looking for the fastest line …"))
            line = study.race_line()
        status.update(_("Drawing …"))
        text = report_of(recording, study, line, problem)
    write_text(output, text)
    if problem:
        typer.echo(typer.style(problem, fg=typer.colors.YELLOW), err=True)
    size = len(text.encode()) / 1e6
    typer.echo(_("The report is in {file} ({size:.1f} MB).").format(file=output, size=size))


@app.command(
    help=_("Replay a log through a reward function: what it would have paid, and what it would teach.")
)
def reward(
    source: Source,
    function: Annotated[Path, typer.Argument(help=_("File with the reward function."))],
    track: TrackName = None,
    as_json: AsJson = False,
) -> None:
    """Replay a log through a reward function: what it would have paid, and what it would teach."""
    from openracer.analysis.episodes import episode_table
    from openracer.analysis.loading import load
    from openracer.analysis.reward_workshop import judge, replay_rewards
    from openracer.analysis.study import Study
    from openracer.formats.documents import read_text

    recording = load(source)
    study = Study(recording, recording.track(track))
    rewards = replay_rewards(study.placed, study.track, read_text(function))
    episodes = episode_table(study.placed.assign(new_reward=rewards))
    findings = judge(study.placed, rewards)
    if as_json:
        told = {
            "steps": len(rewards),
            "mean_reward": round(float(rewards.mean()), 6) if len(rewards) else None,
            "episodes": [
                {"episode": int(row.unique_episode), "reward": row.reward, "new_reward": row.new_reward}
                for row in episodes.itertuples()
            ],
            "findings": [
                {"code": found.code, "weight": found.weight.value, "text": found.text} for found in findings
            ],
        }
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    words = _("{steps:,} steps replayed; an episode earns {new:.2f} on average, in the log {old:.2f}.")
    typer.echo(
        words.format(steps=len(rewards), new=episodes["new_reward"].mean(), old=episodes["reward"].mean())
    )
    _print_findings(findings)


@app.command(
    help=_("Show what a model sees: its choices in camera frames, and where in them they come from.")
)
def sight(
    name: Annotated[str, typer.Argument(help=_("Name or folder of one of your models."))],
    checkpoint: Annotated[str, typer.Option(help=_("best, last, or the number of an iteration."))] = "best",
    frames: Annotated[
        str | None,
        typer.Option(
            help=_("A folder of pictures, or a log whose frames to render; default: the model's own drives.")
        ),
    ] = None,
    episode: Annotated[
        int | None,
        typer.Option(help=_("Number of the training's episode to look at; default: the best drive.")),
    ] = None,
    track: TrackName = None,
    output: Annotated[Path, typer.Option("--output", "-o", help=_("The file to write."))] = Path(
        "sight.html"
    ),
) -> None:
    """Show what a model sees: its choices in camera frames, and where in them they come from."""
    from rich.console import Console
    from rich.progress import Progress

    from openracer.analysis.sight.look import find_pictures, see
    from openracer.analysis.sight.report import sight_report, verdicts
    from openracer.atomic import write_text
    from openracer.models.library import open_model

    folder = open_model(name)
    folder.checkpoints.find(checkpoint)
    pictures = find_pictures(frames or str(folder.path), track, episode)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(_("Looking …"), total=1.0)
        found = see(
            folder, checkpoint, pictures, on_progress=lambda share: progress.update(task, completed=share)
        )
    text = sight_report(folder.name, found)
    write_text(output, text)
    for sentence in verdicts(found):
        typer.echo(sentence)
    size = len(text.encode()) / 1e6
    typer.echo(
        _("What {model} sees is in {file} ({size:.1f} MB).").format(model=folder.name, file=output, size=size)
    )


@app.command(help=_("Fetch the logs of simulations from AWS CloudWatch."))
def download(
    prefix: Annotated[
        str, typer.Argument(help=_("What the files' paths begin with, such as logs/deepracer-."))
    ],
    group: Annotated[str, typer.Option(help=_("Log group."))] = "/aws/robomaker/SimulationJobs",
    newer: Annotated[
        str | None, typer.Option("--not-older-than", help=_("Only streams with an event since then."))
    ] = None,
    older: Annotated[
        str | None, typer.Option("--older-than", help=_("Only streams without an event from then on."))
    ] = None,
    region: Annotated[str, typer.Option(help=_("AWS region."))] = "us-east-1",
) -> None:
    """Fetch the logs of simulations from AWS CloudWatch."""
    from datetime import UTC, datetime

    from openracer.analysis.cloudwatch import download_all_logs

    found = download_all_logs(prefix, group, newer, older, region=region)
    for path, _simulation, first, last in found:
        times = [
            datetime.fromtimestamp(stamp / 1e3, UTC).strftime("%Y-%m-%d %H:%M") for stamp in (first, last)
        ]
        typer.echo(f"{path}  {times[0]} – {times[1]}")
    if not found:
        typer.echo(_("No log stream matches."))
