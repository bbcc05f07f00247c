"""The command `dfutils demo`: write the demo data set of rendered faces."""

from pathlib import Path

import click

from dfutils.cli.base import Command


@click.command(
    "demo",
    cls=Command,
    example="dfutils demo my-demo --identities 8\ndfutils demo my-demo --sheet people.jpg",
)
@click.argument("directory", type=click.Path(path_type=str))
@click.option("--identities", default=40, show_default=True, help="Number of people to render; must be even.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same people.")
@click.option(
    "--strength",
    default=1.0,
    show_default=True,
    help="How visible the forgeries are: 0.5 is subtle, 2 is crude.",
)
@click.option(
    "--sheet", type=click.Path(path_type=str), help="Also write a contact sheet to this file (.jpg or .png)."
)
def demo_command(directory: str, identities: int, seed: int, strength: float, sheet: str | None) -> None:
    """Write the demo data set, videos of rendered real and fake faces, into DIRECTORY.

    Existing clips are kept. After an interruption, run the same command again to resume.
    """
    from dfutils.atomic import atomic_path
    from dfutils.demo import contact_sheet, write_dataset
    from dfutils.errors import SettingsError

    if sheet and Path(sheet).suffix.lower() not in (".jpg", ".png"):
        raise SettingsError(f"A contact sheet is a .jpg or .png file. Received: {sheet}")
    catalog = write_dataset(directory, identities=identities, seed=seed, strength=strength)
    click.echo(
        f"{len(catalog)} clips of {identities} people in {directory} ({catalog.clips_rendered} rendered now)."
    )
    if sheet:
        from PIL import Image

        with atomic_path(Path(sheet)) as temporary:
            Image.fromarray(contact_sheet(directory)).save(temporary, quality=88)
        click.echo(f"Written   {sheet}")
