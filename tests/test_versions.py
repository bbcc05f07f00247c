from importlib.metadata import version

from dfutils import __version__
from dfutils.versions import package_versions


def test_versions_are_those_that_are_installed_and_missing_packages_are_left_out():
    found = package_versions("pytest", "no-such-package")
    assert found["dfutils"] == __version__
    assert found["numpy"] == version("numpy")
    assert found["pytest"] == version("pytest")
    assert "no-such-package" not in found
