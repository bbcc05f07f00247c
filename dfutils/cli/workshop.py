"""The command `dfutils workshop`: write the notebooks for students and for teachers."""

import click

from dfutils.cli.base import Command


@click.command("workshop", cls=Command, example="dfutils workshop\ndfutils workshop -o handout")
@click.option("-o", "--output", default="dist/workshop", show_default=True, help="The folder to write.")
@click.option(
    "--report", help="The folder of a report, whose pictures the slides show. Default: the report demo."
)
def workshop_command(output: str, report: str | None) -> None:
    """Write the notebooks without solutions for students and with solutions for teachers, and slides.

    The folders are student/ and solutions/. Each notebook says which commit it is of. How to teach with them:
    docs/workshop.md.
    """
    from dfutils.editions import write_workshop

    folder = write_workshop(output, report=report)
    count = len(list((folder / "student").glob("*.ipynb")))
    click.echo(f"{count} notebooks for students: {folder / 'student'}")
    click.echo(f"The same with solutions: {folder / 'solutions'}")
    without = (
        ""
        if "<img" in (folder / "slides.html").read_text()
        else ", without pictures: run `make reports` first"
    )
    click.echo(f"Slides{without}: {folder / 'slides.html'}")
