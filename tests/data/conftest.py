"""Small trees of every layout: files of one byte, since a catalog decodes nothing."""

import pytest


@pytest.fixture
def touch(tmp_path):
    """A function that makes files below the test's own folder: `touch("real/a.mp4", …)`; returns the folder."""

    def make(*names, content=b"x"):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return tmp_path

    return make
