"""Backup and restore, with the database destroyed in between; PostgreSQL as a team's database."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import stat
import tarfile
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

import postgresql
from cli import onrecord
from onrecord.labelling import accounts, backup, errors, labelstudio, postgres, processes, studio
from onrecord.records import UsageError


def leave_work(root: Path, config: str) -> str:
    """Leave an answer and an account in the root's studio; returns the project's title."""
    known = accounts.own_credentials(root)
    title = f"work {uuid.uuid4().hex[:6]}"
    with labelstudio.connect(known.url, known.token) as room:
        project = room.ensure_project(title, config)
        data = {"doc_id": "d1", "text": "“Never,” she said 🇫🇷.", "entities": []}
        room.push(project, [{"data": data}])
        account = accounts.account(root, "ann@onrecord.example")
        token = room.ensure_account(account.email, account.password)
        value = {"start": 0, "end": 8, "labels": ["QUOTE"]}
        region = {"id": "r", "from_name": "span", "to_name": "text", "type": "labels"}
        (task,) = room.tasks(project).values()
        room.submit(task.id, [region | {"value": value}], lead_time=3, token=token)
    return title


def assert_work_is_there(root: Path, title: str) -> None:
    """The answer is there, and the curator's and the annotator's accounts work."""
    known = accounts.own_credentials(root)
    account = accounts.account(root, "ann@onrecord.example")
    with labelstudio.connect(known.url, known.token) as room:
        (row,) = room.export(room.projects()[title])
        (answer,) = row["annotations"]
        assert answer["completed_by"] == account.email
        assert answer["result"][0]["value"]["labels"] == ["QUOTE"]
        assert row["data"]["text"] == "“Never,” she said 🇫🇷."
        assert room.ensure_account(account.email, account.password)


def survives(
    root: Path, config: str, tmp_path: Path, destroy: Callable[[], None], *args: str
) -> None:
    """Work, back up, destroy, restore: everything is as it was."""
    title = leave_work(root, config)
    copy = tmp_path / "copies" / "studio.tar"
    copy.parent.mkdir()
    onrecord("studio", "backup", str(copy), cwd=root)  # the server is at work
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    told = onrecord("studio", "restore", str(copy), cwd=root, code=2)
    assert "studio down" in told.stderr
    studio.down(root)
    told = onrecord("studio", "restore", str(copy), cwd=root, code=2)
    assert "--replace" in told.stderr
    destroy()
    onrecord("studio", "restore", str(copy), *args, cwd=root)
    studio.up(root)
    assert_work_is_there(root, title)


def test_sqlite_survives_its_destruction(spare_root: Path, config: str, tmp_path: Path) -> None:
    studio.up(spare_root)
    survives(spare_root, config, tmp_path, lambda: shutil.rmtree(accounts.folder_of(spare_root)))


def test_what_is_replaced_is_put_aside(spare_root: Path, config: str, tmp_path: Path) -> None:
    studio.up(spare_root)
    copy = tmp_path / "studio.tar"
    onrecord("studio", "backup", str(copy), cwd=spare_root)
    title = leave_work(spare_root, config)
    studio.down(spare_root)
    known = accounts.secrets_path(spare_root).read_bytes()
    told = onrecord("studio", "restore", str(copy), "--replace", cwd=spare_root)
    assert "before-restore" in told.stderr
    (aside,) = accounts.folder_of(spare_root).glob("before-restore-*")
    assert (aside / "data" / "label_studio.sqlite3").exists()
    assert (aside / "secrets.json").read_bytes() == known, "or nobody could log in there again"
    assert stat.S_IMODE((aside / "secrets.json").stat().st_mode) == 0o600
    studio.up(spare_root)
    known = accounts.own_credentials(spare_root)
    with labelstudio.connect(known.url, known.token) as room:
        assert title not in room.projects()


def test_postgresql_survives_its_destruction(
    postgres_root: Path, cluster: postgresql.Cluster, config: str, tmp_path: Path
) -> None:
    # Into a database and a root of this test's own, through a backup of the session's.
    copy, root = tmp_path / "first.tar", tmp_path / "second"
    root.mkdir()
    onrecord("studio", "backup", str(copy), cwd=postgres_root)
    own = cluster.create("restored")
    env = {postgres.PASSWORD_VARIABLE: own.password}
    onrecord("studio", "restore", str(copy), "--postgres", own.where, cwd=root, env=env)
    studio.up(root)
    try:
        survives(root, config, tmp_path, lambda: postgres.empty(own))
    finally:
        studio.down(root)


def test_a_backup_of_one_kind_is_not_restored_to_the_other(
    spare_root: Path, tmp_path: Path
) -> None:
    copy, other = tmp_path / "studio.tar", tmp_path / "other"
    other.mkdir()
    onrecord("studio", "backup", str(copy), cwd=spare_root)
    where = "postgresql://keeper@127.0.0.1:1/none"
    told = onrecord("studio", "restore", str(copy), "--postgres", where, cwd=other, code=2)
    assert "SQLite" in told.stderr


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    half = tmp_path / "half.tar"
    half.write_bytes(b"not a tar at all")
    told = onrecord("studio", "restore", str(half), cwd=tmp_path, code=2)
    assert "no backup" in told.stderr
    told = onrecord("studio", "backup", "x.tar", cwd=tmp_path, code=2)
    assert "studio up" in told.stderr


def test_a_backup_does_not_replace_a_file(tmp_path: Path) -> None:
    """Who meant `restore` would lose what they wanted back."""
    a_backup(tmp_path / "whole.tar")
    before = (tmp_path / "whole.tar").read_bytes()
    backup.restore(tmp_path, tmp_path / "whole.tar")
    told = onrecord("studio", "backup", "whole.tar", cwd=tmp_path, code=2)
    assert "whole.tar exists" in told.stderr
    assert (tmp_path / "whole.tar").read_bytes() == before


@pytest.mark.parametrize("database", [None, b"no database, though long enough for one" * 99])
def test_a_database_that_is_missing_or_damaged_is_told(
    tmp_path: Path, database: bytes | None
) -> None:
    """An empty backup would be taken for one."""
    folder = accounts.folder_of(tmp_path)
    (folder / "data").mkdir(parents=True)
    accounts.write_secrets(folder, accounts.Vault({}, settled=True))
    there = folder / "data" / "label_studio.sqlite3"
    if database:
        there.write_bytes(database)
    told = onrecord("studio", "backup", "whole.tar", cwd=tmp_path, code=1)
    assert f"{there} cannot be copied: " in told.stderr
    assert there.exists() == bool(database)
    assert not (tmp_path / "whole.tar").exists()


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = accounts.folder_of(tmp_path) / "data"
    data.mkdir(parents=True)
    accounts.write_secrets(data.parent, accounts.Vault({}, settled=True))
    connect = sqlite3.connect
    with closing(connect(data / "label_studio.sqlite3")) as made:
        made.execute("CREATE TABLE answer (text)")
        made.execute("INSERT INTO answer VALUES (?)", ["words " * 10_000])
        made.commit()

    def full(place: object, **more: Any) -> sqlite3.Connection:
        made = connect(str(place), **more)
        made.execute("PRAGMA max_page_count = 2")  # SQLite's own full disk
        return made

    monkeypatch.setattr(sqlite3, "connect", full)
    with pytest.raises(OSError, match="No space left on device"):
        backup.backup(tmp_path, tmp_path / "whole.tar")
    assert not (tmp_path / "whole.tar").exists()


def a_backup(path: Path) -> None:
    """A backup of nothing, whole."""
    parts = {
        "manifest.json": b'{"database":"sqlite","label_studio":"1.23.2","created":""}',
        "secrets.json": b'{"accounts":{},"settled":true}',
        "database": b"SQLite",
    }
    with tarfile.open(path, "w") as tar:
        for name, content in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))


def test_nothing_is_restored_under_a_server_that_does_not_answer_yet(tmp_path: Path) -> None:
    a_backup(tmp_path / "whole.tar")
    folder = accounts.folder_of(tmp_path)
    folder.mkdir(parents=True)
    started = processes.start_time(os.getpid())
    accounts.write_state(folder, accounts.State(os.getpid(), started, 1, "http://127.0.0.1:1"))
    with pytest.raises(UsageError, match="running"):
        backup.restore(tmp_path, tmp_path / "whole.tar")
    assert not (folder / "data").exists()


def test_a_restore_that_is_cut_short_is_finished_by_the_same_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_backup(tmp_path / "whole.tar")

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    for step in ((accounts, "write_secrets"), (Path, "replace")):
        with monkeypatch.context() as patch:
            patch.setattr(*step, stopped)
            with pytest.raises(KeyboardInterrupt):
                backup.restore(tmp_path, tmp_path / "whole.tar")
    backup.restore(tmp_path, tmp_path / "whole.tar")
    data = accounts.folder_of(tmp_path) / "data"
    assert (data / "label_studio.sqlite3").read_bytes() == b"SQLite"
    vault = accounts.vault(tmp_path)
    assert vault is not None
    assert vault.settled


def test_what_is_put_aside_has_its_accounts_also_where_the_restore_is_cut_short(
    tmp_path: Path,
) -> None:
    a_backup(tmp_path / "whole.tar")
    backup.restore(tmp_path, tmp_path / "whole.tar")
    known = accounts.Vault({"ann@onrecord.example": accounts.Account("ann@onrecord.example", "p")})
    accounts.write_secrets(accounts.folder_of(tmp_path), known)

    def stopped(line: str) -> None:
        raise KeyboardInterrupt(line)

    with pytest.raises(KeyboardInterrupt, match="what was there"):
        backup.restore(tmp_path, tmp_path / "whole.tar", replace=True, say=stopped)
    backup.restore(tmp_path, tmp_path / "whole.tar", replace=True)
    aside = [path.parent for path in accounts.folder_of(tmp_path).rglob("label_studio.sqlite3")]
    (old,) = [path.parent for path in aside if path.parent != accounts.folder_of(tmp_path)]
    assert accounts.read_secrets(old) == known


@pytest.mark.parametrize("damage", ["no database", "no accounts", "other accounts"])
def test_half_a_backup_replaces_nothing(tmp_path: Path, damage: str) -> None:
    """A tar archive that ends between two members is whole to those who read it."""
    parts = {
        "manifest.json": b'{"database":"sqlite","label_studio":"1.23.2","created":""}',
        "secrets.json": b'{"accounts":{}}',
        "database": b"SQLite",
    }
    if damage == "other accounts":
        parts["secrets.json"] = b"[]"
    else:
        del parts["database" if damage == "no database" else "secrets.json"]
    with tarfile.open(tmp_path / "half.tar", "w") as tar:
        for name, content in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    data = tmp_path / "build" / "studio" / "data" / "label_studio.sqlite3"
    data.parent.mkdir(parents=True)
    data.write_bytes(b"what people labelled")
    told = onrecord("studio", "restore", "half.tar", "--replace", cwd=tmp_path, code=2)
    assert "half.tar is no backup of a studio, or a part of one" in told.stderr
    assert data.read_bytes() == b"what people labelled"


# -- PostgreSQL ------------------------------------------------------------------------------


def test_the_databases_password_is_nowhere_to_be_seen(
    postgres_root: Path, cluster: postgresql.Cluster
) -> None:
    running = studio.status(postgres_root)
    assert running is not None
    seen = Path(f"/proc/{running.pid}/cmdline").read_bytes().decode()
    for name in ("log", "state.json"):
        seen += (accounts.folder_of(postgres_root) / name).read_text(errors="replace")
    vault = accounts.vault(postgres_root)
    assert vault is not None
    assert vault.database is not None
    assert vault.database.password == cluster.password
    seen += repr(vault) + str(vault.database)
    assert cluster.password not in seen
    assert stat.S_IMODE(accounts.secrets_path(postgres_root).stat().st_mode) == 0o600


def test_a_password_on_the_command_line_is_refused_and_not_repeated(tmp_path: Path) -> None:
    dsn = "postgresql://keeper:hunter2@127.0.0.1/team"
    told = onrecord("studio", "up", "--postgres", dsn, cwd=tmp_path, code=2)
    assert "PGPASSWORD" in told.stderr
    assert "hunter2" not in told.stderr + told.stdout


@pytest.mark.parametrize("dsn", ["nonsense=1 password=hunter2", "postgresql://a:b:hunter2@"])
def test_what_is_no_address_is_refused_and_not_repeated(
    dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError) as caught:
        postgres.database_of(dsn)
    assert "hunter2" not in str(caught.value) + caught.value.hint


def test_a_database_out_of_reach_is_told_without_its_password(cluster: postgresql.Cluster) -> None:
    for database in (
        postgres.Database("127.0.0.1", cluster.port, "none", "keeper", password=cluster.password),
        postgres.Database("127.0.0.1", cluster.port, "team", "keeper", password="hunter2"),
        postgres.Database("127.0.0.1", 1, "team", "keeper", password="hunter2"),
    ):
        with pytest.raises(UsageError, match="no connection") as caught:
            postgres.tokens(database)
        assert database.password not in str(caught.value)
        assert "127.0.0.1" in str(caught.value)


def test_an_account_without_rights_is_told(cluster: postgresql.Cluster) -> None:
    own = cluster.create("rights")
    with postgres._connected(own) as connection:
        connection.execute("CREATE TABLE authtoken_token (key text)")
        connection.execute("CREATE ROLE guest LOGIN PASSWORD 'a long one'")
    guest = msgspec.structs.replace(own, user="guest", password="a long one")
    for act in (postgres.tokens, postgres.empty):
        with pytest.raises(UsageError, match=r"guest@.*(permission denied|must be owner)"):
            act(guest)


def test_a_studio_stays_with_its_database(
    postgres_root: Path, spare_root: Path, cluster: postgresql.Cluster
) -> None:
    elsewhere = postgres.Database("127.0.0.1", cluster.port, "elsewhere", "keeper")
    with pytest.raises(errors.StudioError, match="keeps its data in postgresql://"):
        studio.up(postgres_root, database=elsewhere)
    with pytest.raises(errors.StudioError, match="SQLite"):
        studio.up(spare_root, database=elsewhere)


def test_another_studios_database_is_not_taken_over(postgres_root: Path, tmp_path: Path) -> None:
    vault = accounts.vault(postgres_root)
    assert vault is not None
    with pytest.raises(errors.StudioError, match="not known here"):
        studio.up(tmp_path, database=vault.database)


# -- a team's address ------------------------------------------------------------------------


def test_a_proxys_address_is_answered_and_others_are_not(spare_root: Path) -> None:
    running = studio.up(spare_root, public_url="https://label.example.org")
    page = f"{running.url}/user/login/"

    def status(host: str) -> int:
        return httpx.get(page, headers={"Host": host}, follow_redirects=False).status_code

    assert status("label.example.org") == 200
    assert status("elsewhere.example.org") == 400
    assert status(f"127.0.0.1:{running.port}") == 200
