"""The versions of the packages that results depend on."""

import contextlib
import platform
from importlib.metadata import PackageNotFoundError, version

from dfutils import __version__

_PACKAGES = (
    "tensorflow",
    "keras",
    "keras-tuner",
    "numpy",
    "pandas",
    "scikit-learn",
    "opencv-python",
    "av",
    "mtcnn",
)


def package_versions(*more: str) -> dict[str, str]:
    """Return the versions of dfutils, Python and the packages that results depend on. Missing packages are left out.

    Args:
        more: str. Names of more packages.
    """
    versions = {"dfutils": __version__, "python": platform.python_version()}
    for package in (*_PACKAGES, *more):
        with contextlib.suppress(PackageNotFoundError):
            versions[package] = version(package)
    return versions
