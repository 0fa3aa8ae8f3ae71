"""Words of a text that may not ship do not come into the corpus by way of a note or a reason."""

from __future__ import annotations

import uuid
from contextlib import nullcontext
from pathlib import Path

import pytest

from cases.check.make import make_base
from onrecord import atomic, labels, ledger
from onrecord.labelling import accounts, labelstudio, pulling, pushing, tasks
from onrecord.labelling import room as rooms
from onrecord.ledger import House
from onrecord.quality.check import check
from onrecord.records import Annotation
from onrecord.rights import repeats
from onrecord.shelf import Shelf

TEXT = "The board met on Monday, and “nobody” spoke for long."


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", False),
        ("E8: “the board met”", False),
        ("is THE BOARD MET ON a date?", True),
        ("Monday and nobody spoke: quote?", True),
        ("see: nobody spoke for long", True),
        ("the board met in May on Monday", False),
    ],
)
def test_four_words_in_a_row_repeat_a_text(words: str, found: bool) -> None:
    assert repeats(words, TEXT) is found


def test_a_note_that_repeats_a_masked_text_stays_on_the_server(
    tmp_path: Path, room: labelstudio.Room
) -> None:
    make_base(tmp_path / "root", texts=True)
    house = House(tmp_path / "root")
    shelf = Shelf(house)
    batch = annotator = f"n-{uuid.uuid4().hex[:8]}"
    releases = {shelf.record(a).rights.release: a for a in shelf}
    pairs = [ledger.BATCH, *((article, annotator) for article in releases.values())]
    atomic.write_bytes(house.batches / f"{batch}.csv", b"".join(map(ledger.csv_line, pairs)))
    list(
        pushing.push(house, lambda _: nullcontext(room), batch, None, lambda _: [], lambda _: None)
    )
    account = accounts.account(house.root, rooms.mail_of(annotator))
    token = room.ensure_account(account.email, account.password)
    ((_, _, project),) = rooms.projects_of(room, batch)
    for task in list(room.tasks(project).values()):
        text = task.data["text"]
        row = Annotation(
            article_id=task.doc_id,
            text_sha256=task.data["text_sha256"],
            batch=batch,
            annotator=annotator,
            layers=list(labels.LAYERS),
            note=f"unsure: {text[:60]}",
        )
        room.submit(task.id, tasks.results_of(row, text), lead_time=1.0, token=token)
    pulled = pulling.pull(room, batch, labels.load(), shelf)
    room.delete_project(project)
    noted = {row.article_id for row in pulled.rows(annotator) if row.note}
    assert noted == {releases["ship"]}
    assert pulled.masked == len(releases) - 1


def test_check_finds_such_a_note(tmp_path: Path) -> None:
    make_base(tmp_path, texts=True)
    house = House(tmp_path)
    shelf = Shelf(house)
    for path in sorted(house.annotations.glob("*/*.jsonl")):
        rows = list(ledger.read(path, Annotation))
        masked = [r for r in rows if shelf.record(r.article_id).rights.release != "ship"]
        for row in masked[:1]:
            row.note = shelf.article(row.article_id).text[:80]
            ledger.write(path, rows)
            found = [p for p in check(house) if p.rule == "rights.text-present"]
            assert [p.id for p in found] == [row.article_id]
            return
    pytest.fail("no masked article is labelled in the base")
