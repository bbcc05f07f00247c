"""A worker says what it did with a task, and why it cannot do tasks."""

import os
from dataclasses import replace

import pytest

from dfutils.errors import WeightsError
from dfutils.features import cluster_tasks
from dfutils.features.clip_keys import content_key
from dfutils.features.cluster_tasks import Task, marker, run_task
from dfutils.features.store import Store

pytestmark = pytest.mark.slow
pytest.importorskip("distributed", reason="needs dfutils[dask]")

# Python runs this file in each process whose PYTHONPATH has its folder: reading a file named poison ends the process.
POISON = """
import os, av
opened = av.open
def open_or_die(file, *arguments, **options):
    if "poison" in str(file):
        os.kill(os.getpid(), 11)
    return opened(file, *arguments, **options)
av.open = open_or_die
"""


@pytest.fixture
def make_task(root, settings, tmp_path):
    """A function that makes a task for files of the test's folder: `make_task("00.mp4")`."""

    def make(*names, **options):
        store = Store(tmp_path / "store", settings)
        store.create()
        clips = tuple((str(root / name), content_key(root / name)) for name in names)
        return Task("a", clips, str(tmp_path / "store"), settings, store.fingerprint, **options)

    return make


def test_clips_are_stored_once_and_each_has_its_facts(make_task, root, tmp_path, settings):
    (root / "text.mp4").write_text("no video")
    task = make_task("00.mp4", "01.mp4", "text.mp4")
    report = run_task(task)
    facts = [report.clips[key] for _, key in task.clips]
    assert [one["status"] for one in facts] == ["ok", "ok", "unreadable"]
    assert [one["frames"] for one in facts] == [1, 2, 0]
    assert all(one["was_extracted"] for one in facts)
    store = Store(tmp_path / "store", settings)
    assert len(list(store.folder.glob("clips/*.npz"))) == 3
    assert not marker(store, "a").exists()
    assert store.index() == {}  # only the machine that hands out the tasks writes it
    again = run_task(replace(task, name="b"))
    assert again.clips.keys() == report.clips.keys()
    assert not any(one["was_extracted"] for one in again.clips.values())


def test_task_that_ended_a_worker_is_not_tried_again(make_task, tmp_path, settings):
    task = make_task("00.mp4")
    store = Store(tmp_path / "store", settings)
    marker(store, "a").parent.mkdir(exist_ok=True)
    marker(store, "a").touch()
    report = run_task(task)
    assert report.stopped and not report.clips and not report.problem


@pytest.mark.parametrize("apart", [False, True])
def test_worker_that_sees_other_files_or_weights_says_so(make_task, root, apart):
    task = make_task("00.mp4", apart=apart)
    assert (
        run_task(replace(task, fingerprint="other")).problem == "its weights or its version of dfutils differ"
    )
    (root / "00.mp4").write_text("another file")
    assert run_task(task).unseen == [task.clips[0][1]]
    (root / "00.mp4").unlink()
    assert run_task(task).unseen == [task.clips[0][1]]


def test_other_clips_of_a_task_are_extracted(make_task, root):
    task = make_task("00.mp4", "01.mp4")
    (root / "00.mp4").unlink()
    report = run_task(task)
    assert (report.unseen, list(report.clips)) == ([task.clips[0][1]], [task.clips[1][1]])


def test_worker_that_cannot_write_or_has_no_weights_says_so(make_task, tmp_path, settings, monkeypatch):
    task = make_task("00.mp4")
    (Store(tmp_path / "store", settings).folder / "partial").write_text("a file, not a folder")
    assert "cannot be written" in run_task(task).problem

    def fail(*_):
        raise WeightsError("no weights here")

    monkeypatch.setattr(cluster_tasks, "build_backbone", fail)
    assert run_task(task).problem == "no weights here"


def test_clip_that_ends_its_process_does_not_end_the_worker(make_task, root, tmp_path, monkeypatch):
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(POISON)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'site'}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    (root / "00.mp4").rename(root / "poison.mp4")
    task = make_task("poison.mp4", apart=True)
    facts = run_task(task).clips[task.clips[0][1]]
    assert facts["status"] == "unreadable"
    assert facts["reason"] == "reading it ended two processes (signal 11)"
    assert facts["key"] == "" and not facts["was_extracted"]


def test_healthy_clip_that_is_read_apart_is_as_any_other(make_task, tmp_path, settings):
    task = make_task("01.mp4", apart=True)
    facts = run_task(task).clips[task.clips[0][1]]
    store = Store(tmp_path / "store", settings)
    assert facts["status"] == "ok" and facts["was_extracted"] and facts["frames"] == 2
    apart = store.path(facts["key"]).read_bytes()
    store.path(facts["key"]).unlink()
    run_task(replace(task, apart=False))
    assert store.path(facts["key"]).read_bytes() == apart
