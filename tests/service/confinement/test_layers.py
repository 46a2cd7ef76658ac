"""What a system has to confine code with: no more is said than is there."""

import subprocess
import sys

import pytest

from openracer.service.confinement.layers import Layer, available
from openracer.service.confinement.user import _is_mapped

WITHOUT_POWERS = """
from openracer.service.confinement.kernel import set_capabilities
set_capabilities(0)
from openracer.service.confinement.layers import available
print(*available())
"""


def test_root_without_roots_powers_as_in_many_containers_runs_code_as_nobody_else():
    told = subprocess.run([sys.executable, "-c", WITHOUT_POWERS], capture_output=True, text=True, check=True)
    assert told.stdout.split() == [layer for layer in available() if layer is not Layer.USER]


@pytest.mark.parametrize(
    ("table", "mapped"),
    [
        ("         0          0 4294967295\n", True),
        ("         0       1000          1\n", False),
        ("         0     100000      65536\n", True),
        ("         0     100000      65000\n", False),
        ("0 1000 1\n61184 200000 4336\n", True),
        ("", False),
    ],
)
def test_a_container_has_our_users_if_it_has_their_numbers(table, mapped):
    assert _is_mapped(table) is mapped
