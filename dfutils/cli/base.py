"""Shared parts of all commands: examples in the help text, and errors as short messages."""

import sys
from typing import TYPE_CHECKING, Any

import click

from dfutils.errors import DfutilsError

if TYPE_CHECKING:
    import pandas as pd


class Failure(click.ClickException):
    """An error that is printed as a message and ends the program with exit status 2."""

    exit_code = 2


class Command(click.Command):
    """A command whose help text ends with an example."""

    def __init__(self, *args: Any, example: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.example = example

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example below the options in the help text."""
        with formatter.section("Example"):
            for line in self.example.splitlines():
                formatter.write_text(line)


class Group(click.Group):
    """A group of commands. Errors of dfutils and of files are printed as a message, with exit status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Print expected errors without a traceback."""
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


def echo_left_out(left_out: "pd.DataFrame") -> None:
    """Print the files that are not clips, grouped by the reason.

    Args:
        left_out: DataFrame with the columns path and reason, such as `data.Catalog.left_out`.
    """
    for reason, paths in left_out.groupby("reason", sort=True)["path"]:
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        click.echo(f"  left out, {reason}: {', '.join(paths.head(3))}{more}")
