"""Every rule fires on what breaks it, on nothing else, and says where."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import msgspec
import orjson
import pytest

import synthetic
from cases.check.make import APART
from cli import onrecord
from onrecord import atomic, labels, ledger, locks
from onrecord.gold import documents as gold
from onrecord.gold import graph
from onrecord.ledger import House
from onrecord.pieces import Size, stretches
from onrecord.quality.admitted import Articles
from onrecord.quality.check import Tally, check, ledgers
from onrecord.records import Annotation, DataError, Problem
from onrecord.rules import RULES, problem
from onrecord.running.passes import Watch
from onrecord.running.shards import make
from onrecord.text import cuts

CASES = Path(__file__).parent / "cases" / "check"
FAULTS = sorted({path.parent.name for path in CASES.glob("*/*")} - {"base", "__pycache__"})


def rebuild_hub(folder: Path) -> None:
    """Stands for building.build: what is compared are files, whatever is in them."""
    folder.mkdir(parents=True)
    (folder / "README.md").write_text("a card\n", encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The clean root, with the schema/ that its labels give."""
    root = tmp_path / "root"
    shutil.copytree(CASES / "base", root)
    schema = root / "schema"
    schema.mkdir()
    for name in ("labels.toml", labels.FRAME):
        shutil.copy(labels.schema_dir() / name, schema / name)
    frame = (schema / labels.FRAME).read_text(encoding="utf-8")
    for name, data in labels.generated(labels.load(), frame).items():
        (schema / name).write_bytes(data)
    return root


def text_of_the_fourth(second: str) -> str:
    """The text that is masked in `base`, from that of the second article."""
    return second.replace("plan 2", "plan 4").replace(APART[2], APART[4])


def rule_of(case: str) -> str:
    return case.partition("~")[0]


def overlay(root: Path, case: str) -> None:
    for path in (CASES / case).rglob("*"):
        if path.is_file():
            name = path.relative_to(CASES / case).as_posix().replace("build_/", "build/")
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, root / name)


def run(root: Path, tally: Tally | None = None) -> list[Problem]:
    return list(check(House(root), rebuild_hub=rebuild_hub, tally=tally))


def test_the_clean_root_has_no_problem(root: Path) -> None:
    tally = Tally()
    assert run(root, tally) == []
    assert (tally.articles, tally.annotations, tally.gold) == (5, 6, 4)
    assert tally.rebuilt


def test_what_could_not_be_checked_for_want_of_text_is_counted(root: Path) -> None:
    tally = Tally()
    run(root, tally)
    assert (tally.without_text, tally.gold_kept) == (2, 2)
    told = "\n".join(tally.lines())
    assert "2 articles without text" in told
    assert "2 gold documents not made again" in told


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_fires_its_rule_and_no_other_where_it_is(root: Path, case: str) -> None:
    overlay(root, case)
    found = run(root)
    assert {p.rule for p in found} == {rule_of(case)}, [str(p) for p in found]
    # The message says what to do.
    assert all(RULES[p.rule].split(". ")[1] in p.message for p in found if p.rule[:4] != "csv.")
    for each in found:
        path = root / each.file
        # Line 0 is the whole file; a row that is missing has no line.
        assert path.exists() or case.startswith("gold.stale")
        if each.line:
            lines = path.read_text(encoding="utf-8").splitlines()
            assert each.line <= len(lines)
            assert each.id in lines[each.line - 1]


def test_every_rule_has_a_fault_and_every_fault_a_rule() -> None:
    assert {rule_of(case) for case in FAULTS} == set(RULES)


def test_the_rules_are_documented() -> None:
    page = (Path(__file__).parents[1] / "docs" / "rules.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([a-z.-]+)` \| (.+) \|$", page, flags=re.MULTILINE))
    assert told == RULES


def test_a_problem_without_a_rule_cannot_be_made() -> None:
    with pytest.raises(KeyError, match="no-such"):
        problem("no-such", "corpus/splits.csv", 1, "", "?")


def test_faults_in_several_lines_are_all_told(root: Path) -> None:
    for case in ("json.malformed", "span.blank", "rights.text-present~gold"):
        overlay(root, case)
    found = {p.rule for p in run(root)}
    assert found == {"json.malformed", "span.blank", "rights.text-present"}


def test_what_is_found_does_not_depend_on_how_many_look(root: Path) -> None:
    for case in FAULTS:  # one after another in each file
        for path in sorted((CASES / case / "corpus").rglob("*.*")):
            with (root / path.relative_to(CASES / case)).open("ab") as file:
                file.write(path.read_bytes())
    alone, together = Tally(), Tally()
    found = list(ledgers(House(root), alone))
    assert len({problem.rule for problem in found}) > 10
    # A shard is a line, so that both have many.
    assert list(ledgers(House(root), together, 2, Size(1, 1))) == found
    assert together == alone


def test_a_line_that_ends_the_process_is_named(root: Path, tmp_path: Path) -> None:
    path = root / "corpus/articles/house-desk.jsonl"
    plan = make(tmp_path / "work", stretches(path, Size()), Size(), "")
    stage = Articles(plan.folder.as_posix(), root.as_posix(), len(plan), [])
    watch = Watch()
    watch.skip = frozenset([1])
    with pytest.raises(DataError, match=r"corpus/articles/house-desk.jsonl:2: the process"):
        stage.do(0, watch)


def test_all_schema_errors_of_a_line_are_told_with_their_place(root: Path) -> None:
    path = root / "corpus/annotations/b1/bob.jsonl"
    row = orjson.loads(path.read_bytes())
    row["spans"][0]["origin"] = "guessed"
    row["links"][1]["role"] = "friend"
    path.write_bytes(orjson.dumps(row) + b"\n")
    messages = sorted(p.message for p in run(root))
    assert [message.split(":")[0] for message in messages] == ["links/1/role", "spans/0/origin"]


def test_nothing_is_made_again_from_wrong_data_and_that_is_said(root: Path) -> None:
    overlay(root, "span.blank")
    overlay(root, "hub.stale")
    tally = Tally()
    assert {p.rule for p in run(root, tally)} == {"span.blank"}
    assert not tally.rebuilt
    assert "not made again" in "\n".join(tally.lines())


def test_a_dataset_folder_that_would_be_made_the_same_is_right(root: Path) -> None:
    rebuild_hub(root / "build/hub")
    assert run(root) == []
    (root / "build/hub/leftover.parquet").write_bytes(b"")
    assert [(p.rule, p.file) for p in run(root)] == [("hub.stale", "build/hub/leftover.parquet")]
    (root / "build/hub/README.md").write_text("another\n", "utf-8")
    (problem,) = run(root)
    assert (problem.rule, problem.file) == ("hub.stale", "build/hub")
    assert "2 files" in problem.message
    assert "build/hub/README.md, build/hub/leftover.parquet" in problem.message


def test_a_check_beside_another_command_is_not_refused(root: Path) -> None:
    onrecord("build", cwd=root)
    with locks.held(House(root), "build"):
        told = onrecord("check", cwd=root).stderr
    assert "no problems" in told


def test_what_a_file_manager_leaves_beside_the_ledgers_is_none_of_them(root: Path) -> None:
    """macOS does so on a USB stick: "._NAME" beside each file, and not in UTF-8."""
    for path in [*(root / "corpus").rglob("*")]:
        if path.is_file():
            path.with_name(f"._{path.name}").write_bytes(b"\x00\x05\x16\x07\xff\n")
    assert run(root) == []
    article = orjson.loads(
        (root / "corpus/articles/coast-paper.jsonl").read_bytes().split(b"\n")[0]
    )
    told = onrecord("withdraw", article["id"], "--reason", "asked for", cwd=root)
    assert "corpus/annotations/b1/ann.jsonl: 1 row removed" in told.stderr


def test_problems_as_json_are_json_whatever_a_file_is_called(root: Path) -> None:
    (root / "corpus/articles/a\x85\x7f.jsonl").write_text("{", "utf-8")
    told = onrecord("check", "--format", "json", cwd=root, code=1).stdout
    assert "corpus/articles/a\x85\x7f.jsonl" in {p["file"] for p in json.loads(told)["problems"]}


@pytest.mark.parametrize("word", ["Ṣẹ́|gun", "के|ला", "e\u0301|te\u0301", "naïve|té"])
def test_a_word_goes_on_behind_an_accent(word: str) -> None:
    before, after = word.split("|")
    assert cuts(before + after, len(before))


@pytest.mark.parametrize("pair", ["❤\ufe0f|Vik", "1\ufe0f\u20e3|Vik", "Ṣẹ́| gun", "\u0301|Vik"])
def test_a_word_begins_behind_an_emoji_or_an_accent_of_nothing(pair: str) -> None:
    before, after = pair.split("|")
    assert not cuts(before + after, len(before))


def test_words_of_a_text_that_may_not_be_here_are_not_in_the_messages(root: Path) -> None:
    """The text is at hand in build/text, and a problem may be pasted anywhere."""
    house = House(root)
    path = house.annotations / "b1" / "ann.jsonl"
    masked = orjson.loads((house.articles / "closed-times.jsonl").read_bytes())
    public = orjson.loads((house.articles / "coast-paper.jsonl").read_bytes())
    whole = masked | {key: public[key] for key in ("headline", "credit")}
    whole["text"] = text_of_the_fourth(public["text"])
    atomic.write_bytes(house.text / f"{masked['id']}.json", orjson.dumps(whole))
    rows = list(ledger.read(path, Annotation))
    for row in rows:
        if row.article_id == masked["id"]:
            next(span for span in row.spans if span.label == "GPE").end -= 1
    ledger.write(path, rows)
    (found,) = run(root)
    assert found.rule == "span.cuts-word"
    assert "Skerro" not in str(found)


def test_gold_that_was_not_made_yet_is_one_fault(root: Path) -> None:
    house = House(root)
    (house.gold / "b1.jsonl").unlink()
    (problem,) = (p for p in run(root) if p.rule == "gold.stale")
    assert (problem.file, problem.line, problem.id) == ("corpus/gold/b1.jsonl", 0, "")
    assert "Run `onrecord gold`" in problem.message


def test_a_dataset_that_can_no_longer_be_made_hides_no_other_problem(root: Path) -> None:
    onrecord("build", cwd=root)
    (root / "corpus/gold/b1.jsonl").unlink()
    told = onrecord("check", cwd=root, code=1).stderr
    assert "corpus/gold/b1.jsonl: gold.stale" in told
    assert "build/hub: hub.stale: it cannot be made again: there is no gold" in told


def test_gold_is_checked_again_once_its_text_is_at_hand(root: Path) -> None:
    house = House(root)
    masked = orjson.loads((house.articles / "closed-times.jsonl").read_bytes())
    public = orjson.loads((house.articles / "coast-paper.jsonl").read_bytes())
    path = house.gold / "b1.jsonl"
    wrong = path.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(n for n, line in enumerate(wrong) if masked["id"] in line)
    wrong[at] = wrong[at].replace('"type":"direct"', '"type":"indirect"')
    path.write_text("".join(wrong), encoding="utf-8")
    assert run(root) == []
    whole = masked | {"text": text_of_the_fourth(public["text"])}
    atomic.write_bytes(house.text / f"{masked['id']}.json", orjson.dumps(whole))
    assert [(p.rule, p.line, p.id) for p in run(root)] == [("gold.stale", at + 1, masked["id"])]


def test_a_batch_of_which_nothing_is_settled_yet_is_no_fault(root: Path) -> None:
    """The way leads by here: pulled, `gold` typed, everything still to adjudicate."""
    house = House(root)
    path = next(house.annotations.glob("*/*.jsonl"))
    row = next(ledger.read(path, Annotation))
    row = msgspec.structs.replace(
        row, batch="later", status="skipped", entities=[], spans=[], links=[]
    )
    ledger.write(house.annotations / "later" / path.name, [row])
    (house.batches / "later.csv").write_text(
        f"article,annotator\n{row.article_id},{row.annotator}\n", "utf-8"
    )
    assert gold.make(house, "later").rows == 0
    assert run(root) == []


def test_what_a_rule_asks_for_is_said_once(root: Path) -> None:
    rules = root / "corpus" / "rights.csv"
    rules.write_text(rules.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    told = onrecord("check", cwd=root, code=1).stderr
    assert told.count(": rights.stale: ") > 1
    assert told.count(RULES["rights.stale"]) == 1


def test_a_root_with_nothing_in_it_is_clean(tmp_path: Path) -> None:
    assert run(tmp_path) == []


def test_making_gold_gives_what_is_committed(root: Path) -> None:
    before = (root / "corpus/gold/b1.jsonl").read_bytes()
    report = gold.make(House(root), "b1")
    assert (root / "corpus/gold/b1.jsonl").read_bytes() == before
    assert len(report.kept) == 2


@pytest.mark.parametrize("name", ["ann.jsonl", "bob.jsonl"])
def test_any_row_of_json_is_judged_not_crashed_on(root: Path, name: str) -> None:
    path = root / "corpus/annotations/b1" / name
    for value in (None, [], 1, "x", {}, {"article_id": 3}, {"article_id": None, "spans": [{}]}):
        path.write_text(json.dumps(value) + "\n", encoding="utf-8")
        assert {p.rule for p in run(root)} == {"schema"}


@pytest.mark.parametrize("made", ["trams", "harbour", "weather"])
def test_what_is_sound_at_a_glance_has_no_fault(made: str) -> None:
    sheet = getattr(synthetic, made)()
    article, whole = sheet.article, sheet.annotation("b1", "ada")
    assert graph.sound(whole, article, article.text) == (made != "trams")
    ends = range(0, len(article.text) + 2, 3)
    for number, span in enumerate(whole.spans):
        others = [s for s in whole.spans if s is not span]
        moved = [msgspec.structs.replace(span, start=at) for at in ends]
        moved += [msgspec.structs.replace(span, end=at) for at in ends]
        moved += [msgspec.structs.replace(span, label=other.label) for other in others[:9]]
        moved += [msgspec.structs.replace(span, id=others[0].id, entity="nobody")]
        for other in moved:
            spans = [*whole.spans[:number], other, *whole.spans[number + 1 :]]
            changed = msgspec.structs.replace(whole, spans=spans)
            faults = list(graph._annotation_faults(changed, article, article.text))
            told = graph.sound(changed, article, article.text)
            # Flags and emoji are always looked at closer.
            assert told == (not faults) if made != "trams" else not (told and faults)
