"""Score the clips of data sets that the detector was not trained on."""

from collections.abc import Iterable
from typing import Literal

import pandas as pd

from dfutils.data.validation import catalog_table
from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.evaluation.predictions import score
from dfutils.features import ExtractionSettings, load
from dfutils.features.seen import refuse_seen
from dfutils.tables import PREDICTION_COLUMNS
from dfutils.training import Detector
from dfutils.workspace import Workspace


def score_datasets(
    detector: Detector,
    workspaces: Iterable[str],
    *,
    settings: ExtractionSettings,
    layers: tuple[str, ...] | None = None,
    split: Literal["train", "val", "test"] = "test",
) -> pd.DataFrame:
    """Score the clips of other workspaces with a detector. A workspace holds the files of one data set.

    To make a workspace, run notebooks 01 to 03 with its name and with the same feature settings.

    Args:
        detector: Detector. A fitted detector.
        workspaces: iterable of str. The names of the other workspaces.
        settings: ExtractionSettings. The feature settings that the detector was trained with.
        layers: tuple of str or None. The backbone layers that the detector needs. Defaults to None: all layers in
            `settings`.
        split: str. The split to score: `"train"`, `"val"` or `"test"`. Defaults to `"test"`.

    Returns:
        DataFrame. The predictions of all workspaces, as `score` returns them, with one more column: `dataset`, the name
        of the workspace. To evaluate each workspace, use `evaluate_by(..., column="dataset")`. Without workspaces, the
        table has no rows.

    Raises:
        MissingArtefactError: If a workspace does not exist, or has no features with these settings. The message says
            which notebook to run.
        DataError: If a workspace has no clip of this split with features, or the weights of the features were adapted
            with one of its clips.
        SettingsError: If a workspace is named twice, or the split is unknown.
    """
    names = list(workspaces)
    if len(set(names)) < len(names):
        raise SettingsError(f"Name each workspace once. Received: {', '.join(names)}")
    if split not in ("train", "val", "test"):
        raise SettingsError(f"A split is train, val or test. Received: split={split!r}")
    tables = [_score_workspace(detector, name, settings, layers, split) for name in names]
    if not tables:
        dtypes = dict.fromkeys((*PREDICTION_COLUMNS, "dataset"), "str") | {
            "label": "Int64",
            "score": "float64",
        }
        return pd.DataFrame({column: pd.Series(dtype=dtype) for column, dtype in dtypes.items()})
    return pd.concat(tables, ignore_index=True)


def _score_workspace(
    detector: Detector, name: str, settings: ExtractionSettings, layers: tuple[str, ...] | None, split: str
) -> pd.DataFrame:
    workspace = Workspace(name)
    if not workspace.exists():
        raise MissingArtefactError(
            f"There is no workspace {name!r} in {workspace.path.parent}. Run notebooks 01_data_loading, "
            f"02_frame_extraction and 03_feature_caching with workspace={name!r} first."
        )
    table = catalog_table(workspace.load_catalog())
    in_split = table[table["split"] == split].reset_index(drop=True)
    if in_split.empty:
        raise DataError(f"The workspace {name!r} has no clip of the split {split!r}.")
    try:
        clips = load(workspace.store, in_split, settings, layers=layers)
    except MissingArtefactError as error:
        raise MissingArtefactError(
            f"The workspace {name!r} has no features with the settings that the detector was trained with, or not of "
            f"all its clips of the split {split!r}. Run notebook 03_feature_caching with workspace={name!r} and with "
            f"the parameters of this run. ({error})"
        ) from error
        refuse_seen(clips.seen, clips.groups, test=f"the {split} clips")
    except DataError as error:
        raise DataError(f"The workspace {name!r} cannot be scored. {error}") from error
    return score(detector, clips).assign(dataset=name)
