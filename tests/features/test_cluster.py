"""An extraction on a cluster gives what one process gives, whatever happens to the workers."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dfutils.errors import SettingsError, StoreError
from dfutils.features import cluster, extract, load
from dfutils.features.clip_job import ClipJob
from dfutils.features.cluster import connect
from dfutils.features.store import Store

pytestmark = pytest.mark.slow
distributed = pytest.importorskip("distributed", reason="needs dfutils[dask]")

CLONE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def workers():
    """A cluster of two workers in this process: quick to start, and they share the network."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as started:
        yield started


def test_cluster_gives_what_one_process_gives(workers, root, make_table, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "_CROPS_PER_TASK", 9)  # several tasks
    (root / "copy.mp4").write_bytes((root / "00.mp4").read_bytes())
    (root / "empty.mp4").touch()
    table = make_table(root)
    table.loc[len(table)] = ["gone", "gone.mp4", 0, "g"]
    address = workers.scheduler_address
    found = extract(table, root, tmp_path / "there", settings, cluster=address, progress=False)
    alone = extract(table, root, tmp_path / "here", settings, progress=False)
    columns = ["clip_id", "status", "reason"]
    assert found.table[columns].equals(alone.table[columns])
    assert (found.extracted, found.fingerprint) == (alone.extracted, alone.fingerprint)
    usable = table[found.table["status"] == "ok"]
    there, here = load(tmp_path / "there", usable), load(tmp_path / "here", usable)
    np.testing.assert_array_equal(there.X, here.X)
    assert Store(tmp_path / "there", settings).index() == Store(tmp_path / "here", settings).index()
    again = extract(table, root, tmp_path / "there", settings, cluster=address, progress=False)
    assert again.extracted == 0


def test_damaged_features_are_extracted_again(workers, root, make_table, settings, tmp_path):
    address, table = workers.scheduler_address, make_table(root).head(3)
    extract(table, root, tmp_path / "store", settings, cluster=address, progress=False)
    store = Store(tmp_path / "store", settings)
    store.path(store.index()["01.mp4"]["key"]).write_bytes(b"damaged")
    found = extract(table, root, tmp_path / "store", settings, cluster=address, progress=False)
    assert (found.extracted, found.repaired) == (1, 1)
    assert "re-extracted" in found.table.set_index("clip_id").loc["01.mp4", "reason"]


def test_store_that_no_worker_can_write_ends_the_run(
    workers, root, make_table, settings, tmp_path, monkeypatch
):
    monkeypatch.setattr(cluster, "_PATIENCE", 1.0)
    store = Store(tmp_path / "store", settings)
    store.create()
    (store.folder / "partial").write_text("a file, not a folder")
    job = ClipJob(root / "00.mp4")
    job.look_up(store)
    with pytest.raises(StoreError, match=r"No worker of the cluster can go on\. .*partial|cannot be written"):
        list(cluster.run_on_cluster([job], settings, store=store, cluster=workers.scheduler_address))


def test_worker_that_sees_other_files_is_named(workers, root, settings, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "_PATIENCE", 1.0)
    monkeypatch.setattr(ClipJob, "is_unchanged", lambda self: True)  # as this machine sees it
    store = Store(tmp_path / "store", settings)
    store.create()
    job = ClipJob(root / "00.mp4", key="0" * 32)
    with pytest.raises(StoreError, match=r"does not see the same file as this machine at .*00\.mp4"):
        list(cluster.run_on_cluster([job], settings, store=store, cluster=workers.scheduler_address))
    assert "gets no more clips" in capsys.readouterr().err


def test_clip_that_changes_before_it_is_read_is_unreadable(
    workers, root, make_table, settings, tmp_path, monkeypatch
):
    look_up = ClipJob.look_up

    def look_up_and_replace(job, store):
        look_up(job, store)
        if job.path.name == "03.mp4":
            job.path.write_bytes(b"another file")

    monkeypatch.setattr(ClipJob, "look_up", look_up_and_replace)
    table = make_table(root).head(5)
    address = workers.scheduler_address
    found = extract(table, root, tmp_path / "store", settings, cluster=address, progress=False)
    assert found.table["status"].tolist() == ["ok", "ok", "ok", "unreadable", "ok"]
    assert found.table["reason"][3] == "changed or vanished before it was read"


def test_cluster_that_cannot_be_reached_is_named(monkeypatch):
    monkeypatch.setattr(cluster, "_PATIENCE", 1.0)
    for address in ("tcp://127.0.0.1:9", "nonsense"):
        with (
            pytest.raises(SettingsError, match=rf"reached at {address}\. Start `dask scheduler`"),
            connect(address),
        ):
            pass


def test_missing_dask_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SettingsError, match=r"pip install 'dfutils\[dask\]'"), connect("local"):
        pass


def test_killed_workers_a_clip_that_kills_them_and_a_full_disk():
    command = ("benchmarks/cluster.py", "--clips", "8", "--frames", "4", "--kill-every", "6", "--kills", "3")
    done = subprocess.run([sys.executable, *command], cwd=CLONE, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert "poison.mp4: unreadable, reading it ended two processes (signal 11)" in done.stdout
    assert "0 of them with other bytes" in done.stdout


def test_ctrl_c_ends_the_run_and_what_was_stored_stays(workers, root, make_table, settings, tmp_path):
    make_table(root)[["clip_id", "path"]].to_csv(tmp_path / "catalog.csv", index=False)
    command = [
        *(sys.executable, "-m", "dfutils", "extract", tmp_path / "catalog.csv", "--root", root),
        *("--store", tmp_path / "store", "--frames", "3", "--face", "none", "--weights", "random"),
        *("--layers", "mixed0", "--dask", "local"),
    ]
    with subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if "1/20" in line:
                break
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 130
    assert list((tmp_path / "store").glob("*/clips/*.npz"))
