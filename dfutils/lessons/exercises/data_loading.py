"""Check the answers to the exercises of notebook 01."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from dfutils.data.validation import catalog_table
from dfutils.lessons.answers import check_answer, check_names
from dfutils.tables import Catalog


def majority_line(answer: float | None, catalog: Catalog | pd.DataFrame) -> None:
    """Check the exercise of notebook 01: the accuracy of always naming the majority class.

    Only the real clips and the fakes of the first method, in alphabetical order, count.

    Args:
        answer: float or None. The reader's answer.
        catalog: Catalog or DataFrame. One row per clip, with label and method.
    """
    table = catalog_table(catalog, needs=("label", "method"))
    method = table.loc[table["label"] == 1, "method"].min()
    share = table.loc[(table["label"] == 0) | (table["method"] == method), "label"].mean()
    check_answer(
        answer,
        float(max(share, 1 - share)),
        usual={
            float(min(share, 1 - share)): "That is the share of the smaller class.",
            float(
                max(table["label"].mean(), 1 - table["label"].mean())
            ): "That is with the fakes of all methods.",
        },
        hint=f"count the real clips, count the clips forged by {method}, and divide the larger count by the sum.",
    )


def shared_groups(answer: float | None, train: pd.DataFrame, test: pd.DataFrame) -> None:
    """Check the exercise of notebook 01: the share of the test clips whose group has clips in training too.

    Args:
        answer: float or None. The reader's answer.
        train: DataFrame. One row per training clip, with group.
        test: DataFrame. One row per test clip, with group.
    """
    shared = test["group"].isin(train["group"])
    check_answer(
        answer,
        float(shared.mean()),
        usual={
            float((~shared).mean()): "That is the share of the clips whose group is *not* in training.",
            float(shared.sum()): "That is a number of clips. Divide it by the number of test clips.",
            test["group"][shared].nunique()
            / test["group"].nunique(): "That is a share of groups, not of clips.",
        },
        hint="for each test clip, see whether its group is among the groups of the training clips. Divide the number "
        "of such clips by the number of test clips.",
    )


def plant_leaks(catalog: Catalog | pd.DataFrame, *, seed: int = 7) -> pd.DataFrame:
    """Return a table of clips with leaks from training to the test, for an exercise of notebook 01.

    Two kinds of leaks are planted: clips of a training group that are in the test, and files with the same content
    in training and test, in different groups.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id, label, group and split.
        seed: int. Chooses the clips. Defaults to 7.

    Returns:
        DataFrame. The training and the test clips, with the columns clip_id, label, group, split and content: a code
        that is equal for files with the same content.
    """
    table = catalog_table(catalog, needs=("clip_id", "label", "group", "split"))
    table = table.loc[table["split"].isin(["train", "test"]), ["clip_id", "label", "group", "split"]]
    table = table.reset_index(drop=True)
    rng = np.random.default_rng(seed)
    table["content"] = [f"{code:06x}" for code in rng.choice(1 << 24, len(table), replace=False)]
    training = table.index[table["split"] == "train"]
    tested = table.index[table["split"] == "test"]
    moved = table[table["group"] == table.loc[rng.choice(training), "group"]].index
    table.loc[moved[: max(1, len(moved) // 2)], "split"] = "test"
    originals = rng.choice(training.difference(moved), min(2, len(training.difference(moved))), replace=False)
    for copy, original in zip(rng.permutation(tested), originals, strict=False):
        table.loc[copy, "content"] = table.loc[original, "content"]
    return table


def find_leaks(answer: Iterable[str] | None, planted: pd.DataFrame) -> None:
    """Check the exercise of notebook 01: the test clips that training gives away.

    Args:
        answer: set or list of str, or None. The clip_ids that the reader found.
        planted: DataFrame. From `plant_leaks`.
    """
    train, test = (planted[planted["split"] == part] for part in ("train", "test"))
    by_group = test.loc[test["group"].isin(train["group"]), "clip_id"]
    by_content = test.loc[test["content"].isin(train["content"]), "clip_id"]
    why = dict.fromkeys(by_content, "Some files in the test have the same content as a file in training.")
    why |= dict.fromkeys(by_group, "Some clips in the test are of a group that is in training.")
    why |= dict.fromkeys(train["clip_id"], "Name the clips in the test, not those in training.")
    check_names(
        answer,
        {*by_group, *by_content},
        known=set(planted["clip_id"]),
        why=why,
        hint="compare the `group` and the `content` of each test clip with those of all training clips.",
    )
