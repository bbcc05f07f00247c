"""The command `dfutils upload`: write notebooks that run alone on Colab, on Kaggle or in an empty folder."""

from pathlib import Path

import click

from dfutils.cli.base import Command


@click.command(
    "upload", cls=Command, example="dfutils upload\ndfutils upload --wheels dist/dfutils-wheels --python 3.12"
)
@click.option("-o", "--output", default="dist/upload", show_default=True, help="The folder to write.")
@click.option(
    "--wheels",
    help="Also download what Kaggle lacks into this folder, for notebooks without internet. Attach it as a data set.",
)
@click.option("--python", default="", help="The Python version that will use the wheels. Default: this one.")
def upload_command(output: str, wheels: str | None, python: str) -> None:
    """Write notebooks that run alone: each carries dfutils and the notebooks before it.

    Upload one of them to Colab or Kaggle. It installs what the machine lacks, and runs the notebooks before it if their
    results are missing. dfutils_whole_series.ipynb goes from the data to a verdict.
    """
    from dfutils.editions import build_wheel, write_uploads, write_wheels

    with build_wheel() as wheel:
        written = write_uploads(output, wheel=wheel)
    largest = max(path.stat().st_size for path in written) / 1e6
    click.echo(f"{len(written)} notebooks of at most {largest:.1f} MB: {output}")
    if wheels:
        files = write_wheels(wheels, python=python)
        size = sum(path.stat().st_size for path in files) / 1e6
        click.echo(f"{len(files)} wheels, {size:.0f} MB: {Path(wheels)}")
