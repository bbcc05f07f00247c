from types import SimpleNamespace

import numpy as np
import pandas as pd

from dfutils import plots


def test_forgeries_say_how_much_changes_inside_and_outside_the_mask(make):
    original = np.zeros((2, 10, 10, 3), np.uint8)
    fake, mask = original.copy(), np.zeros((2, 10, 10), np.uint8)
    mask[:, :, :5] = 1
    fake[0, :, :5], fake[1] = 200, 50
    alt = plots.forgeries(make.forgeries(mask, original, fake)).alt
    assert "2 columns, one per forgery (swap and blend)" in alt
    assert (
        "Inside the outlined mask a pixel changes by 50.0 to 200.0 of 255 levels, outside by 0.0 to 50.0."
        in alt
    )


def test_faces_are_counted_by_class_and_group_and_missing_ones_are_named(make):
    tracks = {f"clip{i}": make.track() for i in range(4)}
    figure = plots.face_grid(tracks, make.catalog().head(6))
    assert "4 face crops: 2 real (blue frames) and 2 fake (orange frames), of 2 groups: a and b" in figure.alt
    assert "2 clips without a usable face are not shown" in figure.alt
    assert plots.face_grid({}, make.catalog()).alt == "None of 12 clips shows a face that can be used."


def test_an_unknown_label_gets_a_grey_frame(make):
    table = make.catalog("a", ["test"], [pd.NA])
    axis = plots.face_grid({"clip0": make.track()}, table).axes[0]
    assert axis.spines["left"].get_edgecolor()[:3] == tuple(
        int("8A8F98"[i : i + 2], 16) / 255 for i in (0, 2, 4)
    )


def test_pairs_of_groups_are_named_with_their_distance_and_those_without_a_face_are_counted(make):
    names = [("004-982", "519-515", 0.26), ("634-660", "043-110", 0.371), ("a", "b", 0.38)]
    pairs = [
        SimpleNamespace(
            first=first, second=second, distance=distance, first_clip=f"{first}/1", second_clip=f"{second}/1"
        )
        for first, second, distance in names
    ]
    tracks = {clip: make.track() for pair in pairs[:2] for clip in (pair.first_clip, pair.second_clip)}
    figure = plots.person_pairs(pairs, tracks)
    assert "for 2 pairs of groups" in figure.alt
    assert "004-982 with 519-515 (0.26) and 634-660 with 043-110 (0.37)" in figure.alt
    assert "1 pair is not shown" in figure.alt
    assert [axis.get_xlabel() for axis in figure.axes] == ["004-982", "634-660", "519-515", "043-110"]
    assert plots.person_pairs([], {}).alt == "There is no pair of groups to show."


def test_media_facts_give_the_medians_of_both_classes(make):
    facts = make.facts(4).assign(seconds=[1, 2, 3, 4], bytes=[1e6, 2e6, 3e6, 5e6])
    alt = plots.media_facts(facts, [0, 0, 1, 1]).alt
    assert "Median length: real 1.5, fake 3.5 seconds" in alt
    assert "All pictures are 384 x 384 pixels" in alt
    assert "Median file size: real 1.5, fake 4 megabytes" in alt


def test_media_facts_of_pictures_count_frames_and_unknown_facts_are_called_so(make):
    pictures = make.facts().assign(seconds=np.nan)
    assert "real 50, fake 50 frames" in plots.media_facts(pictures, [0, 1, 1]).alt
    unknown = plots.media_facts(make.facts() * np.nan, [0, 1, 1]).alt
    assert "real unknown, fake unknown" in unknown
    assert "No resolution is known" in unknown
