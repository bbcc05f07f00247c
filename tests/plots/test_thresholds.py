import numpy as np

from dfutils import plots


def test_each_chosen_threshold_says_what_it_costs(make):
    alt = plots.threshold_costs(make.thresholds(), {"chosen": 0.3, "strict": 0.8, "above all": 0.95}).alt
    assert "chosen (0.3): 80% of fakes found, 20% of real clips called fake" in alt
    assert "strict (0.8): 40% of fakes found, 0% of real clips called fake" in alt
    assert "above all (0.95): above all scores, nothing is called fake" in alt


def test_reliability_names_the_bin_that_is_farthest_from_the_diagonal(make):
    alt = plots.reliability({"before": make.reliability((0.2, 0.5))}).alt
    assert "24 clips in 2 bins" in alt
    assert "farthest from the diagonal at mean score 0.90, where 50% are fake" in alt
    assert "the diagonal crosses 2 of 2 intervals" in alt


def test_an_interval_that_misses_the_diagonal_is_not_counted(make):
    table = make.reliability((0.2, 0.5), low=(0.15, 0.3), high=(0.4, 0.7))
    assert "crosses 0 of 2 intervals" in plots.reliability({"before": table}).alt
    single = make.reliability(low=(np.nan, np.nan), high=(np.nan, np.nan))
    assert "no intervals" in plots.reliability({"before": single}).alt
