"""The command line: each command is one call into a room."""

import sys

import click

from dfutils import __version__
from dfutils.errors import DfutilsError


class _Group(click.Group):
    """Turns our errors into a message and status 2, whatever command they come from."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except DfutilsError as error:
            raise _Failure(str(error)) from error
        except OSError as error:
            raise _Failure(f"{error.filename or 'A file'}: {error.strerror or error}") from error
        except KeyboardInterrupt:
            click.echo(
                "\nInterrupted. What was finished is kept; the same command goes on from there.", err=True
            )
            sys.exit(130)


class _Failure(click.ClickException):
    exit_code = 2


class _Command(click.Command):
    """Shows its example below its options."""

    def __init__(self, *args, example: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.example = example

    def format_epilog(self, ctx, formatter):
        with formatter.section("Example"):
            for line in self.example.splitlines():
                formatter.write_text(line)


_Group.command_class = _Command


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="dfutils")
def main():
    """From a folder of real and fake face videos to a detector one can trust and explain."""


@main.command(example="dfutils demo my-demo --identities 8\ndfutils demo my-demo --sheet people.jpg")
@click.argument("directory", type=click.Path(path_type=str))
@click.option("--identities", default=40, show_default=True, help="People to render; an even number.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same people.")
@click.option(
    "--strength", default=1.0, show_default=True, help="Of the forgeries' traces: 0.5 is subtle, 2 crude."
)
@click.option(
    "--sheet", type=click.Path(path_type=str), help="Also write a contact sheet, .jpg or .png, to this file."
)
def demo(directory, identities, seed, strength, sheet):
    """Write the built-in data set of rendered faces and forgeries into DIRECTORY.

    Finished clips are kept: after an interruption, the same command goes on.
    """
    from pathlib import Path

    from dfutils.atomic import atomic_path
    from dfutils.demo import contact_sheet, write_dataset
    from dfutils.errors import SettingsError

    if sheet and Path(sheet).suffix.lower() not in (".jpg", ".png"):
        raise SettingsError(f"A contact sheet is a .jpg or .png file. Received: {sheet}")
    catalog = write_dataset(directory, identities=identities, seed=seed, strength=strength)
    click.echo(
        f"{len(catalog)} clips of {identities} people in {directory} "
        f"({catalog.attrs['clips_rendered']} rendered now)."
    )
    if sheet:
        from PIL import Image

        with atomic_path(Path(sheet)) as temporary:
            Image.fromarray(contact_sheet(directory)).save(temporary, quality=88)
        click.echo(f"Written   {sheet}")


@main.command(example="dfutils catalog ~/FaceForensics -o catalog.csv")
@click.argument("root", type=click.Path(path_type=str))
@click.option("-o", "--output", type=click.Path(path_type=str), help="Write the catalog to this CSV file.")
@click.option("--layout", default="auto", show_default=True, help="The data set's layout, by name.")
def catalog(root, output, layout):
    """Index the data set in ROOT, a folder or a CSV, and print what is in it.

    Nothing is decoded. Files that become no clip are listed with the reason.
    """
    from pathlib import Path

    from dfutils.data import read_catalog
    from dfutils.tables import write_table

    table = read_catalog(root, layout)
    labels, files = table["label"], table.attrs["files"]
    click.echo(f"Layout    {table.attrs['layout']}")
    click.echo(
        f"Clips     {len(table)}: {int((labels == 0).sum())} real, {int((labels == 1).sum())} fake, "
        f"{int(labels.isna().sum())} of unknown label"
    )
    for method, count in table.loc[labels == 1, "method"].value_counts().sort_index().items():
        click.echo(f"  {method}: {count}")
    click.echo(f"Groups    {table['group'].nunique()}")
    published = table.loc[table["split"] != "", "split"].value_counts()
    if len(published):
        click.echo("Published " + ", ".join(f"{count} {split}" for split, count in published.items()))
    stills = f", {files['stills']} in folders of stills" if files["stills"] else ""
    click.echo(
        f"Files     {files['found']}: {files['clips']} clips{stills}, {files['lists']} lists that were read, "
        f"{files['left_out']} left out, {files['other']} of other kinds"
    )
    _echo_left_out(table.attrs["left_out"])
    for remark in table.attrs["remarks"]:
        click.echo(f"Note: {remark}", err=True)
    if output:
        people = table.attrs["people"]
        told = [name for name in ("identity", "donor") if people[name].any()]
        write_table(table.assign(**{name: people[name] for name in told}), Path(output))
        click.echo(f"Written   {output}")


def _echo_left_out(left_out):
    """Print what became no clip, by reason."""
    for reason, paths in left_out.groupby("reason", sort=True)["path"]:
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        click.echo(f"  left out, {reason}: {', '.join(paths.head(3))}{more}")


@main.command(example="dfutils fetch sdfvd\ndfutils fetch someone/some-faces --to ~/faces")
@click.argument("name")
@click.option(
    "--to", "directory", type=click.Path(path_type=str), help="The folder. Default: data/downloads/NAME."
)
def fetch(name, directory):
    """Download the data set NAME from Kaggle, and print what is in it.

    NAME is sdfvd, ffpp-c23, 140k-faces, dfdc-sample, any data set on Kaggle as owner/name, or a competition's
    data as competition:name. Mind each data set's terms: see data/README.md.
    """
    from dfutils.data import fetch, read_catalog

    folder = fetch(name, directory)
    click.echo(f"Fetched   {folder}")
    table = read_catalog(folder)
    click.echo(f"Layout    {table.attrs['layout']}, {len(table)} clips in {table['group'].nunique()} groups")
    click.echo(f"Next      dfutils report --data {folder}")


@main.command(example="dfutils audit ~/FaceForensics")
@click.argument("root", type=click.Path(path_type=str))
@click.option("--layout", default="auto", show_default=True, help="The data set's layout, by name.")
@click.option("--seed", default=7, show_default=True, help="Of the split, where none is published.")
@click.option("-o", "--output", type=click.Path(path_type=str), help="Write the findings to this CSV file.")
def audit(root, layout, seed, output):
    """Look in ROOT for what leaks across the splits, and for what gives the label away.

    Duplicates, people on both sides, and labels that can be read from a file's size or form.
    """
    from pathlib import Path

    from dfutils.audit import audit_catalog
    from dfutils.data import assign_splits, read_catalog
    from dfutils.errors import DataError
    from dfutils.tables import write_table

    table = read_catalog(root, layout)
    if len(table.attrs["left_out"]):
        click.echo(f"Not clips, and not audited ({root}):")
        _echo_left_out(table.attrs["left_out"])
    try:
        table = assign_splits(table, seed=seed)
    except DataError as error:
        click.echo(f"Note: audited without drawing a split. {error}", err=True)
    findings = audit_catalog(table, table.attrs["root"], seed=seed)
    for (severity, finding), kind in findings.groupby(["severity", "finding"], sort=False):
        click.echo(f"{severity:8} {finding} ({len(kind)})")
        for row in kind.head(5).itertuples():
            click.echo(f"         {row.clips}: {row.detail}")
        if len(kind) > 5:
            click.echo(f"         and {len(kind) - 5} more (-o FILE writes them all)")
        click.echo(f"         What to do: {kind['remedy'].iloc[0]}")
    click.echo(f"{len(findings)} findings in {len(table)} clips of {table['group'].nunique()} groups.")
    for row in findings.attrs["shortcuts"].itertuples():
        click.echo(f"  {row.feature}: AUC {row.auc:.2f} [{row.low:.2f}, {row.high:.2f}]")
    for remark in [*table.attrs["remarks"], *findings.attrs["remarks"]]:
        click.echo(f"Note: {remark}", err=True)
    if output:
        write_table(findings, Path(output))
        click.echo(f"Written   {output}")


@main.command(example="dfutils extract catalog.csv --root ~/FaceForensics --store features")
@click.argument("catalog", type=click.Path(path_type=str))
@click.option("--root", required=True, help="The folder that the catalog's paths are relative to.")
@click.option("--store", required=True, help="The folder to keep the features in.")
@click.option(
    "--sampling",
    default="uniform",
    show_default=True,
    help="uniform, burst (consecutive frames) or keyframes.",
)
@click.option("--frames", default=20, show_default=True, help="Frames sampled from a clip.")
@click.option("--face", default="mtcnn", show_default=True, help="mtcnn, or none for clips cropped already.")
@click.option("--weights", default="auto", show_default=True, help="auto, imagenet, random, or a file.")
@click.option(
    "--layers", default="mixed10", show_default=True, help="InceptionV3 layers to pool, with commas between."
)
@click.option(
    "--precision", default="float32", show_default=True, help="float32, or bfloat16: faster and coarser."
)
@click.option(
    "--workers", type=click.IntRange(1), help="Clips decoded at a time. Default: half the cores, 2 to 8."
)
def extract(catalog, root, store, sampling, frames, face, weights, layers, precision, workers):
    """Extract the features of the clips in CATALOG, a CSV that `dfutils catalog` wrote.

    What the store holds already is not done again; a clip that cannot be used gets a status and a reason.
    """
    from pathlib import Path

    from dfutils.errors import DataError
    from dfutils.features import Backbone, ExtractionSettings
    from dfutils.features import extract as fill
    from dfutils.frames import FaceCrop, Sampling
    from dfutils.tables import read_table

    if not Path(catalog).is_file():
        raise DataError(f"There is no catalog {catalog}. Make one with `dfutils catalog ROOT -o {catalog}`.")
    table = read_table(Path(catalog))
    if not {"clip_id", "path"} <= set(table):
        raise DataError(
            f"{catalog} has no columns clip_id and path. Make one with `dfutils catalog ROOT -o FILE`."
        )
    settings = ExtractionSettings(
        sampling=Sampling(rule=sampling, frames=frames),
        face=FaceCrop(face=face),
        backbone=Backbone(
            weights=weights, layers=tuple(name.strip() for name in layers.split(",")), precision=precision
        ),
    )
    result = fill(table, root, store, settings, workers=workers)
    click.echo(f"{result.attrs['clips_extracted']} of {len(result)} clips extracted now, into {store}.")
    if repaired := result.attrs["clips_repaired"]:
        click.echo(f"  {repaired} of them anew, because their stored features were damaged or foreign.")
    for status, count in result["status"].value_counts().sort_index().items():
        click.echo(f"  {status}: {count}")
    for row in result[(result["status"] != "ok") | (result["reason"] != "")].itertuples():
        click.echo(f"  {row.clip_id}: {row.status}, {row.reason}")
    if result.attrs["weights_note"]:
        click.echo(f"Note: {result.attrs['weights_note']}", err=True)


@main.command(example="dfutils report --data ~/SDFVD --name sdfvd\ndfutils report --profile smoke -p seed=11")
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
def report(data, name, profile, parameters):
    """Run the notebooks in order and write their pages to reports/NAME/.

    Ends with status 1 if a notebook failed; its page shows where.
    """
    from pathlib import Path

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
        catalog = read_catalog(data, chosen.get("layout", "auto"))
        try:
            check_parts(assign_splits(catalog))
        except DataError:
            _echo_left_out(catalog.attrs["left_out"])  # which may be why
            raise
        data = str(Path(data).expanduser().resolve())
        name = name or (Path(data).stem if Path(data).is_file() else Path(data).name)
    written = write_report(name=name or "demo", data_root=data, profile=profile, parameters=chosen)
    sys.exit(0 if written.ok else 1)
