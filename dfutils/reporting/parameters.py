"""Read the parameters of the notebooks from profiles, check them and convert them to the right types."""

import contextlib
import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dfutils.errors import SettingsError
from dfutils.notebook import as_type


def read_profile(profile: str, folder: Path) -> dict[str, Any]:
    """Read the notebook parameters that a profile (a YAML file) sets.

    Args:
        profile: str. The name of a file in `folder/profiles/`, or the path of a YAML file.
        folder: Path. The folder of the notebooks.

    Raises:
        SettingsError: If the profile is unknown, or is not a YAML mapping.
    """
    import yaml

    known = {path.stem: path for path in sorted((folder / "profiles").glob("*.yml"))}
    path = known.get(profile, Path(profile))
    if not path.is_file():
        raise SettingsError(f"Unknown profile {profile!r}. Known: {', '.join(known)}, or a YAML file's path.")
    try:
        values = yaml.safe_load(path.read_text()) or {}
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is not a YAML file: {error}") from error
    if not isinstance(values, dict):
        raise SettingsError(f"{path} must hold lines like `epochs: 10`. Received: {values!r}")
    return values


def declared_parameters(path: Path) -> dict[str, tuple[str, str]]:
    """Return the parameters of a notebook, {name: (name of the type, Python code of the default value)}."""
    import papermill

    with quiet_papermill():
        inspected = papermill.inspect_notebook(str(path))
    return {
        name: (facts["inferred_type_name"], facts["default"]) for name, facts in inspected.items() if facts
    }


def values_by_notebook(
    chosen: dict[str, Any], declared: dict[str, dict[str, tuple[str, str]]]
) -> dict[str, dict[str, Any]]:
    """Return {notebook: {parameter: value}}: the chosen values for each notebook, converted to the declared types.

    Raises:
        SettingsError: If a chosen parameter is not declared in any notebook, or a value cannot be converted.
    """
    known = sorted({name for parameters in declared.values() for name in parameters})
    for name in chosen:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise SettingsError(f"No notebook has a parameter {name!r}. {hint}Known: {', '.join(known)}.")
    return {
        stem: {
            name: as_type(name, chosen[name], parameters[name][0]) for name in parameters if name in chosen
        }
        for stem, parameters in declared.items()
    }


def with_defaults(declared: dict[str, tuple[str, str]], values: dict[str, Any]) -> dict[str, Any]:
    """Return the value of every declared parameter: the chosen value, or else the default of the notebook."""
    import ast

    parameters = {}
    for name, (_, default) in declared.items():
        try:
            parameters[name] = values.get(name, ast.literal_eval(default))
        except (ValueError, SyntaxError):
            parameters[name] = default
    return parameters


@contextlib.contextmanager
def quiet_papermill() -> Iterator[None]:
    """Hide the log messages and warnings of papermill as long as the `with` block runs."""
    import logging
    import warnings

    logger = logging.getLogger("papermill")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
