"""The command `dfutils adapt`: fine-tune InceptionV3 on the face crops of a data set."""

from pathlib import Path
from typing import Any

import click

from dfutils.cli.base import Command


@click.command(
    "adapt",
    cls=Command,
    example=(
        "dfutils adapt ~/FaceForensics --minutes 30 -o adapted.weights.h5\n"
        "dfutils extract catalog.csv --root ~/FaceForensics --store features --weights adapted.weights.h5 "
        "--layers mixed7"
    ),
)
@click.argument("root", type=click.Path(path_type=str))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=str), help="The weights file: FILE.weights.h5."
)
@click.option("--minutes", default=30.0, show_default=True, help="The time that everything may take.")
@click.option(
    "--weights",
    default="auto",
    show_default=True,
    help="Weights to start from: auto, imagenet, random, or a file.",
)
@click.option(
    "--until", default="mixed7", show_default=True, help="The last layer to use, from mixed0 to mixed10."
)
@click.option(
    "--frozen-until",
    default="",
    help="Keep the weights of the layers up to this one. Default: adapt all layers.",
)
@click.option(
    "--fakes",
    default="auto",
    show_default=True,
    help="Fakes to train on: real, pseudo (made from the real clips), both, or auto.",
)
@click.option("--layout", default="auto", show_default=True, help="The data set's layout, by name.")
@click.option(
    "--face",
    default="auto",
    show_default=True,
    help="Face detector: mtcnn, none for clips that are face crops already, or auto to find out.",
)
@click.option("--frames", default=20, show_default=True, help="Face crops of each clip.")
@click.option("--steps", type=click.IntRange(1), help="Training steps. Default: as many as fit the budget.")
@click.option(
    "--test",
    default=0.2,
    show_default=True,
    help="Share of clips kept out for a test, if the data set has no test clips. 0 for none.",
)
@click.option("--val", default=0.1, show_default=True, help="Share of validation clips, of those left.")
@click.option(
    "--precision",
    default="auto",
    show_default=True,
    help="float32, bfloat16 (twice as fast on processors with AMX), or auto: bfloat16 on a GPU, else float32.",
)
@click.option("--people", is_flag=True, help="Also record whose faces were seen (about 0.6 s per clip).")
@click.option("--seed", default=7, show_default=True, help="Seed of all random numbers.")
@click.option("--workers", type=click.IntRange(1), help="Threads that read clips. Default: half the cores.")
def adapt_command(
    root: str,
    output: str,
    minutes: float,
    weights: str,
    until: str,
    frozen_until: str,
    fakes: Any,
    layout: str,
    face: Any,
    frames: int,
    steps: int | None,
    test: float,
    val: float,
    precision: Any,
    people: bool,
    seed: int,
    workers: int | None,
) -> None:
    """Fine-tune InceptionV3 on the face crops of the data set in ROOT.

    Only the training groups change the weights. The weights file can be used wherever weights are named, such as in
    `dfutils extract --weights`. A record next to it, FILE.json, says which clips it has seen, so that nothing is tested
    on them. After an interruption, run the same command again to resume.
    """
    from dfutils.adaptation import AdaptSettings, adapt
    from dfutils.data import read_catalog
    from dfutils.features.weights_record import record_path
    from dfutils.frames import FaceCrop

    settings = AdaptSettings(
        until=until,
        frozen_until=frozen_until,
        fakes=fakes,
        frames=frames,
        precision=precision,
        seed=seed,
    )
    path = record_path(output)
    adaptation = adapt(
        read_catalog(root, layout=layout),
        None,
        output,
        minutes=minutes,
        weights=weights,
        settings=settings,
        face=None if face == "auto" else FaceCrop(detector=face),
        test=test,
        val=val,
        steps=steps,
        people=people,
        workers=workers,
    )
    details = adaptation.record.details
    if adaptation.was_done:
        click.echo(f"{output} was adapted in this way before. Nothing was trained now.")
    click.echo(
        f"{details['steps']} steps in {details['seconds'] / 60:.1f} min on {details['data']['clips']} clips of "
        f"{details['data']['groups']} groups."
    )
    _echo_results(adaptation.results)
    for remark in adaptation.remarks:
        click.echo(f"Note: {remark}", err=True)
    click.echo(f"Written   {output}\nWritten   {Path(path)}")


def _echo_results(results: Any) -> None:
    for row in results.itertuples():
        name = f"{row.split} {row.unit}s"
        interval = "" if row.low is None else f" [{row.low:.3f}, {row.high:.3f}]"
        what = row.method or "all fakes"
        click.echo(
            f"  {name:12} {what:16} AUC {row.value:.3f}{interval}  {row.n_real} real, {row.n_fake} fake"
        )
