"""Compare the installed packages with those that dfutils needs. Only the standard library and `packaging` are used."""

import re
from importlib.metadata import PackageNotFoundError, distributions, requires, version
from typing import Any

# Packages that contain the module of another one.
_REPLACEMENTS = {
    "opencv-python": ("opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"),
    "tensorflow": ("tensorflow-cpu", "tf-nightly"),
}


def unmet_requirements(*extras: str) -> dict[str, str]:
    """Return the requirements that are not met.

    Args:
        extras: str. Extras of dfutils, such as `"reports"`. Without extras, the packages that dfutils always needs.

    Returns:
        dict. {requirement for pip: what is installed instead}. A package that is not installed is given by its name.
    """
    wrong = {}
    for need in _requirements(extras):
        names = (need.name, *_REPLACEMENTS.get(need.name, ()))
        installed = next(filter(None, map(_version, names)), None)
        if installed is None:
            wrong[f"{need.name}{need.specifier}"] = need.name
        elif not need.specifier.contains(installed, prereleases=True):
            wrong[f"{need.name}{need.specifier}"] = f"{need.name} {installed}"
    return wrong


def count_requirements(*extras: str) -> int:
    """Return the number of packages that `unmet_requirements` looks for."""
    return len(_requirements(extras))


def all_requirements(*extras: str) -> list[str]:
    """Return what dfutils always needs, and what the extras need, as pip takes them: `av>=17.1`."""
    needs = [*_requirements(()), *(_requirements(extras) if extras else [])]
    return [f"{need.name}{need.specifier}" for need in needs]


def package_name(requirement: str) -> str:
    """Return the name of the package in a requirement such as `av>=17.1`, spelled as pip compares names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[><=!~ ;]", requirement.strip())[0]).lower()


def pip_error(output: str) -> str:
    """Return the errors in what pip has written to standard error, in one line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return " ".join(errors) or (lines or ["no message"])[-1]


def installed_versions() -> dict[str, str]:
    """Return {package: version} of everything that is installed."""
    return {found.metadata["Name"]: found.version for found in distributions() if found.metadata["Name"]}


def _requirements(extras: tuple[str, ...]) -> list[Any]:
    from packaging.requirements import Requirement

    every = [Requirement(line) for line in requires("dfutils") or []]
    if not extras:
        return [need for need in every if need.marker is None or need.marker.evaluate({"extra": ""})]
    return [
        need
        for need in every
        if need.name != "dfutils"
        and need.marker is not None
        and any(need.marker.evaluate({"extra": extra}) for extra in extras)
        and not need.marker.evaluate({"extra": ""})
    ]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
