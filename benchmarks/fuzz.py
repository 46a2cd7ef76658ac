"""Hostile files: valid ones of every format are mutilated at random, and each reader must refuse or read them.

    python -m benchmarks.fuzz --inputs 100000 [--seed 0] [--json]

A reader that raises anything but :class:`openracer.formats.errors.FormatError` ends the run, and the input is kept.
"""

import argparse
import itertools
import json
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from openracer.formats.coach_variables import ACTION, CoachCheckpoint, networks_of, variables_of
from openracer.formats.errors import FormatError
from openracer.formats.graph_def import read_graph, write_graph
from openracer.formats.graph_reading import layers_of
from openracer.formats.graph_writing import nodes_of, sac_nodes_of
from openracer.formats.layers import Branch, Convolution, Dense, LayeredNetwork
from openracer.formats.onnx_model import read_onnx, write_onnx
from openracer.formats.sorted_table import read_table, write_table
from openracer.formats.tensor_bundle import DATA, INDEX, read_variables, write_bundle
from openracer.formats.tflite_reading import read_tflite
from openracer.formats.tflite_writing import write_tflite

MEMORY_LIMIT = 6 << 30
"""Bytes of addresses that the whole process may have: a reader that asks for more crashes."""

Read = Callable[[bytes], object]


def small_network(outputs: int = 5) -> LayeredNetwork:
    """DeepRacer's shallow network with two filters in each convolution, so that a file has 15 kB."""
    rng = np.random.default_rng(0)

    def values(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    layers = [
        Convolution(values(size, size, channels, 2), values(2), stride, True)
        for size, channels, stride in ((8, 1, 4), (4, 2, 2), (3, 2, 1))
    ]
    branch = Branch("FRONT_FACING_CAMERA", (120, 160, 1), 1 / 255, tuple(layers))
    dense = Dense(values(352, 8), values(8), True), Dense(values(8, outputs), values(outputs))
    return LayeredNetwork((branch,), dense, "softmax")


def small_sac() -> CoachCheckpoint:
    """Policy and critics of SAC on the same sensors."""
    [branch] = small_network().branches
    rng = np.random.default_rng(1)

    def dense(*widths: int) -> tuple[Dense, ...]:
        return tuple(
            Dense(rng.standard_normal((before, after)).astype(np.float32), np.zeros(after, np.float32), True)
            for before, after in itertools.pairwise(widths)
        )

    action = Branch(ACTION, (2,), 1.0, ())
    twins = tuple(LayeredNetwork((branch, action), dense(354, 4, 4, 1), "linear") for _twin in range(2))
    policy = LayeredNetwork((branch,), dense(352, 8, 4, 2), "tanh")
    critic = LayeredNetwork((branch,), dense(352, 8, 1), "linear")
    return CoachCheckpoint(policy, critic, spread=dense(4, 2)[0], twins=twins)


def written(checkpoint: CoachCheckpoint) -> tuple[bytes, bytes]:
    """Index and values of a checkpoint."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "0_Step-0.ckpt"
        write_bundle(path, variables_of(checkpoint))
        return path.with_name(path.name + INDEX).read_bytes(), path.with_name(path.name + DATA).read_bytes()


def formats() -> dict[str, tuple[bytes, Read]]:
    """A valid file and its reader for every format."""
    network, sac = small_network(), small_sac()
    index, data = written(CoachCheckpoint(network, small_network(1)))
    sac_index, sac_data = written(sac)
    return {
        "frozen graph": (write_graph(nodes_of(network)), lambda content: layers_of(read_graph(content))),
        "frozen graph of SAC": (
            write_graph(sac_nodes_of(sac.policy)),
            lambda content: layers_of(read_graph(content)),
        ),
        "SAC checkpoint, entries": (
            sac_index,
            lambda content: networks_of(read_variables(content, memoryview(sac_data))),
        ),
        "SAC checkpoint, values": (
            sac_data,
            lambda content: networks_of(read_variables(sac_index, memoryview(content))),
        ),
        "ONNX": (write_onnx(network), read_onnx),
        "TFLite": (write_tflite(network), read_tflite),
        "TFLite, float16": (write_tflite(network, halved=True), read_tflite),
        "checkpoint, entries": (
            index,
            lambda content: networks_of(read_variables(content, memoryview(data))),
        ),
        "checkpoint, index": (index, lambda content: networks_of(read_variables(content, memoryview(data)))),
        "checkpoint, values": (data, lambda content: networks_of(read_variables(index, memoryview(content)))),
    }


def mutilated(content: bytes, rng: random.Random) -> bytes:
    """The content with some bytes changed, cut out, doubled, or set to numbers that lengths should not be."""
    out = bytearray(content)
    for _change in range(rng.choice((1, 1, 2, 4, 16))):
        at = rng.randrange(len(out)) if out else 0
        # Structure is at the beginning and at the end; between lie values, which matter less.
        if rng.random() < 0.7:
            at = rng.choice((at % 600, max(len(out) - 1 - at % 3000, 0))) if out else 0
        kind = rng.randrange(6)
        if kind == 0:
            out[at : at + 1] = bytes([rng.randrange(256)])
        elif kind == 1:
            del out[at : at + rng.choice((1, 2, 7, 100, len(out)))]
        elif kind == 2:
            out[at:at] = out[at : at + rng.choice((1, 8, 200))]
        elif kind == 3:
            out[at : at + 4] = rng.choice(
                (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\0\0\0\x80")
            )
        elif kind == 4:
            out[at : at + 5] = b"\xff\xff\xff\xff\x0f"
        else:
            out[at : at + 1] = bytes([(out[at] if at < len(out) else 0) ^ 1 << rng.randrange(8)])
    return bytes(out)


def with_mutilated_entry(index: bytes, rng: random.Random) -> bytes:
    """An index one of whose entries is mutilated, its checksums made right again: a deliberate attack."""
    entries = {key: bytes(value) for key, value in read_table(index).items()}
    victim = rng.choice(sorted(entries))
    entries[victim] = mutilated(entries[victim], rng)
    return write_table(entries)


def fuzz(inputs: int, seed: int) -> dict[str, Counter[str]]:
    """Feed readers with mutilated files, in turns.

    Returns:
        For each format, how many were read and how many refused.

    Raises:
        AssertionError: a reader raised something else than a FormatError; the text names the kept input.
    """
    rng, counts = random.Random(seed), {}
    known = formats()
    for number in range(inputs):
        name = list(known)[number % len(known)]
        valid, read = known[name]
        content = (with_mutilated_entry if name.endswith(", entries") else mutilated)(valid, rng)
        counter = counts.setdefault(name, Counter())
        try:
            read(content)
            counter["read"] += 1
        except FormatError:
            counter["refused"] += 1
        except BaseException as error:
            kept = Path(tempfile.gettempdir()) / f"fuzz-{name.replace(', ', '-').replace(' ', '-')}-{number}"
            kept.write_bytes(content)
            raise AssertionError(f"the reader of {name} raised {error!r}; the input is {kept}") from error
    return counts


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    began = time.monotonic()
    counts = fuzz(arguments.inputs, arguments.seed)
    seconds = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    if arguments.json:
        json.dump({"seconds": seconds, "peak_mb": peak, "formats": counts}, sys.stdout)
        return
    print(f"{'format':26}{'read':>10}{'refused':>10}")
    for name, counter in counts.items():
        print(f"{name:26}{counter['read']:>10}{counter['refused']:>10}")
    print(f"{arguments.inputs} inputs in {seconds:.0f} s, no crash; at most {peak} MB of memory")


if __name__ == "__main__":
    main()
