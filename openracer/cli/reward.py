"""``openracer reward``: the examples, and whether a reward function can be used."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openracer.language import gettext as _

if TYPE_CHECKING:
    from openracer.rewards.problems import Problem

app = typer.Typer(
    no_args_is_help=True, help=_("Reward functions: examples to start from, and a check of your own.")
)

_LINES_AROUND = 1
_PROBLEMS_FOUND = 2

AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON instead of text."))]


@app.command(help=_("List the reward functions that come with OpenRacer."))
def examples(as_json: AsJson = False) -> None:
    """List the reward functions that come with OpenRacer."""
    from openracer.rewards import examples as library

    if as_json:
        rows = [
            {
                "name": name,
                "description": library.description(name),
                "default": name == library.DEFAULT,
            }
            for name in library.names()
        ]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    from rich.table import Table

    from openracer.cli.screen import table_console

    table = Table(_("Name"), _("What it rewards"))
    for name in library.names():
        marked = _("{name} (default)").format(name=name) if name == library.DEFAULT else name
        table.add_row(marked, _(library.description(name)))
    table_console().print(table)


@app.command(help=_("Print the code of an example, ready to be saved to a file."))
def show(name: Annotated[str, typer.Argument(help=_("Name of an example."))]) -> None:
    """Print the code of an example, ready to be saved to a file."""
    from rich.console import Console

    from openracer.rewards import examples as library

    source = library.source(name)
    console = Console()
    if console.is_terminal:
        from rich.syntax import Syntax

        console.print(Syntax(source, "python", background_color="default"))
    else:
        typer.echo(source, nl=False)


@app.command(
    help=_(
        "Check a reward function: read it, then try it in a few situations on a track.\n\n"
        "The exit code is 0 if it can be used, and 2 if there are problems."
    )
)
def validate(
    file: Annotated[Path, typer.Argument(help=_("Python file with reward_function(params)."))],
    track: Annotated[str, typer.Option(help=_("Track on which the function is tried."))] = "reinvent_base",
    as_json: AsJson = False,
) -> None:
    """Check a reward function: read it, then try it in a few situations on a track.

    The exit code is 0 if it can be used, and 2 if there are problems.
    """
    from openracer.rewards.reading import read_file
    from openracer.rewards.validation import validate as find_problems
    from openracer.tracks.catalogue import find

    source = read_file(file)
    problems = find_problems(source, find(track))
    if as_json:
        rows = [{"kind": found.kind, "message": found.message, "line": found.line} for found in problems]
        report = {"file": str(file), "usable": not problems, "problems": rows}
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False))
    elif problems:
        for found in problems:
            typer.echo(_describe(file, source, found))
    else:
        typer.echo(_("{file}: this reward function can be used").format(file=file))
    if problems:
        raise typer.Exit(_PROBLEMS_FOUND)


def _describe(file: Path, source: str, problem: "Problem") -> str:
    """The problem with its place, and the lines of code around it, the line itself marked."""
    if problem.line is None:
        return f"{file}: {problem.kind}: {problem.message}\n"
    place = _("{file}, line {line}").format(file=file, line=problem.line)
    text = [f"{place}: {problem.kind}: {problem.message}"]
    lines = source.split("\n")  # splitlines() would also split at characters that Python sees no line end in
    first = max(problem.line - _LINES_AROUND, 1)
    last = min(problem.line + _LINES_AROUND, len(lines))
    for number in range(first, last + 1):
        code = lines[number - 1].expandtabs(4)
        mark = ">" if number == problem.line else " "
        text.append(f"  {mark} {number:4d} | {code}".rstrip())
        if number == problem.line and code.strip():
            indent = len(code) - len(code.lstrip())
            text.append(f"         | {' ' * indent}{'^' * len(code.strip())}")
    return "\n".join(text) + "\n"
