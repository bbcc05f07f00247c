"""`dfutils audit`: look for leaks and shortcuts."""

from pathlib import Path

import click

from dfutils.cli.base import Command, echo_left_out


@click.command("audit", cls=Command, example="dfutils audit ~/FaceForensics")
@click.argument("root", type=click.Path(path_type=str))
@click.option("--layout", default="auto", show_default=True, help="The data set's layout, by name.")
@click.option("--seed", default=7, show_default=True, help="Of the split, where none is published.")
@click.option("-o", "--output", type=click.Path(path_type=str), help="Write the findings to this CSV file.")
def audit_command(root, layout, seed, output):
    """Look in ROOT for what leaks across the splits, and for what gives the label away.

    Duplicates, people on both sides, and labels that can be read from a file's size or form.
    """
    from dfutils.audit import audit_catalog
    from dfutils.data import assign_splits, read_catalog
    from dfutils.errors import DataError
    from dfutils.tables import write_table

    catalog = read_catalog(root, layout=layout)
    if len(catalog.left_out):
        click.echo(f"Not clips, and not audited ({root}):")
        echo_left_out(catalog.left_out)
    try:
        catalog = assign_splits(catalog, seed=seed)
    except DataError as error:
        click.echo(f"Note: audited without drawing a split. {error}", err=True)
    findings = audit_catalog(catalog, catalog.root, seed=seed)
    for (severity, finding), kind in findings.groupby(["severity", "finding"], sort=False):
        click.echo(f"{severity:8} {finding} ({len(kind)})")
        for row in kind.head(5).itertuples():
            click.echo(f"         {row.clips}: {row.detail}")
        if len(kind) > 5:
            click.echo(f"         and {len(kind) - 5} more (-o FILE writes them all)")
        click.echo(f"         What to do: {kind['remedy'].iloc[0]}")
    click.echo(f"{len(findings)} findings in {len(catalog)} clips of {catalog.table['group'].nunique()} groups.")
    for row in findings.attrs["shortcuts"].itertuples():
        click.echo(f"  {row.feature}: AUC {row.auc:.2f} [{row.low:.2f}, {row.high:.2f}]")
    for remark in [*catalog.remarks, *findings.attrs["remarks"]]:
        click.echo(f"Note: {remark}", err=True)
    if output:
        write_table(findings, Path(output))
        click.echo(f"Written   {output}")
