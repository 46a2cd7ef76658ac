"""A nice process takes its session along to the background; one that is not leaves it where it is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

AUTOGROUP = Path("/proc/self/autogroup")
CODE = """import os, sys, pathlib
from openracer.runs.background_session import stay_in_background
os.nice(int(sys.argv[1]))
stay_in_background()
print(pathlib.Path("/proc/self/autogroup").read_text().split()[-1])
"""


@pytest.mark.skipif(
    not AUTOGROUP.is_file(), reason="this kernel shares no time among sessions (no autogroups)"
)
@pytest.mark.parametrize("niceness", [0, 10])
def test_the_session_is_as_nice_as_the_process(niceness):
    expected = os.nice(0) + niceness
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(niceness)],
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    assert int(done.stdout) == expected
