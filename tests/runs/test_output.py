"""What user code prints is kept up to a limit."""

import contextlib
import io
import sys

from openracer.runs.output import LimitedOutput


def test_what_is_printed_beyond_the_limit_is_dropped_and_that_is_said_once():
    kept = io.StringIO()
    with contextlib.redirect_stdout(LimitedOutput(kept, 10)):
        for number in range(10_000):
            sys.stdout.write(f"{number} 한글\n")
    assert kept.getvalue() == "0 한글\n1 한글\n\n... what is printed from here on is not kept.\n"


def test_one_endless_line_is_cut():
    kept = io.StringIO()
    assert LimitedOutput(kept, 3).write("x" * 1000) == 1000
    assert kept.getvalue().splitlines()[0] == "xxx"
