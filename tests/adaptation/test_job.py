import pandas as pd

from dfutils.adaptation.job import in_rounds, run_id


def catalog():
    return pd.DataFrame(
        [
            {"clip_id": f"{split}{group}{label}{take}", "group": f"g{group}", "label": label, "split": split}
            for split in ("train", "test")
            for group in range(6)
            for label in (0, 1)
            for take in range(4)
        ]
    )


def test_first_clips_are_of_many_groups_and_both_classes():
    first = in_rounds(catalog(), 7).head(24)
    assert first["group"].nunique() == 6
    assert first.groupby(["split", "label"]).size().tolist() == [6, 6, 6, 6]


def test_order_does_not_depend_on_the_order_of_the_rows():
    table = catalog()
    first = in_rounds(table, 7)["clip_id"].tolist()
    assert in_rounds(table.sample(frac=1, random_state=3), 7)["clip_id"].tolist() == first
    assert in_rounds(table, 8)["clip_id"].tolist() != first
    assert sorted(first) == sorted(table["clip_id"])


def test_runs_are_named_by_all_they_depend_on():
    run = {"clips": "a", "settings": {"seed": 7}}
    assert run_id(run) == run_id({"settings": {"seed": 7}, "clips": "a"})
    assert run_id(run) != run_id({"clips": "a", "settings": {"seed": 8}})
