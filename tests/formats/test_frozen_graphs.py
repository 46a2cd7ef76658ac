"""Frozen graphs: AWS's own is understood and imitated node for node, others are read by what they compute."""

import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch

from openracer.agents.layered import outputs_of
from openracer.formats import protobuf
from openracer.formats.errors import FormatError
from openracer.formats.graph_def import Node, Shape, Type, read_graph, write_graph, write_node
from openracer.formats.graph_reading import layers_of
from openracer.formats.graph_writing import OUTPUT, input_name, nodes_of
from openracer.formats.layers import LayeredNetwork
from tests.formats.networks import NETWORKS, network, observations


@pytest.fixture(scope="module")
def aws_graph(real_data: Path) -> bytes:
    with tarfile.open(real_data / "models" / "frozen-graph-random-weights.tar.gz") as archive:
        member = archive.extractfile("agent/model.pb")
        assert member is not None
        return member.read()


def test_our_output_of_the_real_graph_is_tensorflows(aws_graph: bytes, real_data: Path) -> None:
    frames = torch.from_numpy(np.load(real_data / "models" / "frozen-graph-input.npy"))
    expected = np.load(real_data / "models" / "frozen-graph-expected-output.npy")
    network = layers_of(read_graph(aws_graph))
    assert np.abs(outputs_of(network, {"FRONT_FACING_CAMERA": frames}).numpy() - expected).max() < 1e-5


def test_we_write_the_real_graph_node_for_node(aws_graph: bytes) -> None:
    real = read_graph(aws_graph)
    ours = read_graph(write_graph(nodes_of(layers_of(real))))
    assert len(ours) == 62
    assert [(n.name, n.op, n.inputs) for n in ours.values()] == [
        (n.name, n.op, n.inputs) for n in real.values()
    ]
    for name, node in ours.items():
        for key, value in node.attributes.items():
            theirs = real[name].attributes[key]
            assert np.array_equal(value, theirs) if isinstance(value, np.ndarray) else value == theirs


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_comes_back_as_it_went(name: str) -> None:
    there = NETWORKS[name]
    content = write_graph(nodes_of(there))
    assert content == write_graph(nodes_of(there))
    seen = observations(there)
    back = layers_of(read_graph(content))
    torch.testing.assert_close(outputs_of(back, seen), outputs_of(there, seen), rtol=0, atol=0)


def test_a_per_pixel_layer_written_by_new_simulators_is_understood() -> None:
    """Keras multiplies a map by a matrix through reshapes; biases are added after a Reshape and a Squeeze."""
    deep = NETWORKS["deep"]
    nodes = {node.name: node for node in nodes_of(deep)}
    scope = f"{OUTPUT.removesuffix('/ppo_head_0/policy')}/FRONT_FACING_CAMERA/Dense_8"
    kernel = nodes[f"{scope}/kernel"].attributes["value"]
    assert isinstance(kernel, np.ndarray)
    before = nodes[f"{scope}/Conv2D"].inputs[0]
    height, width, outputs = 25, 35, kernel.shape[3]
    for node in (
        _constant("matrix", kernel[0, 0]),
        _constant("rows", np.array([-1, kernel.shape[2]], np.int32)),
        Node("flat", "Reshape", (before, "rows")),
        Node("product", "MatMul", ("flat", "matrix")),
        Node("size", "Shape", (before,)),
        _constant("leading", np.array([0, 1, 2], np.int32)),
        _constant("axis", np.array(0, np.int32)),
        Node("sizes", "GatherV2", ("size", "leading", "axis")),
        _constant("depth", np.array([outputs], np.int32)),
        Node("target", "ConcatV2", ("sizes", "depth", "axis")),
        Node(f"{scope}/Conv2D", "Reshape", ("product", "target")),
    ):
        nodes[node.name] = node
    bias = nodes[f"{scope}/bias"].attributes["value"]
    assert isinstance(bias, np.ndarray)
    nodes["wide"] = _constant("wide", bias.reshape(1, 1, 1, -1))
    nodes[f"{scope}/BiasAdd"] = Node(f"{scope}/BiasAdd", "AddV2", (f"{scope}/Conv2D", "wide"))
    back = layers_of(read_graph(write_graph(nodes.values())))
    assert (height * width * outputs, 32) == back.layers[0].weight.shape
    seen = observations(deep)
    torch.testing.assert_close(outputs_of(back, seen), outputs_of(deep, seen), rtol=0, atol=1e-6)


def test_a_graph_for_one_observation_at_a_time_is_understood() -> None:
    """As a car's converter makes it: constants instead of the batch's size."""
    shallow = NETWORKS["shallow"]
    nodes = {node.name: node for node in nodes_of(shallow)}
    [reshape] = [node for node in nodes.values() if node.op == "Reshape"]
    nodes[reshape.inputs[1]] = _constant(reshape.inputs[1], np.array([1, -1], np.int32))
    seen = observations(shallow)
    back = layers_of(read_graph(write_graph(nodes.values())))
    torch.testing.assert_close(outputs_of(back, seen), outputs_of(shallow, seen), rtol=0, atol=0)


def _constant(name: str, value: np.ndarray) -> Node:
    return Node(name, "Const", (), {"dtype": Type(3 if value.dtype == np.int32 else 1), "value": value})


def _shallow() -> dict[str, Node]:
    return {node.name: node for node in nodes_of(NETWORKS["shallow"])}


def _refused(nodes: dict[str, Node], words: str) -> None:
    with pytest.raises(FormatError, match=words):
        layers_of(read_graph(write_graph(nodes.values())))


def test_an_operation_that_could_do_anything_is_refused() -> None:
    nodes = _shallow()
    nodes["evil"] = Node("evil", "PyFunc", (), {})
    _refused(nodes, "PyFunc")


def test_a_circle_is_refused() -> None:
    nodes = _shallow()
    nodes[OUTPUT] = Node(OUTPUT, "Identity", ("other",))
    nodes["other"] = Node("other", "Identity", (OUTPUT,))
    with pytest.raises(FormatError, match="circle"):
        layers_of(read_graph(write_graph(nodes.values())), OUTPUT)


def test_two_nodes_of_one_name_are_refused() -> None:
    content = write_graph([Node("a", "NoOp"), Node("a", "NoOp")])
    with pytest.raises(FormatError, match="two nodes"):
        read_graph(content)


def test_weights_that_are_not_numbers_are_refused() -> None:
    broken = network()
    broken.layers[-1].bias[0] = np.nan
    _refused({node.name: node for node in nodes_of(broken)}, "not a finite number")


def test_a_tensor_larger_than_any_network_needs_is_refused_before_it_is_made() -> None:
    one = protobuf.number_field(1, 1)
    shape = b"".join(protobuf.bytes_field(2, protobuf.number_field(1, 1 << 30)) for _axis in range(3))
    tensor = one + protobuf.bytes_field(2, shape) + protobuf.bytes_field(5, b"\0\0\0\0")
    entry = protobuf.bytes_field(1, "value") + protobuf.bytes_field(2, protobuf.bytes_field(8, tensor))
    node = protobuf.bytes_field(1, "huge") + protobuf.bytes_field(2, "Const") + protobuf.bytes_field(5, entry)
    with pytest.raises(FormatError, match="no network needs"):
        read_graph(protobuf.bytes_field(1, node))


def test_a_graph_cut_short_anywhere_is_refused() -> None:
    small = network(convolutions=((8, 4, 2),), middle=(4,))
    content = write_graph(nodes_of(small))
    for end in range(0, len(content) - 8, 997):
        with pytest.raises(FormatError):
            layers_of(read_graph(content[:end]))


def test_what_the_file_does_not_compute_from_a_sensor_is_refused() -> None:
    sensor = Node(input_name("X"), "Placeholder", (), {"dtype": Type(1), "shape": Shape((-1, 4, 4, 1, 1))})
    _refused({sensor.name: sensor, "policy": Node("policy", "Identity", (sensor.name,))}, "has the shape")
    assert b"Identity" in write_node(Node("a", "Identity"))


def test_a_layered_network_tells_how_many_numbers_come_out() -> None:
    assert isinstance(NETWORKS["stereo"], LayeredNetwork)
    assert NETWORKS["stereo"].outputs == 5
