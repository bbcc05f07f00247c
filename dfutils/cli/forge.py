"""The command `dfutils forge`: write pseudo-fakes of the real clips of a data set."""

from pathlib import Path

import click

from dfutils.cli.base import Command


@click.command(
    "forge",
    cls=Command,
    example="dfutils forge ~/interviews pseudo-fakes\ndfutils adapt pseudo-fakes --minutes 60 -o adapted.weights.h5",
)
@click.argument("root", type=click.Path(path_type=str))
@click.argument("output", type=click.Path(path_type=str))
@click.option("--layout", default="auto", show_default=True, help="The data set's layout, by name.")
@click.option("--per-clip", default=1, show_default=True, help="Pseudo-fakes of each real clip.")
@click.option(
    "--strength",
    default=1.0,
    show_default=True,
    help="How visible they are: 0.5 is subtle, 2 is crude.",
)
@click.option(
    "--waver",
    default=0.0,
    show_default=True,
    help="How much the change varies from frame to frame, from 0 to 1.",
)
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same pseudo-fakes.")
@click.option(
    "--sheet",
    type=click.Path(path_type=str),
    help="Also write a picture of real faces, pseudo-fakes and masks to this file (.jpg or .png).",
)
def forge_command(
    root: str,
    output: str,
    layout: str,
    per_clip: int,
    strength: float,
    waver: float,
    seed: int,
    sheet: str | None,
) -> None:
    """Write pseudo-fakes of the real clips in ROOT into the folder OUTPUT.

    In each pseudo-fake, the face is blended with a changed copy of itself. A detector that is trained on them learns
    the traces of a pasted face without a single real forgery. Each real clip is written next to its pseudo-fakes,
    encoded in the same way. After an interruption, run the same command again to resume.
    """
    from dfutils.adaptation import forge
    from dfutils.adaptation.forging_sheet import contact_sheet
    from dfutils.atomic import atomic_path
    from dfutils.data import read_catalog
    from dfutils.errors import SettingsError
    from dfutils.frames.self_blending import SelfBlend

    if sheet and Path(sheet).suffix.lower() not in (".jpg", ".png"):
        raise SettingsError(f"A contact sheet is a .jpg or .png file. Received: {sheet}")
    forging = forge(
        read_catalog(root, layout=layout),
        None,
        output,
        settings=SelfBlend(strength=strength, waver=waver),
        per_clip=per_clip,
        seed=seed,
    )
    table = forging.table
    usable = int((table["status"] == "ok").sum())
    click.echo(
        f"{usable} of {len(table)} real clips have pseudo-fakes in {output} ({forging.forged} forged now)."
    )
    for row in table[(table["status"] != "ok") | (table["reason"] != "")].itertuples():
        click.echo(f"  {row.clip_id}: {row.status}, {row.reason}")
    if sheet:
        from PIL import Image

        with atomic_path(Path(sheet)) as temporary:
            Image.fromarray(contact_sheet(output)).save(temporary, quality=88)
        click.echo(f"Written   {sheet}")
