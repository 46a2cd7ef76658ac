"""JSON and YAML files of strangers: whatever is in them, they are read or refused in one sentence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openracer.formats.documents import read_json_object, read_yaml_mapping
from openracer.formats.errors import FormatError

BILLION_LAUGHS = "a: &a [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n" + "\n".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            BILLION_LAUGHS,
            r"stranger\.yaml: line 2 is not YAML \(the alias \*a is not allowed; write the value out\)",
        ),
        ("a: &a\n  b: *a", r"line 2 .*alias"),
        ("a: " + "9" * 5000, "cannot be read: Exceeds the limit"),
        ("a: 2026-99-99", "cannot be read: month must be in"),
        ("[" * 100_000, "nested too deeply"),
        ("1: 2", "must hold lines"),
        ("!!python/object/apply:os.system [ls]", "is not YAML"),
        ("a: \x00", "is not YAML"),
    ],
)
def test_a_yaml_file_that_is_a_trap_is_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "stranger.yaml"
    path.write_text(text)
    with pytest.raises(FormatError, match=message):
        read_yaml_mapping(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": ' + "9" * 5000 + "}", "cannot be read: Exceeds the limit"),
        ('{"a": ' + "[" * 100_000, "nested too deeply"),
        ("[1]", "holds a list"),
        ("", "line 1 is not JSON"),
    ],
)
def test_a_json_file_that_is_a_trap_is_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "stranger.json"
    path.write_text(text)
    with pytest.raises(FormatError, match=message):
        read_json_object(path)


@given(content=st.binary(max_size=60) | st.text("{}[]:,-&*!|>'\"\n #a1.", max_size=40).map(str.encode))
def test_no_content_causes_anything_but_one_sentence(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("documents") / "file"
    path.write_bytes(content)
    for read in (read_yaml_mapping, read_json_object):
        try:
            assert isinstance(read(path), dict)
        except FormatError as error:
            assert "\n" not in str(error)
