"""The studio on a real Label Studio: started once, found again, stopped, never doubled."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from cli import onrecord
from onrecord.labelling import accounts, errors, labelstudio, processes, studio
from parts import HOME, own_port


def folder(root: Path) -> Path:
    return root / "build" / "studio"


def secret_words(root: Path) -> list[str]:
    known = accounts.by_email(root)[accounts.CURATOR]
    return [known.password, known.token]


def alive(pid: int) -> bool:
    return processes.start_time(pid) != ""


def test_up_again_finds_the_one_that_runs(studio_root: Path) -> None:
    first = studio.status(studio_root)
    assert first is not None
    assert studio.up(studio_root) == first
    assert httpx.get(f"{first.url}/health").status_code == 200


def test_the_first_account_works_and_nobody_else_can_read_it(studio_root: Path) -> None:
    known = accounts.credentials(studio_root)
    headers = {"Authorization": f"Token {known.token}"}
    answer = httpx.get(f"{known.url}/api/current-user/whoami", headers=headers)
    assert answer.json()["email"] == known.email == accounts.CURATOR
    assert stat.S_IMODE(accounts.secrets_path(studio_root).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder(studio_root).stat().st_mode) == 0o700


def test_up_leaves_a_batch_its_labels_that_are_gone_since(
    studio_root: Path, room: labelstudio.Room, config: str
) -> None:
    older = config.replace('value="ORG"', 'value="FIRM"')
    project = room.ensure_project("onrecord older", older)
    by_hand = room.ensure_project("onrecord by hand", older)
    text = "Skell Ferries"
    data = {"doc_id": "a", "text": text, "entities": []}
    room.push(project, [{"data": data}])
    value = {"start": 0, "end": 5, "labels": ["FIRM"]}
    region = {"id": "r", "from_name": "span", "to_name": "text", "type": "labels", "value": value}
    room.submit(room.tasks(project)["a"].id, [region], lead_time=1)
    told = onrecord("studio", "up", cwd=studio_root)
    assert "onrecord older keeps its labels: " in told.stderr
    assert told.stdout.strip() == room.url
    for one in (project, by_hand):
        assert "FIRM" in room.server.json("GET", f"/api/projects/{one}/")["label_config"]
        room.delete_project(one)


def test_no_secret_is_in_the_process_list_the_logs_or_the_state(studio_root: Path) -> None:
    running = studio.status(studio_root)
    assert running is not None
    seen = Path(f"/proc/{running.pid}/cmdline").read_bytes().decode()
    for name in ("log", "log.1", "state.json"):
        path = folder(studio_root) / name
        seen += path.read_text(errors="replace") if path.exists() else ""
    known = accounts.account(studio_root, accounts.CURATOR)
    seen += repr(known) + str(known) + repr(accounts.credentials(studio_root))
    assert not [word for word in secret_words(studio_root) if word in seen]


def test_it_listens_on_loopback_only(studio_root: Path) -> None:
    running = studio.status(studio_root)
    assert running is not None
    listening = {
        line.split()[1].partition(":")[0]
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[1].endswith(f":{running.port:04X}")
    }
    assert listening == {"0100007F"}


def test_down_frees_the_port_and_up_takes_it_again(spare_root: Path) -> None:
    first = studio.up(spare_root, port=own_port())
    assert studio.down(spare_root) is True
    assert not alive(first.pid)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((processes.HOST, first.port))
    assert studio.status(spare_root) is None
    assert studio.down(spare_root) is False
    again = studio.up(spare_root)
    assert (again.port, again.url) == (first.port, first.url)
    assert again.pid != first.pid


def test_a_killed_server_is_noticed_and_started_again(spare_root: Path) -> None:
    first = studio.up(spare_root, port=own_port())
    os.kill(first.pid, signal.SIGKILL)
    processes.children[first.pid].wait(10)
    assert studio.status(spare_root) is None
    again = studio.up(spare_root)
    assert again.port == first.port
    assert studio.status(spare_root) == again


def test_two_ups_at_once_start_one_server(spare_root: Path) -> None:
    found: list[studio.Studio] = []
    threads = [
        threading.Thread(target=lambda: found.append(studio.up(spare_root))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 3
    assert len(set(found)) == 1


def test_a_server_outlives_the_command_that_started_it(spare_root: Path) -> None:
    code = "import pathlib, sys; from onrecord.labelling import studio; "
    code += "studio.up(pathlib.Path(sys.argv[1]))"
    scripts = str(Path(studio.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code, str(spare_root)],
        env={**os.environ, "PYTHONPATH": scripts},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0
    running = studio.status(spare_root)
    assert running is not None
    assert studio.down(spare_root)
    assert not alive(running.pid)


def test_a_recycled_pid_is_not_taken_for_the_server(tmp_path: Path) -> None:
    folder(tmp_path).mkdir(parents=True)
    state = {"pid": os.getpid(), "started": "1", "port": 1, "url": "http://127.0.0.1:1"}
    (folder(tmp_path) / "state.json").write_bytes(msgspec.json.encode({**state, "ready": True}))
    assert studio.status(tmp_path) is None
    assert studio.down(tmp_path) is False  # and this process is still there to say so


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Label Studio counts as installed: what is started is not Label Studio here."""
    monkeypatch.setattr(studio.importlib.util, "find_spec", lambda name: object())


@pytest.mark.usefixtures("installed")
def test_a_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind((processes.HOST, 0))
        other.listen()
        with pytest.raises(errors.StudioError, match="in use") as caught:
            studio.up(tmp_path, port=other.getsockname()[1])
    assert "--port" in caught.value.hint


def test_without_label_studio_the_line_to_type_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(errors.StudioError, match="not installed") as caught:
        studio.up(tmp_path)
    assert 'pip install "onrecord[studio]"' in caught.value.hint


@pytest.fixture
def starts(installed: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The pids of what `up` starts in this test."""
    pids: list[int] = []
    real = processes.start_time

    def note(pid: int) -> str:
        if pid in processes.children and pid not in pids:
            pids.append(pid)
        return real(pid)

    before = set(processes.children)
    monkeypatch.setattr(processes, "start_time", note)
    yield pids
    assert not [pid for pid in pids if pid not in before and real(pid)], "a process was left"


def test_a_server_that_dies_at_once_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, starts: list[int]
) -> None:
    monkeypatch.setattr(studio, "_LAUNCHER", "raise SystemExit('the database is locked')")
    with pytest.raises(errors.StudioError, match="the database is locked"):
        studio.up(tmp_path)
    assert studio.status(tmp_path) is None


def test_a_server_that_does_not_answer_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, starts: list[int]
) -> None:
    monkeypatch.setattr(
        studio, "_LAUNCHER", "import signal; print('hm', flush=True); signal.pause()"
    )
    with pytest.raises(errors.StudioError, match="in time"):
        studio.up(tmp_path, timeout=1.0)
    assert starts


def test_ctrl_c_while_it_starts_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, starts: list[int]
) -> None:
    def interrupt(path: Path, size: int) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(studio, "_LAUNCHER", "import signal; signal.pause()")
    monkeypatch.setattr(studio, "_tail_bytes", interrupt)
    with pytest.raises(KeyboardInterrupt):
        studio.up(tmp_path)
    assert starts
    assert studio.down(tmp_path) is False


def test_a_server_whose_up_is_killed_before_it_wrote_it_down_never_begins(tmp_path: Path) -> None:
    """Nobody could stop it, and the next `up` would start another on the same data."""
    code = """
import os, signal, sys
from pathlib import Path
from onrecord.labelling import accounts, processes, studio

def killed(*_):
    print(*processes.children, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

accounts.write_state = killed
studio.importlib.util.find_spec = lambda name: object()
studio._LAUNCHER = "open('began', 'w').close(); import signal; signal.pause()"
studio.up(Path(sys.argv[1]))
"""
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(HOME / "scripts")},
        stdout=subprocess.PIPE,
        text=True,
    ) as up:
        assert up.stdout is not None
        pid = int(up.stdout.readline())
        assert up.wait(60) == -signal.SIGKILL
    with contextlib.suppress(ProcessLookupError):  # gone already
        handle = os.pidfd_open(pid)
        ended = bool(select.select([handle], [], [], 60)[0])
        os.close(handle)
        if not ended:
            os.kill(pid, signal.SIGKILL)
        assert ended
    assert not (folder(tmp_path) / "began").exists()


def test_a_token_that_was_renewed_in_label_studio_is_taken_over(spare_root: Path) -> None:
    studio.up(spare_root)
    old = accounts.own_credentials(spare_root)
    with labelstudio.connect(old.url, old.token) as room:
        room.server.json("POST", "/api/current-user/reset-token", json={})
    told = onrecord("status", cwd=spare_root, code=2)
    assert "`onrecord studio up`" in told.stderr
    told = onrecord("studio", "up", cwd=spare_root)
    new = accounts.own_credentials(spare_root)
    assert new.token != old.token
    assert new.token not in told.stdout + told.stderr
    assert stat.S_IMODE(accounts.secrets_path(spare_root).stat().st_mode) == 0o600
    onrecord("status", cwd=spare_root)

    vault = accounts.vault(spare_root)
    assert vault is not None
    vault.accounts[accounts.CURATOR] = accounts.Account(accounts.CURATOR, "another", "t0ken")
    accounts.write_secrets(folder(spare_root), vault)
    told = onrecord("studio", "up", cwd=spare_root, code=2)
    assert "takes neither the token nor the password" in told.stderr
    assert "t0ken" not in told.stderr


def test_what_listens_where_the_server_was_is_not_given_its_token(spare_root: Path) -> None:
    port = studio.up(spare_root).port
    studio.down(spare_root)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((processes.HOST, port))
        other.listen()
        told = onrecord("status", cwd=spare_root, code=2)
        other.setblocking(False)
        with pytest.raises(BlockingIOError):
            other.accept()
    assert "does not run\n  onrecord studio up\n" in told.stderr


@pytest.mark.usefixtures("installed")
def test_lost_secrets_are_not_papered_over(tmp_path: Path) -> None:
    (folder(tmp_path) / "data").mkdir(parents=True)
    (folder(tmp_path) / "data" / "label_studio.sqlite3").write_bytes(b"")
    with pytest.raises(errors.StudioError, match=r"secrets\.json"):
        studio.up(tmp_path)


def test_credentials_of_the_environment_win(
    studio_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(accounts.URL_VARIABLE, "http://elsewhere.example/")
    with pytest.raises(errors.StudioError, match=accounts.TOKEN_VARIABLE):
        accounts.credentials(studio_root)
    monkeypatch.setenv(accounts.TOKEN_VARIABLE, "t0ken")
    known = accounts.credentials(studio_root)
    assert (known.url, known.token) == ("http://elsewhere.example", "t0ken")
    assert "t0ken" not in repr(known)


def test_up_is_of_the_roots_own_server_whatever_the_environment_names(studio_root: Path) -> None:
    """The token of a team's server neither works on this one nor is it sent there."""
    other = {accounts.URL_VARIABLE: "http://elsewhere.example", accounts.TOKEN_VARIABLE: "t0ken"}
    told = onrecord("studio", "up", cwd=studio_root, env=other)
    assert told.stdout.strip() == accounts.own_credentials(studio_root).url
    assert "LABEL_STUDIO_URL is set: push and pull go to http://elsewhere.example" in told.stderr


def test_waiting_for_the_lock_ends(tmp_path: Path) -> None:
    folder(tmp_path).mkdir(parents=True)
    with (
        accounts.locked(folder(tmp_path), time.monotonic() + 5, lambda _: None),
        pytest.raises(errors.StudioError, match="another command"),
    ):
        studio.up(tmp_path, timeout=0.3)
