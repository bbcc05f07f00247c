"""The command `dfutils fetch`: download a data set from Kaggle."""

import click

from dfutils.cli.base import Command


@click.command(
    "fetch", cls=Command, example="dfutils fetch sdfvd\ndfutils fetch someone/some-faces --to ~/faces"
)
@click.argument("name")
@click.option(
    "--to",
    "directory",
    type=click.Path(path_type=str),
    help="The folder to download to. Default: data/downloads/NAME.",
)
def fetch_command(name: str, directory: str | None) -> None:
    """Download the data set NAME from Kaggle and print a summary.

    NAME is sdfvd, ffpp-c23, 140k-faces, dfdc-sample, any data set on Kaggle as owner/name, or a competition's
    data as competition:name. Read the terms of each data set first: see data/README.md.
    """
    from dfutils.data import fetch, read_catalog

    folder = fetch(name, directory=directory)
    click.echo(f"Fetched   {folder}")
    catalog = read_catalog(folder)
    groups = catalog.table["group"].nunique()
    click.echo(f"Layout    {catalog.layout}, {len(catalog)} clips in {groups} groups")
    click.echo(f"Next      dfutils report --data {folder}")
