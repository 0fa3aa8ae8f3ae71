"""`make demo`, as a newcomer runs it, in a copy of the checkout."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from parts import HOME

FOLDERS = ("corpus", "schema", "scripts")
PAGES = ("DATASET_CARD.md", "CITATION.cff", "CHANGELOG.md", "LICENSE")


def tree(root: Path) -> dict[str, bytes]:
    kept = ("corpus", "build/hub", "build/demo/corpus", "build/demo/build/hub")
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for name in kept
        for path in sorted((root / name).rglob("*"))
        if path.is_file()
    }


def demo(root: Path) -> str:
    env = {k: v for k, v in os.environ.items() if not k.startswith("LABEL_STUDIO_")}
    told = subprocess.run(
        [sys.executable, "-m", "onrecord.demo"],
        cwd=root,
        env=env | {"PYTHONPATH": str(root / "scripts"), "ONRECORD_SHARED": str(root / "none")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return told.stdout + told.stderr


def test_the_demo_goes_the_whole_way_and_again_changes_nothing(
    tmp_path: Path, furnish: Callable[[Path], None]
) -> None:
    (tmp_path / "build/demo").mkdir(parents=True)
    furnish(tmp_path / "build/demo")
    for name in (*FOLDERS, *PAGES):
        copy = shutil.copytree if (HOME / name).is_dir() else shutil.copy2
        copy(HOME / name, tmp_path / name)
    told = demo(tmp_path)
    for verb in ("convert", "admit", "studio up", "push", "pull", "gold", "check", "build"):
        assert f"$ onrecord {verb}" in told
    for config in ("documents", "entities", "quotes", "stance", "annotations"):
        assert re.search(rf"^{config} +train +[1-9]", told, re.M), config
        assert f'load_dataset("build/demo/build/hub", "{config}")' in told
    assert "6 submitted" in told
    bundled = (tmp_path / "corpus/annotations/foundation/lm-a.jsonl").read_text("utf-8")
    pulled = tmp_path / "build/demo/corpus/annotations/foundation/lm-a.jsonl"
    strip = re.compile(r'"created_at":"[^"]*"')
    rows = {strip.sub("", row) for row in bundled.splitlines()}
    for row in pulled.read_text("utf-8").splitlines():
        assert strip.sub("", row) in rows, "what came back is not what was submitted"
    left = subprocess.run(
        ["pgrep", "-f", str(tmp_path)], capture_output=True, text=True, check=False
    ).stdout
    assert left == "", "something is left running"
    before = tree(tmp_path)
    again = demo(tmp_path)
    assert "0 submitted, 6 were there" in again
    assert tree(tmp_path) == before


@pytest.mark.parametrize("target", ["demo", "test", "lint", "check"])
def test_the_makefile_has_the_targets_it_names(target: str) -> None:
    told = subprocess.run(
        ["make", "-n", target], cwd=HOME, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
