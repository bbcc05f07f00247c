import pandas as pd
import pytest

from dfutils.adaptation.parts import divide
from dfutils.errors import DataError, SettingsError


def catalog(groups=10, *, fakes=True, splits=None):
    rows = []
    for group in range(groups):
        for label in (0, 1) if fakes else (0,):
            rows.append(
                {
                    "clip_id": f"g{group}/{label}",
                    "path": f"g{group}/{label}.mp4",
                    "label": label,
                    "method": "swap" if label else "",
                    "group": f"g{group}",
                    "split": (splits or {}).get(group, ""),
                }
            )
    return pd.DataFrame(rows)


def divided(table, **options):
    return divide(table, **{"fakes": "auto", "test": 0.2, "val": 0.2, "seed": 7, **options})


def test_groups_are_never_cut_and_all_three_parts_hold_both_classes():
    parts = divided(catalog())
    assert parts.fakes == "both"
    assert (parts.table.groupby("group")["split"].nunique() == 1).all()
    assert parts.table.groupby("split")["label"].nunique().to_dict() == {"test": 2, "train": 2, "val": 2}


def test_given_split_is_kept_and_validation_groups_are_drawn_from_training():
    parts = divided(catalog(splits={group: "test" if group < 5 else "train" for group in range(10)}))
    table = parts.table
    assert set(table.loc[table["split"] == "test", "group"]) == {f"g{group}" for group in range(5)}
    assert table.loc[table["split"] == "val", "group"].nunique() == 1


def test_no_test_part_if_none_is_wanted():
    parts = divided(catalog(), test=0.0)
    assert set(parts.table["split"]) == {"train", "val"}
    assert any("kept out for a test" in remark for remark in parts.remarks)


def test_without_fakes_pseudo_fakes_are_used_and_it_is_said():
    parts = divided(catalog(fakes=False))
    assert parts.fakes == "pseudo"
    assert set(parts.table["split"]) == {"train", "val"}
    assert any("pseudo-fakes" in remark for remark in parts.remarks)


def test_pseudo_fakes_alone_leave_the_fakes_out_of_training_and_validation_but_not_of_the_test():
    parts = divided(catalog(), fakes="pseudo")
    fake = parts.table[parts.table["label"] == 1]
    assert set(fake["split"]) == {"test"}
    assert {"train", "val"} <= set(parts.table.loc[parts.table["label"] == 0, "split"])


def test_training_reals_with_test_fakes_only():
    table = catalog(splits={group: "test" if group < 4 else "train" for group in range(10)})
    table = table[(table["label"] == 0) | (table["split"] == "test")]
    parts = divided(table)
    assert parts.fakes == "pseudo"
    assert parts.table.groupby("split")["label"].nunique().to_dict() == {"test": 2, "train": 1, "val": 1}


def test_missing_classes_and_groups_are_refused_with_a_remedy():
    with pytest.raises(DataError, match="dfutils forge ROOT OUT"):
        divided(catalog(fakes=False), fakes="real")
    real = catalog()
    with pytest.raises(DataError, match="None of the 10 labelled clips is real"):
        divided(real[real["label"] == 1])
    with pytest.raises(DataError, match=r"one group \('g0'\)"):
        divided(catalog(groups=1))
    with pytest.raises(SettingsError, match="test=1.5"):
        divided(catalog(), test=1.5)


def test_clips_without_a_label_are_left_out():
    table = catalog()
    table["label"] = table["label"].astype("Int64")
    table.loc[0, "label"] = pd.NA
    assert "g0/0" not in set(divided(table).table["clip_id"])


def test_row_order_has_no_effect():
    table = catalog()
    first = divided(table).table.set_index("clip_id")["split"].sort_index()
    second = divided(table.sample(frac=1, random_state=1)).table.set_index("clip_id")["split"].sort_index()
    assert first.equals(second)
