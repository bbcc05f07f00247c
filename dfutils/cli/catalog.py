"""The command `dfutils catalog`: list the clips of a data set."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dfutils.cli.base import Command, echo_left_out

if TYPE_CHECKING:
    from dfutils.data.completeness import CatalogCheck

_EXAMPLE = """\
dfutils catalog ~/FaceForensics -o catalog.csv
dfutils catalog ~/FaceForensics --check
dfutils catalog ~/SDFVD ~/UADFV -o both.csv"""


@click.command("catalog", cls=Command, example=_EXAMPLE)
@click.argument("roots", metavar="ROOT...", nargs=-1, required=True, type=click.Path(path_type=str))
@click.option("-o", "--output", type=click.Path(path_type=str), help="Write the catalog to this CSV file.")
@click.option("--layout", default="auto", show_default=True, help="The data set's layout, by name.")
@click.option(
    "--check",
    is_flag=True,
    help="Compare the copy with the published numbers and lists of its data set: what is missing, what is too much. "
    "The exit status is 0 if it is complete and 3 if it is not, or if nothing is published.",
)
def catalog_command(roots: tuple[str, ...], output: str | None, layout: str, check: bool) -> None:
    """List the clips of the data set in ROOT (a folder or a CSV file) and print a summary.

    Several data sets become one catalog, with a column `dataset`. No video is decoded. Files that are not clips are
    listed with the reason.
    """
    from dfutils.data import read_catalog
    from dfutils.errors import SettingsError
    from dfutils.tables import write_table

    if check and len(roots) > 1:
        raise SettingsError(f"Check one data set at a time. Received: {', '.join(roots)}")
    catalog = read_catalog(roots, layout=layout)
    table, files = catalog.table, catalog.files
    labels = table["label"]
    click.echo(f"Layout    {catalog.layout}")
    if len(roots) > 1:
        click.echo(f"Folder    {catalog.root} (the paths are relative to it)")
        for name, count in table["dataset"].value_counts(sort=False).items():
            click.echo(f"  {name}: {count} clips")
    click.echo(
        f"Clips     {len(table)}: {int((labels == 0).sum())} real, {int((labels == 1).sum())} fake, "
        f"{int(labels.isna().sum())} of unknown label"
    )
    for method, count in table.loc[labels == 1, "method"].value_counts().sort_index().items():
        click.echo(f"  {method}: {count}")
    click.echo(f"Groups    {table['group'].nunique()}")
    published = table.loc[table["split"] != "", "split"].value_counts()
    if len(published):
        click.echo("Published " + ", ".join(f"{count} {split}" for split, count in published.items()))
    stills = f", {files['stills']} in folders of stills" if files["stills"] else ""
    click.echo(
        f"Files     {files['found']}: {files['clips']} clips{stills}, {files['lists']} lists that were read, "
        f"{files['left_out']} left out, {files['other']} of other kinds"
    )
    echo_left_out(catalog.left_out)
    for remark in catalog.remarks:
        click.echo(f"Note: {remark}", err=True)
    if output:
        write_table(table, Path(output))
        click.echo(f"Written   {output}")
    if check:
        from dfutils.data import check_catalog

        checked = check_catalog(catalog)
        _echo_check(checked)
        sys.exit(0 if checked.is_complete else 3)


def _echo_check(check: "CatalogCheck") -> None:
    """Print how a copy compares with what is published."""
    if check.version:
        click.echo(f"\nCompared with {check.version} ({check.source})")
        click.echo(check.table.to_string(index=False))
    if check.not_on_disk:
        more = f" and {len(check.not_on_disk) - 3} more" if len(check.not_on_disk) > 3 else ""
        click.echo(
            f"Named in the data set's own lists, but not on disk: {', '.join(check.not_on_disk[:3])}{more}"
        )
    for remark in check.remarks:
        click.echo(remark)
    if check.version:
        click.echo("The copy is complete." if check.is_complete else "The copy is not complete.")
