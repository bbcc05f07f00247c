"""What all commands share: examples in the help, and our errors as messages."""

import sys

import click

from dfutils.errors import DfutilsError


class Failure(click.ClickException):
    exit_code = 2


class Command(click.Command):
    """Shows its example below its options."""

    def __init__(self, *args, example: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.example = example

    def format_epilog(self, ctx, formatter):
        with formatter.section("Example"):
            for line in self.example.splitlines():
                formatter.write_text(line)


class Group(click.Group):
    """Turns our errors into a message and status 2, whatever command they come from."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except DfutilsError as error:
            raise Failure(str(error)) from error
        except OSError as error:
            raise Failure(f"{error.filename or 'A file'}: {error.strerror or error}") from error
        except KeyboardInterrupt:
            click.echo(
                "\nInterrupted. What was finished is kept; the same command goes on from there.", err=True
            )
            sys.exit(130)


def echo_left_out(left_out):
    """Print what became no clip, by reason."""
    for reason, paths in left_out.groupby("reason", sort=True)["path"]:
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        click.echo(f"  left out, {reason}: {', '.join(paths.head(3))}{more}")
