"""The wire format of Protocol Buffers."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openracer.formats import protobuf
from openracer.formats.errors import FormatError


@given(st.integers(1, 500), st.integers(-(2**63), 2**63 - 1))
def test_numbers_come_back_with_their_sign(field: int, value: int) -> None:
    [(number, read)] = protobuf.read_fields(memoryview(protobuf.number_field(field, value)))
    assert (number, protobuf.as_int(read)) == (field, value)


@given(st.lists(st.tuples(st.integers(1, 500), st.binary(max_size=300))))
def test_bytes_come_back_in_their_order(fields: list[tuple[int, bytes]]) -> None:
    message = b"".join(protobuf.bytes_field(number, value) for number, value in fields)
    assert [(n, bytes(v)) for n, v in protobuf.read_fields(memoryview(message))] == fields


def test_the_encoding_is_the_documented_one() -> None:
    # Examples of protobuf.dev/programming-guides/encoding.
    assert protobuf.number_field(1, 150) == bytes.fromhex("089601")
    assert protobuf.bytes_field(2, "testing") == bytes.fromhex("120774657374696e67")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(FormatError):
        list(protobuf.read_fields(memoryview(content)))


def test_a_message_cut_short_is_refused() -> None:
    whole = protobuf.bytes_field(1, b"abcdef")
    for end in range(1, len(whole)):
        with pytest.raises(FormatError):
            list(protobuf.read_fields(memoryview(whole[:end])))
