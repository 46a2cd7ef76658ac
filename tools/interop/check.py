"""Second step, without OpenRacer: other programs open what we wrote, and TensorFlow writes what we shall read.

.venv-interop/bin/python tools/interop/check.py FOLDER
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import onnxruntime
import openvino
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

ONE, HALF = 1e-4, 1e-2
POLICY = "main_level/agent/main/online/network_1"
OUTPUT = f"{POLICY}/ppo_head_0/policy"
v1 = tf.compat.v1


def with_openvino(path: Path, seen: dict[str, np.ndarray]) -> np.ndarray:
    """OpenVINO's outputs."""
    model = openvino.Core().compile_model(str(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    feed = {port: next(seen[key] for key in seen if key in port.get_any_name()) for port in model.inputs}
    return next(iter(model(feed).values()))


def with_onnxruntime(path: Path, seen: dict[str, np.ndarray]) -> np.ndarray:
    """ONNX Runtime's outputs."""
    return onnxruntime.InferenceSession(str(path)).run(None, seen)[0]


def with_litert(path: Path, seen: dict[str, np.ndarray]) -> np.ndarray:
    """LiteRT's outputs."""
    interpreter = Interpreter(str(path))
    for entry in interpreter.get_input_details():
        interpreter.resize_tensor_input(entry["index"], seen[entry["name"]].shape)
    interpreter.allocate_tensors()
    for entry in interpreter.get_input_details():
        interpreter.set_tensor(entry["index"], seen[entry["name"]])
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def with_tensorflow(path: Path, seen: dict[str, np.ndarray]) -> np.ndarray:
    """TensorFlow's outputs of a frozen graph."""
    return run_frozen(path, seen, "main_level/agent/main/online/network_0", OUTPUT)


def with_tensorflow_and_tanh(path: Path, seen: dict[str, np.ndarray]) -> np.ndarray:
    """TensorFlow's outputs of a graph under SAC's own names, which ends before the tanh."""
    scope = "main_level/agent/policy/online/network_0"
    return np.tanh(run_frozen(path, seen, scope, f"{scope}/sac_policy_head_0/policy"))


def run_frozen(path: Path, seen: dict[str, np.ndarray], source: str, output: str) -> np.ndarray:
    """TensorFlow's outputs of a frozen graph, whose inputs lie in a scope."""
    graph_def = v1.GraphDef.FromString(path.read_bytes())
    with tf.Graph().as_default() as graph, v1.Session(graph=graph) as session:
        tf.import_graph_def(graph_def, name="")
        return session.run(f"{output}:0", {f"{source}/{key}/{key}:0": value for key, value in seen.items()})


def as_the_car_converts(path: Path, seen: dict[str, np.ndarray]) -> np.ndarray:
    """LiteRT's outputs of what a community car makes of the frozen graph, with the car's settings."""
    names = [f"main_level/agent/main/online/network_0/{key}/{key}" for key in seen]
    shapes = {name: [1, *value.shape[1:]] for name, value in zip(names, seen.values(), strict=True)}
    converter = v1.lite.TFLiteConverter.from_frozen_graph(str(path), names, [OUTPUT], shapes)
    converter.allow_custom_ops = True
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    converted = path.with_name("car.tflite")
    converted.write_bytes(converter.convert())
    interpreter = Interpreter(str(converted))
    interpreter.allocate_tensors()
    said = []
    for index in range(4):
        for entry in interpreter.get_input_details():
            key = next(key for key in seen if key in entry["name"])
            interpreter.set_tensor(entry["index"], seen[key][index : index + 1])
        interpreter.invoke()
        said.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
    return np.concatenate(said)


def restored(folder: Path) -> bool:
    """Whether TensorFlow's Saver restores our checkpoint, every variable as it was."""
    wanted = {key.replace("|", "/"): value for key, value in np.load(folder / "variables.npz").items()}
    with tf.Graph().as_default(), v1.Session() as session:
        variables = {key: v1.get_variable(key, value.shape, tf.float32) for key, value in wanted.items()}
        v1.train.Saver(variables).restore(session, str(folder / "7_Step-1234.ckpt"))
        return all(np.array_equal(session.run(variables[key]), wanted[key]) for key in wanted)


PLANS = {
    "shallow": (((8, 4, 32), (4, 2, 64), (3, 1, 64)), (), (512,)),
    "deep": (((5, 2, 32), (3, 1, 32), (3, 2, 64), (3, 1, 64)), (64,), (512,)),
    "deeper": (((8, 4, 32), (4, 2, 32), (4, 2, 64), (3, 1, 64)), (512, 512), (256, 128)),
}
"""Convolutions, dense layers on every pixel, and dense layers of AWS's networks."""


class Builder:
    """Makes networks in TensorFlow as Coach does, with random weights."""

    def __init__(self, kind: str, frames: tf.Tensor, sensor: str, rng: np.random.Generator) -> None:
        self.convolutions, self.pixels, self.middle = PLANS[kind]
        self.frames, self.sensor, self.rng = frames, sensor, rng

    def variable(self, name: str, shape: tuple[int, ...]) -> tf.Tensor:
        """A variable with values of a size that keeps numbers near 1."""
        spread = 1 / np.sqrt(np.prod(shape[:-1])) if len(shape) > 1 else 0.1
        return v1.get_variable(name, initializer=self.rng.normal(0, spread, shape).astype(np.float32))

    def dense(self, name: str, last: tf.Tensor, units: int) -> tf.Tensor:
        """A dense layer; on a map it acts on every pixel, as Keras has it."""
        weight = self.variable(f"{name}/kernel", (int(last.shape[-1]), units))
        product = tf.tensordot(last, weight, 1) if len(last.shape) == 4 else tf.matmul(last, weight)
        return tf.nn.bias_add(product, self.variable(f"{name}/bias", (units,)))

    def embedder(self, scope: str) -> tf.Tensor:
        """The features of the camera."""
        last = (self.frames / 255.0) - 0.0
        for index, (size, stride, filters) in enumerate(self.convolutions):
            name = f"{scope}/{self.sensor}/Conv2d_{2 * index}"
            kernel = self.variable(f"{name}/kernel", (size, size, int(last.shape[-1]), filters))
            bias = self.variable(f"{name}/bias", (filters,))
            last = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(last, kernel, stride, "VALID"), bias))
        for index, units in enumerate(self.pixels, len(self.convolutions)):
            last = tf.nn.relu(self.dense(f"{scope}/{self.sensor}/Dense_{2 * index}", last, units))
        return tf.reshape(last, (tf.shape(last)[0], int(np.prod(last.shape[1:]))))

    def rescaled(self, scope: str, last: tf.Tensor) -> tf.Tensor:
        """The block by which Coach weighs gradients."""
        rescaler = v1.get_variable(f"{scope}/gradients_from_head_0-0_rescalers", initializer=np.float32(1.0))
        return ((1 - rescaler) * tf.stop_gradient([last]) + rescaler * [last])[0]

    def trunk(self, scope: str) -> tf.Tensor:
        """What a head sees."""
        last = self.embedder(scope)
        for index, units in enumerate(self.middle):
            last = tf.nn.relu(self.dense(f"{scope}/middleware_fc_embedder/Dense_{2 * index}", last, units))
        return self.rescaled(scope, last)


def write_with_tensorflow(folder: Path, seen: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    """Networks of TensorFlow's own making like ours: a frozen policy, a checkpoint of all, their outputs."""
    kind, head = folder.name.rsplit("-", 1)
    sensor, agent = "FRONT_FACING_CAMERA", "main_level/agent"
    with tf.Graph().as_default() as graph, v1.Session(graph=graph) as session:
        source = f"{agent}/policy/online/network_0" if head == "sac" else f"{agent}/main/online/network_0"
        frames = v1.placeholder(tf.float32, (None, 120, 160, 1), f"{source}/{sensor}/{sensor}")
        action = v1.placeholder(tf.float32, (None, 2), "actions")
        build = Builder(kind, frames, sensor, rng)
        outputs = {}
        if head == "sac":
            last = build.trunk(source)
            scope = f"{source}/sac_policy_head_0"
            last = tf.nn.relu(build.dense(f"{scope}/dense", last, 256))
            outputs["policy"] = tf.identity(build.dense(f"{scope}/policy_mean", last, 2), f"{scope}/policy")
            build.dense(f"{scope}/dense_1", last, 2)
            scope = f"{agent}/q/online/network_0"
            last = tf.concat([build.rescaled(scope, build.embedder(scope)), action], -1)
            for twin in ("q1", "q2"):
                name = f"{scope}/q_values_head_0/{twin}_head"
                hidden = tf.nn.relu(build.dense(f"{name}/dense", last, 256))
                hidden = tf.nn.relu(build.dense(f"{name}/dense_1", hidden, 256))
                outputs[twin] = build.dense(f"{name}/{twin}_output", hidden, 1)
            value = f"{agent}/v/online/network_0"
        else:
            last = build.trunk(POLICY)
            scope, value = f"{POLICY}/ppo_head_0", source
            if head == "discrete":
                outputs["policy"] = tf.nn.softmax(
                    build.dense(f"{scope}/policy_fc", last, 9), name=f"{scope}/policy"
                )
            else:
                outputs["policy"] = tf.identity(
                    build.dense(f"{scope}/policy_mean", last, 2), f"{scope}/policy"
                )
                v1.get_variable(f"{scope}/policy_log_std", initializer=np.zeros((1, 2), np.float32))
        outputs["value"] = build.dense(f"{value}/v_values_head_0/output", build.trunk(value), 1)
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(folder / "5_Step-55.ckpt"))
        chosen = rng.uniform(-1, 1, (len(seen[sensor]), 2)).astype(np.float32)
        said = session.run(outputs, {frames: seen[sensor], action: chosen})
        np.savez(folder / "tensorflow.npz", action=chosen, **said)
        name = outputs["policy"].op.name
        frozen = v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), [name])
        (folder / "tensorflow.pb").write_bytes(frozen.SerializeToString())


def main(folder: Path) -> int:
    """Check everything; the number of failures."""
    rng, failures = np.random.default_rng(0), 0
    print(f"{'network':20}{'program':32}{'greatest difference':>20}")
    for here in sorted(path for path in folder.iterdir() if path.is_dir()):
        seen, expected = dict(np.load(here / "observations.npz")), np.load(here / "expected.npy")
        for title, program, file, limit in (
            ("TensorFlow, frozen graph", with_tensorflow, "model.pb", ONE),
            ("OpenVINO, frozen graph", with_openvino, "model.pb", ONE),
            ("OpenVINO, ONNX", with_openvino, "model.onnx", ONE),
            ("OpenVINO, TFLite", with_openvino, "model.tflite", ONE),
            ("ONNX Runtime", with_onnxruntime, "model.onnx", ONE),
            ("LiteRT, float32", with_litert, "model.tflite", ONE),
            ("LiteRT, float16", with_litert, "half.tflite", HALF),
            ("the car's converter, float16", as_the_car_converts, "model.pb", HALF),
            ("TensorFlow, SAC's own names", with_tensorflow_and_tanh, "sac.pb", ONE),
        ):
            if not (here / file).is_file():
                continue
            said = program(here / file, seen)
            difference = float(np.abs(said - expected[: len(said)]).max())
            failures += difference > limit
            print(
                f"{here.name:20}{title:32}{difference:20.1e}{'' if difference <= limit else '  FAILED'}",
                flush=True,
            )
        good = restored(here)
        failures += not good
        print(
            f"{here.name:20}{'TensorFlow restores checkpoint':32}{'equal' if good else 'FAILED':>20}",
            flush=True,
        )
        if here.name.split("-")[1] in ("discrete", "continuous", "sac"):
            write_with_tensorflow(here, seen, rng)
    return failures


if __name__ == "__main__":
    sys.exit(min(main(Path(sys.argv[1])), 1))
