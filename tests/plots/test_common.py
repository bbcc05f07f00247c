from dfutils import plots
from dfutils.plots.common import Tile, draw_tiles
from dfutils.plots.style import CLASS_COLOURS, GREY


def test_pictures_are_counted_and_their_titles_read_out(make):
    figure = plots.image_grid(
        make.pictures(3), titles=["squeezed", "cut", "margin"], of="one frame", key="squares"
    )
    assert figure.alt == "3 pictures in one row of one frame. From left to right: squeezed, cut and margin."
    assert figure.key == "squares"
    assert "in 2 rows" in plots.image_grid(make.pictures(3), columns=2).alt


def test_rows_of_wide_pictures_leave_no_gap(make):
    wide = [picture[:5] for picture in make.pictures(2)]
    square, low = (plots.image_grid(pictures, columns=1) for pictures in (make.pictures(2), wide))
    assert low.get_figheight() == square.get_figheight() / 4


def test_neighbours_say_how_many_are_of_the_same_clip_and_group(make):
    asked, other = make.seen("a/1", 0, "a"), make.seen("c/1", 1, "c")
    rows = [
        [asked, make.seen("a/1", 0, "a"), make.seen("a/2", 1, "a")],
        [other, make.seen("c/1", 1, "c"), make.seen("d/1", 1, "d")],
    ]
    alt = plots.neighbours(rows, ["frames at random", "whole groups"]).alt
    assert "2 frames (real and fake)" in alt
    assert "frames at random: same clip in 2 of 2." in alt
    assert "whole groups: same group in 1 of 2 and another group in 1 of 2." in alt


def test_a_row_of_pictures_may_be_shorter_than_the_others_or_have_gaps(make):
    image = make.pictures(1)[0]
    rows = [[Tile(image, 1, "a"), Tile(None, 1, "b")], [Tile(image, None, "c")]]
    axes = draw_tiles(rows, ["first", "second"]).axes
    assert [axis.axison for axis in axes] == [True, False, True, False]
    assert axes[0].spines["left"].get_edgecolor() != axes[2].spines["left"].get_edgecolor()
    assert axes[2].xaxis.label.get_color() == GREY
    assert axes[0].xaxis.label.get_color() == CLASS_COLOURS[1]
