"""A take-down: nothing of the article is left but its tombstone, and it does not come back."""

from __future__ import annotations

import csv
import shutil
import uuid
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import msgspec
import pytest

from cases.check.make import make_base
from cli import onrecord
from onrecord import atomic, labels, ledger, locks
from onrecord.dataset import building
from onrecord.dataset.diff import diff
from onrecord.labelling import accounts, batches, labelstudio, pulling, pushing, tasks
from onrecord.labelling import room as rooms
from onrecord.ledger import House
from onrecord.quality.check import check
from onrecord.records import Adjudication, Annotation, DataError, UsageError
from onrecord.shelf import Shelf
from onrecord.text import sha256
from onrecord.withdraw import withdraw


@pytest.fixture
def house(tmp_path: Path) -> House:
    root = tmp_path / "root"
    make_base(root, texts=True)
    return House(root)


def first(house: House) -> str:
    """The article that two annotators labelled and a third reading settled."""
    return next(ledger.read(house.adjudications / "b1.jsonl", Adjudication)).article_id


def everything(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_nothing_of_it_is_left_but_the_tombstone(house: House) -> None:
    article = first(house)
    words = Shelf(house).article(article).headline.encode()
    assert [name for name, data in everything(house.root).items() if words in data]
    before = building.build(house, house.root / "v1").folder
    building.build(house)
    onrecord("report", cwd=house.root)
    ledger.write(house.build / "mine.jsonl", [Shelf(house).article(article)])
    told = onrecord("withdraw", article, "--reason", "at the author’s request", cwd=house.root)
    assert "corpus/batches/b1.csv" in told.stderr
    assert "contain it: build/mine.jsonl\n" in told.stderr, "which verb made it, nobody knows"
    (house.build / "mine.jsonl").unlink()
    files = everything(house.root)
    named = {name for name, data in files.items() if article.encode() in data}
    assert {n for n in named if not n.startswith("v1/")} == {
        "corpus/withdrawn.csv",
        "corpus/batches/b1.csv",
    }
    assert not house.hub.exists()
    assert not [n for n, d in files.items() if words in d and not n.startswith("v1/")]
    assert list(check(house)) == []

    report = building.build(house)
    stones = list(csv.DictReader((report.folder / "withdrawn.csv").open(encoding="utf-8")))
    assert [(s["article_id"], s["reason"]) for s in stones] == [
        (article, "at the author’s request")
    ]
    assert "at the author’s request" in (report.folder / "README.md").read_text("utf-8")
    holding = {n for n, d in everything(report.folder).items() if article.encode() in d}
    assert holding == {"withdrawn.csv", "README.md"}
    changed = diff(before, report.folder)
    assert changed.withdrawn == changed.removed == [article]
    assert changed.needs == "minor"
    assert any("1 article withdrawn" in line for line in changed.lines())


def test_of_a_table_one_row_is_to_be_deleted_and_not_the_table(house: House) -> None:
    article = Shelf(house).record(first(house))
    article.source.file, article.source.row = "raw/dump.csv", 3
    ledger.write(house.articles / "house-desk.jsonl", [article])
    (house.root / "raw").mkdir()
    (house.root / "raw/dump.csv").write_text("headline,text\n", "utf-8")
    told = onrecord("withdraw", article.id, "--reason", "asked for", cwd=house.root)
    assert "delete its source, row 3 of raw/dump.csv, not the others" in told.stderr


def test_a_second_file_with_the_same_bytes_is_named(house: House) -> None:
    """The article's words would stay in the repository."""
    article = Shelf(house).record(first(house))
    page = "<p>The lamps of the upper street are lit again.</p>\n"
    article.source.file = "corpus/raw/house-desk/lamps.html"
    article.source.bytes, article.source.sha256 = len(page), sha256(page)
    ledger.write(house.articles / "house-desk.jsonl", [article])
    for name, data in (("lamps", page), ("lamps-2", page), ("other", page.upper())):
        path = house.corpus / f"raw/house-desk/{name}.html"
        atomic.write_bytes(path, data.encode())
    told = onrecord("withdraw", article.id, "--reason", "asked for", cwd=house.root)
    assert [line for line in told.stderr.splitlines() if "delete its source" in line] == [
        "  delete its source, corpus/raw/house-desk/lamps.html",
        "  delete its source, corpus/raw/house-desk/lamps-2.html",
    ]


def test_a_copy_that_stays_is_named(house: House) -> None:
    article = Shelf(house).article(first(house))
    edited = msgspec.structs.replace(article, id="other-desk-0123456789ab", publisher="Other Desk")
    ledger.append(house.articles / "other-desk.jsonl", [ledger.encode(edited)])
    told = onrecord("withdraw", article.id, "--reason", "asked for", cwd=house.root)
    assert "withdraw its copies, too, if they are meant as well: other-desk-0123456789ab\n" in (
        told.stderr
    )
    assert [key for key in Shelf(house) if key == edited.id]


def test_the_other_rows_keep_their_bytes(house: House) -> None:
    article = first(house)
    before = everything(house.corpus)
    done = withdraw(house, article, "asked for")
    after = everything(house.corpus)
    gone: dict[str, int] = {}
    for name, data in before.items():
        lines = data.splitlines(keepends=True)
        kept = [x for x in lines if name.startswith("batches/") or article.encode() not in x]
        assert after.get(name, b"") == b"".join(kept), name
        if len(kept) < len(lines):
            gone[f"corpus/{name}"] = len(lines) - len(kept)
    assert done.rows == gone


def test_a_withheld_article_can_be_withdrawn_too(house: House) -> None:
    (article,) = (a for a in Shelf(house) if a.startswith("closed-times"))
    done = withdraw(house, article, "asked for")
    assert f"build/text/{article}.json" in done.removed
    assert not (house.articles / "closed-times.jsonl").exists()
    assert list(check(house)) == []


def test_what_was_cut_short_is_told_and_finished_by_the_same_line(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = first(house)
    real = atomic.replacing
    seen = 0

    def full(path: Path, **more: Any) -> object:
        nonlocal seen
        seen += 1
        if seen == 3:
            raise OSError("no space left on device")
        return real(path, **more)

    with monkeypatch.context() as patch:
        patch.setattr(atomic, "replacing", full)
        with pytest.raises(OSError, match="no space"):
            withdraw(house, article, "asked for")
    assert {p.rule for p in check(house)} == {"article.withdrawn"}
    shutil.copy(Path(__file__).parent / "cases/check/base/corpus/gold/b1.jsonl", house.gold)
    with pytest.raises(DataError, match="which is withdrawn"):
        building.build(house)
    withdraw(house, article, "another reason")
    assert list(check(house)) == []
    assert [row[3] for row in ledger.withdrawn(house)] == ["asked for"]


def test_cut_short_before_its_end_it_still_names_what_is_left_to_do(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = first(house)
    source = house.root / Shelf(house).record(article).source.file
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_bytes(b"as it came")
    building.build(house)
    with monkeypatch.context() as patch:
        patch.setattr("onrecord.withdraw._made", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            withdraw(house, article, "asked for")
    assert withdraw(house, article, "asked for").sources == [house.name(source)]


def test_a_dataset_on_another_disk_is_removed_there(house: House) -> None:
    far = house.root / "far"
    far.mkdir()
    house.hub.symlink_to(far)
    building.build(house)
    withdraw(house, first(house), "asked for")
    assert not far.exists()


@pytest.mark.parametrize("name", ["hub", "report"])
def test_a_folder_of_something_else_is_not_removed(house: House, name: str) -> None:
    (house.build / name).symlink_to(house.corpus)
    before = everything(house.root)
    with pytest.raises(UsageError, match=f"build/{name} leads to {house.corpus}, which no command"):
        withdraw(house, first(house), "asked for")
    assert everything(house.root) == before


def test_what_is_no_id_removes_no_file(house: House) -> None:
    """Where somebody else wrote the tombstone."""
    (house.root / "mine.json").touch()
    house.withdrawn.write_text("article,text_sha256,withdrawn_at,reason\n../../mine,x,y,z\n")
    with pytest.raises(UsageError, match=r"there is no article \.\./\.\./mine"):
        withdraw(house, "../../mine", "asked for")
    assert (house.root / "mine.json").exists()


def test_a_line_that_is_cut_short_is_told(house: House) -> None:
    """Its mate was killed while it wrote, or an editor lost the end."""
    article = first(house)
    path = house.adjudications / "b1.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match=r"corpus/adjudications/b1\.jsonl:1: json\.malformed"):
        withdraw(house, article, "asked for")
    path.unlink()
    withdraw(house, article, "asked for")
    assert list(check(house)) == []


def test_a_pull_at_the_same_time_does_not_bring_it_back(house: House) -> None:
    article = first(house)
    again = house.root / "again.jsonl"
    ledger.write(again, [Shelf(house).article(article)])
    before = everything(house.corpus)
    verbs = [
        ["pull", "--batch", "b1"],
        ["withdraw", article, "--reason", "asked for"],
        ["admit", str(again), "--readmit"],
    ]
    with locks.answers(house):  # as each of these does
        for verb in verbs:
            told = onrecord(*verb, cwd=house.root, code=2)
            assert "another command is rewriting the annotations" in told.stderr
    assert everything(house.corpus) == before


def test_it_does_not_come_back(house: House, tmp_path: Path) -> None:
    article = first(house)
    record = Shelf(house).article(article)
    again = tmp_path / "again.jsonl"
    ledger.write(again, [record])
    withdraw(house, article, "asked for")
    told = onrecord("admit", str(again), cwd=house.root, code=1)
    assert "admit.withdrawn" in told.stderr
    record.id = "other-paper-0123456789ab"
    record.publisher, record.source.sha256 = "Other Paper", "0" * 64
    ledger.write(again, [record])
    told = onrecord("admit", str(again), cwd=house.root, code=1)
    assert "admit.withdrawn: other-paper-0123456789ab" in told.stderr
    assert article not in Shelf(house)


def test_a_batch_that_still_names_it_passes_it_over(house: House) -> None:
    article = first(house)
    withdraw(house, article, "asked for")
    batch = batches.read_batch(house, "b1")
    assert batch is not None
    assert article not in batch.articles
    assert len(batch.articles) == 4


def test_used_wrongly_it_says_how(house: House) -> None:
    with pytest.raises(UsageError, match="needs a reason"):
        withdraw(house, first(house), "  ")
    with pytest.raises(UsageError, match="there is no article"):
        withdraw(house, "house-desk-000000000000", "asked for")
    assert not house.withdrawn.exists()


def test_a_command_beside_it_is_told_what_is_at_work(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (house.root / "new.jsonl").touch()
    said = []

    def beside(*_: object) -> int:
        said.append(onrecord("build", cwd=house.root, code=2).stderr)
        said.append(onrecord("admit", "new.jsonl", cwd=house.root, code=2).stderr)
        said.append(onrecord("hydrate", "--from", "new.jsonl", cwd=house.root, code=2).stderr)
        return 0

    monkeypatch.setattr("onrecord.withdraw._without", beside)
    withdraw(house, first(house), "asked for")
    assert all("`onrecord withdraw` is at work in" in told for told in said)
    with locks.held(house, "build"):
        assert "`onrecord build` is at work in" in onrecord("build", cwd=house.root, code=2).stderr


def test_a_command_that_has_just_begun_is_not_taken_for_the_one_before_it(house: House) -> None:
    """It holds the lock, and has not written its name there."""
    with locks.held(house, "admit"):
        pass
    with locks.holding(house.build / ".admit.lock", "", make=False):
        told = onrecord("hydrate", cwd=house.root, code=2)
    assert "onrecord: another command is at work in" in told.stderr


def test_an_answer_that_is_still_on_the_server_is_not_pulled_back(
    house: House, room: labelstudio.Room
) -> None:
    """Its task stays in Label Studio until a person deletes it."""
    unique = uuid.uuid4().hex[:8]
    batch, annotator = f"b-{unique}", f"ann-{unique}"
    gone, kept = (a for a in Shelf(house) if a.startswith("house-desk"))
    pairs = [ledger.BATCH, (gone, annotator), (kept, annotator)]
    atomic.write_bytes(house.batches / f"{batch}.csv", b"".join(map(ledger.csv_line, pairs)))

    def pushed() -> list[pushing.Pushed]:
        opened = pushing.push(
            house, lambda _: nullcontext(room), batch, None, lambda _: [], lambda _: None
        )
        return list(opened)

    pushed()
    account = accounts.account(house.root, rooms.mail_of(annotator))
    token = room.ensure_account(account.email, account.password)
    ((_, _, project),) = rooms.projects_of(room, batch)
    rows = {
        r.article_id: r for r in ledger.read(house.annotations / "b1" / "ann.jsonl", Annotation)
    }
    for task in list(room.tasks(project).values()):
        results = tasks.results_of(rows[task.doc_id], task.data["text"])
        room.submit(task.id, results, lead_time=1.0, token=token)
    before = pulling.pull(room, batch, labels.load(), Shelf(house))
    assert {row.article_id for row in before.rows(annotator)} == {gone, kept}
    withdraw(house, gone, "asked for")
    after = pulling.pull(room, batch, labels.load(), Shelf(house))
    assert [row.article_id for row in after.rows(annotator)] == [kept]
    assert after.problems == []
    assert [part.result.present for part in pushed()] == [1]
    room.delete_project(project)
