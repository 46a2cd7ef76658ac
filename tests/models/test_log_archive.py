"""Archives of logs: what is put in comes out, whatever happens to the files meanwhile."""

import io
import zipfile

from openracer.models.folder import ModelFolder
from openracer.models.log_archive import zip_chunks


def test_files_come_out_as_they_were_and_one_that_is_gone_is_left_out(tmp_path):
    folder = ModelFolder(tmp_path / "car")
    contents = {"a.csv": b"1,2\n" * 300_000, "metrics/b.json": b"{}", "empty": b""}
    for name, content in contents.items():
        path = folder.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    paths = [*(folder.path / name for name in contents), folder.path / "gone.csv"]
    chunks = list(zip_chunks(folder, paths))
    assert len(chunks) > 4  # sent while it is made
    with zipfile.ZipFile(io.BytesIO(b"".join(chunks))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            f"car/{name}": content for name, content in contents.items()
        }
