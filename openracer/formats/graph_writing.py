"""A network as the frozen graph that DeepRacer's cars load: the nodes of TensorFlow 1.11, under clipped-PPO names.

Cars of all kinds have digested exactly these nodes for years, so every network is told in them: other algorithms and
our own small network too. The car's software asks for the names of input and output
(aws-deepracer/aws-deepracer-inference-pkg; aws-deepracer-community/deepracer-custom-car).
"""

from collections.abc import Iterator, Sequence

import numpy as np

from openracer.formats.coach_networks import RESCALER
from openracer.formats.graph_def import Attribute, Node, Shape, Type
from openracer.formats.layers import Branch, Convolution, Dense, Layer, LayeredNetwork
from openracer.formats.tensors import FLOAT, INT32, Array

AGENT = "main_level/agent/main/online/"
POLICY = f"{AGENT}network_1"
SAC_POLICY = "main_level/agent/policy/online/network_0"
OUTPUT = f"{POLICY}/ppo_head_0/policy"

_FLOAT = Type(FLOAT)
_INT = Type(INT32)
_ENDINGS = {"softmax": "Softmax", "tanh": "Tanh", "linear": "Identity"}


def input_name(sensor: str) -> str:
    """Name of a sensor's input; it belongs to the network of values, which is not in a frozen graph."""
    return f"{AGENT}network_0/{sensor}/{sensor}"


def head_name(network: LayeredNetwork) -> str:
    """Name of the last layer, by the kind of actions."""
    return "policy_fc" if network.ending == "softmax" else "policy_mean"


def nodes_of(network: LayeredNetwork) -> list[Node]:
    """The nodes of a frozen graph; 62 for the network that AWS trains by default."""
    nodes = _features(network, network.layers[:-1], POLICY, f"{AGENT}network_0", "ppo_head_0")
    nodes += _layer(network.layers[-1], f"{POLICY}/ppo_head_0/{head_name(network)}", nodes[-1].name)
    nodes.append(Node(OUTPUT, _ENDINGS[network.ending], (nodes[-1].name,), {"T": _FLOAT}))
    return nodes


def sac_nodes_of(network: LayeredNetwork) -> list[Node]:
    """The nodes of a policy of SAC as AWS freezes it: under SAC's own names, and without the tanh at its end."""
    *middle, hidden, mean = network.layers
    head = f"{SAC_POLICY}/sac_policy_head_0"
    nodes = _features(network, middle, SAC_POLICY, SAC_POLICY, "sac_policy_head_0")
    nodes += _layer(hidden, f"{head}/dense", nodes[-1].name)
    nodes.append(Node(f"{head}/dense/Relu", "Relu", (nodes[-1].name,), {"T": _FLOAT}))
    nodes += _layer(mean, f"{head}/policy_mean", nodes[-1].name)
    nodes.append(Node(f"{head}/policy", "Identity", (nodes[-1].name,), {"T": _FLOAT}))
    return nodes


def _features(
    network: LayeredNetwork, middle: Sequence[Dense], policy: str, source: str, head: str
) -> list[Node]:
    """The nodes from the sensors to what the head's layers see.

    Args:
        network: its branches.
        middle: dense layers on what comes from all sensors.
        policy: scope of the policy.
        source: scope of the inputs.
        head: name of the head.
    """
    nodes: list[Node] = []
    features = []
    for branch in network.branches:
        nodes += _branch(branch, policy, source)
        features.append(nodes[-1].name)
    joined = features[0]
    if len(features) > 1:
        axis = _constant(f"{policy}/concat/axis", np.int32(1))
        attributes: dict[str, Attribute] = {"N": len(features), "T": _FLOAT, "Tidx": _INT}
        nodes += [axis, Node(f"{policy}/concat", "ConcatV2", (*features, axis.name), attributes)]
        joined = nodes[-1].name
    for index, layer in enumerate(middle):
        scope = f"{policy}/middleware_fc_embedder"
        nodes += _layer(layer, f"{scope}/Dense_{2 * index}", joined)
        if layer.relu:
            name = f"{scope}/BatchnormActivationDropout_{2 * index + 1}_activation"
            nodes.append(Node(name, "Relu", (nodes[-1].name,), {"T": _FLOAT}))
        joined = nodes[-1].name
    nodes += _rescaled(joined, policy, head)
    return nodes


def _branch(branch: Branch, policy: str, source: str) -> Iterator[Node]:
    scope = f"{policy}/{branch.sensor}"
    seen = Node(
        f"{source}/{branch.sensor}/{branch.sensor}",
        "Placeholder",
        (),
        {"dtype": _FLOAT, "shape": Shape((-1, *branch.shape))},
    )
    yield seen
    last = seen.name
    if branch.factor != 1.0:
        divisor = _constant(f"{scope}/truediv/y", np.float32(1.0 / branch.factor))
        yield divisor
        yield Node(f"{scope}/truediv", "RealDiv", (last, divisor.name), {"T": _FLOAT})
        offset = _constant(f"{scope}/sub/y", np.float32(0.0))
        yield offset
        last = f"{scope}/sub"
        yield Node(last, "Sub", (f"{scope}/truediv", offset.name), {"T": _FLOAT})
    for index, layer in enumerate(branch.layers):
        kind = "Conv2d" if isinstance(layer, Convolution) else "Dense"
        for node in _layer(layer, f"{scope}/{kind}_{2 * index}", last, is_map=len(branch.shape) == 3):
            yield node
            last = node.name
        if layer.relu:
            name = f"{scope}/BatchnormActivationDropout_{2 * index + 1}_activation"
            yield Node(name, "Relu", (last,), {"T": _FLOAT})
            last = name
    yield from _flatten(f"{scope}/Flatten/flatten", last)


def _layer(layer: Layer, scope: str, source: str, is_map: bool = False) -> Iterator[Node]:
    weight = layer.kernel if isinstance(layer, Convolution) else layer.weight
    if is_map and isinstance(layer, Dense):
        weight = weight[np.newaxis, np.newaxis]  # a matrix on every pixel is a convolution of one pixel
    kernel, bias = f"{scope}/kernel", f"{scope}/bias"
    yield _constant(kernel, weight)
    yield Node(f"{kernel}/read", "Identity", (kernel,), {"T": _FLOAT})
    yield _constant(bias, layer.bias)
    yield Node(f"{bias}/read", "Identity", (bias,), {"T": _FLOAT})
    if weight.ndim == 4:
        stride = layer.stride if isinstance(layer, Convolution) else 1
        product = f"{scope}/Conv2D"
        settings: dict[str, Attribute] = {
            "T": _FLOAT,
            "data_format": "NHWC",
            "dilations": (1, 1, 1, 1),
            "padding": "VALID",
            "strides": (1, stride, stride, 1),
            "use_cudnn_on_gpu": True,
        }
        yield Node(product, "Conv2D", (source, f"{kernel}/read"), settings)
    else:
        product = f"{scope}/MatMul"
        settings = {"T": _FLOAT, "transpose_a": False, "transpose_b": False}
        yield Node(product, "MatMul", (source, f"{kernel}/read"), settings)
    settings = {"T": _FLOAT, "data_format": "NHWC"}
    yield Node(f"{scope}/BiasAdd", "BiasAdd", (product, f"{bias}/read"), settings)


def _flatten(scope: str, source: str) -> Iterator[Node]:
    yield Node(f"{scope}/Shape", "Shape", (source,), {"T": _FLOAT, "out_type": _INT})
    yield from _first(f"{scope}/strided_slice", f"{scope}/Shape", _INT)
    yield _constant(f"{scope}/Reshape/shape/1", np.int32(-1))
    sizes = (f"{scope}/strided_slice", f"{scope}/Reshape/shape/1")
    yield Node(f"{scope}/Reshape/shape", "Pack", sizes, {"N": 2, "T": _INT, "axis": 0})
    yield Node(
        f"{scope}/Reshape", "Reshape", (source, f"{scope}/Reshape/shape"), {"T": _FLOAT, "Tshape": _INT}
    )


def _rescaled(source: str, policy: str, head: str) -> Iterator[Node]:
    """What training does to gradients: (1 - r) h + r h with r = 1, which is h."""
    rescaler = f"{policy}/{RESCALER}"
    yield _constant(rescaler, np.float32(1.0))
    yield Node(f"{rescaler}/read", "Identity", (rescaler,), {"T": _FLOAT})
    yield _constant(f"{policy}/sub/x", np.float32(1.0))
    yield Node(f"{policy}/sub", "Sub", (f"{policy}/sub/x", f"{rescaler}/read"), {"T": _FLOAT})
    pack: dict[str, Attribute] = {"N": 1, "T": _FLOAT, "axis": 0}
    yield Node(f"{policy}/StopGradient/input", "Pack", (source,), pack)
    yield Node(f"{policy}/StopGradient", "StopGradient", (f"{policy}/StopGradient/input",), {"T": _FLOAT})
    yield Node(f"{policy}/mul", "Mul", (f"{policy}/sub", f"{policy}/StopGradient"), {"T": _FLOAT})
    yield Node(f"{policy}/mul_1/y", "Pack", (source,), pack)
    yield Node(f"{policy}/mul_1", "Mul", (f"{rescaler}/read", f"{policy}/mul_1/y"), {"T": _FLOAT})
    yield Node(f"{policy}/add", "Add", (f"{policy}/mul", f"{policy}/mul_1"), {"T": _FLOAT})
    yield from _first(f"{policy}/{head}/strided_slice", f"{policy}/add", _FLOAT)


def _first(name: str, source: str, kind: Type) -> Iterator[Node]:
    """The first entry along the first axis."""
    ends = {"stack": 0, "stack_1": 1, "stack_2": 1}
    for end, value in ends.items():
        yield _constant(f"{name}/{end}", np.array([value], np.int32))
    masks: dict[str, Attribute] = {"shrink_axis_mask": 1, "Index": _INT, "T": kind}
    masks |= {f"{mask}_mask": 0 for mask in ("begin", "end", "ellipsis", "new_axis")}
    yield Node(name, "StridedSlice", (source, *(f"{name}/{end}" for end in ends)), masks)


def _constant(name: str, value: Array | np.float32 | np.int32) -> Node:
    array = np.asarray(value)
    kind = _INT if array.dtype == np.int32 else _FLOAT
    return Node(name, "Const", (), {"dtype": kind, "value": array})
