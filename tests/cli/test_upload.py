import contextlib
from pathlib import Path

from dfutils import editions


def test_command_writes_the_notebooks_and_only_on_request_the_wheels(run_cli, tmp_path, monkeypatch):
    (tmp_path / "a.whl").write_bytes(b"x" * 2_000_000)
    calls = []

    def write_uploads(folder, *, wheel):
        calls.append((folder, wheel))
        return [tmp_path / "a.whl"]

    def write_wheels(folder, *, python):
        calls.append((folder, python))
        return [tmp_path / "a.whl"]

    monkeypatch.setattr(editions, "build_wheel", lambda: contextlib.nullcontext(Path("own.whl")))
    monkeypatch.setattr(editions, "write_uploads", write_uploads)
    monkeypatch.setattr(editions, "write_wheels", write_wheels)
    run = run_cli("upload", "-o", "out")
    assert run.output.splitlines() == ["1 notebooks of at most 2.0 MB: out"]
    run = run_cli("upload", "--wheels", "wheels", "--python", "3.12")
    assert run.output.splitlines()[1] == "1 wheels, 2 MB: wheels"
    assert calls == [("out", Path("own.whl")), ("dist/upload", Path("own.whl")), ("wheels", "3.12")]
