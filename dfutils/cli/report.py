"""`dfutils report`: run the notebooks."""

import sys
from pathlib import Path

import click

from dfutils.cli.base import Command, echo_left_out


@click.command(
    "report",
    cls=Command,
    example="dfutils report --data ~/SDFVD --name sdfvd\ndfutils report --profile smoke -p seed=11",
)
@click.option(
    "--data", help="The data set's folder or CSV. Without it: the built-in demo, or NAME's own data."
)
@click.option(
    "--name", help="The report's and its workspace's name. Default: demo, or the data folder's name."
)
@click.option("--profile", default="demo", show_default=True, help="demo, smoke, full, or a YAML file.")
@click.option(
    "-p", "--parameter", "parameters", multiple=True, metavar="KEY=VALUE", help="Set one parameter."
)
def report_command(data, name, profile, parameters):
    """Run the notebooks in order and write their pages to reports/NAME/.

    Ends with status 1 if a notebook failed; its page shows where.
    """
    from dfutils.data import assign_splits, check_parts, read_catalog
    from dfutils.errors import DataError, SettingsError
    from dfutils.reporting import write_report

    chosen = {}
    for parameter in parameters:
        key, equals, value = parameter.partition("=")
        if not equals or not key:
            raise SettingsError(f"A parameter is given as KEY=VALUE. Received: {parameter!r}")
        chosen[key] = value
    if data:
        # What cannot be split is better said now than in the middle of a report.
        catalog = read_catalog(data, layout=chosen.get("layout", "auto"))
        try:
            check_parts(assign_splits(catalog))
        except DataError:
            echo_left_out(catalog.left_out)  # which may be why
            raise
        data = str(Path(data).expanduser().resolve())
        name = name or (Path(data).stem if Path(data).is_file() else Path(data).name)
    written = write_report(name=name or "demo", data_root=data, profile=profile, parameters=chosen)
    sys.exit(0 if written.ok else 1)
