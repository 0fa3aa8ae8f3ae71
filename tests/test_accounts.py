"""What a studio keeps of its accounts, without a server."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from onrecord import atomic
from onrecord.labelling import accounts, errors


def test_damaged_secrets_are_refused_without_being_quoted(tmp_path: Path) -> None:
    accounts.folder_of(tmp_path).mkdir(parents=True)
    accounts.secrets_path(tmp_path).write_text('{"accounts": {"a": "hunter2"')
    with pytest.raises(errors.StudioError) as caught:
        accounts.by_email(tmp_path)
    assert "hunter2" not in str(caught.value)


def test_no_studio_no_credentials(tmp_path: Path) -> None:
    with pytest.raises(errors.StudioError, match="no Label Studio is known") as caught:
        accounts.credentials(tmp_path)
    assert "studio up" in caught.value.hint
    assert accounts.by_email(tmp_path) == {}


def test_an_address_with_a_password_is_refused_and_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(accounts.URL_VARIABLE, "https://me:sesame@label.example.org")
    monkeypatch.setenv(accounts.TOKEN_VARIABLE, "abc")
    with pytest.raises(errors.StudioError, match="holds an account") as caught:
        accounts.credentials(tmp_path)
    assert "sesame" not in str(caught.value) + caught.value.hint


def test_an_account_keeps_its_password(tmp_path: Path) -> None:
    first = accounts.account(tmp_path, "ann@onrecord.example")
    assert len(first.password) >= 20
    assert accounts.account(tmp_path, "ann@onrecord.example") == first
    assert stat.S_IMODE(accounts.secrets_path(tmp_path).stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_a_file_is_for_whom_it_is_written(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"former")
    path.chmod(0o666)
    atomic.write_bytes(path, b"new", mode=mode)
    assert stat.S_IMODE(path.stat().st_mode) == mode
