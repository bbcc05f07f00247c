"""Parameters from profiles and from the command line."""

import pytest

from dfutils.errors import SettingsError
from dfutils.reporting import write_report

pytestmark = pytest.mark.slow


def test_parameters_come_from_the_profile_and_are_read_as_declared(make_series):
    folder = make_series(
        "from dfutils.notebook import record\nrecord(epochs=epochs, fast=fast, workspace=workspace)"
    )
    (folder / "profiles" / "long.yml").write_text("epochs: 50\n")
    report = write_report(name="demo", profile="long", parameters={"fast": "true"}, notebooks=folder)
    assert report.results["notebooks"]["01_a"] == {"epochs": 50, "fast": True, "workspace": "demo"}
    assert report.results["provenance"]["parameters"]["01_a"] == {
        "workspace": "demo",
        "epochs": 50,
        "fast": True,
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parameters": {"epoch": 3}}, "No notebook has a parameter 'epoch'. Did you mean 'epochs'"),
        ({"parameters": {"epochs": "many"}}, "'epochs' is of type int. Received: 'many'"),
        ({"parameters": {"epochs": "2.5"}}, "'epochs' is of type int"),
        ({"parameters": {"fast": "perhaps"}}, "'fast' is of type bool"),
        ({"profile": "huge"}, "Unknown profile 'huge'. Known: demo"),
        ({"name": "../up"}, "cannot name"),
    ],
)
def test_wrong_settings_are_refused_before_anything_runs(make_series, home, options, message):
    folder = make_series("1")
    with pytest.raises(SettingsError, match=message):
        write_report(notebooks=folder, **options)
    assert not (home / "reports").exists()
