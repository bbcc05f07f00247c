from dfutils import plots
from dfutils.plots.style import YELLOW
from dfutils.tables import Catalog


def test_clips_of_each_class_are_counted_per_split(make):
    alt = plots.split_counts(make.catalog()).alt
    assert "train 3 real and 3 fakes, val 1 real and 1 fake, test 2 real and 2 fakes" in alt
    assert "every split has each of them" in alt


def test_a_method_that_is_missing_from_a_split_is_named(make):
    table = make.catalog()
    table.loc[(table["split"] == "train") & (table["label"] == 1), "method"] = "blend"
    table.loc[(table["split"] == "test") & (table["label"] == 1), "method"] = "blend"
    alt = plots.split_counts(table).alt
    assert (
        "Fakes of 2 methods, 1 to 5 clips each; there is no swap in train, blend in val and swap in test"
        in alt
    )


def test_clips_without_a_split_or_a_label_are_counted(make):
    table = make.catalog(splits=[""] * 2 + ["train"] * 10)
    assert "2 clips without a split or a label are not shown" in plots.split_counts(table).alt
    assert plots.split_counts(make.catalog(splits=[""] * 12)).alt == "None of the 12 clips is in a split yet."


def test_groups_that_stand_in_one_split_are_said_to(make):
    figure = plots.group_sides(Catalog(make.catalog()))
    assert figure.alt == (
        "6 groups as columns of clips: 3 in train, 1 in val and 2 in test. No group has clips in more than one split."
    )
    assert figure.caption.endswith("Each group is in one split only.")


def test_a_group_that_is_cut_is_named_with_its_splits_and_shaded(make):
    figure = plots.group_sides(make.catalog("aabbccddeeaa"))
    assert "1 group has clips in more than one split: a (train and test)" in figure.alt
    assert "1 group of the test has clips in another split too" in figure.caption
    shaded = [len(axis.patches) for axis in figure.axes]
    assert shaded == [1, 0, 1]
    assert figure.axes[0].patches[0].get_facecolor()[:3] == tuple(
        int(YELLOW[i : i + 2], 16) / 255 for i in (1, 3, 5)
    )


def test_a_group_cut_between_training_and_validation_is_no_matter_of_the_test(make):
    figure = plots.group_sides(make.catalog("aabbccaaeeff"))
    assert "a (train and val)" in figure.alt
    assert "test" not in figure.caption


def test_of_many_cut_groups_some_are_named_and_the_rest_counted(make):
    table = make.catalog([f"g{i // 2}" for i in range(12)], ["train", "test"] * 6)
    assert "6 groups have clips in more than one split" in plots.group_sides(table).alt
    assert "and 4 more" in plots.group_sides(table).alt


def test_every_clip_of_a_group_is_inside_the_picture(make):
    axis = plots.group_sides(make.catalog("a" * 12, ["train"] * 12)).axes[0]
    low, high = axis.get_ylim()
    heights = [height for dots in axis.collections for _, height in dots.get_offsets()]
    assert low < min(heights) - 0.5
    assert max(heights) + 0.5 < high
