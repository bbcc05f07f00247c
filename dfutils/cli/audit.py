"""The command `dfutils audit`: check a data set for leaks between splits and for shortcuts to the label."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dfutils.cli.base import Command, echo_left_out

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 5


@click.command(
    "audit", cls=Command, example="dfutils audit ~/FaceForensics\ndfutils audit ~/FaceForensics --people"
)
@click.argument("roots", metavar="ROOT...", nargs=-1, required=True, type=click.Path(path_type=str))
@click.option("--layout", default="auto", show_default=True, help="The data set's layout, by name.")
@click.option(
    "--people",
    is_flag=True,
    help="Also compare faces, to find groups that show one person (about 0.6 s per clip).",
)
@click.option(
    "--seed",
    default=7,
    show_default=True,
    help="Seed of the random split, if the data set has no published split.",
)
@click.option("-o", "--output", type=click.Path(path_type=str), help="Write the findings to this CSV file.")
def audit_command(roots: tuple[str, ...], layout: str, people: bool, seed: int, output: str | None) -> None:
    """Check the data set in ROOT for leaks between the splits and for shortcuts to the label.

    Leaks are duplicate clips and people in more than one split. A shortcut is a property of the files, such as their
    size or format, that predicts the label. With --people, faces are compared as well, to list the groups whose real
    clips probably show one person. Install dfutils with the extra `people` for that.
    """
    from dfutils.audit import audit_catalog
    from dfutils.data import assign_splits, read_catalog
    from dfutils.errors import DataError
    from dfutils.tables import write_table

    catalog = read_catalog(roots, layout=layout)
    if len(catalog.left_out):
        click.echo(f"Not clips, and not audited ({', '.join(roots)}):")
        echo_left_out(catalog.left_out)
    try:
        catalog = assign_splits(catalog, seed=seed)
    except DataError as error:
        click.echo(f"Note: audited without drawing a split. {error}", err=True)
    audit = audit_catalog(catalog, seed=seed, people=people)
    _echo_findings(audit.findings)
    n_groups = catalog.table["group"].nunique()
    click.echo(f"{len(audit.findings)} findings in {len(catalog)} clips of {n_groups} groups.")
    for row in audit.shortcuts.itertuples():
        click.echo(f"  {row.feature}: AUC {row.auc:.2f} [{row.low:.2f}, {row.high:.2f}]")
    if audit.people is not None:
        n_pairs = len(audit.people.pairs)
        click.echo(
            f"  faces: {audit.people.compared} real clips of {audit.people.groups} groups compared, "
            f"{n_pairs} pair{'' if n_pairs == 1 else 's'} of groups within {audit.people.limit:.2f}"
        )
    click.echo(f"The audit {audit.verdict}.")
    for remark in [*catalog.remarks, *audit.remarks]:
        click.echo(f"Note: {remark}", err=True)
    if output:
        write_table(audit.findings, Path(output))
        click.echo(f"Written   {output}")


def _echo_findings(findings: "pd.DataFrame") -> None:
    """Print the first five findings of each kind, and all pairs of groups that probably show the same person."""
    for (severity, finding), kind in findings.groupby(["severity", "finding"], sort=False):
        click.echo(f"{severity:8} {finding} ({len(kind)})")
        shown = len(kind) if finding == "same person in two groups" else _SHOWN
        for row in kind.head(shown).itertuples():
            click.echo(f"         {row.clips}: {row.detail}")
        if len(kind) > shown:
            click.echo(f"         and {len(kind) - shown} more (write all of them to a file with -o FILE)")
        click.echo(f"         What to do: {kind['remedy'].iloc[0]}")
