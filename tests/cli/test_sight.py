"""``openracer logs sight``: one HTML file of what a model sees, or one sentence."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from openracer.agents.threads import TorchThreads
from openracer.formats.checkpoints_index import CheckpointName
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model
from openracer.runs.assembly import build_learner


@pytest.fixture
def model(tiny_training: dict[str, Any]) -> str:
    description = TrainingDescription.from_values(tiny_training)
    weights = build_learner(description, TorchThreads(1), torch.device("cpu")).weights()
    create_model(description).checkpoints.save(CheckpointName(0, 0), weights)
    return description.name


def test_what_a_model_sees_in_pictures_is_written(openracer, model: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    picture = np.random.default_rng(0).integers(0, 255, (48, 64, 3)).astype(np.uint8)
    Image.fromarray(picture).save(tmp_path / "road.png")
    page = tmp_path / "sight.html"
    outcome = openracer("logs", "sight", model, "--frames", tmp_path, "-o", page)
    assert outcome.code == 0, outcome.err
    assert str(page) in outcome.out
    assert outcome.out.count("chance") == 2
    assert page.stat().st_size < 10e6


def test_bad_input_gets_one_sentence(openracer, model: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "broken.png").write_bytes(b"no picture")
    for arguments, sentence in (
        ([model, "--checkpoint", "9"], "no checkpoint of iteration 9"),
        (["nobody"], "nobody"),
        ([model, "--frames", tmp_path / "nowhere"], "nowhere"),
        ([model, "--frames", tmp_path], "broken.png is no picture"),
        ([model], "holds no trace"),
    ):
        refused = openracer("logs", "sight", *arguments, "-o", tmp_path / "other.html")
        assert refused.code == 2, refused.out
        assert sentence in " ".join(refused.err.split())
    assert not (tmp_path / "other.html").exists()
