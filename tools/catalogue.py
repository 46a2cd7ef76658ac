"""The message catalogues of openracer/locale: collect the messages of the code, update the translations, compile them.

After a change of messages::

    python -m tools.catalogue update     # new messages into the .po files, obsolete ones out
    python -m tools.catalogue compile    # after translating: .mo files from .po files

The tests fail while code, .po and .mo disagree. A new language begins as an entry in ``openracer.language.LANGUAGES``;
``update`` then makes its .po file.
"""

import argparse
import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from openracer.language import LANGUAGES
from openracer.models.ranges import RULES, Interval
from openracer.rewards import examples
from openracer.simulation.status import Status

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = tuple(language for language in LANGUAGES if language != "en")

_HEADER = "# {language} words of OpenRacer, Apache-2.0 as the rest of it.\n#"


def po_file(language: str) -> Path:
    """Where a language is translated."""
    return ROOT / "openracer" / "locale" / language / "LC_MESSAGES" / "openracer.po"


def mo_file(language: str) -> Path:
    """What the program loads."""
    return po_file(language).with_suffix(".mo")


def said_at_run_time() -> Iterator[tuple[str, str]]:
    """Messages that are not written as ``_("…")``, with the files they come from."""
    for status in Status:
        yield status.title, "openracer/simulation/status.py"
    for name in examples.names():
        yield examples.description(name), f"openracer/rewards/examples/{name}.py"
    for path in sorted((ROOT / "openracer" / "tracks" / "builtin").glob("*.yaml")):
        description = yaml.safe_load(path.read_text("utf-8"))["description"]
        yield description, path.relative_to(ROOT).as_posix()
    for rule in RULES.values():
        if isinstance(rule.own, Interval) and rule.own.unit:
            yield rule.own.unit, "openracer/models/ranges.py"


def written_in_code() -> Iterator[tuple[str, str]]:
    """Messages written as ``_("…")``, inside f-strings too, with the files they stand in."""
    for path in sorted((ROOT / "openracer").rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda call: call.lineno):
            is_message = isinstance(call.func, ast.Name) and call.func.id == "_"
            if is_message and isinstance(call.args[0], ast.Constant):
                yield call.args[0].value, path.relative_to(ROOT).as_posix()


def template() -> Catalog:
    """All messages of the code, none translated."""
    catalogue = Catalog()
    for message, file in (*written_in_code(), *said_at_run_time()):
        catalogue.add(message, locations=[(file, 0)])
    for message in catalogue:
        # A percent sign in a message is a percent sign: placeholders are those of str.format.
        message.flags.discard("python-format")
    return catalogue


def read(language: str) -> Catalog:
    """The translations of a language as they stand in its .po file."""
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language)


def read_compiled(language: str) -> Catalog:
    """The translations of a language as they stand in its .mo file."""
    with mo_file(language).open("rb") as file:
        return read_mo(file)


def update(language: str) -> int:
    """Bring a .po file up to the code, keeping its translations.

    Args:
        language: one of :data:`TRANSLATIONS`; its file is made if it is missing.

    Returns:
        How many messages wait for a translation.
    """
    path = po_file(language)
    if path.is_file():
        catalogue = read(language)
    else:
        header = _HEADER.format(language=language)
        catalogue = Catalog(
            language,
            project="OpenRacer",
            header_comment=header,
            msgid_bugs_address="",
            last_translator="The OpenRacer developers",
            language_team=language,
            fuzzy=False,
        )
    current = template()
    current.creation_date = catalogue.creation_date  # so that a run without changes changes nothing
    catalogue.update(current, no_fuzzy_matching=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, ignore_obsolete=True, include_lineno=False, sort_by_file=True)
    return sum(not message.string for message in catalogue if message.id)


def compile_language(language: str) -> None:
    """Make the .mo file from the .po file."""
    with mo_file(language).open("wb") as file:
        write_mo(file, read(language))


def main() -> None:
    """Do what the command line says, for every language."""
    parser = argparse.ArgumentParser(description="Keep the message catalogues in step with the code.")
    parser.add_argument("command", choices=("update", "compile"))
    command = parser.parse_args().command
    for language in TRANSLATIONS:
        if command == "update":
            sys.stdout.write(f"{language}: {update(language)} messages wait for a translation\n")
        else:
            compile_language(language)


if __name__ == "__main__":
    main()
