"""What CONTRIBUTING.md says of the package's layout."""

import ast
import pkgutil
import re

import pytest

from parts import HOME

PACKAGE = HOME / "scripts" / "onrecord"
ALONE = {
    "label_studio_sdk": {"labelling/server.py"},
    "datasets": {"dataset/hub.py"},
    "datatrove": {f"running/trove/{name}.py" for name in ("executors", "minhash", "steps")},
}


@pytest.mark.parametrize("library", ALONE)
def test_one_place_imports_a_library_that_changes(library: str) -> None:
    imports = re.compile(rf"(?m)^\s*(?:from|import) {library}\b")
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if imports.search(path.read_text("utf-8"))
    }
    assert found == ALONE[library]


def test_an_article_goes_the_way_that_is_told() -> None:
    told = re.findall(
        r"\| `([a-z_]+(?:\.[a-z_]+)+)` \|$", (HOME / "CONTRIBUTING.md").read_text("utf-8"), re.M
    )
    assert len(told) == 9
    for name in told:
        assert pkgutil.resolve_name(f"onrecord.{name}")


STAGES = (
    "articles", "suggest", "gold", "running", "labelling", "quality", "dataset", "pace", "verbs",
)  # fmt: skip
"""The packages; `labelling` asks `gold` what annotators disagree about."""
ON_TOP = ("library", "demo", "cli", "__main__")


@pytest.mark.parametrize("stage", ["", *STAGES])
def test_a_stage_imports_none_that_comes_after_it(stage: str) -> None:
    after = {*STAGES[STAGES.index(stage) + 1 if stage else 0 :], *ON_TOP}
    shared = (path for path in PACKAGE.glob("*.py") if path.stem not in (*ON_TOP, "__init__"))
    modules = list((PACKAGE / stage).rglob("*.py") if stage else shared)
    assert modules
    found = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in modules
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in _imported(node)
        if name.partition(".")[0] in after
    ]
    assert found == []


def _imported(node: ast.AST) -> list[str]:
    """What an import takes of this package, without the package's name."""
    if isinstance(node, ast.ImportFrom):
        names = [f"{node.module}.{name.name}" for name in node.names]
    else:
        names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
    return [name.removeprefix("onrecord.") for name in names if name.startswith("onrecord.")]
