"""The documentation says what the code does: every setting, every constant, every picture and link."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest
import yaml

from openracer.models.description import (
    EvaluationSettings,
    HyperparameterSettings,
    ObjectSettings,
    StopConditions,
    TrainingDescription,
)
from openracer.models.presets import PRESETS
from openracer.models.randomisation import RandomisationSettings
from openracer.models.ranges import RULES
from openracer.simulation import lens, surface
from openracer.simulation.presets import PRESETS as VEHICLES

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GROUPS = {
    "hyperparameters": HyperparameterSettings,
    "stop": StopConditions,
    "evaluation": EvaluationSettings,
    "objects": ObjectSettings,
    "randomisation": RandomisationSettings,
}


def tables(page):
    """Rows of all tables of a page whose first cell is a name in backticks: name → the other cells."""
    rows = {}
    for line in (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and (name := re.fullmatch(r"`([\w.]+)`", cells[0])):
            rows[name[1]] = cells[1:]
    return rows


def settings():
    """Every setting of a training by its name in the documentation, for example ``stop.minutes``."""
    for name in TrainingDescription.model_fields:
        if name in GROUPS:
            yield from (f"{name}.{part}" for part in GROUPS[name].model_fields)
        else:
            yield name


def default(name, preset):
    group, _, key = name.rpartition(".")
    return (PRESETS[preset][group] if group else PRESETS[preset])[key]


def shown(value):
    """A default as the documentation writes it."""
    if value is None:
        return "none"
    return yaml.safe_dump(value, default_flow_style=True).removesuffix("...\n").strip()


class TestVehicle:
    def test_the_table_has_every_constant_of_every_preset(self):
        rows = tables("vehicle.md")
        for constant in VEHICLES["v5"]._fields:
            values = [float(cell) for cell in rows[constant][2:]]
            assert values == [getattr(preset, constant) for preset in VEHICLES.values()], constant


class TestCamera:
    @pytest.mark.parametrize("name", [name for name in tables("camera.md") if name.isupper()])
    def test_the_table_has_the_values_of_the_constants(self, name):
        value = getattr(lens, name) if hasattr(lens, name) else getattr(surface, name)
        assert float(tables("camera.md")[name][0].split()[0]) == value


class TestTraining:
    def test_every_setting_has_a_row(self):
        missing = set(settings()) - set(tables("training.md"))
        assert missing == set()

    @pytest.mark.parametrize(
        "name", [name for name in settings() if name not in ("name", "preset", "reward_source")]
    )
    def test_a_row_has_the_defaults_of_both_presets(self, name):
        fast, aws = tables("training.md")[name][:2]
        if name == "action_space":
            assert fast == aws == "10 actions"
            assert len(default(name, "fast")) == len(default(name, "aws")) == 10
            return
        assert fast.strip("`") == shown(default(name, "fast"))
        assert aws.strip("`") == shown(default(name, "aws"))

    @pytest.mark.parametrize("name", [name for name in settings() if name.rpartition(".")[2] in RULES])
    def test_a_row_has_both_ranges(self, name):
        rule = RULES[name.rpartition(".")[2]]
        own, aws = tables("training.md")[name][2:4]
        assert own == str(rule.own)
        assert aws == ("the same" if rule.aws == rule.own else str(rule.aws))

    @pytest.mark.parametrize("name", ["steering_angle", "speed", "actions"])
    def test_the_ranges_of_actions_are_told(self, name):
        own, aws = tables("training.md")[name][:2]
        assert own == str(RULES[name].own)
        assert aws == ("the same" if RULES[name].aws == RULES[name].own else str(RULES[name].aws))

    def test_words_to_choose_from_are_all_told(self):
        rows = tables("training.md")
        for name, field in TrainingDescription.model_fields.items():
            for word in get_args(field.annotation):
                if isinstance(word, str):
                    assert f"`{word}`" in " ".join(rows[name]), name


class TestArchitecture:
    def test_the_table_has_the_packages_in_the_order_that_is_enforced(self):
        page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
        told = [
            re.findall(r"`(openracer\.\w+)`", line.split("|")[1])
            for line in page.splitlines()
            if "| `o" in line
        ]
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
        assert told == [re.split(r" \| ", layer) for layer in reversed(layers)]


class TestEnvironments:
    def test_the_examples_run(self):
        page = (ROOT / "docs" / "environments.md").read_text(encoding="utf-8")
        blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
        assert len(blocks) == 5
        for block in blocks:
            code = compile(block, "environments.md", "exec")
            if "stable_baselines3" not in block:  # which takes minutes
                exec(code, {"print": lambda *_: None})


class TestLinks:
    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
    def test_lead_to_files_of_the_repository(self, page):
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("mailto:"):
                assert (page.parent / target).exists(), target

    def test_every_picture_is_shown_somewhere(self):
        text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
        for picture in (ROOT / "docs" / "images").iterdir():
            assert f"images/{picture.name}" in text, picture.name

    def test_the_korean_readme_has_the_sections_of_the_english_one(self):
        def outline(name):
            lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
            return [len(line) - len(line.lstrip("#")) for line in lines if re.match(r"#+ ", line)]

        assert outline("README.ko.md") == outline("README.md")


def test_nothing_names_a_path_of_somebodys_machine():
    for page in PAGES:
        assert not re.search(r"/(work|home|Users|tmp)/\w", page.read_text(encoding="utf-8")), page.name
