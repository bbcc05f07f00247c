"""Save and load the artefacts of a run.

A workspace is the folder `data/<name>/` under the project's root:

    workspace.json      where the videos are, what is known of the catalog, and which settings are in use
    catalog.csv         one row per clip
    features/           the store, one folder for each fingerprint of settings
    degraded/           a store of the test clips' features after compression, blur and noise
    models/             trained models
    predictions.csv     the detector's scores
    search/             Keras Tuner's trials

Nothing is ever written next to the user's own videos.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dfutils.atomic import atomic_path
from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.tables import (
    CATALOG_COLUMNS,
    ORIGIN_COLUMNS,
    PREDICTION_COLUMNS,
    Catalog,
    read_table,
    write_table,
)


def project_root() -> Path:
    """Return the folder that holds `data/` and `reports/`.

    It is `DFUTILS_HOME` where that is set, else the clone that the package was installed from, else the working folder
    (as on Kaggle and Colab, where the package is among the site-packages).
    """
    home = os.environ.get("DFUTILS_HOME")
    if home:
        return Path(home).expanduser().resolve()
    clone = Path(__file__).resolve().parents[1]
    if (clone / "pyproject.toml").is_file() and (clone / "notebooks").is_dir():
        return clone
    return Path.cwd()


def check_name(name: str) -> str:
    """Return `name` if it can be the name of a workspace.

    Raises:
        SettingsError: If the name is empty, starts with a dot, holds a path separator, or is taken.
    """
    if not re.fullmatch(r"\w[\w.\-+() ]{0,99}", name) or name in ("downloads", "benchmarks"):
        raise SettingsError(
            f"{name!r} cannot name a workspace or a report: use letters, digits and any of '-_.+()', "
            "and start with a letter or a digit; 'downloads' and 'benchmarks' are taken. Choose another with --name."
        )
    return name


@dataclass(frozen=True)
class Workspace:
    """The folder of one run's artefacts.

    Args:
        name: str. The folder's name under `data/`; also the report's name.
    """

    name: str = "demo"

    def __post_init__(self) -> None:
        check_name(self.name)

    @property
    def path(self) -> Path:
        """The workspace's own folder."""
        return project_root() / "data" / self.name

    @property
    def store(self) -> Path:
        """The store of the clips' features."""
        return self.path / "features"

    @property
    def degraded(self) -> Path:
        """The store of the features of degraded test clips, separate from those of the clips as they are."""
        return self.path / "degraded"

    @property
    def models(self) -> Path:
        """The folder of trained models."""
        return self.path / "models"

    @property
    def search(self) -> Path:
        """The folder of Keras Tuner's trials."""
        return self.path / "search"

    @property
    def demo_videos(self) -> Path:
        """The folder of the built-in data set, shared by every workspace that uses it."""
        return project_root() / "data" / "demo" / "raw"

    @property
    def is_builtin(self) -> bool:
        """Whether this run uses the built-in data set."""
        recorded = self._facts().get("data_source")
        return self.name == "demo" if recorded is None else Path(recorded) == self.demo_videos

    def exists(self) -> bool:
        """Return whether a notebook has saved anything in this workspace."""
        return (self.path / "workspace.json").is_file()

    def remember(self, **facts: Any) -> None:
        """Save small facts, such as `data_root`, in `workspace.json` for the notebooks that follow.

        Args:
            facts: What JSON can hold, by name. A fact of the same name is replaced.
        """
        merged = self._facts() | facts
        with atomic_path(self.path / "workspace.json") as temporary:
            temporary.write_text(json.dumps(merged, indent=2) + "\n")

    def recall(self, fact: str, *, made_by: str) -> Any:
        """Return a fact that `remember` saved.

        Args:
            fact: str. Its name.
            made_by: str. The notebook that saves it.

        Raises:
            MissingArtefactError: If it is not there; the message names the notebook to run.
        """
        facts = self._facts()
        if fact not in facts:
            raise self._missing(made_by, f"no record of its {fact.replace('_', ' ')}")
        return facts[fact]

    def data_source(self, *, given: str = "") -> Path:
        """Return where the data set is: a folder or a CSV.

        Args:
            given: str. What the user named. Defaults to `""`: what this workspace was made from; in the workspace
                `demo`, or in a new one, the built-in data set.

        Raises:
            DataError: If it is inside the workspace's own folder or contains it, so that artefacts would be among the
                videos.
        """
        if given:
            source, own = Path(given).expanduser().resolve(), self.path.resolve()
            overlaps = source.is_relative_to(own) or own.is_relative_to(source)
            if overlaps and source != self.demo_videos.resolve():
                raise DataError(
                    f"The data set {source} and the folder {own}, where this run saves its results, must not contain "
                    "each other. Choose another name (--name, or the parameter workspace), or move the data set."
                )
            return source
        if self.name != "demo" and "data_source" in self._facts():
            return Path(self._facts()["data_source"])
        return self.demo_videos

    def data_root(self) -> Path:
        """Return the folder that the catalog's paths are relative to, which notebook 01 saves."""
        return Path(self.recall("data_root", made_by="01_data_loading"))

    def save_catalog(self, catalog: Catalog | pd.DataFrame) -> None:
        """Write the catalog's table to `catalog.csv`, and its layout, remarks and root to `workspace.json`.

        Args:
            catalog: Catalog or DataFrame. The columns `CATALOG_COLUMNS` are saved, and those of `ORIGIN_COLUMNS` that
                it has. The root is saved only if the catalog knows it.
        """
        catalog = catalog if isinstance(catalog, Catalog) else Catalog(catalog)
        optional = [name for name in ORIGIN_COLUMNS if name in catalog.table]
        write_table(catalog.table[[*CATALOG_COLUMNS, *optional]], self.path / "catalog.csv")
        root = {"data_root": str(catalog.root)} if catalog.root else {}
        self.remember(layout=catalog.layout, remarks=list(catalog.remarks), **root)

    def load_catalog(self) -> Catalog:
        """Read the catalog that notebook 01 saved.

        Returns:
            Catalog, with its layout, remarks and root where they were saved, and without what was left out.

        Raises:
            MissingArtefactError: If it is not there; the message says which notebook to run.
        """
        table = read_table(self.artefact("catalog.csv", made_by="01_data_loading"))
        facts = self._facts()
        return Catalog(
            table,
            remarks=tuple(facts.get("remarks", ())),
            layout=facts.get("layout", ""),
            root=Path(facts["data_root"]) if "data_root" in facts else None,
        )

    def save_predictions(self, predictions: pd.DataFrame) -> None:
        """Write the detector's scores to `predictions.csv`."""
        write_table(predictions[list(PREDICTION_COLUMNS)], self.path / "predictions.csv")

    def load_predictions(self) -> pd.DataFrame:
        """Read the detector's scores that notebook 05 saved.

        Raises:
            MissingArtefactError: If they are not there; the message says which notebook to run.
        """
        return read_table(self.artefact("predictions.csv", made_by="05_evaluation"))

    def artefact(self, relative: str, *, made_by: str) -> Path:
        """Return the path of an artefact, and make sure that it exists.

        Args:
            relative: str. Path inside the workspace, such as `"models/gru.keras"`.
            made_by: str. The notebook that makes it.

        Raises:
            MissingArtefactError: If it is not there; the message says which notebook to run first.
        """
        path = self.path / relative
        if not path.exists():
            raise self._missing(made_by, f"no {relative}")
        return path

    def _facts(self) -> dict[str, Any]:
        path = self.path / "workspace.json"
        facts: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
        return facts

    def _missing(self, made_by: str, what: str) -> MissingArtefactError:
        # In a new workspace every artefact is missing: start with the first notebook.
        first = made_by if (self.path / "catalog.csv").is_file() else "01_data_loading"
        then = "" if first == made_by else f", then the others in order up to {made_by}"
        return MissingArtefactError(
            f"Workspace {self.name!r} has {what} yet. Run notebook {first} first "
            f"with workspace={self.name!r}{then}."
        )
