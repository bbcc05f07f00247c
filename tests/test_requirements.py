"""Which packages are missing or too old."""

import pytest

from dfutils import requirements
from dfutils.requirements import (
    all_requirements,
    count_requirements,
    installed_versions,
    package_name,
    pip_error,
    unmet_requirements,
)


@pytest.fixture
def installed(monkeypatch):
    """A function that pretends that only these versions are installed: `installed({"av": "17.1"})`."""

    def pretend(versions, others="999"):
        monkeypatch.setattr(requirements, "_version", lambda name: versions.get(name, others))

    return pretend


def test_here_nothing_is_missing():
    assert unmet_requirements() == {}
    assert unmet_requirements("reports", "notebooks", "test") == {}
    assert count_requirements() > 20 > count_requirements("reports") > 3


def test_missing_and_old_packages_are_told_apart(installed):
    installed({"av": None, "click": "8.1.8"})
    assert unmet_requirements() == {"av>=17.1": "av", "click>=8.2": "click 8.1.8"}


def test_extras_are_asked_for_by_name(installed):
    installed({}, others=None)
    assert "papermill>=2.6" not in unmet_requirements()
    assert "papermill>=2.6" in unmet_requirements("reports")
    assert "numpy>=1.26" not in unmet_requirements("reports")
    assert not any(name.startswith("dfutils") for name in unmet_requirements("notebooks"))


@pytest.mark.parametrize(("replacement", "unmet"), [("opencv-python-headless", False), ("opencv", True)])
def test_other_packages_of_opencv_count(installed, replacement, unmet):
    installed(
        {replacement: "4.11", "opencv-python": None, "opencv-contrib-python": None}
        | {name: None for name in requirements._REPLACEMENTS["opencv-python"] if name != replacement}
    )
    assert any(name.startswith("opencv") for name in unmet_requirements()) == unmet


def test_versions_of_everything_are_known():
    assert installed_versions()["numpy"]


@pytest.mark.parametrize(
    "text", ["Scikit_Learn", "scikit-learn>=1.8", "scikit.learn[x]~=1", "scikit-learn ; x"]
)
def test_names_of_packages_are_spelled_as_pip_compares_them(text):
    assert package_name(text) == "scikit-learn"


def test_requirements_are_written_as_pip_takes_them():
    assert "av>=17.1" in all_requirements()
    assert "papermill>=2.6" not in all_requirements()
    assert {"av>=17.1", "papermill>=2.6"} <= set(all_requirements("reports"))


@pytest.mark.parametrize(
    ("output", "error"),
    [
        ("", "no message"),
        ("killed\n", "killed"),
        ("ERROR: a\nWARNING: b\nERROR: c\n\n  hint\n", "a c"),
    ],
)
def test_errors_of_pip_are_told_in_one_line(output, error):
    assert pip_error(output) == error
