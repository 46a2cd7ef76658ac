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
    graph_def = v1.GraphDef.FromString(path.read_bytes())
    with tf.Graph().as_default() as graph, v1.Session(graph=graph) as session:
        tf.import_graph_def(graph_def, name="")
        feed = {f"main_level/agent/main/online/network_0/{key}/{key}:0": value for key, value in seen.items()}
        return session.run(f"{OUTPUT}:0", feed)


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


def write_with_tensorflow(folder: Path, seen: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    """A graph of TensorFlow's own making like ours, frozen, and its checkpoint; its outputs for the same frames."""
    kind, head = folder.name.rsplit("-", 1)
    is_sac = head == "sac"
    scope = "main_level/agent/policy/online/network_0" if is_sac else POLICY
    plans = {
        "shallow": (((8, 4, 32), (4, 2, 64), (3, 1, 64)), (), (512,)),
        "deep": (((5, 2, 32), (3, 1, 32), (3, 2, 64), (3, 1, 64)), (64,), (512,)),
        "deeper": (((8, 4, 32), (4, 2, 32), (4, 2, 64), (3, 1, 64)), (512, 512), (256, 128)),
    }
    convolutions, pixels, middle = plans[kind]
    sensor = "FRONT_FACING_CAMERA"
    with tf.Graph().as_default() as graph, v1.Session(graph=graph) as session:

        def variable(name: str, shape: tuple[int, ...]) -> tf.Tensor:
            spread = 1 / np.sqrt(np.prod(shape[:-1])) if len(shape) > 1 else 0.1
            value = rng.normal(0, spread, shape).astype(np.float32)
            return v1.get_variable(name, initializer=value)

        def dense(name: str, last: tf.Tensor, units: int) -> tf.Tensor:
            weight = variable(f"{name}/kernel", (int(last.shape[-1]), units))
            product = tf.tensordot(last, weight, 1) if len(last.shape) == 4 else tf.matmul(last, weight)
            return tf.nn.bias_add(product, variable(f"{name}/bias", (units,)))

        source = scope if is_sac else "main_level/agent/main/online/network_0"
        frames = v1.placeholder(tf.float32, (None, 120, 160, 1), f"{source}/{sensor}/{sensor}")
        last = (frames / 255.0) - 0.0
        for index, (size, stride, filters) in enumerate(convolutions):
            name = f"{scope}/{sensor}/Conv2d_{2 * index}"
            kernel = variable(f"{name}/kernel", (size, size, int(last.shape[-1]), filters))
            bias = variable(f"{name}/bias", (filters,))
            last = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(last, kernel, stride, "VALID"), bias))
        for index, units in enumerate(pixels, len(convolutions)):
            last = tf.nn.relu(dense(f"{scope}/{sensor}/Dense_{2 * index}", last, units))
        last = tf.reshape(last, (tf.shape(last)[0], int(np.prod(last.shape[1:]))))
        for index, units in enumerate(middle):
            last = tf.nn.relu(dense(f"{scope}/middleware_fc_embedder/Dense_{2 * index}", last, units))
        rescaler = v1.get_variable(f"{scope}/gradients_from_head_0-0_rescalers", initializer=np.float32(1.0))
        last = ((1 - rescaler) * tf.stop_gradient([last]) + rescaler * [last])[0]
        if is_sac:
            last = tf.nn.relu(dense(f"{scope}/sac_policy_head_0/dense", last, 256))
            output = tf.identity(
                dense(f"{scope}/sac_policy_head_0/policy_mean", last, 2), f"{scope}/sac_policy_head_0/policy"
            )
            dense(f"{scope}/sac_policy_head_0/dense_1", last, 2)
        elif head == "discrete":
            output = tf.nn.softmax(
                dense(f"{scope}/ppo_head_0/policy_fc", last, 9), name=f"{scope}/ppo_head_0/policy"
            )
        else:
            output = tf.identity(
                dense(f"{scope}/ppo_head_0/policy_mean", last, 2), f"{scope}/ppo_head_0/policy"
            )
            v1.get_variable(f"{scope}/ppo_head_0/policy_log_std", initializer=np.zeros((1, 2), np.float32))
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(folder / "5_Step-55.ckpt"))
        np.save(folder / "tensorflow.npy", session.run(output, {frames: seen[sensor]}))
        frozen = v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), [output.op.name])
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
        ):
            said = program(here / file, seen)
            difference = float(np.abs(said - expected[: len(said)]).max())
            failures += difference > limit
            print(
                f"{here.name:20}{title:32}{difference:20.1e}{'' if difference <= limit else '  FAILED'}",
                flush=True,
            )
        if (here / "variables.npz").is_file():
            good = restored(here)
            failures += not good
            print(
                f"{here.name:20}{'TensorFlow restores checkpoint':32}{'equal' if good else 'FAILED':>20}",
                flush=True,
            )
        if here.name.split("-")[0] in ("shallow", "deep", "deeper") and here.name.split("-")[1] in (
            "discrete",
            "continuous",
            "sac",
        ):
            write_with_tensorflow(here, seen, rng)
    return failures


if __name__ == "__main__":
    sys.exit(min(main(Path(sys.argv[1])), 1))
