"""To the Hub and back: the real huggingface_hub and datasets against a double of the protocol."""

from __future__ import annotations

import errno
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import huggingface_hub
import pyarrow.parquet as pq
import pytest
import typer.main
from huggingface_hub import HfApi

import hubdouble
from cases.check.make import make_base
from cli import onrecord
from onrecord import cli, ledger
from onrecord.dataset import building, publish
from onrecord.gold import documents as gold
from onrecord.ledger import House
from onrecord.records import Annotation, DataError, UsageError
from parts import HOME

REPO = "house/news"
NOTES = "# Changelog\n\n## {}\n\n### Data\n- What is new.\n\n### Code\n- Nothing to see.\n"


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[hubdouble.Server]:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    with hubdouble.serve() as server:
        yield server
        assert server.unknown == []


@pytest.fixture
def api(double: hubdouble.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HfApi:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hf-cache"))
    return HfApi(endpoint=double.url, token=hubdouble.TOKEN)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with everything but a build, clean under `check`."""
    root = tmp_path_factory.mktemp("ready")
    make_base(root, texts=True)
    (root / "CHANGELOG.md").write_text(NOTES.format("1.0.0"), "utf-8")
    return root


@pytest.fixture
def house(ready: Path, tmp_path: Path) -> House:
    return House(shutil.copytree(ready, tmp_path / "root"))


def release(house: House, version: str) -> Path:
    (house.root / "CHANGELOG.md").write_text(NOTES.format(version), "utf-8")
    return building.build(house, release=version).folder


def push(api: HfApi, path: Path) -> publish.Plan:
    made = publish.plan(api, REPO, path)
    publish.send(api, made, path)
    return made


def published(double: hubdouble.Server, revision: str = "main") -> dict[str, bytes]:
    repo = double.repos[REPO]
    return repo.commits[repo.resolve(revision)]


def local(path: Path) -> dict[str, bytes]:
    found = (p for p in path.rglob("*") if p.is_file())
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in found}


def retitle(house: House) -> None:
    """A correction: another name for an entity of the second article."""
    path = house.annotations / "b1" / "ann.jsonl"
    rows = list(ledger.read(path, Annotation))
    (lund,) = (e for e in rows[1].entities if e.name == "Tove Lund")
    lund.name += " II"
    ledger.write(path, rows)
    gold.make(house, "b1")


def variables(double: hubdouble.Server, home: Path) -> dict[str, str]:
    return {
        "HF_ENDPOINT": double.url,
        "HF_TOKEN": hubdouble.TOKEN,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HOME": str(home),
        "HF_HUB_OFFLINE": "0",
        "HF_DATASETS_OFFLINE": "0",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "NO_PROXY": "127.0.0.1",
    }


# --- the whole way ------------------------------------------------------------------------------

USER = """
import gc, json, sys
from datasets import load_dataset
from huggingface_hub import snapshot_download

repo, *tags = sys.argv[1:]
told = {}
for tag in tags:
    documents = load_dataset(repo, revision=tag)
    names = load_dataset(repo, "entities", split="train", revision=tag)
    streamed = load_dataset(repo, "stance", split="train", revision=tag, streaming=True)
    first = next(iter(streamed))["polarity"]
    path = snapshot_download(repo, repo_type="dataset", revision=tag)
    same = load_dataset(path, "entities", split="train")
    assert list(same) == list(names)
    told[tag] = [
        {split: rows.num_rows for split, rows in documents.items()},
        "Tove Lund II" in str(documents["train"]["entities"]),
        names.features["ner_tags"].feature.names[1],
        streamed.features["polarity"].names[first],
    ]
print(json.dumps(told))
del streamed
gc.collect()
"""


def test_published_by_the_command_and_loaded_by_config_tag_and_stream(
    house: House, double: hubdouble.Server, tmp_path: Path
) -> None:
    env = variables(double, tmp_path / "curator")
    onrecord("build", "--release", "1.0.0", cwd=house.root)
    told = onrecord("publish", REPO, "--dry-run", cwd=house.root, env=env)
    assert "documents/train.parquet" in told.stdout
    assert "is new" in told.stderr
    assert REPO not in double.repos
    told = onrecord("publish", REPO, "--private", "--tag", "v1.0.0", cwd=house.root, env=env)
    assert told.stdout.splitlines()[-1] == f"{double.url}/datasets/{REPO}"
    assert hubdouble.TOKEN not in told.stdout + told.stderr
    assert double.repos[REPO].private
    files = published(double, "v1.0.0")
    assert files.pop(".gitattributes")
    assert files == local(house.hub)

    retitle(house)
    (house.root / "CHANGELOG.md").write_text(NOTES.format("1.0.1"), "utf-8")
    onrecord("build", "--release", "1.0.1", cwd=house.root)
    told = onrecord("publish", REPO, cwd=house.root, env=env)
    assert "since v1.0.0" in told.stderr
    assert "1.0.0 -> 1.0.1: patch change" in told.stderr
    assert "entities +0 -0 ~1" in told.stderr
    repo = double.repos[REPO]
    assert len(repo.commits) == 3, "the first, and one commit a version"
    assert list(repo.tags) == ["v1.0.0", "v1.0.1"]
    assert repo.titles[repo.head][0] == "Version 1.0.1"

    done = subprocess.run(
        [sys.executable, "-c", USER, REPO, "v1.0.1", "v1.0.0"],
        env=os.environ | variables(double, tmp_path / "user"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout)
    assert loaded["v1.0.0"][0] == loaded["v1.0.1"][0] == {"train": 3, "test": 1}
    assert (loaded["v1.0.0"][1], loaded["v1.0.1"][1]) == (False, True)
    assert loaded["v1.0.0"][2:] == ["B-PERSON", "against"]


def test_publishing_again_sends_nothing(house: House, double: hubdouble.Server, api: HfApi) -> None:
    path = release(house, "1.0.0")
    push(api, path)
    again = publish.plan(api, REPO, path)
    assert again.done
    assert again.files == []


def test_a_build_that_is_no_release_gets_no_tag(
    house: House, double: hubdouble.Server, api: HfApi
) -> None:
    path = building.build(house).folder
    made = push(api, path)
    assert made.tag == ""
    assert double.repos[REPO].tags == {}
    with pytest.raises(UsageError, match=r"not v1\.0\.0"):
        publish.plan(api, REPO, path, "v1.0.0")


def test_a_file_that_is_gone_leaves_the_hub(
    house: House, double: hubdouble.Server, api: HfApi
) -> None:
    push(api, building.build(house).folder)
    assert "CHANGELOG.md" in published(double)
    (house.root / "CHANGELOG.md").unlink()
    made = push(api, building.build(house).folder)
    assert ("removed", "CHANGELOG.md", 0) in made.files
    assert "CHANGELOG.md" not in published(double)
    assert published(double)[".gitattributes"]


# --- what is refused ----------------------------------------------------------------------------


def test_a_released_version_never_gets_other_data(
    house: House, double: hubdouble.Server, api: HfApi
) -> None:
    push(api, release(house, "1.0.0"))
    before = published(double)
    retitle(house)
    house.releases.unlink()
    with pytest.raises(DataError, match=r"1\.0\.0 is on the Hub with other data"):
        push(api, release(house, "1.0.0"))
    assert published(double) == before


@pytest.mark.parametrize(
    ("change", "least"),
    [("correct", "1.0.1"), ("add", "1.1.0"), ("take away", "1.1.0"), ("split", "2.0.0")],
)
def test_the_version_rises_with_what_changed(
    house: House, double: hubdouble.Server, api: HfApi, change: str, least: str
) -> None:
    path = house.gold / "b1.jsonl"
    rows = path.read_bytes().splitlines(keepends=True)
    if change == "add":
        path.write_bytes(b"".join(rows[:-1]))
    push(api, release(house, "1.0.0"))
    if change == "correct":
        retitle(house)
    elif change == "add":
        path.write_bytes(b"".join(rows))
    elif change == "take away":
        path.write_bytes(b"".join(rows[:-1]))
    elif change == "split":
        table = house.splits.read_text("utf-8")
        house.splits.write_text(table.replace(",train", ",validation", 1), "utf-8")
    lower = {"1.0.1": "1.0.0", "1.1.0": "1.0.1", "2.0.0": "1.1.0"}[least]
    if lower != "1.0.0":
        with pytest.raises(DataError, match=rf"at least {least}"):
            push(api, release(house, lower))
        house.releases.write_text("\n".join(house.releases.read_text().split("\n")[:2]) + "\n")
    push(api, release(house, least))
    assert f"v{least}" in double.repos[REPO].tags


def test_test_articles_never_move_to_train(
    house: House, double: hubdouble.Server, api: HfApi
) -> None:
    push(api, release(house, "1.0.0"))
    table = house.splits.read_text("utf-8")
    house.splits.write_text(table.replace(",test", ",train"), "utf-8")
    with pytest.raises(DataError, match="test split would be trained on: example-news"):
        push(api, release(house, "2.0.0"))
    with pytest.raises(DataError, match="test split would be trained on"):
        push(api, building.build(house).folder)


def test_a_stale_push_is_refused(house: House, double: hubdouble.Server, api: HfApi) -> None:
    push(api, release(house, "1.0.0"))
    retitle(house)
    path = release(house, "1.0.1")
    made = publish.plan(api, REPO, path)
    other = api.upload_file(
        path_or_fileobj=b"hello\n", path_in_repo="note.md", repo_id=REPO, repo_type="dataset"
    )
    with pytest.raises(DataError, match="pushed to house/news since"):
        publish.send(api, made, path)
    assert double.repos[REPO].head == other.oid
    assert "v1.0.1" not in double.repos[REPO].tags
    publish.send(api, publish.plan(api, REPO, path), path)
    assert "v1.0.1" in double.repos[REPO].tags


COMMIT = "POST /api/datasets/house/news/commit"


@pytest.mark.parametrize(
    ("where", "status"), [("PUT /lfs/", 400), (COMMIT, 500), (COMMIT, 0), (COMMIT, 200)]
)
def test_a_push_that_is_cut_short_leaves_the_old_version_whole(
    house: House, double: hubdouble.Server, api: HfApi, where: str, status: int
) -> None:
    """The Hub fails, or the connection breaks (0), with files or the commit on their way."""
    push(api, release(house, "1.0.0"))
    before = published(double)
    retitle(house)
    path = release(house, "1.0.1")
    made = publish.plan(api, REPO, path)
    double.fail(where, status)
    with pytest.raises(DataError, match="is whole"):
        publish.send(api, made, path)
    assert published(double) == before
    assert list(double.repos[REPO].tags) == ["v1.0.0"]
    push(api, path)
    assert published(double, "v1.0.1")["README.md"] == (path / "README.md").read_bytes()


def test_a_disk_that_is_full_here_is_not_told_of_the_hub(
    house: House, api: HfApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(api, release(house, "1.0.0"))

    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, "no room for what the Hub sends")

    monkeypatch.setattr(api, "hf_hub_download", full)
    with pytest.raises(OSError, match="no room"):
        publish.plan(api, REPO, house.hub)


def test_a_hub_that_cannot_be_asked_what_it_has_is_not_taken_for_an_empty_one(
    house: House, api: HfApi, double: hubdouble.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(api, release(house, "1.0.0"))

    def out_of_reach(*_: object, **__: object) -> str:
        raise huggingface_hub.errors.LocalEntryNotFoundError("no such file here, and no Hub")

    with monkeypatch.context() as patch:
        patch.setattr(api, "hf_hub_download", out_of_reach)
        with pytest.raises(DataError, match="could not be reached"):
            publish.plan(api, REPO, house.hub)
    double.fail("GET /api/datasets/house/news", 200)
    with pytest.raises(DataError, match="not JSON"):
        publish.plan(api, REPO, house.hub)
    assert publish.plan(api, REPO, house.hub).done


def test_a_push_cut_short_before_its_tag_is_finished_by_the_same_line(
    house: House, double: hubdouble.Server, api: HfApi
) -> None:
    path = release(house, "1.0.0")
    double.fail("/tag/")
    with pytest.raises(DataError, match="type the same line again"):
        push(api, path)
    assert double.repos[REPO].tags == {}
    commits = len(double.repos[REPO].commits)
    made = push(api, path)
    assert made.files == []
    assert double.repos[REPO].tags == {"v1.0.0": double.repos[REPO].head}
    assert len(double.repos[REPO].commits) == commits


def test_a_repository_of_something_else_is_left_alone(
    house: House, double: hubdouble.Server, api: HfApi
) -> None:
    api.create_repo(REPO, repo_type="dataset")
    api.upload_file(
        path_or_fileobj=b"a,b\n", path_in_repo="data.csv", repo_id=REPO, repo_type="dataset"
    )
    with pytest.raises(UsageError, match="something else"):
        push(api, release(house, "1.0.0"))


def test_a_token_that_may_not_write_is_told(
    house: House, api: HfApi, double: hubdouble.Server
) -> None:
    api.create_repo(REPO, repo_type="dataset")
    stranger = HfApi(endpoint=double.url, token="hf_another")
    with pytest.raises(UsageError, match="does not let this token write"):
        push(stranger, building.build(house).folder)


def test_a_token_that_the_hub_does_not_know_is_told(
    house: House, double: hubdouble.Server, tmp_path: Path
) -> None:
    """The Hub shows it no repository, so a dry run would call every dataset new."""
    building.build(house)
    env = variables(double, tmp_path / "hf") | {"HF_TOKEN": "hf_another"}
    for dry in ([], ["--dry-run"]):
        told = onrecord("publish", REPO, *dry, cwd=house.root, env=env, code=2)
        assert "refuses this token" in told.stderr
        assert "is new" not in told.stderr


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o604])
def test_a_stored_token_that_others_can_read_is_not_used(
    house: House, double: hubdouble.Server, tmp_path: Path, mode: int
) -> None:
    building.build(house)
    env = variables(double, tmp_path / "hf") | {"HF_TOKEN": ""}
    stored = tmp_path / "token"
    stored.write_text(hubdouble.TOKEN, "utf-8")
    stored.chmod(mode)
    env["HF_TOKEN_PATH"] = str(stored)
    private = mode == 0o600
    told = onrecord("publish", REPO, "--dry-run", cwd=house.root, env=env, code=0 if private else 2)
    assert hubdouble.TOKEN not in told.stderr
    if private:
        assert f"{REPO} is new" in told.stderr
    else:
        assert f"chmod 600 {stored}" in told.stderr
        assert double.asked == [], "it was not sent anywhere"


def test_without_a_token_nothing_is_asked(
    house: House, double: hubdouble.Server, tmp_path: Path
) -> None:
    building.build(house)
    env = variables(double, tmp_path / "nobody") | {"HF_TOKEN": ""}
    told = onrecord("publish", REPO, cwd=house.root, env=env, code=2)
    assert "hf auth login" in told.stderr
    assert double.asked == []


def test_a_dry_run_without_a_token_says_what_it_could_not_compare(
    house: House, api: HfApi, double: hubdouble.Server, tmp_path: Path
) -> None:
    env = variables(double, tmp_path / "nobody") | {"HF_TOKEN": ""}
    push(api, release(house, "1.0.0"))
    double.repos[REPO].private = True
    retitle(house)
    building.build(house)
    told = onrecord("publish", REPO, "--dry-run", cwd=house.root, env=env)
    assert "it is new, or private" in told.stderr
    assert "documents/train.parquet" in told.stdout
    assert "since v1.0.0" not in told.stderr
    double.repos[REPO].private = False
    told = onrecord("publish", REPO, "--dry-run", cwd=house.root, env=env)
    assert "since v1.0.0" in told.stderr
    assert "whether you may write there is not known" in told.stderr


def test_an_unclean_check_is_refused(
    house: House, double: hubdouble.Server, tmp_path: Path
) -> None:
    building.build(house)
    retitle(house)  # and not built again
    env = variables(double, tmp_path / "hf")
    told = onrecord("publish", REPO, cwd=house.root, env=env, code=1)
    assert "hub.stale" in told.stderr
    assert "nothing was published" in told.stderr
    assert double.asked == []


def test_an_open_text_that_is_not_at_hand_is_refused(
    house: House, double: hubdouble.Server, tmp_path: Path
) -> None:
    (article,) = house.text.glob("example-news-*.json")
    article.unlink()
    with pytest.raises(DataError, match="onrecord hydrate"):
        release(house, "1.0.0")
    building.build(house)
    told = onrecord("publish", REPO, cwd=house.root, env=variables(double, tmp_path / "hf"), code=1)
    assert f"publish.unhydrated: {article.stem}" in told.stderr
    assert double.asked == []


@pytest.mark.parametrize("config", ["documents", "entities", "annotations"])
def test_words_of_a_withheld_text_are_found_in_the_folder_itself(
    house: House, config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever went wrong in the build: what goes out is looked at, not what should have."""
    from onrecord.dataset import views

    monkeypatch.setattr(views, "public", lambda article: article)
    path = building.build(house).folder
    monkeypatch.undo()
    found = list(publish.audit(path))
    assert {p.rule for p in found} == {"publish.withheld"}
    assert {p.id.rpartition("-")[0] for p in found} == {"closed-times"}
    assert any(p.file == f"{config}/train" for p in found)
    assert "mistake" not in str(found)


def test_a_file_changed_after_the_build_is_found(house: House) -> None:
    path = building.build(house).folder
    assert list(publish.audit(path)) == []
    file = path / "documents" / "train.parquet"
    pq.write_table(pq.read_table(file), file, compression="none")
    (path / "more.txt").write_text("more\n", "utf-8")
    found = [(p.rule, p.file) for p in publish.audit(path)]
    assert found == [
        ("publish.damaged", "documents/train.parquet"),
        ("publish.damaged", "more.txt"),
    ]


def test_the_double_knows_what_a_commit_is(double: hubdouble.Server, api: HfApi) -> None:
    """The double's own promise: a commit with a missing LFS object changes nothing."""
    api.create_repo(REPO, repo_type="dataset")
    before = double.repos[REPO].head
    lines = [
        {"key": "header", "value": {"summary": "s", "description": ""}},
        {"key": "lfsFile", "value": {"path": "a.parquet", "oid": "0" * 64, "size": 1}},
    ]
    answer = huggingface_hub.get_session().post(
        f"{double.url}/api/datasets/{REPO}/commit/main",
        headers={"Authorization": f"Bearer {hubdouble.TOKEN}"},
        content="\n".join(json.dumps(line) for line in lines),
    )
    assert answer.status_code == 400
    assert double.repos[REPO].head == before


def test_the_lines_of_the_docs_are_lines_of_the_command() -> None:
    """Every `onrecord …` line of docs/publishing.md names a verb, options and arguments it has."""
    command: Any = typer.main.get_command(cli.app_of(cli.FLOW))
    text = (HOME / "docs" / "publishing.md").read_text("utf-8")
    lines = [line.partition("#")[0] for line in text.splitlines() if line.startswith("onrecord ")]
    assert len(lines) > 8
    for line in lines:
        _, verb, *arguments = shlex.split(line)
        command.commands[verb].make_context(verb, arguments)
