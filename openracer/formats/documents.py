"""Reading JSON and YAML files as users have them, with one sentence for what is wrong."""

import json
from pathlib import Path
from typing import Any

import yaml

from openracer.formats.errors import FormatError
from openracer.language import gettext as _


class _PlainLoader(yaml.SafeLoader):
    """Reads YAML without aliases: a few lines of them can stand for more values than any memory holds."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Make one node of the document.

        Raises:
            yaml.composer.ComposerError: it is an alias.
        """
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            problem = _("the alias *{name} is not allowed; write the value out").format(name=event.anchor)
            raise yaml.composer.ComposerError(None, None, problem, event.start_mark)
        return super().compose_node(parent, index)


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, with or without a byte order mark.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: it is a folder, or not UTF-8 text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FileNotFoundError(_("there is no file {file}").format(file=path)) from None
    except IsADirectoryError:
        raise FormatError(_("{file} is a folder; a file is needed").format(file=path)) from None
    except UnicodeDecodeError:
        raise FormatError(_("{file} is not text in UTF-8").format(file=path.name)) from None


def read_json_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: it is not JSON, or not an object.
    """
    text = read_text(path)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(
            _("{file}: line {line} is not JSON ({problem})").format(
                file=path.name, line=error.lineno, problem=error.msg.lower()
            )
        ) from None
    except RecursionError:
        raise FormatError(_("{file} is nested too deeply to be read").format(file=path.name)) from None
    except ValueError as error:  # a number of thousands of digits
        raise FormatError(_("{file} cannot be read: {error}").format(file=path.name, error=error)) from None
    if not isinstance(value, dict):
        raise FormatError(
            _("{file} holds {kind}; it must hold an object in curly brackets").format(
                file=path.name, kind=kind_of(value)
            )
        )
    return value


def read_yaml_mapping(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; an empty file is an empty mapping.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: it is not YAML, or not a mapping with text keys.
    """
    text = read_text(path)
    try:
        value = yaml.load(text, _PlainLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or _("it cannot be read")
        if mark is None:
            message = _("{file} is not YAML ({problem})").format(file=path.name, problem=problem)
        else:
            message = _("{file}: line {line} is not YAML ({problem})").format(
                file=path.name, line=mark.line + 1, problem=problem
            )
        raise FormatError(message) from None
    except RecursionError:
        raise FormatError(_("{file} is nested too deeply to be read").format(file=path.name)) from None
    except ValueError as error:  # a number of thousands of digits, a date that no calendar has
        raise FormatError(_("{file} cannot be read: {error}").format(file=path.name, error=error)) from None
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise FormatError(_("{file} must hold lines like 'key: value'").format(file=path.name))
    return value


def kind_of(value: object) -> str:
    """What a JSON or YAML value is, in a reader's words."""
    if value is None:
        return _("nothing")
    if isinstance(value, bool):
        return _("true or false")
    if isinstance(value, int | float):
        return _("a number")
    if isinstance(value, str):
        return _("text")
    return _("a list") if isinstance(value, list | tuple) else _("an object")


def number(value: object, what: str) -> float:
    """A finite number that may have been written as text.

    Args:
        value: int, float, or text like ``"3e-4"``.
        what: how to call it in the error, for example ``model_metadata.json: speed of action 3``.

    Raises:
        FormatError: it is none.
    """
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            result = float(value)
        except (ValueError, OverflowError):
            result = float("nan")
        if abs(result) < float("inf"):
            return result
    raise FormatError(_("{what} is {value!r}; it must be a number").format(what=what, value=value))


def whole_number(value: object, what: str) -> int:
    """A whole number that may have been written as text or with a fraction of zero.

    Raises:
        FormatError: it is none.
    """
    try:
        result = number(value, what)
    except FormatError:
        result = 0.5
    if not result.is_integer():
        raise FormatError(_("{what} is {value!r}; it must be a whole number").format(what=what, value=value))
    return int(result)


def boolean(value: object, what: str) -> bool:
    """True or false, also where it was written as text, as in DeepRacer's YAML files.

    Raises:
        FormatError: it is neither.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise FormatError(_("{what} is {value!r}; it must be true or false").format(what=what, value=value))
