"""The user's folders, and the cache of kernels that follows the sources."""

import os
import subprocess
import sys
import time
from pathlib import Path

import platformdirs
import pytest

from openracer import locations


def test_the_users_folder_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("OPENRACER_HOME", str(tmp_path / "mine"))
    assert locations.models_folder() == tmp_path / "mine" / "models"
    assert locations.tracks_folder() == tmp_path / "mine" / "tracks"


@pytest.fixture
def caches(monkeypatch, tmp_path) -> Path:
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_args, **_options: str(tmp_path))
    return tmp_path / "kernels"


def test_the_kernel_cache_is_one_folder_for_each_state_of_the_sources(caches, monkeypatch, tmp_path):
    same = locations.kernel_cache_folder()
    assert same == locations.kernel_cache_folder()
    package = tmp_path / "openracer"
    (package / "simulation").mkdir(parents=True)
    (package / "simulation" / "vehicle.py").write_text("GRAVITY = 9.81\n")
    monkeypatch.setattr(locations, "__file__", str(package / "locations.py"))
    before = locations.kernel_cache_folder()
    (package / "simulation" / "vehicle.py").write_text("GRAVITY = 9.80\n")
    assert len({same, before, locations.kernel_cache_folder()}) == 3


def test_caches_of_old_sources_go_after_a_month(caches):
    old, recent = caches / "old", caches / "recent"
    for folder in (old, recent):
        folder.mkdir(parents=True)
    month_ago = time.time() - 31 * 24 * 3600
    os.utime(old, (month_ago, month_ago))
    locations.kernel_cache_folder()
    assert not old.exists()
    assert recent.exists()


def test_numba_uses_that_cache_unless_the_user_chose_another(tmp_path):
    code = "import openracer, numba; print(numba.config.CACHE_DIR)"
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    for extra, expected in (
        ({}, str(locations.kernel_cache_folder())),
        ({"NUMBA_CACHE_DIR": str(tmp_path)}, str(tmp_path)),
    ):
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment | extra, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == expected


def in_a_process_without_home(code: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run code where no home folder is known and temporary files go to ``tmp_path``."""
    known = ("HOME", "OPENRACER_HOME", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "XDG_DATA_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in known}
    homeless = "import os, pwd; pwd.getpwuid = lambda uid: (_ for _ in ()).throw(KeyError(uid)); "
    return subprocess.run(
        [sys.executable, "-c", homeless + code],
        env=environment | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(
    "sys.platform != 'linux'", reason="only Linux looks for caches below the home folder like this"
)
def test_without_a_home_folder_kernels_are_cached_among_the_temporary_files(tmp_path):
    code = "import openracer, numba; print(numba.config.CACHE_DIR)"
    private = tmp_path / f"openracer-{os.getuid()}"
    first = in_a_process_without_home(code, tmp_path)
    assert Path(first.stdout.strip()).parent == private / "kernels", first.stderr
    assert in_a_process_without_home(code, tmp_path).stdout == first.stdout
    private.chmod(0o777)  # somebody else might have put files there
    assert not in_a_process_without_home(code, tmp_path).stdout.startswith(str(private))


@pytest.mark.skipif(
    "sys.platform != 'linux'", reason="only Linux looks for data below the home folder like this"
)
def test_without_a_home_folder_the_user_is_asked_for_one(tmp_path):
    code = (
        "import sys; sys.argv = ['openracer', 'model', 'list']; from openracer.cli.main import main; main()"
    )
    done = in_a_process_without_home(code, tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip().startswith("Error: this user has no home folder; set OPENRACER_HOME")


def test_a_cache_folder_that_cannot_be_written_is_not_used(caches, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("os.access", lambda *_: False)
    folder = locations.kernel_cache_folder()
    assert folder.parent.parent == tmp_path / f"openracer-{os.getuid()}"
