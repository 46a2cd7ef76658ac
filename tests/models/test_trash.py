"""The trash: a deleted model can be had back for a month."""

import time

import pytest

from openracer.models import trash
from openracer.models.description import TrainingDescription
from openracer.models.library import (
    ModelExistsError,
    ModelNotFoundError,
    create_model,
    list_models,
    open_model,
)
from openracer.models.lock import ModelInUseError, ModelLock


@pytest.fixture
def folder():
    return create_model(TrainingDescription.from_values({"name": "mine", "description": "a note"}))


def test_a_discarded_model_is_gone_from_the_list_and_comes_back_as_it_was(folder):
    discarded = trash.discard_model(folder)
    assert list_models() == []
    assert [model.name for model in trash.discarded_models()] == ["mine"]
    trash.restore_model(discarded)
    assert open_model("mine").description().description == "a note"
    assert trash.discarded_models() == []


def test_models_of_one_name_wait_side_by_side(folder):
    first = trash.discard_model(folder)
    second = trash.discard_model(create_model(TrainingDescription.from_values({"name": "mine"})))
    assert trash.discarded_models() == [second, first]
    trash.restore_model(first)
    with pytest.raises(ModelExistsError, match="another model 'mine'"):
        trash.restore_model(second)


def test_a_model_in_training_stays(folder):
    with ModelLock(folder), pytest.raises(ModelInUseError):
        trash.discard_model(folder)
    assert len(list_models()) == 1


def test_after_a_month_a_model_is_forgotten(folder, monkeypatch):
    old = trash.discard_model(folder)
    now = time.time_ns() + int(31 * 24 * 3600 * 1e9)
    monkeypatch.setattr(time, "time_ns", lambda: now)
    monkeypatch.setattr(time, "time", lambda: now / 1e9)
    new = trash.discard_model(create_model(TrainingDescription.from_values({"name": "new"})))
    assert trash.discarded_models() == [new]
    with pytest.raises(ModelNotFoundError, match="no longer"):
        trash.restore_model(old)
    trash.empty_trash()
    assert list(new.path.parent.iterdir()) == []
