"""The command `dfutils search`: search the GRU's settings, on one machine or on several."""

from pathlib import Path
from typing import Any

import click

from dfutils.cli.base import Command

_EXAMPLE = """dfutils search catalog.csv --store features --tuner random --trials 20
dfutils search catalog.csv --store features --chief --host 10.0.0.5 --port 8470
dfutils search catalog.csv --store features --worker 10.0.0.5:8470"""


@click.command("search", cls=Command, example=_EXAMPLE)
@click.argument("catalog", type=click.Path(path_type=str))
@click.option("--store", required=True, help="The folder with the features, written by `dfutils extract`.")
@click.option(
    "--directory",
    default="search",
    show_default=True,
    help="The folder in which trials are saved. With hyperband, all machines must share it.",
)
@click.option(
    "--tuner",
    type=click.Choice(["hyperband", "bayesian", "random"]),
    default="hyperband",
    show_default=True,
    help="How the settings to try are chosen.",
)
@click.option(
    "--trials", default=30, show_default=True, help="Settings to try. Hyperband chooses its own number."
)
@click.option("--epochs", default=10, show_default=True, help="Epochs per trial.")
@click.option("--batch-size", default=32, show_default=True, help="Clips per batch.")
@click.option("--balance-classes", is_flag=True, help="Give real and fake clips the same weight in training.")
@click.option(
    "--seed", default=7, show_default=True, help="Seed of the split, of the trials and of the training."
)
@click.option("-o", "--output", metavar="CSV", help="Write the table of all trials.")
@click.option("--chief", is_flag=True, help="Hand out the trials to workers, and train nothing here.")
@click.option("--host", help="With --chief: the address to listen on. Default: 127.0.0.1, this machine only.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="With --chief: the port, 0 for a free one. Default: 8470."
)
@click.option(
    "--worker", metavar="HOST:PORT", help="Train the trials that the chief at this address hands out."
)
@click.option(
    "--patience",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds to wait for a machine that does not answer.",
)
def search_command(
    catalog: str, store: str, directory: str, output: str | None, seed: int, **options: Any
) -> None:
    """Search the GRU's settings that give the highest validation AUC on the clips in CATALOG.

    Test clips are not used. After an interruption, run the same command again to resume. A finished search is only
    read.

    On several machines, one runs --chief, and any number of others run --worker, with the same catalog, store and
    options. Workers may come and go: the trial of a lost worker is given to another one. Nothing that chief and workers
    send is encrypted, and no password is asked. So use it inside a network that you trust, and never on the internet.
    """
    from dfutils.data import assign_splits
    from dfutils.errors import DataError
    from dfutils.features import load
    from dfutils.tables import read_table
    from dfutils.tuning import search

    role = _role(options.pop("chief"), options)
    if not Path(catalog).is_file():
        raise DataError(f"There is no catalog {catalog}. Create it with `dfutils catalog ROOT -o {catalog}`.")
    split = assign_splits(read_table(Path(catalog)), seed=seed)
    clips = load(store, split.table[split.table["split"].isin(("train", "val"))])
    train, val = clips.part("train"), clips.part("val")
    click.echo(f"{len(train)} training clips, {len(val)} validation clips, layers {', '.join(clips.layers)}")
    for remark in split.remarks:
        click.echo(f"Note: {remark}", err=True)
    if role is not None and getattr(role, "is_public", False):
        click.echo(
            "Note: other machines can connect. Nothing is encrypted, and no password is asked.", err=True
        )
    found = search(train, val, directory, seed=seed, role=role, **options)
    click.echo(f"\n{found.trials.round(4).to_string()}\n")
    click.echo(f"Trials: {len(found.trials)}. Trained now: {found.trials_run}.")
    best = {**vars(found.settings), "layers": "+".join(found.layers)}
    click.echo(f"Best validation AUC: {found.trials['val_auc'].max():.3f}, with")
    for name, value in best.items():
        click.echo(f"  {name}: {value}")
    if output:
        found.trials.to_csv(output)
        click.echo(f"Written   {output}")


def _role(is_chief: bool, options: dict[str, Any]) -> Any:
    """Take the options of the machines out of `options`. Return the role, or None for a search on one machine."""
    from dfutils.errors import SettingsError
    from dfutils.tuning import Chief, Worker

    names = ("host", "port", "worker", "patience")
    host, port, worker, patience = (options.pop(name) for name in names)
    if is_chief and worker:
        raise SettingsError("A machine is the chief or a worker: give --chief or --worker, not both.")
    if not is_chief and (host is not None or port is not None):
        raise SettingsError("--host and --port say where the chief listens. Give them with --chief.")
    if worker:
        return Worker(worker, patience=patience)
    where = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    return Chief(patience=patience, **where) if is_chief else None
