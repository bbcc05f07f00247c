"""Find the notebooks of a series, and choose which ones run. The pages of the others are kept."""

from collections.abc import Iterable
from pathlib import Path

from dfutils.errors import SettingsError
from dfutils.reporting.results import earlier_results
from dfutils.workspace import project_root


def find_series(*, folder: str | Path | None = None) -> list[Path]:
    """Return the numbered notebooks of a folder, in order.

    Args:
        folder: str, Path or None. Defaults to the project's `notebooks/`.

    Raises:
        SettingsError: If there are no notebooks.
    """
    folder = Path(folder) if folder else _notebooks_folder()
    series = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not series:
        raise SettingsError(f"{folder} holds no notebooks named like 01_data_loading.ipynb.")
    return series


def choose_notebooks(series: list[Path], *, only: Iterable[str] = (), start: str = "") -> list[Path]:
    """Return the notebooks that run, in their order.

    Args:
        series: list of Path. All notebooks in order.
        only: iterable of str. Numbers or names of notebooks, such as `04` or `04_gru_training`. Defaults to none: all.
        start: str. The number or name of the first notebook that runs. Defaults to `""`: the first one of the series.

    Raises:
        SettingsError: If a notebook is unknown, or both `only` and `start` are given.
    """
    only = list(only)
    if only and start:
        raise SettingsError("Choose single notebooks or the first notebook, not both (--only, --from).")
    if only:
        wanted = {_find(name, series) for name in only}
        return [path for path in series if path in wanted]
    return series[series.index(_find(start, series)) :] if start else list(series)


def kept_from(directory: Path, series: list[Path], running: list[Path]) -> dict[str, str]:
    """Return the notebooks whose pages are kept: {name: when they were run}.

    Args:
        directory: Path. The folder of the report. Pages are kept if it holds an earlier report with their results.
        series: list of Path. All notebooks.
        running: list of Path. The notebooks that run again.
    """
    before = earlier_results(directory)
    status, provenance = before.get("status", {}), before.get("provenance", {})
    earlier = provenance.get("earlier", {})
    others = [path.stem for path in series if path not in running]
    return {
        stem: earlier.get(stem, provenance.get("started", ""))
        for stem in others
        if status.get(stem) in ("ok", "earlier") and (directory / "notebooks" / f"{stem}.ipynb").is_file()
    }


def _notebooks_folder() -> Path:
    for root in (Path(__file__).resolve().parents[2], project_root(), Path.cwd().parent):
        if (root / "notebooks").is_dir():
            return root / "notebooks"
    raise SettingsError(
        "The notebooks were not found. They are part of the project's repository, not of the installed package. "
        "Clone the repository and run `make reports` there."
    )


def _find(name: str, series: list[Path]) -> Path:
    found = [path for path in series if name == path.stem or name.zfill(2) == path.stem.partition("_")[0]]
    if not found:
        known = ", ".join(path.stem for path in series)
        raise SettingsError(f"There is no notebook {name!r}. Known: {known}.")
    return found[0]
