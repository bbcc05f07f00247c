"""Print those pins of Colab's published freeze that satisfy pyproject.toml: pip replaces the others on Colab, too.

python .github/colab_constraints.py pip-freeze.txt > colab.txt
"""

import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
ours = {canonicalize_name(wanted.name): wanted for wanted in map(Requirement, project["dependencies"])}
for line in Path(sys.argv[1]).read_text().splitlines():
    name, pinned, version = line.partition("==")
    wanted = ours.get(canonicalize_name(name))
    if pinned and wanted and wanted.specifier.contains(version.split("+")[0], prereleases=True):
        print(f"{name}=={version}")
