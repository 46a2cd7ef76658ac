"""Models in and out in a browser: import with its report, export with the car's check."""

import io
import json
import tarfile
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from openracer.formats.coach_variables import CoachCheckpoint, variables_of
from openracer.formats.graph_def import write_graph
from openracer.formats.graph_writing import nodes_of
from openracer.formats.layers import Dense
from openracer.formats.tensor_bundle import write_bundle
from openracer.models.library import delete_model, list_models
from tests.formats.networks import network


@pytest.fixture
def archive(tmp_path):
    """An archive for the car with random weights."""
    policy = network(((8, 8, 16), (4, 2, 32), (3, 1, 32)), middle=(256,), outputs=5)
    space = [{"steering_angle": 15 * (index - 2), "speed": 1.5} for index in range(5)]
    metadata = {"action_space": space, "sensor": ["FRONT_FACING_CAMERA"], "version": "5"}
    path = tmp_path / "from-aws.tar.gz"
    with tarfile.open(path, "w:gz") as file:
        for name, content in (
            ("agent/model.pb", write_graph(nodes_of(policy))),
            ("model_metadata.json", json.dumps(metadata).encode()),
        ):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            file.addfile(entry, io.BytesIO(content))
    return path


@pytest.mark.parametrize("language", ["ko"], indirect=True)
def test_a_model_comes_in_with_its_report_and_goes_out_checked(page, words, console_home, archive, tmp_path):
    page.goto("/models")
    page.get_by_role("button", name=words("Import")).click()
    dialog = page.get_by_role("dialog")
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(archive.read_bytes()[:5000])
    dialog.locator(".q-uploader__input").set_input_files(broken)
    expect(dialog.get_by_role("alert").first).to_be_visible()

    dialog.locator(".q-uploader__input").set_input_files(archive)
    expect(dialog.get_by_text(words("Missing"), exact=True)).to_be_visible()
    expect(dialog.get_by_text("reward_function.py", exact=False)).to_be_visible()
    assert "from-aws" in [folder.name for folder in list_models()]
    dialog.get_by_role("link", name=words("Open the model")).click()
    page.wait_for_url("**/models/from-aws*")

    page.get_by_role("button", name=words("More")).click()
    page.get_by_text(words("Export"), exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=words("Prepare")).click()
    expect(dialog.get_by_text(words("drives it")).first).to_be_visible()
    with page.expect_download() as download:
        dialog.get_by_role("button", name=words("Download {file}").format(file="from-aws.tar.gz")).click()
    with tarfile.open(download.value.path()) as file:
        assert file.getnames() == ["agent/model.pb", "model_metadata.json"]

    # AWS has no such network: a student that could go there is offered as a job.
    dialog.get_by_label(words("For"), exact=True).click()
    page.get_by_role("option", name=words("DeepRacer-for-Cloud, to train further")).click()
    dialog.get_by_role("button", name=words("Prepare"), exact=True).click()
    expect(dialog.get_by_text("FAST_CONVOLUTIONAL_NETWORK", exact=False)).to_be_visible()
    dialog.get_by_role("button", name=words("Teach a student model")).click()
    expect(dialog.get_by_text(words("The lessons begin …"))).to_be_visible()
    dialog.get_by_role("button", name=words("Stop the lessons")).click()
    ended = dialog.get_by_role("button", name=words("Teach a student model"))
    expect(dialog.get_by_text(words("The lessons end …")).or_(ended)).to_be_visible()


@pytest.fixture
def training(tmp_path):
    """A training's folder as DeepRacer-for-Cloud has it, its traces included."""
    policy = network(((8, 8, 16), (4, 2, 32), (3, 1, 32)), middle=(256,), outputs=5)
    last = policy.layers[-1]
    layers = (*policy.layers[:-1], Dense(last.weight[:, :1], last.bias[:1]))
    critic = replace(policy, ending="linear", layers=layers)
    folder = tmp_path / "my-run"
    write_bundle(folder / "model" / "7_Step-900.ckpt", variables_of(CoachCheckpoint(policy, critic)))
    space = [{"steering_angle": 15 * (index - 2), "speed": 1.5} for index in range(5)]
    metadata = {"action_space": space, "sensor": ["FRONT_FACING_CAMERA"], "version": "5"}
    (folder / "model" / "model_metadata.json").write_text(json.dumps(metadata))
    (folder / "reward_function.py").write_text("def reward_function(params):\n    return 1.0\n")
    (folder / "training-simtrace").mkdir()
    for number in range(3):
        (folder / "training-simtrace" / f"{number}-iteration.csv").write_text("episode,steps\n")
    return folder


@pytest.mark.parametrize("how", ["chosen", "dropped"])
def test_a_folder_comes_in_whole(page, words, console_home, training, how):
    page.goto("/models")
    page.get_by_role("button", name=words("Import")).click()
    dialog = page.get_by_role("dialog")
    if how == "chosen":
        dialog.locator("input[data-folder]").set_input_files(training)
    else:
        expect(dialog.locator("input[data-folder]")).to_be_attached()
        drop(page, dialog.locator(".q-uploader"), training)
    critic = words("policy and critic: it can be trained further as if never interrupted")
    expect(dialog.get_by_text(critic)).to_be_visible()
    others = words("{count} other files were left out; traces and logs are read by openracer logs")
    expect(dialog.get_by_text(others.format(count=4))).to_be_visible()  # three traces, and the .meta
    [folder] = [folder for folder in list_models() if folder.name.startswith("my-run")]
    assert "return 1.0" in folder.description().reward_source
    delete_model(folder.path)


def drop(page, target, path):
    """Drop a file or a folder on an element, as a person does from another window."""
    box = target.bounding_box()
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})
