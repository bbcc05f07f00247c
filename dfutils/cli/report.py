"""The command `dfutils report`: run all notebooks and write a report as HTML pages."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from dfutils.cli.base import Command, echo_left_out

_EXAMPLE = """\
dfutils report --data ~/SDFVD --name sdfvd
dfutils report --data ~/SDFVD --data ~/UADFV
dfutils report --profile smoke -p seed=11
dfutils report --from 05
dfutils report --compare before after"""


@click.command(
    "report",
    cls=Command,
    example=_EXAMPLE,
)
@click.option(
    "--data",
    multiple=True,
    help="The data set's folder or CSV file. May be repeated, for one run on several data sets. Default: the built-in "
    "demo, or the data that NAME was made from.",
)
@click.option(
    "--name",
    help="The name of the report and its workspace. Default: demo, or the names of the data folders.",
)
@click.option("--profile", default="demo", show_default=True, help="demo, smoke, full, or a YAML file.")
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="KEY=VALUE",
    help="Set one parameter of the notebooks, such as seed=11.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="Notebooks that run at the same time. Default: 2 for the built-in data set without a GPU, else 1.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="NOTEBOOK",
    help="Run this notebook only, such as 04. May be repeated. The pages of the others are kept.",
)
@click.option("--from", "start", default="", metavar="NOTEBOOK", help="Run this notebook and all after it.")
@click.option(
    "--cell-limit",
    type=click.IntRange(min=1),
    metavar="SECONDS",
    help="Stop a notebook as failed if a cell takes longer. Default: no limit.",
)
@click.option(
    "--compare",
    nargs=2,
    metavar="FIRST SECOND",
    help="Run nothing. Compare two reports, given by name or folder: settings, versions, numbers.",
)
def report_command(
    data: tuple[str, ...],
    name: str | None,
    parameters: tuple[str, ...],
    compare: tuple[str, str] | None,
    **options: Any,
) -> None:
    """Run the notebooks and write HTML pages to reports/NAME/.

    The exit status is 1 if a notebook failed. Its page shows the cell that failed. After Ctrl-C, the report holds what
    was finished; the exit status is 130.
    """
    if compare:
        from dfutils.reporting import compare_reports

        comparison = compare_reports(*compare)
        click.echo(f"{comparison}\nOpen {comparison.page}")
        return
    from dfutils.data import assign_splits, check_parts, read_catalog
    from dfutils.data.several import names_of_roots
    from dfutils.errors import DataError, SettingsError
    from dfutils.reporting import write_report

    chosen: dict[str, str] = {}
    for parameter in parameters:
        key, equals, value = parameter.partition("=")
        if not equals or not key:
            raise SettingsError(f"Give a parameter as KEY=VALUE. Received: {parameter!r}")
        chosen[key] = value
    if data:
        # Check first that the data set can be split, so that the report does not fail halfway.
        catalog = read_catalog(data, layout=chosen.get("layout", "auto"))
        try:
            check_parts(assign_splits(catalog))
        except DataError:
            echo_left_out(catalog.left_out)  # files that were left out may be the reason
            raise
        roots = [Path(one).expanduser().resolve() for one in data]
        name = name or "+".join(names_of_roots(roots))
        for root in roots:
            if len(roots) > 1 and os.pathsep in str(root):
                raise DataError(
                    f"{root} cannot be one of several data sets, because its path has a {os.pathsep!r}. Rename it."
                )
    source = os.pathsep.join(map(str, roots)) if data else None
    written = write_report(name=name or "demo", data_root=source, parameters=chosen, **options)
    sys.exit(0 if written.ok else 1)
