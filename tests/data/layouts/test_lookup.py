"""Layouts are found by name or by what a folder holds, and each describes itself."""

import pytest

from dfutils.data import LAYOUTS, read_catalog
from dfutils.data.layouts.lookup import by_rank, find_layout
from dfutils.data.layouts.registry import Entry, Reading, layout
from dfutils.errors import DataError
from dfutils.media.files import list_files

TREES = {
    "table": {"clips.csv": "path,label\na.mp4,1\n", "a.mp4": ""},
    "celebdf": ["Celeb-real/id0_0000.mp4", "YouTube-real/00000.mp4", "Celeb-synthesis/id0_id1_0000.mp4"],
    "celebdf (++)": ["Celeb-real/id0_0000.mp4", "Celeb-synthesis/FaceSwap/BlendFace/id0_id1_0000.mp4"],
    "deeperforensics": [
        *("manipulated_videos/end_to_end/000_W101.mp4", "original_sequences/youtube/c23/videos/000.mp4")
    ],
    "deepfaketimit": [
        "higher_quality/fadg0/sa1-video-fram1.avi", "lower_quality/fadg0/sa1-video-fram1.avi", "mccs0/sa1.avi"
    ],
    "deepfaketimit (stills)": [
        "DeepfakeTIMIT/lower_quality/fadg0/sa1-video-fram1.avi", "VidTIMIT/fadg0/video/sa1/001"
    ],
    "deepspeak": {
        "annotations-real.csv": "identity,video-file\n11,11-4897.mp4\n",
        "annotations-fake.csv": "video-file,kind,engine,identity-source,identity-target\n"
        "facefusion-1-4897-real.mp4,face-swap,facefusion,11,11\n",
        "annotations-split-def.csv": "identity,split\n11,train\n",
        "part-0/11-4897.mp4": "",
        "part-0/facefusion-1-4897-real.mp4": "",
    },
    "dfd": [
        *("DFD_original_sequences/01__scene.mp4", "DFD_manipulated_sequences/01_02__scene__ABCDEFGH.mp4")
    ],
    "dfdc": {
        "part_0/metadata.json": '{"a.mp4": {"label": "FAKE", "original": "b.mp4", "split": "train"}, '
        '"b.mp4": {"label": "REAL", "original": null, "split": "train"}}',
        "part_0/a.mp4": "",
        "part_0/b.mp4": "",
    },
    "faceforensics": [
        "original_sequences/youtube/c23/videos/000.mp4",
        "manipulated_sequences/Deepfakes/c23/videos/000_003.mp4",
    ],
    "fakeavceleb": [
        "RealVideo-RealAudio/African/men/id00076/00109.mp4",
        "FakeVideo-RealAudio/African/men/id00076/00109_0_id00166_wavtolip.mp4",
    ],
    "ffiw": ["source/train/train_00000000.mp4", "target/train/train_00000000.mp4"],
    "kodf": {
        "원본영상_training_메타데이터.csv": "영상ID,UUID\n0e23d546a5f952542a00_001.mp4,0e23d546a5f952542a00\n",
        "원본1/0e23d546a5f952542a00/0e23d546a5f952542a00_001.mp4": "",
    },
    "sdfvd": ["videos_real/v1.mp4", "videos_fake/vs1.mp4"],
    "uadfv": ["real/0000.mp4", "fake/0000_fake.mp4"],
    "wilddeepfake": ["real_train/0/real/1/0.png", "fake_test/1/fake/131/942.png"],
    "folders": ["real/a.mp4", "real/0001.mp4", "fake/b.mp4", "fake/0001.mp4"],
    "folders (numbers)": ["real/0000.mp4", "fake/0000.mp4"],
    "folders (splits)": ["train/real/a.mp4", "train/fake/b.mp4", "test/real/c/0.png", "test/fake/d/0.png"],
    "folders (splits below)": ["real/train/train_00000000.mp4", "fake/train/train_00000000.mp4"],
}  # fmt: skip


@pytest.fixture
def wild_layout():
    """A layout named Wild-2024, registered for one test."""

    @layout("Wild-2024", "wild/x.mp4", lambda files: "wild/x.mp4" in files.paths, otherwise="not wild")
    def read_wild(files):
        return Reading([Entry("wild/x.mp4", label=1, method="wild")])

    yield LAYOUTS["Wild-2024"]
    del LAYOUTS["Wild-2024"]


def test_every_layout_has_a_description():
    assert {known.name for known in by_rank()} >= {
        *("table", "sdfvd", "faceforensics", "dfd", "celebdf", "dfdc", "deeperforensics", "folders"),
        *("deepfaketimit", "deepspeak", "fakeavceleb", "ffiw", "kodf", "uadfv", "wilddeepfake"),
    }
    for known in by_rank():
        assert known.looks_like
        assert known.read.__doc__


def test_the_users_table_comes_before_data_sets_and_these_before_plain_folders():
    names = [known.name for known in by_rank()]
    assert names[0] == "table"
    assert names.index("sdfvd") < names.index("folders")


@pytest.mark.parametrize("name", ["auto", "wild2024", "Wild-2024"])
def test_a_layout_is_found_whatever_the_case_and_punctuation(make_files, wild_layout, name):
    assert read_catalog(make_files("wild/x.mp4"), layout=name).layout == "Wild-2024"


def test_an_unknown_name_lists_the_known_ones():
    assert find_layout("Celeb-DF").name == "celebdf"
    with pytest.raises(DataError, match="Unknown layout 'nonsense'. Known: auto, table, celebdf"):
        find_layout("nonsense")


def test_where_a_layout_is_missing_a_package_that_failed_is_named(make_files, monkeypatch):
    problem = "The layout 'odd' of the package oddpack 1.5 cannot be used (no licence)."
    for module in ("catalog", "layouts.lookup"):
        monkeypatch.setattr(f"dfutils.data.{module}.load_plugins", lambda: (problem,))
    root = make_files("odd/x.mp4")
    for options in ({}, {"layout": "odd"}):
        with pytest.raises(DataError, match="oddpack 1.5 cannot be used"):
            read_catalog(root, **options)


def write(make_files, files, above):
    """Write a tree below a folder: a list of names, or {name: content}; return the root."""
    for name, content in (files if isinstance(files, dict) else dict.fromkeys(files, "")).items():
        root = make_files(above + name, content=content.encode() or b"x")
    return root


def test_every_layout_that_auto_can_find_has_a_tree_here():
    found = {known.name for known in by_rank()}
    assert found - {name.split()[0] for name in TREES} == {"pictures", "stills"}


@pytest.mark.parametrize(
    ("case", "above"),
    # The user's own table stands at the top.
    [(case, above) for above in ("", "copy of 2024/") for case in TREES if not above or case != "table"],
)
def test_auto_finds_the_layout_and_no_other_data_set_fits(make_files, case, above):
    name = case.split()[0]
    root = write(make_files, TREES[case], above)
    catalog = read_catalog(root)
    assert catalog.layout == name
    assert len(catalog.table) >= 1
    assert read_catalog(root, layout=name).table.equals(catalog.table)
    rank = next(known.rank for known in by_rank() if known.name == name)
    files = list_files(root)
    fitting = [known.name for known in by_rank() if known.rank == rank and known.recognises(files)]
    assert fitting == [name]
