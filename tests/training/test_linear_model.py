import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dfutils.training.linear_model import LinearModel


def test_scores_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    inputs = (rng.normal(0, 1, (1500, 5)) * [1, 10, 0.1, 1, 0] + [0, 100, 3, -1, 7]).astype("float32")
    labels = (inputs[:, 0] + rng.normal(0, 1, 1500) > 0).astype(int)
    model = LinearModel.fit(inputs, labels)
    reference = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3, max_iter=2000)).fit(inputs, labels)
    np.testing.assert_allclose(model.scores(inputs), reference.predict_proba(inputs)[:, 1], atol=1e-6)
    assert model.scores(inputs[:0]).shape == (0,)


def test_gradient_is_that_of_the_logit():
    rng = np.random.default_rng(1)
    inputs, labels = rng.normal(0, 1, (40, 3)), np.arange(40) % 2
    model = LinearModel.fit(inputs, labels)
    for column in range(3):
        step = np.zeros(3)
        step[column] = 1e-3
        slope = (model.logits(inputs + step) - model.logits(inputs - step)) / 2e-3
        np.testing.assert_allclose(slope, model.gradient[column], rtol=1e-6)
