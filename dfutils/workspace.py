"""Save and load the results of the notebooks in a workspace folder.

A workspace is the folder `data/<name>/` under the project's root:

    workspace.json      the folder of the videos, the catalog's layout and remarks, and the settings in use
    catalog.csv         one row per clip
    features/           the store of features, one folder per set of extraction settings
    degraded/           the store of features of test clips with added compression, blur or noise
    crops/              face crops, for notebook 08
    models/             trained detectors, one folder each; best/ is a copy of the best one
    trainings/          finished trainings, which are loaded and not repeated
    uploads/            files that were uploaded in notebook 09
    predictions.csv     the detector's scores
    search/             Keras Tuner's trials

No file is written to the folder of the user's videos.
"""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dfutils.atomic import atomic_path
from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.tables import (
    CATALOG_COLUMNS,
    OPTIONAL_COLUMNS,
    PREDICTION_COLUMNS,
    Catalog,
    read_table,
    write_table,
)


def project_root() -> Path:
    """Return the project's root, the folder that holds `data/` and `reports/`.

    The root is the environment variable `DFUTILS_HOME` if it is set, else the repository from which the package was
    installed in editable mode, else the current working directory (as on Kaggle and Colab).
    """
    home = os.environ.get("DFUTILS_HOME")
    if home:
        return Path(home).expanduser().resolve()
    clone = Path(__file__).resolve().parents[1]
    if (clone / "pyproject.toml").is_file() and (clone / "notebooks").is_dir():
        return clone
    return Path.cwd()


def check_name(name: str) -> str:
    """Check the name of a workspace, and return it unchanged.

    Raises:
        SettingsError: If the name is empty, starts with a dot, holds a path separator, or is reserved.
    """
    if not re.fullmatch(r"\w[\w.\-+() ]{0,99}", name) or name in ("downloads", "benchmarks"):
        raise SettingsError(
            f"{name!r} cannot name a workspace or a report: use letters, digits and any of '-_.+()', "
            "and start with a letter or a digit; 'downloads' and 'benchmarks' are taken. Choose another with --name."
        )
    return name


def split_roots(given: str | Path | Sequence[str | Path]) -> list[Path]:
    """Return the paths of the data sets that are given.

    Args:
        given: str, Path, or sequence of them. A text may name several paths as in PATH, separated by `os.pathsep`,
            unless there is a file or folder of this name.

    Raises:
        DataError: If no path is given.
    """
    if not isinstance(given, str | Path):
        paths = [Path(one) for one in given]
    else:
        paths = [Path(part) for part in str(given).split(os.pathsep) if part]
        if len(paths) > 1 and _exists(Path(given)):
            paths = [Path(given)]
    if not paths:
        raise DataError("Give the folder that holds the data set, or a CSV file.")
    return paths


def _exists(path: Path) -> bool:
    try:
        return path.expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        return False


@dataclass(frozen=True)
class Workspace:
    """The folder `data/<name>/` with the catalog, features, models and predictions of one data set.

    Args:
        name: str. The name of the folder in `data/`, and of the report. Defaults to `demo`.
    """

    name: str = "demo"

    def __post_init__(self) -> None:
        check_name(self.name)

    @property
    def path(self) -> Path:
        """The folder of the workspace, `data/<name>/`."""
        return project_root() / "data" / self.name

    @property
    def store(self) -> Path:
        """The folder of the features that were extracted from the clips."""
        return self.path / "features"

    @property
    def degraded(self) -> Path:
        """The folder of features of degraded test clips (compressed, blurred or noisy)."""
        return self.path / "degraded"

    @property
    def crops(self) -> Path:
        """The folder of the face crops that notebook 08 trains on."""
        return self.path / "crops"

    @property
    def models(self) -> Path:
        """The folder of the trained detectors in the workspace."""
        return self.path / "models"

    @property
    def uploads(self) -> Path:
        """The folder of the files that were uploaded in notebook 09."""
        return self.path / "uploads"

    @property
    def trainings(self) -> Path:
        """The folder of finished trainings, which are loaded and not repeated."""
        return self.path / "trainings"

    @property
    def search(self) -> Path:
        """The folder of Keras Tuner's trials in the workspace."""
        return self.path / "search"

    @property
    def demo_videos(self) -> Path:
        """The folder of the built-in data set, which all workspaces share."""
        return project_root() / "data" / "demo" / "raw"

    @property
    def is_builtin(self) -> bool:
        """Whether the workspace uses the built-in data set."""
        recorded = self._facts().get("data_source")
        return self.name == "demo" if recorded is None else Path(recorded) == self.demo_videos

    def exists(self) -> bool:
        """Return whether a notebook has saved results in the workspace."""
        return (self.path / "workspace.json").is_file()

    def remember(self, **facts: Any) -> None:
        """Save values such as `data_root` in `workspace.json`, for use in later notebooks.

        Args:
            facts: Values that JSON can represent, by name. A saved value with the same name is replaced.
        """
        merged = self._facts() | facts
        with atomic_path(self.path / "workspace.json") as temporary:
            temporary.write_text(json.dumps(merged, indent=2) + "\n")

    def recall(self, fact: str, *, made_by: str) -> Any:
        """Return a value that `remember` saved in `workspace.json`.

        Args:
            fact: str. The name of the value.
            made_by: str. The notebook that saves the value.

        Raises:
            MissingArtefactError: If the value is not saved. The message says which notebook to run.
        """
        facts = self._facts()
        if fact not in facts:
            raise self._missing(made_by, f"no record of its {fact.replace('_', ' ')}")
        return facts[fact]

    def data_source(self, *, given: str = "") -> Path:
        """Return the path of the workspace's data set: a folder or a CSV file. Several are separated as in PATH.

        Args:
            given: str. The path or paths that the user gave. Defaults to `""`: the data set from which the workspace
                was made. For the workspace `demo` and for new workspaces, this is the built-in data set.

        Raises:
            DataError: If the data set is inside the workspace's folder or contains it. Results would then be saved
                among the videos.
        """
        if given:
            sources = [root.expanduser().resolve() for root in split_roots(given)]
            for source in sources:
                self._check_apart(source)
            return Path(os.pathsep.join(map(str, sources)))
        if self.name != "demo" and "data_source" in self._facts():
            return Path(self._facts()["data_source"])
        return self.demo_videos

    def _check_apart(self, source: Path) -> None:
        own = self.path.resolve()
        overlaps = source.is_relative_to(own) or own.is_relative_to(source)
        if overlaps and source != self.demo_videos.resolve():
            raise DataError(
                f"The data set {source} and the folder {own}, where this run saves its results, must not contain "
                "each other. Choose another name (--name, or the parameter workspace), or move the data set."
            )

    def data_root(self) -> Path:
        """Return the folder of the clips, which notebook 01 saves. The paths in the catalog are relative to it."""
        return Path(self.recall("data_root", made_by="01_data_loading"))

    def save_catalog(self, catalog: Catalog | pd.DataFrame) -> None:
        """Write the catalog's table to `catalog.csv`, and its layout, remarks and root to `workspace.json`.

        Args:
            catalog: Catalog or DataFrame. The columns `CATALOG_COLUMNS` are saved, and those of `OPTIONAL_COLUMNS` that
                exist. The root is saved only if it is known.
        """
        catalog = catalog if isinstance(catalog, Catalog) else Catalog(catalog)
        optional = [name for name in OPTIONAL_COLUMNS if name in catalog.table]
        write_table(catalog.table[[*CATALOG_COLUMNS, *optional]], self.path / "catalog.csv")
        root = {"data_root": str(catalog.root)} if catalog.root else {}
        self.remember(layout=catalog.layout, remarks=list(catalog.remarks), **root)

    def load_catalog(self) -> Catalog:
        """Read the catalog that notebook 01 saved.

        Returns:
            Catalog, with the saved layout, remarks and root. Its table `left_out` is empty.

        Raises:
            MissingArtefactError: If there is no saved catalog. The message says which notebook to run.
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
            MissingArtefactError: If there are no saved predictions. The message says which notebook to run.
        """
        return read_table(self.artefact("predictions.csv", made_by="05_evaluation"))

    def artefact(self, relative: str, *, made_by: str) -> Path:
        """Return the path of a saved file or folder in the workspace, and check that it exists.

        Args:
            relative: str. Path inside the workspace, such as `"models/gru"`.
            made_by: str. The notebook that saves the file or folder.

        Raises:
            MissingArtefactError: If the file or folder is missing. The message says which notebook to run first.
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
        # A new workspace has no saved files, so the first notebook must be run first.
        first = made_by if (self.path / "catalog.csv").is_file() else "01_data_loading"
        then = "" if first == made_by else f", then the others in order up to {made_by}"
        return MissingArtefactError(
            f"Workspace {self.name!r} has {what} yet. Run notebook {first} first "
            f"with workspace={self.name!r}{then}."
        )
