"""Which notebooks of a series run."""

import json
from pathlib import Path

import pytest

from dfutils.errors import SettingsError
from dfutils.reporting.selection import choose_notebooks, find_series, kept_from

SERIES = [Path(f"{name}.ipynb") for name in ("01_data_loading", "04_gru_training", "10_more")]


def test_the_project_has_a_series_and_an_empty_folder_has_none(tmp_path):
    assert [path.stem[:2] for path in find_series()] == [f"{n:02d}" for n in range(1, 10)]
    with pytest.raises(SettingsError, match="holds no notebooks"):
        find_series(folder=tmp_path)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["01_data_loading", "04_gru_training", "10_more"]),
        ({"only": ["04"]}, ["04_gru_training"]),
        ({"only": ["10", "4"]}, ["04_gru_training", "10_more"]),
        ({"only": ["04_gru_training"]}, ["04_gru_training"]),
        ({"start": "4"}, ["04_gru_training", "10_more"]),
    ],
)
def test_notebooks_are_chosen_by_number_or_name(options, expected):
    assert [path.stem for path in choose_notebooks(SERIES, **options)] == expected


@pytest.mark.parametrize("name", ["1_data", "04_gru", "", "11"])
def test_other_names_are_unknown(name):
    with pytest.raises(SettingsError, match="There is no notebook"):
        choose_notebooks(SERIES, only=[name])


def test_pages_of_notebooks_that_were_finished_are_kept(tmp_path):
    before = {
        "status": {"01_data_loading": "earlier", "04_gru_training": "failed", "10_more": "ok"},
        "provenance": {"started": "today", "earlier": {"01_data_loading": "yesterday"}},
    }
    assert kept_from(tmp_path, SERIES, SERIES[:1]) == {}
    (tmp_path / "results.json").write_text(json.dumps(before))
    (tmp_path / "notebooks").mkdir()
    for path in SERIES:
        (tmp_path / "notebooks" / path).touch()
    assert kept_from(tmp_path, SERIES, SERIES[1:]) == {"01_data_loading": "yesterday"}
    assert kept_from(tmp_path, SERIES, SERIES[:1]) == {"10_more": "today"}
    (tmp_path / "notebooks/10_more.ipynb").unlink()  # by hand
    assert kept_from(tmp_path, SERIES, SERIES[:1]) == {}
