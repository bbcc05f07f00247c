"""The command `dfutils evaluate`: what the scores of any detector are worth."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dfutils.cli.base import Command

if TYPE_CHECKING:
    from dfutils.evaluation import ScoreReport

_EXAMPLE = """dfutils evaluate scores.csv
dfutils evaluate scores.csv --by method --html report.html
dfutils evaluate mine.csv --compare theirs.csv --compare baseline.csv
dfutils evaluate scores.csv --validation validation.csv --calibrate auto --false-alarms 0.05
dfutils evaluate frames.csv --frames mean --catalog catalog.csv --missing wrong"""


@click.command("evaluate", cls=Command, example=_EXAMPLE)
@click.argument("scores", type=click.Path())
@click.option(
    "--compare", "others", multiple=True, metavar="CSV", help="Compare with these scores. May be repeated."
)
@click.option(
    "--score-column",
    "columns",
    multiple=True,
    help="A column with scores, one per detector. May be repeated.",
)
@click.option(
    "--positive",
    type=click.Choice(["fake", "real"]),
    default="fake",
    show_default=True,
    help="What high scores mean.",
)
@click.option("--logits", is_flag=True, help="The scores are logits, and become probabilities.")
@click.option("--frames", type=click.Choice(["mean", "median", "max"]), help="Join several rows of one clip.")
@click.option("--catalog", metavar="CSV", help="A catalog that brings labels and groups.")
@click.option(
    "--by", "column", default="", help="Also evaluate parts: method, dataset, split, or any other column."
)
@click.option("--split", default="", help="Use only the clips of this split, such as test.")
@click.option(
    "--missing",
    type=click.Choice(["leave-out", "wrong", "real", "fake"]),
    default="leave-out",
    show_default=True,
    help="What a missing score counts as.",
)
@click.option(
    "--min-coverage",
    type=click.FloatRange(0, 1),
    default=0.0,
    help="Exit with status 3 if a smaller share of the clips has a score.",
)
@click.option(
    "--threshold", type=click.FloatRange(0, 1), help="Clips are called fake from this score on. Default: 0.5."
)
@click.option(
    "--validation",
    multiple=True,
    metavar="CSV",
    help="Scores of validation clips, which choose the threshold. Repeat it for the tables of --compare.",
)
@click.option(
    "--false-alarms",
    type=click.FloatRange(0, 1),
    help="With --validation: at most this share of the real validation clips is called fake.",
)
@click.option(
    "--calibrate",
    type=click.Choice(["none", "auto", "temperature", "platt", "isotonic"]),
    default="none",
    show_default=True,
    help="Correct the scores with a calibrator that is fitted to the validation clips; auto chooses one.",
)
@click.option("--metric", default="auc", show_default=True, help="The metric that is compared.")
@click.option(
    "--resamples", type=click.IntRange(0), default=2000, show_default=True, help="For the intervals."
)
@click.option("--seed", type=int, default=7, show_default=True, help="Seed of the resamples.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.option("--html", metavar="PAGE", help="Write a page with pictures, for a browser.")
def evaluate_command(scores: str, others: tuple[str, ...], **options: Any) -> None:
    """Say what the scores in a CSV are worth, with 95 % intervals by group.

    The table may come from any program. It needs columns with a score and a label, under their usual names. Without a
    column `group`, each clip counts as a group of its own.
    """
    from dfutils.errors import SettingsError
    from dfutils.evaluation import report_scores
    from dfutils.evaluation.score_inputs import (
        calibrate_scores,
        choose_thresholds,
        read_detectors,
        read_validation,
    )

    paths = [Path(path) for path in (scores, *others)]
    if options["threshold"] is not None and options["validation"]:
        raise SettingsError("Give a threshold, or validation clips that choose it, not both.")
    if options["false_alarms"] is not None and not options["validation"]:
        raise SettingsError("A threshold is chosen on validation clips: give their scores with --validation.")
    if options["calibrate"] != "none" and not options["validation"]:
        raise SettingsError("Scores are calibrated on validation clips: give their scores with --validation.")
    reading = {name: options[name] for name in ("columns", "positive", "logits", "frames", "catalog")}
    tables, remarks = read_detectors(paths, split=options["split"], **reading)
    threshold: float | dict[str, float] = 0.5 if options["threshold"] is None else options["threshold"]
    if options["validation"]:
        validation, doubts = read_validation(options["validation"], tables, **reading)
        remarks += doubts
        if options["calibrate"] != "none":
            tables, validation, chosen = calibrate_scores(
                tables, validation, options["calibrate"], seed=options["seed"]
            )
            remarks += chosen
        found = choose_thresholds(validation, false_alarms=options["false_alarms"])
        threshold = {name: one.value for name, one in found.items()}
        for name, one in found.items():
            of = f" of {name}" if len(found) > 1 else ""
            remarks.append(
                f"Threshold{of} {one.value:.4g}, chosen on the validation clips. {one.remark}".strip()
            )
    report = report_scores(
        tables,
        threshold=threshold,
        missing=options["missing"],
        column=options["column"],
        metric=options["metric"],
        n_bootstrap=options["resamples"],
        seed=options["seed"],
    )
    if options["as_json"]:
        click.echo(json.dumps(report.to_record() | {"remarks": remarks}, indent=2, ensure_ascii=False))
    else:
        _echo(report, remarks)
    if options["html"]:
        from dfutils.evaluation.score_page import write_score_page

        write_score_page(Path(options["html"]), report, remarks, paths)
        click.echo(f"Written   {options['html']}", err=options["as_json"])
    low = {name: share for name, share in report.coverage.items() if share < options["min_coverage"]}
    for name, share in low.items():
        click.echo(f"Coverage of {name}: {share:.1%}, below {options['min_coverage']:.1%}.", err=True)
    sys.exit(3 if low else 0)


def _echo(report: "ScoreReport", remarks: list[str]) -> None:
    """Print the tables."""
    from dfutils.evaluation import comparison_table

    first = next(iter(report.evaluations.values()))
    click.echo(
        f"{first.n_scored} of {first.n_clips} clips have a score: {first.n_real} real, {first.n_fake} fake, in "
        f"{first.n_groups} groups. Always answering {report.majority.called!r} is right for "
        f"{report.majority.accuracy:.1%}. A clip is called fake from a score of {first.threshold:.4g} on."
    )
    if len(report.evaluations) == 1:
        click.echo(f"\n{first.display.to_string()}")
    else:
        click.echo(f"\n{comparison_table(report.evaluations).to_string()}")
    for name, parts in report.parts.items():
        of = f" of {name}" if len(report.parts) > 1 else ""
        table = comparison_table(parts, metrics=("auc", "accuracy", "recall"), name=report.column)
        note = " (each with all real clips)" if report.column == "method" else ""
        click.echo(f"\nBy {report.column}{of}{note}\n{table.to_string()}")
    for one in report.comparisons:
        click.echo(
            f"\n{one.first} minus {one.second}, {one.difference.metric}: {one.difference}: {one.verdict}."
        )
        check = one.check
        by_clip = (
            f" By clip (DeLong): {check.value:+.3f} [{check.low:+.3f}, {check.high:+.3f}]." if check else ""
        )
        p_values = (
            f"p = {one.difference.p_value:.3g}, corrected for the comparisons (Holm) {one.corrected:.3g}."
        )
        click.echo(f"  {p_values}{by_clip}")
        for remark in one.difference.remarks:
            click.echo(f"  Note: {remark}")
    for remark in [
        *remarks,
        *dict.fromkeys(text for one in report.evaluations.values() for text in one.remarks),
    ]:
        click.echo(f"Note: {remark}", err=True)
