"""Clips that cannot be used are named, with the reason and the remedy."""

import numpy as np
import pytest

from dfutils.errors import DataError, DfutilsError, SettingsError
from dfutils.training.checks import check_clips, check_counts, check_fitted, check_scorable, check_width


def test_usable_clips_pass(make_clips):
    check_clips("training", make_clips(8))
    check_scorable("given", make_clips(8))
    check_width("clips", make_clips(8), 6)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("one class", "All 8 test clips are fake: both classes are needed"),
        ("no label", "test clip 'clip002' has no label"),
        ("not finite", "test clip 'clip003' has features that are not finite"),
        ("no frame", "test clip 'clip004' has no frame"),
        ("padding before a frame", "test clip 'clip005' has padding before a frame.*right-padded"),
    ],
)
def test_unusable_clip_is_named(make_faulty_clips, fault, message):
    with pytest.raises(DataError, match=message):
        check_clips("test", make_faulty_clips(fault))


def test_packed_clips_are_checked_alike(make_faulty_clips, make_packed):
    _, packed = make_packed(make_faulty_clips("not finite", n=600))
    with pytest.raises(DataError, match="test clip 'clip003' has features that are not finite"):
        check_clips("test", packed)
    check_clips("test", packed.take(np.arange(4, 600)))


def test_no_clips_at_all_are_refused(make_clips):
    with pytest.raises(DataError, match="There is no training clip"):
        check_clips("training", make_clips(8).take(np.arange(0)))


def test_labels_and_classes_do_not_matter_for_scoring(make_faulty_clips):
    check_scorable("given", make_faulty_clips("one class"))
    check_scorable("given", make_faulty_clips("no label"))


def test_fault_in_a_later_block_is_found(make_clips):
    clips = make_clips(300)
    clips.X[299, 0, 0] = np.inf
    with pytest.raises(DataError, match="clip299"):
        check_scorable("given", clips)


def test_wrong_number_of_features_is_refused(make_clips):
    with pytest.raises(DataError, match="takes 5 features per frame, and the clips have 6"):
        check_width("clips", make_clips(4), 5)


@pytest.mark.parametrize("count", [0, -1, 2.5, "3", None])
def test_count_must_be_a_whole_number_of_at_least_1(count):
    check_counts(epochs=1, units=np.int64(3))
    with pytest.raises(SettingsError, match=f"epochs must be a whole number.*epochs={count!r}"):
        check_counts(epochs=count)


def test_detector_must_be_fitted_before_use():
    check_fitted("GRU", True)
    with pytest.raises(DfutilsError, match=r"'GRU' is not fitted\. Call fit"):
        check_fitted("GRU", False)
