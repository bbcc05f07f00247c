"""What all commands share: examples in their help, and errors as one message."""

import sys
from typing import Any

import click
import pandas as pd

from dfutils.errors import DfutilsError


class Failure(click.ClickException):
    """An error whose message is printed; the exit status is 2."""

    exit_code = 2


class Command(click.Command):
    """A command whose help ends with an example."""

    def __init__(self, *args: Any, example: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.example = example

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example below the options."""
        with formatter.section("Example"):
            for line in self.example.splitlines():
                formatter.write_text(line)


class Group(click.Group):
    """A group of commands that turns our errors into a message and exit status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; print errors without a traceback."""
        try:
            return super().invoke(ctx)
        except DfutilsError as error:
            raise Failure(str(error)) from error
        except OSError as error:
            raise Failure(f"{error.filename or 'A file'}: {error.strerror or error}") from error
        except KeyboardInterrupt:
            click.echo(
                "\nInterrupted. Finished work is kept. Run the same command again to resume.", err=True
            )
            sys.exit(130)


def echo_left_out(left_out: pd.DataFrame) -> None:
    """Print the paths that are not clips, grouped by reason.

    Args:
        left_out: DataFrame with path and reason, as `data.Catalog.left_out`.
    """
    for reason, paths in left_out.groupby("reason", sort=True)["path"]:
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        click.echo(f"  left out, {reason}: {', '.join(paths.head(3))}{more}")
