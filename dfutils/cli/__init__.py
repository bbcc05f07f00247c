"""The command line program `dfutils`, with one module per command."""

import click

from dfutils import __version__
from dfutils.cli.adapt import adapt_command
from dfutils.cli.app import app_command
from dfutils.cli.audit import audit_command
from dfutils.cli.base import Group
from dfutils.cli.catalog import catalog_command
from dfutils.cli.demo import demo_command
from dfutils.cli.detect import detect_command
from dfutils.cli.doctor import doctor_command
from dfutils.cli.evaluate import evaluate_command
from dfutils.cli.extract import extract_command
from dfutils.cli.fetch import fetch_command
from dfutils.cli.forge import forge_command
from dfutils.cli.report import report_command
from dfutils.cli.search import search_command
from dfutils.cli.upload import upload_command
from dfutils.cli.workshop import workshop_command


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="dfutils")
def main() -> None:
    """Train and evaluate deepfake detectors on a folder of real and fake face videos."""


for command in (
    demo_command,
    catalog_command,
    fetch_command,
    audit_command,
    extract_command,
    forge_command,
    search_command,
    adapt_command,
    detect_command,
    app_command,
    evaluate_command,
    report_command,
    workshop_command,
    upload_command,
    doctor_command,
):
    main.add_command(command)
