"""The first thing a confined process does: ``python -P -m openracer.service.confinement.enter POLICY MODULE …``.

It shuts the doors behind itself and then runs the module as ``python -m`` would.
"""

import os
import runpy
import sys
from pathlib import Path

from openracer.service.confinement import kernel, landlock, limits, seccomp, user
from openracer.service.confinement.layers import Layer
from openracer.service.confinement.policy import Policy


def shut_the_doors(policy: Policy) -> None:
    """Confine this process for ever.

    Raises:
        OSError: the system refuses; nothing of the user's may then be run.
        RuntimeError: other threads run already, which would stay outside.
    """
    if len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208
        raise RuntimeError("threads were started before the process was confined")
    limits.confine(policy.memory, policy.processor_s)
    if policy.user is not None:
        user.become(policy.user, policy.paths, Layer.FILES in policy.layers)
    else:
        user.renounce_powers(Layer.FILES in policy.layers)
    kernel.renounce_privileges()
    if Layer.FILES in policy.layers:
        landlock.confine(map(Path, policy.readable), map(Path, policy.writable))
    if Layer.CALLS in policy.layers:
        seccomp.confine()


def main() -> None:
    """Shut the doors and run the module."""
    policy, module = Policy.from_json(sys.argv[1]), sys.argv[2]
    shut_the_doors(policy)
    if policy.kernels:
        from openracer.service.confinement.kernel_cache import use_read_only

        use_read_only()
    sys.argv = sys.argv[2:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
