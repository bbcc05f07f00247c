from types import SimpleNamespace

from dfutils import plots


def test_the_strongest_of_each_degradation_is_read_out(make):
    alt = plots.robustness(SimpleNamespace(table=make.degraded(0.9, 0.8, 0.7, 0.75, 0.55))).alt
    assert "AUC 0.90 [0.80, 1.00] on the unchanged clips" in alt
    assert "h264 40: 0.70; resolution 0.25: 0.55" in alt
    assert "1 of 4 intervals after a degradation contains 0.5, chance" in alt


def test_the_smallest_size_stands_to_the_right(make):
    axis = plots.robustness(make.degraded(0.9, 0.8, 0.7, 0.75, 0.55)).axes[1]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["0.5", "0.25"]
