"""Readers of formats refuse or read whatever comes; `python -m benchmarks.fuzz` does so for longer."""

from benchmarks.fuzz import formats, fuzz


def test_no_mutilated_file_crashes_a_reader() -> None:
    counts = fuzz(inputs=1400, seed=1)
    assert set(counts) == set(formats())
    assert all(counter["refused"] > 0 for counter in counts.values())


def test_the_files_are_valid_before_they_are_mutilated() -> None:
    for content, read in formats().values():
        read(content)
