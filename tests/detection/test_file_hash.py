"""The hash of a record is one that people can check with sha256sum."""

import hashlib
import os
import subprocess

from dfutils.detection.file_hash import sha256_of_clip, size_of_file


def test_hashes_of_files_and_folders_of_stills_are_those_of_sha256sum(tmp_path):
    for number in (10, 2):
        (tmp_path / f"{number}.png").write_bytes(bytes([number]))
    (tmp_path / "notes.txt").write_text("not a still")
    printed = subprocess.run(
        ["sha256sum", "2.png", "10.png"], cwd=tmp_path, capture_output=True, check=True
    ).stdout
    assert sha256_of_clip(tmp_path / "2.png") == printed.split()[0].decode()
    assert sha256_of_clip(tmp_path) == hashlib.sha256(printed).hexdigest()
    assert (size_of_file(tmp_path / "2.png"), size_of_file(tmp_path)) == (1, 0)


def test_what_cannot_be_read_has_no_hash(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")  # reading it would wait for ever
    (tmp_path / "empty").mkdir()
    for name in ("missing.mp4", "pipe.mp4", "empty", "a\0b", "n" * 300):
        assert sha256_of_clip(tmp_path / name) == ""
        assert size_of_file(tmp_path / name) == 0
