"""Preset files: written to be read, and refused in one sentence."""

from pathlib import Path

import pytest

from openracer.analysis.preset_files import read_preset, write_preset
from openracer.analysis.replay import OBSERVERS
from openracer.formats.errors import FormatError
from openracer.simulation.presets import PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_read_back(tmp_path: Path, name: str) -> None:
    path = tmp_path / "car.yaml"
    write_preset(path, PRESETS[name], OBSERVERS[name], {"based_on": name})
    preset, gains = read_preset(path)
    assert preset == pytest.approx(PRESETS[name], rel=1e-5)
    assert gains == pytest.approx(OBSERVERS[name], rel=1e-5)
    assert path.read_text().startswith("# A vehicle preset")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("mu_lateral:", "mu_latteral:", "constants has mu_latteral, which is none of its constants"),
        ("speed_lag_s: 0", "speed_lag_s: slow # 0", "constants.speed_lag_s is 'slow'; it must be a number"),
        ("speed_lag_s: 0", "speed_lag_s: .nan # 0", "constants.speed_lag_s is nan; it must be a number"),
        ("observer:", "observers:", "has no section observer"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    path = tmp_path / "car.yaml"
    write_preset(path, PRESETS["v5"], OBSERVERS["v5"], {})
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(FormatError, match=sentence):
        read_preset(path)
