"""The command `dfutils workshop`: write the notebooks for students and for teachers."""

import click

from dfutils.cli.base import Command


@click.command("workshop", cls=Command, example="dfutils workshop\ndfutils workshop -o handout")
@click.option("-o", "--output", default="dist/workshop", show_default=True, help="The folder to write.")
def workshop_command(output: str) -> None:
    """Write the notebooks without solutions for students, and with solutions for teachers.

    The folders are student/ and solutions/. Each notebook says which commit it is of.
    """
    from dfutils.editions import write_workshop

    folder = write_workshop(output)
    count = len(list((folder / "student").glob("*.ipynb")))
    click.echo(f"{count} notebooks for students: {folder / 'student'}")
    click.echo(f"The same with solutions: {folder / 'solutions'}")
