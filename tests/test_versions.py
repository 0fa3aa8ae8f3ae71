"""Versions: what a number says, what changed between two, and what that asks of the next."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import synthetic
from cli import onrecord
from onrecord import labels, ledger
from onrecord.dataset import building, folder, versions, views
from onrecord.dataset.diff import Diff, Edit, diff
from onrecord.ledger import House
from onrecord.records import Annotation, Gold, UsageError

CHANGELOG = """# Changelog

## Unreleased

### Data
- Nine articles.

### Code
- Faster.

## 1.0.0

Text that is nobody's.

### Labels
- WORK takes awards in.

### Code
- The first.

## 0.9.0

### Code
- Nothing else.
"""


# --- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1.2", "1.2.3.4", "01.2.3", "1.2.x", "", "v", "1.2.-3", "latest"])
def test_what_is_no_version(text: str) -> None:
    assert versions.parse(text) is None


def test_versions_are_ordered_as_numbers() -> None:
    found = [versions.parse(v) for v in ("v0.0.99", "1.9.0", "1.10.0", "v2.0.0")]
    assert found == sorted(v for v in found if v)
    assert [v.released for v in found if v] == [False, True, True, True]


@pytest.mark.parametrize(
    ("change", "least"),
    [("major", "2.0.0"), ("minor", "1.3.0"), ("patch", "1.2.4"), ("none", "1.2.3")],
)
def test_the_first_version_that_may_carry_a_change(change: str, least: str) -> None:
    assert str(versions.Version(1, 2, 3).after(change)) == least


def test_the_changelog_of_the_data_leaves_the_code_out() -> None:
    told = versions.data_notes(CHANGELOG)
    assert told == (
        "# What changed\n\n## Unreleased\n\n### Data\n- Nine articles.\n\n"
        "## 1.0.0\n\n### Labels\n- WORK takes awards in.\n"
    )
    assert versions.data_notes("# Changelog\n\n## 1.0.0\n\n### Code\n- x\n") == ""


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = synthetic.furnish(tmp_path / "root", synthetic.sample(), hydrate=["fetch", "withhold"])
    (made.root / "CHANGELOG.md").write_text(CHANGELOG, "utf-8")
    return made


def test_a_release_is_its_content_and_no_other(house: House) -> None:
    before = building.build(house)
    assert before.version.startswith("0.0.")
    report = building.build(house, release="1.0.0")
    assert report.version == folder.version(report.folder) == "1.0.0"
    assert "version: 1.0.0" in (report.folder / "CITATION.cff").read_text("utf-8")
    content = before.version.removeprefix("0.0.")
    assert house.releases.read_text("utf-8") == f"version,content\n1.0.0,{content}\n"
    # The same content is the release, whoever builds it, also in `check`.
    assert building.build(house, house.root / "again").version == "1.0.0"
    building.build(house, release="1.0.0")
    assert house.releases.read_text("utf-8").count("\n") == 2
    # What is new in the code only changes no data; what is new in the data does.
    path = house.root / "CHANGELOG.md"
    path.write_text(CHANGELOG.replace("- Faster.", "- Faster.\n- Smaller."), "utf-8")
    assert building.build(house).version == "1.0.0"
    path.write_text(CHANGELOG.replace("- Nine articles.", "- Ten articles."), "utf-8")
    assert building.build(house).version.startswith("0.0.")


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ("1.0", "no version of a release"),
        ("0.0.7", "no version of a release"),
        ("v1.0.0", "no version of a release"),
        ("0.9.0", "not above the last release"),
        ("1.0.0", "with another content"),
        ("1.0.1", "does not say what changed in 1.0.1"),
    ],
)
def test_a_version_that_cannot_be_this_contents_is_refused(
    house: House, version: str, says: str
) -> None:
    house.releases.write_text("version,content\n1.0.0,17\n")
    with pytest.raises(UsageError, match=says):
        building.build(house, release=version)
    assert not house.hub.exists()
    assert house.releases.read_text() == "version,content\n1.0.0,17\n"


# --- what changed -------------------------------------------------------------------------------


def change_gold(house: House, change: Callable[[list[Gold]], object]) -> None:
    path = house.gold / "b1.jsonl"
    rows = list(ledger.read(path, Gold))
    change(rows)
    ledger.write(path, rows)


def compare(house: House, change: Callable[[list[Gold]], object]) -> Diff:
    old = building.build(house, house.root / "old").folder
    change_gold(house, change)
    return diff(old, building.build(house, house.root / "new").folder)


def at(rows: list[Gold], name: str) -> Gold:
    return next(row for row in rows if row.article_id.startswith(name))


def test_nothing_changed(house: House) -> None:
    told = compare(house, lambda rows: None)
    assert told.needs == "none"
    assert next(iter(told.lines())).endswith(": no change")


def test_items_are_followed_by_their_ids(house: House) -> None:
    def change(rows: list[Gold]) -> None:
        trams = at(rows, "coast-paper")
        trams.mentions[0].type = "WORK"
        gone = trams.stances.pop()
        assert gone
        trams.quotes[0].cue = []

    told = compare(house, change)
    ((article, kinds),) = told.edits.items()
    assert article.startswith("coast-paper")
    assert kinds == {"mentions": Edit(0, 0, 1), "quotes": Edit(0, 0, 1), "stances": Edit(0, 1, 0)}
    assert told.needs == "patch"
    lines = list(told.lines())
    assert "labels: 1 mention changed, 1 quote changed, 1 stance removed" in lines
    assert f"  {article}: mentions +0 -0 ~1, quotes +0 -0 ~1, stances +0 -1 ~0" in lines


def test_however_many_articles_differ_each_is_read_three_times(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice as it was, once as it is."""
    read: Counter[str] = Counter()

    def rows(*args: Any) -> Iterator[dict[str, Any]]:
        for row in given(*args):
            read[row["article_id"]] += 1
            yield row

    def change(rows: list[Gold]) -> None:
        for row in rows:
            row.mentions[0].form = "pronoun"

    given = folder.rows
    monkeypatch.setattr(folder, "rows", rows)
    told = compare(house, change)
    assert list(told.edits) == sorted(read)
    assert set(map(str, told.edits.values())) == {str({"mentions": Edit(0, 0, 1)})}
    assert set(read.values()) == {3}


def test_a_layer_that_is_new_is_more_than_a_correction(house: House) -> None:
    weather = synthetic.weather().article.id
    change_gold(house, lambda rows: at(rows, weather).layers.remove("stance"))
    told = compare(house, lambda rows: at(rows, weather).layers.append("stance"))
    assert told.layers == [(weather, "+ stance")]
    assert told.needs == "minor"


def test_a_text_that_came(house: House) -> None:
    copy = next(house.text.glob("example-news*"))
    data = copy.read_bytes()
    copy.unlink()
    old = building.build(house, house.root / "old").folder
    copy.write_bytes(data)
    told = diff(old, building.build(house, house.root / "new").folder)
    assert told.texts == [(copy.stem, "came")]
    assert told.needs == "minor"


def test_articles_that_are_new_moved_and_gone(house: House) -> None:
    old = building.build(house, house.root / "old").folder
    weather = synthetic.weather().article.id
    change_gold(house, lambda rows: rows.remove(at(rows, weather)))
    table = house.splits.read_text("utf-8")
    house.splits.write_text(table.replace(",test", ",train"), "utf-8")
    new = building.build(house, house.root / "new").folder
    told = diff(old, new)
    assert told.removed == [weather]
    assert [move[1:] for move in told.moved] == [("test", "train")] * 2
    assert len(told.into_train) == 2
    assert told.needs == "major"
    back = diff(new, old)
    assert back.added == [weather]
    assert back.into_train == []
    assert "1 article added" in list(back.lines())


@pytest.mark.parametrize(
    ("before", "after", "needs", "says"),
    [
        ('means = "A named person, real or fictional."', 'means = "A person."', "major", "PERSON"),
        ('none = "No stance', 'nothing = "No stance', "major", "polarity=none"),
        (
            "[values.status]",
            '[values.mood]\nglad = "Glad."\n\n[values.status]',
            "minor",
            "mood=glad: a new label",
        ),
    ],
)
def test_what_a_label_means_is_compared(
    house: House, before: str, after: str, needs: str, says: str
) -> None:
    old = building.build(house, house.root / "old").folder
    new = Path(shutil.copytree(old, house.root / "new"))
    path = new / "schema" / "labels.toml"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")
    told = diff(old, new)
    assert told.needs == needs
    assert any(line.startswith(says) for line in [*told.breaking, *told.widening])


def test_class_ids_in_another_order_break_and_new_ones_at_the_end_do_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = building.build(house, house.root / "old").folder
    known = labels.load()
    names = known.values["quote_type"]
    told = {}
    for what, values in (
        ("reordered", dict(reversed(names.items()))),
        ("longer", {**names, "thought": "Nobody said it aloud."}),
    ):
        other = known._replace(values={**known.values, "quote_type": values})
        with monkeypatch.context() as patch:
            patch.setattr(labels, "load", lambda other=other: other)
            told[what] = diff(old, building.build(house, house.root / what).folder)
    assert told["reordered"].breaking == [
        "quotes.quote_type: another type, or class ids in another order"
    ]
    assert told["reordered"].needs == "major"
    assert told["longer"].widening == ["quotes.quote_type: new class labels at the end"]
    assert told["longer"].needs == "minor"


def test_rows_that_change_without_a_label_are_told_by_their_config(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = building.build(house, house.root / "old").folder
    changelog = house.root / "CHANGELOG.md"
    changelog.write_text(CHANGELOG.replace("- Nine articles.", "- Fewer negatives."), "utf-8")
    monkeypatch.setattr(views, "NONE_PAIRS", 1)
    told = diff(old, building.build(house, house.root / "rows").folder)
    assert (told.rows, told.files, told.needs) == (["stance"], ["CHANGELOG.md"], "patch")
    assert "no label changed, but the rows of stance" in list(told.lines())
    monkeypatch.undo()
    path = house.annotations / "b1" / "ann.jsonl"
    rows = list(ledger.read(path, Annotation))
    rows[0].note = "A second look."
    ledger.write(path, rows)
    told = diff(old, building.build(house, house.root / "notes").folder)
    assert told.rows == ["annotations"]


def test_a_changed_guideline_asks_a_question(house: House) -> None:
    old = building.build(house, house.root / "old").folder
    new = Path(shutil.copytree(old, house.root / "new"))
    (new / "guidelines" / "quotes.md").write_text("# Other\n", "utf-8")
    stated = (new / "checksums.txt").read_text("utf-8")
    digest = ledger.digest(new / "guidelines" / "quotes.md")
    was = folder.checksums(old)["guidelines/quotes.md"]
    (new / "checksums.txt").write_text(stated.replace(was, digest), "utf-8")
    told = diff(old, new)
    assert told.files == ["guidelines/quotes.md"]
    assert told.needs == "patch"
    assert list(told.lines())[-1].startswith("a guideline changed")


def test_the_command_compares_two_folders(house: House) -> None:
    building.build(house, house.root / "old")
    change_gold(house, lambda rows: rows.pop())
    building.build(house)
    told = onrecord("diff", "old", cwd=house.root)
    assert "minor change" in told.stdout
    told = onrecord("diff", "v1.0.0", "old", cwd=house.root, code=2)
    assert "--repo" in told.stderr
