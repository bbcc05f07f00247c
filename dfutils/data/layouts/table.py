"""Read a CSV table that lists the clips of a data set. The built-in data set has such a table too."""

import csv
from pathlib import Path, PurePosixPath

from dfutils.data.layouts.dfdc import has_dfdc_list
from dfutils.data.layouts.folder_names import SPLIT_WORDS, ClassFolders, label_of_word
from dfutils.data.layouts.registry import Entry, Reading, layout
from dfutils.errors import DataError
from dfutils.media.files import Files, leaves_root, media_of, overlap, split_path, stills
from dfutils.tables import ORIGIN_COLUMNS, encoding_of, separator_of

_EXCESS = ""  # the key for extra cells after the last column; no column has this name
_OPTIONAL = ("clip_id", "group", "method", "split", *ORIGIN_COLUMNS)


def tables(files: Files) -> list[str]:
    """Return the CSV files directly in the data set's folder that have the columns path and label.

    A column `filename`, as in DFDC's lists, counts as path, unless the folder holds DFDC's own lists.
    """
    names = {"path"} if has_dfdc_list(files) else {"path", "filename"}
    return [
        path
        for path in _csv_at_top(files)
        if "label" in (header := _header(files, path)) and names & {*header}
    ]


def why_no_table(files: Files) -> str:
    """Return why the tables in the data set's folder cannot be used, or `""` if there is no table.

    The text is part of the message for a data set whose layout is not recognised.
    """
    usable, csvs = tables(files), _csv_at_top(files)
    if len(usable) > 1:
        return f" It holds several tables ({', '.join(usable)}): give the path of one."
    if csvs:
        try:
            columns = ", ".join(filter(None, _first_line(files, csvs[0]))) or "none"
        except OSError as error:
            return f" Its {csvs[0]} cannot be read: {error.strerror}."
        return f" Its {csvs[0]} needs columns path and label in its first line. Received: {columns}."
    sheets = [
        path for path in files.paths if "/" not in path and split_path(path)[2] in (".xlsx", ".xls", ".ods")
    ]
    return f" Save its {sheets[0]} as CSV UTF-8 first." if sheets else ""


def _csv_at_top(files: Files) -> list[str]:
    return [path for path in files.paths if "/" not in path and path.lower().endswith(".csv")]


@layout(
    "table",
    "a CSV with columns path and label at the top; the demo has one",
    lambda files: len(tables(files)) == 1,
    otherwise="not named in the table",
    rank=0,
)
def read_table_layout(files: Files) -> Reading:
    """Read a CSV table with one row per clip.

    Its columns are path and label, and optionally clip_id, group, method, split, identity, donor and source.
    """
    table = _the_table(files)
    columns, rows = _read(files, table)
    on_disk, entries = set(files.paths), []
    for row in rows:
        entry = Entry(files.on_disk(_relative_path(files.root, row["path"].strip())))
        for name in _OPTIONAL:
            setattr(entry, name, row.get(name, "").strip())
        entry.media = media_of(entry.path)
        entry.label = label_of_word(row["label"])
        entry.left_out = _why_left_out(files, entry, row, on_disk)
        entry.split = SPLIT_WORDS.get(entry.split.lower(), "")
        entry.method = (entry.method or "fake") if entry.label == 1 else ""
        entries.append(entry)
    remarks = _people_remarks(table, entries)
    unused = [name for name in columns if name not in ("path", "label", "media", *_OPTIONAL)]
    unused = [name for name in unused if name and not name.startswith("unnamed:")]  # pandas numbers the rows
    if unused:
        remarks.append(f"Columns of {table} that are not used: {', '.join(unused)}.")
    against, _ = _compare_with_folders(entries)
    if against:
        word = "fake" if against[0].label == 1 else "real"
        remarks.append(
            f"{len(against)} of {len(entries)} labels contradict the name of the clip's folder ({against[0].path} is "
            f"labelled {word}). Here 1 means fake and 0 means real: does the table have it the other way round?"
        )
    return Reading(entries, remarks, [table])


def _relative_path(root: Path, path: str) -> str:
    """Return a path from the table, with `/`. An absolute path inside the data set's folder becomes relative to it."""
    plain = PurePosixPath(path.replace("\\", "/"))
    if plain.is_absolute():
        for folder in (root.absolute(), root.resolve()):
            if plain.is_relative_to(folder):
                return plain.relative_to(folder).as_posix()
    return plain.as_posix()


def _people_remarks(path: str, entries: list[Entry]) -> list[str]:
    """Return a remark with the number of real clips for which the table does not name the person."""
    real = [entry for entry in entries if entry.label == 0 and not entry.left_out]
    unnamed = sum(not entry.identity for entry in real)
    if not unnamed:
        return []
    remark = f"{path} does not say who is seen in {unnamed} of {len(real)} real clips (column `identity`)"
    if all(entry.group for entry in real):
        remark += ": that one person's clips are in one group cannot be checked"
    return [f"{remark}."]


def contradicts_folders(reading: Reading) -> bool:
    """Return whether most clips in folders named real or fake have a label that contradicts the folder's name."""
    disagree, agree = _compare_with_folders(reading.entries)
    return len(disagree) > len(agree)


def _compare_with_folders(entries: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Return the clips whose label contradicts the name of their folder, and the clips whose label agrees with it."""
    usable = [entry for entry in entries if not entry.left_out and entry.label is not None]
    classes = ClassFolders(entry.path for entry in usable)
    by_folder = [(entry, classes.of(entry.path).label) for entry in usable]
    disagree = [entry for entry, label in by_folder if label is not None and label != entry.label]
    return disagree, [entry for entry, label in by_folder if label == entry.label]


def _the_table(files: Files) -> str:
    usable = tables(files)
    if len(files.paths) == 1 and {"filename", "label"} <= set(_header(files, files.paths[0])):
        usable = files.paths  # the user gave the path of one of DFDC's lists as the data set
    if len(usable) == 1:
        return usable[0]
    wrong = why_no_table(files) or " It has none."
    raise DataError(f"{files.root} needs one CSV with columns path and label.{wrong}")


def _header(files: Files, path: str) -> list[str]:
    try:
        return _first_line(files, path)
    except OSError:
        return []


def _first_line(files: Files, path: str) -> list[str]:
    file_path = files.root / path
    with file_path.open(encoding=encoding_of(file_path), errors="replace", newline="") as file:
        line = file.readline(1 << 16)
    try:
        return [name.strip().lower() for name in next(csv.reader([line], delimiter=separator_of(line)), [])]
    except csv.Error:
        return []


def _read(files: Files, path: str) -> tuple[list[str], list[dict[str, str]]]:
    """Return the columns and the rows of a CSV table.

    In each row, the key `_EXCESS` holds the extra cells after the last column.
    """
    file = files.root / path
    try:
        with file.open(encoding=encoding_of(file), newline="") as opened:
            separator = separator_of(opened.readline())
            opened.seek(0)
            header, *lines = csv.reader(opened, delimiter=separator)
    except UnicodeError as error:
        raise DataError(f"{file} is not in UTF-8 or UTF-16 ({error}). Save it as CSV UTF-8.") from error
    except (OSError, csv.Error) as error:
        raise DataError(f"{file} cannot be read as a CSV: {error}") from error
    columns = [name.strip().lower() for name in header]
    while columns and not columns[-1]:  # a spreadsheet may leave empty columns
        columns.pop()
    if "path" not in columns:
        columns = ["path" if name == "filename" else name for name in columns]
    twice = [name for name in columns if columns.count(name) > 1]
    if twice:
        raise DataError(f"{file} has two columns {twice[0]!r} (case does not matter). Remove or rename one.")
    rows = []
    for line in lines:
        if any(cell.strip() for cell in line):  # a spreadsheet may leave empty rows
            row = dict.fromkeys(columns, "") | dict(zip(columns, line, strict=False))
            rows.append(row | {_EXCESS: "".join(line[len(columns) :]).strip()})
    if not rows:
        raise DataError(f"{file} has no rows. Write one row per clip, with its path and label.")
    return columns, rows


def _why_left_out(files: Files, entry: Entry, row: dict[str, str], on_disk: set[str]) -> str:
    """Return why the file in a table row cannot be used as a clip, or `""` if it can be used.

    If the path is a folder of image files, set `entry.media` in place.
    """
    if row[_EXCESS]:
        return "its row has more cells than the table has columns: put text with a comma into quotes"
    label = row["label"].strip()
    if entry.path in ("", "."):
        return "the path in its table row is empty"
    if leaves_root(entry.path):
        return "the table names a path outside the data set's folder: write it relative to the table"
    if label and entry.label is None:
        return f"its label {label!r} is not one of fake, 1 (fake), real, 0 (real)"
    if entry.split and entry.split.lower() not in SPLIT_WORDS:
        return f"its split {entry.split!r} is not one of train, val, test"
    if entry.path not in on_disk:
        try:
            if link := _linked_folder(files.root, entry.path):
                return f"is behind a link to a folder ({link}) that is listed already"
            if (files.root / entry.path).is_dir():
                entry.media = "frames"
                if not stills(files.root / entry.path):
                    return "a folder without a picture"
            elif not (files.root / entry.path).is_file():
                return f"named in the table, but not on disk (looked for in {files.root})"
        except (OSError, ValueError) as error:
            return f"the table names an invalid path: {error}"
    if not entry.media:
        return "its suffix is that of neither a video nor a picture"
    return ""


def _linked_folder(root: Path, path: str) -> str:
    """Return the first folder in a path that is a link into the data set's folder, or to a folder that holds it."""
    parts = PurePosixPath(path).parts
    folders = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    links = [folder for folder in folders if (root / folder).is_symlink() and (root / folder).is_dir()]
    return next((link for link in links if overlap(root / link, root)), "")
