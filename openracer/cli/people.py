"""``openracer people``: the accounts of a console that many use."""

from typing import TYPE_CHECKING, Annotated

import typer

from openracer.language import gettext as _

if TYPE_CHECKING:
    from openracer.service.people import People

app = typer.Typer(no_args_is_help=True)


@app.command("add", help=_("Make an account; the password is asked for."))
def add(
    name: Annotated[str, typer.Argument(help=_("Name for signing in."))],
    password: Annotated[
        str,
        typer.Option(
            prompt=_("Password"),
            hide_input=True,
            confirmation_prompt=True,
            help=_("Asked for if not given."),
        ),
    ],
    role: Annotated[str, typer.Option(help=_("administrator, organiser or racer."))] = "racer",
) -> None:
    """Make an account."""
    from openracer.service.accounts import Role

    if role not in tuple(Role):
        raise ValueError(
            _("the role is {role!r}; it must be one of {roles}").format(role=role, roles=", ".join(Role))
        )
    person = _people().accounts.add(name, Role(role), password)
    typer.echo(_("{name} can sign in now.").format(name=person.name))


@app.command("list", help=_("Show all accounts."))
def show() -> None:
    """Show all accounts."""
    for person in _people().accounts.people():
        disabled = _("disabled") if person.is_disabled else ""
        typer.echo(f"{person.name:30} {person.alias:30} {person.role:14} {disabled}".rstrip())


@app.command("link", help=_("Print the address with which somebody chooses a new password."))
def link(
    name: Annotated[str, typer.Argument(help=_("Name for signing in."))],
    url: Annotated[str, typer.Option(help=_("Address of the console."))] = "http://127.0.0.1:8000",
) -> None:
    """Print a link for a password."""
    people = _people()
    secret = people.invitations.make_for(people.accounts.find(name))
    typer.echo(f"{url.rstrip('/')}/invitation/{secret}")


def _people() -> "People":
    from openracer import locations
    from openracer.service.database import Database
    from openracer.service.people import People

    database = Database(locations.console_folder())
    database.upgrade()
    return People.of(database)
