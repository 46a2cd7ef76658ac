"""What a browser says of the files that it sends is not trusted."""

from urllib.parse import quote

import pytest

from openracer.console.import_dialog import _place
from openracer.formats.errors import FormatError


def test_files_of_a_folder_keep_their_places():
    assert (
        _place("folder:" + quote("run 1/model/7_Step-9.ckpt.index", safe=""), 0)
        == "run 1/model/7_Step-9.ckpt.index"
    )


@pytest.mark.parametrize(
    "path", ["../x.pb", "/etc/x.pb", "a/../../x.pb", "C:\\x.pb", "..\\..\\x.pb", "a\0.pb"]
)
def test_places_that_lead_elsewhere_are_refused(path):
    with pytest.raises(FormatError, match="outside its own folder"):
        _place("folder:" + quote(path, safe=""), 0)


@pytest.mark.parametrize(
    ("name", "place"),
    [("model.pb", "model.pb"), ("../../model.pb", "model.pb"), ("C:\\a\\model.pb", "model.pb"), ("..", "file-3"),
     ("", "file-3"), ("folder:", "file-3")],
)  # fmt: skip
def test_single_files_lie_at_the_top(name, place):
    assert _place(name, 3) == place
