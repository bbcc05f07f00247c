"""Make the catalog of a data set: recognise the layout of its folder, and list its clips."""

from collections.abc import Sequence
from pathlib import Path

from dfutils.data.accounting import account_for_files
from dfutils.data.layouts import Layout, by_rank, find_layout, load_plugins
from dfutils.data.layouts.dfdc import why_no_list
from dfutils.data.layouts.folder_names import label_of_folder
from dfutils.data.layouts.table import contradicts_folders, why_no_table
from dfutils.data.several import join_catalogs, names_of_roots
from dfutils.errors import DataError
from dfutils.media.files import Files, list_files
from dfutils.tables import Catalog
from dfutils.workspace import split_roots

__all__ = ["Catalog", "read_catalog"]


def read_catalog(root: str | Path | Sequence[str | Path], *, layout: str = "auto") -> Catalog:
    """List the clips of a data set, with their labels and groups.

    No video or image file is decoded.

    Args:
        root: str, Path, or sequence of them. The data set's folder, or a CSV file with columns `path` and `label` whose
            paths are relative to the CSV's folder. Several data sets become one catalog with a column `dataset`; a
            text may name them as in PATH, separated by `:` (on Windows by `;`).
        layout: str. A layout's name (see `LAYOUTS`), or `"auto"` to recognise it. Defaults to `"auto"`.

    Returns:
        Catalog. Its table has one row per clip, sorted by `clip_id`.

    Raises:
        DataError: If there is no such folder or file, it is empty, its layout is not recognised, or no layout has the
            given name. With several data sets, also if two have one name, or one is inside another.

    Example:
        >>> from dfutils import data
        >>> catalog = data.read_catalog("faces")
        >>> len(catalog), catalog.table["group"].nunique()
        (24, 3)
        >>> catalog.people_known
        True
    """
    roots = split_roots(root)
    if len(roots) == 1:
        return _read_one(roots[0], layout)
    catalogs = [_read_one(one, layout) for one in roots]
    return join_catalogs(dict(zip(names_of_roots(roots), catalogs, strict=True)))


def _read_one(root: Path, layout: str) -> Catalog:
    """Return the catalog of one data set."""
    try:
        place = root.expanduser()
        exists = place.exists()
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError(f"{root} is not a valid path: {error}") from error
    if not exists:
        raise DataError(f"There is no {place}. Give the folder that holds the data set, or a CSV file.")
    chosen = None if layout == "auto" else find_layout(layout)
    overruled: list[str] = []
    if place.is_dir():
        files = _list_folder(place)
        if chosen is None:
            chosen, overruled = _recognise(files)
    else:
        chosen, files = _accept_table(place, chosen)
    reading = chosen.read(files)
    reading.remarks += load_plugins()
    if overruled:
        reading.remarks.append(
            f"Your table {reading.lists[0]} was read, and nothing else. The folder could also be "
            f"{' or '.join(overruled)} (`--layout {overruled[0]}`)."
        )
    from_list = chosen.name in ("table", "dfdc") and place.is_dir()
    if layout == "auto" and from_list and contradicts_folders(reading):
        raise DataError(
            f"In {place}, most labels of {reading.lists[0]} contradict the names of the clips' folders (here 1 = fake "
            f"and 0 = real). Say which is right: `--layout {chosen.name}` or `--layout folders` (`-p layout=NAME` for "
            "a report)."
        )
    return account_for_files(files, chosen, reading, place)


def _list_folder(folder: Path) -> Files:
    files = list_files(folder.resolve())
    if not files.paths:
        unusable = "; ".join(f"{path}: {reason}" for path, reason in files.unusable[:3])
        raise DataError(
            f"{folder} holds no files{f' that can be used ({unusable})' if unusable else ''}. "
            "Give the folder that holds the data set."
        )
    return files


def _accept_table(path: Path, chosen: Layout | None) -> tuple[Layout, Files]:
    """Return the layout `table` and a Files object, for a CSV file that the user gave as the data set."""
    table = find_layout("table")
    if path.suffix.lower() != ".csv":
        raise DataError(f"{path} is neither a folder nor a CSV. Give the folder that holds the data set.")
    if chosen not in (None, table):
        raise DataError(f"{path} is a CSV: its layout is 'table'. Received: layout={chosen.name!r}")
    return table, Files(path.parent.resolve(), [path.name])


def _recognise(files: Files) -> tuple[Layout, list[str]]:
    """Return the layout that matches the folder.

    A table written by the user has priority over the layouts of known data sets. Then the names of the known layouts
    that also match are returned too.
    """
    fitting = [layout for layout in by_rank() if layout.recognises(files)]
    if not fitting:
        hint = why_no_table(files) or why_no_list(files)
        if label_of_folder(files.root.name) is not None:
            hint = f" It is itself named like a class: did you mean {files.root.parent}?" + hint
        hint += "".join(f" {problem}" for problem in load_plugins())
        known = "\n".join(f"  {layout.name:16} {layout.looks_like}" for layout in by_rank())
        raise DataError(
            f"The layout of {files.root} is not recognised (its first file: {files.paths[0]}).{hint} Known layouts:\n"
            f"{known}\nPut the clips into folders named real and fake, or write one CSV with columns path and label."
        )
    # Any data set may have folders named real and fake, so the layout of a known data set has priority.
    best = min(layout.rank for layout in fitting)
    overruled = [layout.name for layout in fitting if best == 0 and layout.rank == 1]
    fitting = [layout for layout in fitting if layout.rank == best]
    if len(fitting) > 1:
        names = " or ".join(layout.name for layout in fitting)
        raise DataError(
            f"{files.root} could be {names}. Say which (`--layout NAME`, or `-p layout=NAME` for a report), or "
            "give the folder of one data set."
        )
    return fitting[0], overruled
