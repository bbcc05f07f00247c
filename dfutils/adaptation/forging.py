"""Write pseudo-fakes of the real clips of a data set, as a data set of its own."""

import json
import zlib
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.adaptation.clip_forger import ClipForger
from dfutils.atomic import atomic_path
from dfutils.data.validation import catalog_table, root_of
from dfutils.errors import ClipError, DataError, SettingsError, StoreError
from dfutils.frames.self_blending import SelfBlend, draw_blend
from dfutils.media.files import leaves_root, stills
from dfutils.tables import CATALOG_COLUMNS, Catalog, write_table

METHOD = "self_blend"
_SETTINGS_FILE, _DONE_FILE = "forged.json", "forged.jsonl"
_TABLE = ("clip_id", "status", "reason", "frames")


@dataclass(frozen=True, eq=False)
class Forging:
    """The result of `forge`.

    Args:
        catalog: Catalog. The real clips, encoded again, and the pseudo-fakes.
        table: DataFrame. One row per real clip of the data set: clip_id, status, reason and frames (the number of
            frames that were written).
        forged: int. The clips that were forged in this call; the others were there already.
    """

    catalog: Catalog
    table: pd.DataFrame
    forged: int


def forge(
    catalog: Catalog | pd.DataFrame,
    root: str | Path | None,
    output: str | Path,
    *,
    settings: SelfBlend | None = None,
    per_clip: int = 1,
    seed: int = 7,
    progress: bool = True,
) -> Forging:
    """Write pseudo-fakes of all real clips: the face of each frame is blended with a changed copy of itself.

    Every real clip is written again next to its pseudo-fakes, with the same encoder settings. Otherwise, being encoded
    twice would tell a pseudo-fake from a real clip. Only the pasted face is changed, never its surroundings. Group and
    split are those of the real clip. Sound is not kept. An interrupted call goes on where it stopped.

        catalog.csv                    the clips, their labels, methods and groups; `source` is the original clip_id
        real/<clip_id>                 the real clip, encoded again
        fake/self_blend/<clip_id>      its pseudo-fake; with several per clip, <clip_id>_1 and so on
        masks/<clip_id>.npz            `mask`, uint8 [frames, H, W]: 1 where the pseudo-fake is altered

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id, path, media, label and group.
        root: str or Path or None. The folder that the paths are relative to. None means `catalog.root`.
        output: str or Path. A new or empty folder, or one that this function wrote before in the same way. It must not
            be inside `root`, nor `root` inside it.
        settings: SelfBlend. Defaults to `SelfBlend()`. Its option `source` is not used.
        per_clip: int. Pseudo-fakes of each clip. Defaults to 1.
        seed: int. The same seed gives the same pseudo-fakes. Defaults to 7.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        Forging.

    Raises:
        DataError: If no clip is real, none can be forged, or the folder holds other files or overlaps with `root`.
        SettingsError: If an option is out of range, or the folder was written with other settings.
        StoreError: If a file cannot be written.
    """
    if isinstance(per_clip, bool) or not isinstance(per_clip, int) or per_clip < 1:
        raise SettingsError(f"per_clip must be a whole number of at least 1. Received: per_clip={per_clip!r}")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise SettingsError(f"seed must be a whole number of at least 0. Received: seed={seed!r}")
    folder, target = root_of(catalog, root), Path(output).expanduser()
    # Only the pasted face may differ from the real clip.
    settings = replace(settings or SelfBlend(), source=1.0)
    table = catalog_table(catalog, needs=("clip_id", "path", "media", "label", "group"))
    real = table[(table["label"] == 0).fillna(False)].sort_values("clip_id").reset_index(drop=True)
    if real.empty:
        raise DataError(
            f"None of the {len(table)} clips is real. Pseudo-fakes are made of real clips: add some."
        )
    _prepare(target, folder, {"settings": asdict(settings), "per_clip": per_clip, "seed": seed})
    done = _read_done(target)
    rows, forged = [], 0
    for row in tqdm(real.itertuples(), total=len(real), desc="forging", unit="clip", disable=not progress):
        facts = done.get(row.clip_id)
        if facts is None:
            facts = _forge_clip(row, folder, target, settings, per_clip, seed)
            forged += facts["status"] == "ok"
            _append(target, facts)
        rows.append(facts)
    result = pd.DataFrame(rows)
    if not (result["status"] == "ok").any():
        raise DataError(
            f"None of the {len(real)} real clips can be forged, such as {result['clip_id'][0]}: "
            f"{result['reason'][0] or result['status'][0]}."
        )
    written = Catalog(_catalog_of(result, real, per_clip), root=target)
    try:
        write_table(written.table, target / "catalog.csv")
    except OSError as error:
        raise _cannot_write(target, error) from error
    return Forging(written, result[list(_TABLE)], forged)


def _prepare(target: Path, root: Path, run: dict[str, Any]) -> None:
    """Create the folder, or check that it was written in the same way."""
    inside, outside = target.resolve(), root.resolve()
    if inside == outside or inside.is_relative_to(outside) or outside.is_relative_to(inside):
        raise DataError(f"{target} must not overlap with the data set {root}. Give a folder elsewhere.")
    path = target / _SETTINGS_FILE
    described = json.dumps(run, sort_keys=True)
    try:
        if path.is_file():
            if path.read_text() != described:
                raise SettingsError(
                    f"{target} was written with other settings. Give another folder, or delete this one."
                )
            return
        if target.is_dir() and any(not one.name.startswith(".") for one in target.iterdir()):
            raise DataError(f"{target} holds other files. Give a new or an empty folder.")
        with atomic_path(path) as temporary:
            temporary.write_text(described)
    except OSError as error:
        raise _cannot_write(target, error) from error


def _forge_clip(
    row: Any, root: Path, target: Path, settings: SelfBlend, per_clip: int, seed: int
) -> dict[str, Any]:
    """Write a real clip again, and its pseudo-fakes. Return what is known about it, as a line of the list of clips."""
    facts: dict[str, Any] = {"clip_id": row.clip_id, "status": "ok", "reason": "", "frames": 0, "suffix": ""}
    try:
        if not row.path or leaves_root(row.path):
            raise ClipError(
                "unreadable", "is not a permitted file: it has no path inside the data set's folder"
            )
        path = root / row.path
        rngs = [
            np.random.default_rng([seed, zlib.crc32(row.clip_id.encode()), number])
            for number in range(per_clip)
        ]
        blends = [draw_blend(rng, settings) for rng in rngs]
        places = [_places(target, row.clip_id, number, per_clip) for number in range(per_clip)]
        job = ClipForger(path, target / "real" / row.clip_id, places, blends, rngs, settings.waver)
        if row.media == "video":
            facts |= job.video()
        else:
            facts |= job.pictures(stills(path) if row.media == "frames" else [path], row.media)
    except ClipError as error:
        return facts | {"status": error.status, "reason": error.reason}
    except OSError as error:
        raise _cannot_write(target, error) from error
    return facts


def _places(target: Path, clip_id: str, number: int, per_clip: int) -> tuple[Path, Path]:
    """Return the path of a pseudo-fake without its suffix, and the path of its mask."""
    name = _fake_id(clip_id, number, per_clip)
    return target / name, target / "masks" / f"{name}.npz"


def _fake_id(clip_id: str, number: int, per_clip: int) -> str:
    return f"fake/{METHOD}/{clip_id}" + (f"_{number + 1}" if per_clip > 1 else "")


def _read_done(target: Path) -> dict[str, dict[str, Any]]:
    """Return what is known about the clips that earlier calls have finished."""
    done: dict[str, dict[str, Any]] = {}
    try:
        lines = (target / _DONE_FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return done
    for line in lines:
        try:
            facts = json.loads(line)
            done[facts["clip_id"]] = facts
        except (ValueError, KeyError, TypeError):
            continue  # an incomplete line: the clip is forged again
    return done


def _append(target: Path, facts: dict[str, Any]) -> None:
    try:
        with (target / _DONE_FILE).open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps(facts) + "\n")
    except OSError as error:
        raise _cannot_write(target, error) from error


def _catalog_of(result: pd.DataFrame, real: pd.DataFrame, per_clip: int) -> pd.DataFrame:
    facts = {row.clip_id: row for row in result.itertuples() if row.status == "ok"}
    rows = []
    for row in real.itertuples():
        if row.clip_id not in facts:
            continue
        suffix = facts[row.clip_id].suffix
        shared = {"media": row.media, "group": row.group, "split": row.split, "source": row.clip_id}
        names = [f"real/{row.clip_id}", *(_fake_id(row.clip_id, i, per_clip) for i in range(per_clip))]
        for number, name in enumerate(names):
            label = int(number > 0)
            rows.append(
                {"clip_id": name, "path": name + suffix, "label": label, "method": METHOD if label else ""}
                | shared
            )
    table = pd.DataFrame(rows)[[*CATALOG_COLUMNS, "source"]]
    table["label"] = table["label"].astype("Int64")
    return table.sort_values("clip_id").reset_index(drop=True)


def _cannot_write(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{folder} cannot be written: {error.strerror or error}. Finished clips are kept. Make room or choose another "
        "folder, then run again to resume."
    )
