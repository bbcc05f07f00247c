import pandas as pd
import pytest


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--chief", "--worker", "node1:8470"), "give --chief or --worker, not both"),
        (("--port", 8470), "Give them with --chief"),
        (("--worker", "node1"), "HOST:PORT"),
        ((), "There is no catalog"),
    ],
    ids=str,
)
def test_options_that_do_not_fit_are_refused(run_cli, tmp_path, words, message):
    result = run_cli("search", tmp_path / "no.csv", "--store", tmp_path, *words)
    assert result.exit_code == 2
    assert message in result.output


@pytest.mark.slow
def test_search_prints_the_best_settings_and_reads_them_again(run_cli, trained, tmp_path):
    root, clips = trained
    catalog = clips.coverage.drop(columns=["status", "reason"])
    catalog = catalog.assign(path=catalog["clip_id"] + ".mp4", kind="video", split="")
    catalog.to_csv(tmp_path / "catalog.csv", index=False)
    words = (
        "search",
        tmp_path / "catalog.csv",
        "--store",
        root / "store",
        "--directory",
        tmp_path / "search",
    )
    options = ("--tuner", "random", "--trials", 2, "--epochs", 1, "-o", tmp_path / "trials.csv")
    result = run_cli(*words, *options)
    assert result.exit_code == 0, result.output
    assert "Trials: 2. Trained now: 2." in result.output
    result = run_cli(*words, *options)
    assert "Trials: 2. Trained now: 0." in result.output
    table = pd.read_csv(tmp_path / "trials.csv")
    assert f"Best validation AUC: {table['val_auc'].max():.3f}, with" in result.output
    assert f"  units: {table['units'][0]}" in result.output
