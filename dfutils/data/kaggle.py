"""Download a data set from Kaggle, or find the one that is attached to a Kaggle or Colab notebook."""

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from dfutils.data.layouts import by_rank
from dfutils.errors import DataError
from dfutils.media.files import list_files
from dfutils.workspace import Workspace, project_root

KNOWN = {
    "sdfvd": "manasayelamarthy27/deep-fake-dataset",
    "ffpp-c23": "xdxd003/ff-c23",
    "140k-faces": "xhlulu/140k-real-and-fake-faces",
    "dfdc-sample": "competition:deepfake-detection-challenge",
}
# Where data sets are attached on Kaggle, kept in a mounted Drive, and uploaded to on Colab.
_PLACES = (Path("/kaggle/input"), Path("/content/drive/MyDrive/dfutils"), Path("/content"))
_NOT_DATA = ("sample_data", "drive", "data", "reports")  # other folders of Colab, and those of our results
# Subfolders of /kaggle/input that are not data sets, with the pattern of the data sets in them.
_KAGGLE_SHELVES = {"datasets": "*/*", "competitions": "*"}


def fetch(name: str, *, directory: str | Path | None = None) -> Path:
    """Download a data set from Kaggle with kagglehub. An interrupted download is resumed.

    Args:
        name: str. A name in `KNOWN`, a Kaggle data set as `owner/name`, or a competition's data as
            `competition:name`.
        directory: str or Path or None. The folder for the data set. If this folder is not empty, it is returned and
            nothing is downloaded. Defaults to None: `data/downloads/<name>` in the project.

    Returns:
        Path. The data set's folder. On Kaggle and Colab, the platform chooses this folder.

    Raises:
        DataError: If the name is not valid, Kaggle cannot be reached, requires an account or does not know the name,
            or the disk is full. The message says what to do.
    """
    handle = KNOWN.get(name.lower(), name)
    kind, _, slug = handle.rpartition(":")
    if not re.fullmatch(r"[\w-]+" if kind == "competition" else r"[\w-]+/[\w-]+", slug) or kind not in (
        "",
        "competition",
    ):
        raise DataError(
            f"{name!r} is not a data set that can be fetched. Known: {', '.join(KNOWN)}. Name any other on Kaggle as "
            "owner/name or competition:name."
        )
    short = name.lower() if name.lower() in KNOWN else slug.replace("/", "-")
    try:
        target = Path(directory).expanduser() if directory else project_root() / "data" / "downloads" / short
    except RuntimeError as error:
        raise DataError(f"{directory} is not a valid path: {error}") from error
    if target.is_dir() and any(target.iterdir()):
        return target
    if target.exists() and not target.is_dir():
        raise DataError(f"{target} is a file. Name a folder.")
    url = f"https://www.kaggle.com/{'competitions' if kind else 'datasets'}/{slug}"
    cache = target.parent / f".{target.name}.partial"
    with _as_data_errors(handle, url, target):
        with _kagglehub_cache(cache):
            import kagglehub

            download = kagglehub.competition_download if kind else kagglehub.dataset_download
            downloaded = Path(download(slug))
        if not downloaded.is_relative_to(cache.resolve()) and not downloaded.is_relative_to(cache):
            shutil.rmtree(cache, ignore_errors=True)
            return downloaded
        if target.exists():
            target.rmdir()
        downloaded.replace(target)
        shutil.rmtree(cache)
    return target


def locate(workspace: Workspace, *, given: str = "") -> Path:
    """Return the path of the data set that a workspace uses.

    Args:
        workspace: Workspace. The folder of results.
        given: str. The path that the user gave. Defaults to `""`: the data set from which the workspace was made, else
            the data set that is attached to the Kaggle notebook, else the built-in data set.

    Returns:
        Path. The data set's folder or CSV.

    Raises:
        DataError: If the data set and the workspace's folder contain each other, or several data sets are attached.
    """
    source = workspace.data_source(given=given)
    if not given and source == workspace.demo_videos:
        folder = attached()
        return workspace.data_source(given=str(folder)) if folder else source
    return source


def attached(*, places: Iterable[Path] = _PLACES) -> Path | None:
    """Return the folder of the data set that is attached to a Kaggle or Colab notebook, or None if there is none.

    Args:
        places: iterable of Path. Folders with data sets. The first one that holds a data set counts. Defaults to
            `/kaggle/input`, the folder `dfutils` of a Drive that is mounted on Colab, and Colab's folder for uploads.

    Raises:
        DataError: If several data sets are attached in one place. The user must then choose one.
    """
    for place in filter(Path.is_dir, places):
        candidates = []
        for child in sorted(place.iterdir()):
            if child.name in _KAGGLE_SHELVES:
                candidates += sorted(child.glob(_KAGGLE_SHELVES[child.name]))
            elif child.name not in _NOT_DATA and not child.name.startswith("."):
                candidates.append(child)
        data_sets = [path for path in candidates if path.is_dir() and _is_data_set(path)]
        if len(data_sets) > 1:
            raise DataError(
                f"Several data sets are attached: {', '.join(map(str, data_sets))}. Name one in the parameter "
                "data_root."
            )
        if data_sets:
            return data_sets[0]
    return None


def _is_data_set(path: Path) -> bool:
    """Return whether a folder holds videos or matches a known data set layout."""
    files = list_files(path)
    return bool(files.videos) or any(layout.recognises(files) for layout in by_rank())


@contextlib.contextmanager
def _kagglehub_cache(folder: Path) -> Iterator[None]:
    """Make kagglehub download into a given folder, so that an interrupted download can be resumed."""
    folder.mkdir(parents=True, exist_ok=True)
    before = os.environ.get("KAGGLEHUB_CACHE")
    os.environ["KAGGLEHUB_CACHE"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("KAGGLEHUB_CACHE")
        if before is not None:
            os.environ["KAGGLEHUB_CACHE"] = before
        if not any(path.is_file() for path in folder.rglob("*")):
            shutil.rmtree(folder)


@contextlib.contextmanager
def _as_data_errors(handle: str, url: str, target: Path) -> Iterator[None]:
    """Convert the errors of a download to DataErrors whose messages say what to do."""
    import requests
    from kagglehub.exceptions import UnauthenticatedError

    by_hand = f"Or download it by hand from {url}, extract it, and give that folder."
    account = (
        f"Accept its terms at {url}, make an API token at https://www.kaggle.com/settings, and put it into "
        f"~/.kaggle/kaggle.json or into KAGGLE_USERNAME and KAGGLE_KEY. {by_hand}"
    )
    try:
        yield
    except UnauthenticatedError as error:
        raise DataError(f"Kaggle does not let you download {handle} without an account. {account}") from error
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else None
        if status in (401, 403):
            raise DataError(
                f"Kaggle does not let you download {handle} without an account (HTTP {status}). {account}"
            ) from error
        if status == 404:
            raise DataError(f"Kaggle does not know {handle} (HTTP 404). Look at {url}.") from error
        raise DataError(
            f"Kaggle answered with HTTP {status} for {handle}. Try again later. {by_hand}"
        ) from error
    except requests.RequestException as error:
        raise DataError(
            f"Kaggle cannot be reached to fetch {handle} ({type(error).__name__}). Check your "
            f"internet connection. The same command resumes the download. {by_hand}"
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DataError(
                f"The disk of {target} is full: the archive of {handle} and the files from it need space at the same "
                "time. Free some space, or name a folder on another disk with --to. The same command resumes."
            ) from error
        raise DataError(f"{target} cannot be written: {error.strerror or error}.") from error
    except Exception as error:
        # kagglehub raises different errors on each platform, and they have no common base class.
        raise DataError(f"{handle} could not be fetched: {error}. {by_hand}") from error
