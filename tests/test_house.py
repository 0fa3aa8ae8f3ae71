"""What CONTRIBUTING.md says of the package's layout."""

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
