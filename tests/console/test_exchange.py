"""Models in and out in a browser: import with its report, export with the car's check."""

import io
import json
import tarfile

import pytest
from playwright.sync_api import expect

from openracer.formats.graph_def import write_graph
from openracer.formats.graph_writing import nodes_of
from openracer.models.library import list_models
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
    dialog.locator("input[type=file]").set_input_files(broken)
    expect(dialog.get_by_role("alert").first).to_be_visible()

    dialog.locator("input[type=file]").set_input_files(archive)
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
