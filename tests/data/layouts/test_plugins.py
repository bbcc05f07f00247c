"""Layouts of other packages, installed for the test as they are on disk: a module and its dist-info."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

READER = """
from dfutils.data.layouts.registry import Entry, Layout, Reading, layout

def fits(files):
    return "wild/x.mp4" in files.paths

def read(files):
    "Read one clip."
    return Reading([Entry("wild/x.mp4", label=1, method="wild")])
"""
DECORATED = f"{READER}\nread = layout('wild', 'wild/x.mp4', fits, otherwise='not wild')(read)\n"
AS_OBJECT = f"{READER}\nWILD = Layout('wild', 'wild/x.mp4', 'not wild', 1, fits, read)\n"
AS_FUNCTION = (
    f"{READER}\ndef register():\n    layout('wild', 'wild/x.mp4', fits, otherwise='not wild')(read)\n"
)
SHOW = """
import json, sys
from dfutils.data import read_catalog
from dfutils.data.layouts import by_rank
catalog = read_catalog(sys.argv[1])
again = read_catalog(sys.argv[1])
print(json.dumps([catalog.layout, list(catalog.remarks), [layout.name for layout in by_rank()],
                  catalog.remarks == again.remarks]))
"""


@pytest.fixture
def make_package(tmp_path):
    """A function that installs a package with one module into a folder of the test's own."""

    def make(name, entry_point, module):
        folder = tmp_path / "site"
        info = folder / f"{name}-1.5.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n")
        (info / "entry_points.txt").write_text(f"[dfutils.layouts]\n{entry_point}\n")
        (folder / f"{name}.py").write_text(module)

    return make


@pytest.fixture
def read_in_new_process(tmp_path):
    """A function that reads a data set where those packages are installed: layout, remarks, known layouts."""

    def read(root):
        code = f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n{SHOW}"
        done = subprocess.run([sys.executable, "-c", code, str(root)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        layout, remarks, known, same_again = json.loads(done.stdout)
        assert same_again
        return layout, remarks, known

    return read


@pytest.mark.parametrize(
    ("entry_point", "module"),
    [
        ("wild = wildpack", DECORATED),
        ("wild = wildpack:read", DECORATED),
        ("wild = wildpack:WILD", AS_OBJECT),
        ("wild = wildpack:register", AS_FUNCTION),
    ],
    ids=["a module", "a decorated reader", "a Layout", "a function that registers"],
)
def test_a_layout_of_another_package_is_recognised(
    make_files, make_package, read_in_new_process, entry_point, module
):
    make_package("wildpack", entry_point, module)
    layout, remarks, known = read_in_new_process(make_files("data/wild/x.mp4") / "data")
    assert layout == "wild"
    assert "wild" in known
    assert not any("wildpack" in remark for remark in remarks)


@pytest.mark.parametrize(
    ("entry_point", "module", "reason"),
    [
        ("odd = oddpack", "import a_module_that_is_missing", "ModuleNotFoundError"),
        ("odd = oddpack:absent", "", "AttributeError"),
        ("odd = oddpack:boom", "def boom():\n    raise ValueError('no licence')", "ValueError: no licence"),
        ("odd = oddpack", "x = 1", "it registers no layout"),
        (
            "odd = oddpack:ODD",
            f"{READER}\nODD = Layout('folders', 'x', 'y', 1, fits, read)",
            "it takes the name 'folders', which another layout has",
        ),
    ],
    ids=["import fails", "missing name", "raises", "registers nothing", "takes a name"],
)
def test_a_broken_package_is_named_and_does_not_stop_the_others(
    make_files, make_package, read_in_new_process, entry_point, module, reason
):
    make_package("oddpack", entry_point, module)
    make_package("wildpack", "wild = wildpack", DECORATED)
    layout, remarks, known = read_in_new_process(make_files("data/real/a.mp4", "data/fake/b.mp4") / "data")
    assert layout == "folders"
    assert "wild" in known
    (remark,) = [remark for remark in remarks if "oddpack" in remark]
    assert remark.startswith("The layout 'odd' of the package oddpack 1.5 cannot be used (")
    assert reason in remark
    assert "Update or uninstall" in remark
