"""What several test modules share: one Label Studio and one Chromium for the whole session.

Without Label Studio or Chromium the tests that need them are skipped with the line to type; in
CI, where they must be there, they fail.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import re
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser

import browser
import postgresql
import synthetic
from onrecord.labelling import accounts, backup, labelstudio, studio
from parts import missing

if TYPE_CHECKING:
    from onrecord.dataset.building import BuildReport
    from onrecord.labelling.postgres import Database

SCHEMA = Path(__file__).parent.parent / "schema"

# The files that take longest, most seconds first. A file is one worker's, so that they share
# servers; begun last, one of these would keep a single worker busy at the end (`make test`). The
# second and the third need no server of the first's making, which takes it 20 s.
LONGEST = (
    "test_team", "test_engines", "test_cli", "test_demo", "test_way", "test_labelstudio",
    "test_interface", "test_backup", "test_bench", "test_studio", "test_corpus", "test_admit",
    "test_running", "test_hostile", "test_publish", "test_hub", "test_building", "test_suggest",
    "test_check", "test_baselines", "test_doubts"
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(rank)))


@pytest.fixture(autouse=True)
def _own_server_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may talk to the server that the developer's environment names."""
    monkeypatch.delenv(accounts.URL_VARIABLE, raising=False)
    monkeypatch.delenv(accounts.TOKEN_VARIABLE, raising=False)


def furnish_studio(
    factory: pytest.TempPathFactory, root: Path, database: Database | None = None
) -> None:
    """Give `root` a studio that has been started once and is to be started again.

    A first start takes 20 s, a later one 2 s: the worker that comes first makes one start for all
    of them, and they restore its backup, each into a root (and a database) of their own.
    """
    if importlib.util.find_spec("label_studio") is None:
        missing("Label Studio", 'pip install "onrecord[studio]"')
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    copy = shared / f"{'postgresql' if database else 'sqlite'}-studio.tar"
    with copy.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not copy.exists():
            studio.up(root, database=database)
            studio.down(root)
            backup.backup(root, copy)
            return
    backup.restore(root, copy, database=database)


@pytest.fixture(scope="session")
def furnish(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], None]:
    """Gives a root a studio that has been started once: see `furnish_studio`."""
    return partial(furnish_studio, tmp_path_factory)


@pytest.fixture(scope="session")
def studio_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A root whose studio runs for the whole session; no test may stop it."""
    root = tmp_path_factory.mktemp("studio")
    furnish_studio(tmp_path_factory, root)
    studio.up(root)
    yield root
    studio.down(root)


@pytest.fixture
def spare_root(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Path]:
    """A root with a studio of its own that does not run yet and that a test may kill."""
    furnish_studio(tmp_path_factory, tmp_path)
    yield tmp_path
    studio.down(tmp_path)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgresql.Cluster]:
    """A PostgreSQL of this session's own, with a password and without the network."""
    if postgresql.programs() is None:
        missing("PostgreSQL", "apt-get install postgresql")
    with postgresql.running() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_root(
    cluster: postgresql.Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A root whose studio keeps its data in PostgreSQL and runs for the whole session."""
    root = tmp_path_factory.mktemp("postgres-studio")
    furnish_studio(tmp_path_factory, root, cluster.create("team"))
    studio.up(root)
    yield root
    studio.down(root)


@pytest.fixture
def room(studio_root: Path) -> Iterator[labelstudio.Room]:
    known = accounts.credentials(studio_root)
    with labelstudio.connect(known.url, known.token) as connection:
        yield connection


@pytest.fixture
def config() -> str:
    return (SCHEMA / "label_config.xml").read_text(encoding="utf-8")


@pytest.fixture
def title(room: labelstudio.Room, request: pytest.FixtureRequest) -> Iterator[str]:
    """A title for a project of this test's own, which is deleted afterwards."""
    name = re.sub(r"\W+", " ", request.node.name)[:40].strip()
    unique = f"{name} {uuid.uuid4().hex[:6]}"
    yield unique
    project = room.project(unique)
    if project is not None:
        room.delete_project(project)


@pytest.fixture
def project(room: labelstudio.Room, title: str, config: str) -> int:
    return room.ensure_project(title, config)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuildReport:
    """The dataset of synthetic.sample(), its open text at hand. Not to be changed."""
    from onrecord.dataset import building

    root = tmp_path_factory.mktemp("built")
    return building.build(
        synthetic.furnish(root, synthetic.sample(), hydrate=["fetch", "withhold"])
    )


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A cache of `datasets` for the whole session."""
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def offline() -> Iterator[None]:
    """`datasets` and the Hub's client know no network, from the first test that asks for it on."""
    import huggingface_hub
    from datasets import config

    with pytest.MonkeyPatch.context() as patch:
        for module in (config, huggingface_hub.constants):
            patch.setattr(module, "HF_HUB_OFFLINE", True)
        yield


@pytest.fixture(scope="session")
def tables(built: BuildReport, cache: str, offline: None) -> dict[str, Any]:
    """Every config of `built` as load_dataset gives it."""
    from datasets import load_dataset

    configs = dict.fromkeys(config for config, _, _ in built.rows)
    return {c: load_dataset(str(built.folder), c, cache_dir=cache) for c in configs}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if browser.chromium() is None:
        missing("Chromium", "apt-get install chromium")
    with browser.open_browser() as running:
        yield running
