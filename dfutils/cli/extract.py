"""The command `dfutils extract`: extract the features of clips and save them in the feature store."""

from pathlib import Path
from typing import Any

import click

from dfutils.cli.base import Command


@click.command(
    "extract", cls=Command, example="dfutils extract catalog.csv --root ~/FaceForensics --store features"
)
@click.argument("catalog", type=click.Path(path_type=str))
@click.option("--root", required=True, help="The folder that the catalog's paths are relative to.")
@click.option("--store", required=True, help="The folder in which the features are saved.")
@click.option(
    "--sampling",
    default="uniform",
    show_default=True,
    help="Which frames to use: uniform (evenly spaced), burst (windows of consecutive frames) or keyframes.",
)
@click.option("--frames", default=20, show_default=True, help="Frames sampled from each clip.")
@click.option(
    "--face",
    default="mtcnn",
    show_default=True,
    help="Face detector: mtcnn, or none for clips that are face crops already.",
)
@click.option("--margin", default=1.3, show_default=True, help="Side of a crop divided by that of the face.")
@click.option(
    "--align", is_flag=True, help="Turn and scale crops so that eyes and mouth are in fixed places."
)
@click.option(
    "--weights",
    default="auto",
    show_default=True,
    help="Weights: auto, imagenet, random, or a file.",
)
@click.option(
    "--layers", default="mixed10", show_default=True, help="InceptionV3 layers to pool, separated by commas."
)
@click.option(
    "--pooling",
    default="mean",
    show_default=True,
    help="How layers are pooled: mean, deviation, maximum, grid, or several, separated by commas.",
)
@click.option(
    "--precision", default="float32", show_default=True, help="float32, or bfloat16: faster and less precise."
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="Clips decoded in parallel. Default: half the cores, from 2 to 8.",
)
@click.option(
    "--dask",
    metavar="ADDRESS|local",
    help="Extract on the workers of a Dask scheduler, such as tcp://node1:8786, or on local ones.",
)
def extract_command(
    catalog: str,
    root: str,
    store: str,
    sampling: Any,
    frames: int,
    face: Any,
    margin: float,
    align: bool,
    weights: str,
    layers: str,
    pooling: str,
    precision: Any,
    workers: int | None,
    dask: str | None,
) -> None:
    """Extract the features of the clips in CATALOG, a CSV file written by `dfutils catalog`.

    Clips whose features are already in the store are skipped. A clip that cannot be used gets a status and a reason.
    After an interruption, run the same command again to resume.
    """
    from dfutils.errors import DataError
    from dfutils.features import Backbone, ExtractionSettings
    from dfutils.features import extract as fill
    from dfutils.frames import FaceCrop, Sampling
    from dfutils.tables import read_table

    if not Path(catalog).is_file():
        raise DataError(f"There is no catalog {catalog}. Create it with `dfutils catalog ROOT -o {catalog}`.")
    table = read_table(Path(catalog))
    if not {"clip_id", "path"} <= set(table):
        raise DataError(
            f"{catalog} has no columns clip_id and path. Create a catalog with `dfutils catalog ROOT -o FILE`."
        )
    settings = ExtractionSettings(
        sampling=Sampling(rule=sampling, frames=frames),
        face=FaceCrop(detector=face, margin=margin, align=align),
        backbone=Backbone(
            weights=weights, layers=_names(layers), pooling=_names(pooling), precision=precision
        ),
    )
    extraction = fill(table, root, store, settings, workers=workers, cluster=dask)
    clips = extraction.table
    click.echo(f"{extraction.extracted} of {len(clips)} clips extracted now, into {store}.")
    if extraction.repaired:
        click.echo(
            f"  {extraction.repaired} of them again: their stored features were damaged or from other settings."
        )
    for status, count in clips["status"].value_counts().sort_index().items():
        click.echo(f"  {status}: {count}")
    for row in clips[(clips["status"] != "ok") | (clips["reason"] != "")].itertuples():
        click.echo(f"  {row.clip_id}: {row.status}, {row.reason}")
    for remark in extraction.remarks:
        click.echo(f"Note: {remark}", err=True)
    if extraction.weights.note:
        click.echo(f"Note: {extraction.weights.note}", err=True)


def _names(words: str) -> Any:
    return tuple(word.strip() for word in words.split(","))
