"""What a report says about its origin."""

from pathlib import Path

from dfutils.reporting.provenance import collect_provenance, in_project


def test_provenance_names_commit_versions_and_platform():
    facts = collect_provenance()
    assert set(facts) == {"git_commit", "versions", "platform"}
    assert {"dfutils", "python", "tensorflow", "keras"} <= set(facts["versions"])
    assert "CPU cores" in facts["platform"]


def test_path_of_the_data_never_shows_private_folders(home):
    assert in_project(home / "data" / "demo" / "raw") == "data/demo/raw"
    assert in_project(Path("/somebody/private/videos")) == "videos"
