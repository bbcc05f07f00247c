"""The rules of the house that a machine can check: sizes, names, signatures, words, one test file per module."""

import ast
import importlib
import inspect
import io
import json
import pkgutil
import re
import tokenize
from pathlib import Path

import pytest

import dfutils

CLONE = Path(__file__).resolve().parents[2]
PACKAGE = CLONE / "dfutils"
MODULES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES = 300
# Rendering a face takes many short formulas, which belong together.
LONGER = {"demo/people.py", "demo/rendering.py"}
# These parameters may have a default and still be given by position: they are what a function is about.
POSITIONAL_DEFAULTS = {"settings", "sampling", "face", "root", "val"}
MOST_POSITIONAL = 4
BANNED = (
    "cannot be had",
    "anew",
    "afresh",
    "mend",
    "mends",
    "mended",
    "mending",
    "commoner",
    "in silence",
    "beside",
    "a row a",
    "one row a",
    "rows a clip",
    "frames a second",
    "numbers a frame",
    "the seed is none",
    "is no number",
    "no numbers",
    "whoever",
    "nought",
    "lest",
    "thereby",
    "hitherto",
)
_BANNED = re.compile(rf"(?<![\w-])(?:{'|'.join(BANNED)})(?![\w-])", re.IGNORECASE)


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def importable_modules() -> list:
    names = [module.name for module in pkgutil.walk_packages(dfutils.__path__, "dfutils.")]
    return [importlib.import_module(name) for name in names if not name.endswith("__main__")]


def public_functions() -> list:
    """Every public function, and every public method of a public class, of every module."""
    found = []
    for module in importable_modules():
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", "") != module.__name__:
                continue
            if inspect.isfunction(value):
                found.append(value)
            elif inspect.isclass(value):
                methods = [inspect.unwrap(item.__func__ if isinstance(item, classmethod) else item)
                           for key, item in vars(value).items() if not key.startswith("_")
                           and (inspect.isfunction(item) or isinstance(item, classmethod))]  # fmt: skip
                found += methods
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_is_short(path):
    lines = len(path.read_text().splitlines())
    assert lines <= MOST_LINES or name_of(path) in LONGER, f"{name_of(path)} has {lines} lines"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_has_a_docstring_and_no_banner_comment(path):
    text = path.read_text()
    if path.name != "__main__.py":
        assert ast.get_docstring(ast.parse(text)), name_of(path)
    banners = [line for line in text.splitlines() if re.match(r"\s*#.*[-=#*]{5,}\s*$", line)]
    assert not banners


def test_no_module_is_named_like_a_function_it_exports():
    alike = []
    for module in importable_modules():
        short = module.__name__.rpartition(".")[2]
        if inspect.isfunction(getattr(module, short, None)):
            alike.append(module.__name__)
    for room in (module for module in importable_modules() if hasattr(module, "__path__")):
        for sub in pkgutil.iter_modules(room.__path__):
            exported = getattr(room, sub.name, None)
            if exported is not None and not inspect.ismodule(exported):
                alike.append(f"{room.__name__}.{sub.name}")
    assert not alike


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_private_name_of_another_module_is_imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dfutils"):
            private = [
                alias.name
                for alias in node.names
                if alias.name.startswith("_") and alias.name != "__version__"
            ]
            assert not private, f"{name_of(path)} imports {private} from {node.module}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_results_are_classes_and_not_attrs_of_tables(path):
    attributes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)]
    assert not [node.lineno for node in attributes if node.attr == "attrs"]


def test_options_are_given_by_keyword():
    wrong = []
    for function in public_functions():
        parameters = [
            p for p in inspect.signature(function).parameters.values() if p.name not in ("self", "cls")
        ]
        positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        options = [
            p.name for p in positional if p.default is not p.empty and p.name not in POSITIONAL_DEFAULTS
        ]
        if len(positional) > MOST_POSITIONAL or options:
            wrong.append(
                f"{function.__module__}.{function.__qualname__}({', '.join(p.name for p in positional)})"
            )
    assert not wrong


def test_every_public_function_says_what_it_does():
    silent = [f"{f.__module__}.{f.__qualname__}" for f in public_functions() if not inspect.getdoc(f)]
    assert not silent


def texts_for_people() -> list[Path]:
    files = [
        *MODULES,
        *(CLONE / "tests").rglob("*.py"),
        *(CLONE / "benchmarks").glob("*.py"),
        *CLONE.glob("*.md"),
    ]
    files += [
        *(CLONE / "notebooks").glob("*.ipynb"),
        CLONE / "data" / "README.md",
        CLONE / "reports" / "README.md",
    ]
    files += [*PACKAGE.rglob("*.j2"), CLONE / "Makefile", CLONE / "pyproject.toml"]
    return [path for path in files if path != Path(__file__).resolve()]


@pytest.mark.parametrize("path", texts_for_people(), ids=lambda path: path.relative_to(CLONE).as_posix())
def test_words_are_plain(path):
    found = [f"line {number}: {match[0]!r}" for number, line in enumerate(_readable_lines(path), 1)
             if (match := _BANNED.search(line))]  # fmt: skip
    assert not found


def _readable_lines(path: Path) -> list[str]:
    text = path.read_text()
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        return [line for cell in cells for line in "".join(cell["source"]).splitlines()]
    return text.splitlines()


def test_one_test_file_for_each_module():
    expected = {_test_file(path) for path in MODULES if path.name not in ("__init__.py", "__main__.py")}
    there = set((CLONE / "tests").rglob("test_*.py"))
    # Not about one module: the whole package, the notebooks, files of older versions, the project's own files.
    there -= {path for path in there if path.parent.name in ("notebooks", "contract", "project")}
    assert {str(p.relative_to(CLONE)) for p in expected - there} == set()
    assert {str(p.relative_to(CLONE)) for p in there - expected} == set()


def _test_file(module: Path) -> Path:
    relative = module.relative_to(PACKAGE)
    return CLONE / "tests" / relative.parent / f"test_{relative.name}"


def test_comments_are_few():
    """Comments say why, and only where the code cannot: fewer than one in fourteen lines."""
    comments = lines = 0
    for path in MODULES:
        source = path.read_text()
        lines += len(source.splitlines())
        tokens = tokenize.generate_tokens(io.StringIO(source).readline)
        comments += sum(token.type == tokenize.COMMENT for token in tokens)
    assert comments < lines / 14
