"""Likely label errors: each kind of doubt on what deserves it, and known errors found again."""

from __future__ import annotations

import importlib.util
import json
import random
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

import synthetic
from cli import onrecord
from onrecord.gold.newest import newest_gold
from onrecord.labelling import accounts, labelstudio, tasks
from onrecord.labelling.room import title_of
from onrecord.quality import confidence
from onrecord.quality.doubts import KINDS, Doubt, doubts
from onrecord.quality.seeding import SPOILS, seed, shown
from onrecord.quality.usual import Known, Page
from onrecord.records import Gold
from onrecord.verbs.quality import links_of
from parts import missing

FIRST_NAMES = ["Ada", "Bo", "Cleo", "Dov", "Edda", "Finn", "Gro", "Hal", "Iris", "Jon", "Kaja"]
LAST_NAMES = ["Brandvik", "Corrow", "Dahlgard", "Ellory", "Farrant", "Gunby", "Hexham", "Iveson"]
PLACES = ["Skerrow", "Kelso", "Brackwater", "Varden", "Ostwick", "Pellmouth"]
BODIES = ["Ferry Club", "Harbour Trust", "Tram Union", "Heath Society", "Lamp Board"]
THINGS = ["the levy", "the bridge", "the night tram", "the quay plan", "the toll"]


def generated(number: int) -> Page:
    """An article with three quotes, two stances and names that recur in other articles."""
    rng = random.Random(number)
    one, other = (f"{rng.choice(FIRST_NAMES)} {last}" for last in rng.sample(LAST_NAMES, 2))
    place, (body, rival) = rng.choice(PLACES), rng.sample(BODIES, 2)
    thing, topic = rng.sample(THINGS, 2)
    first = f"“We will not pay for {thing},”"
    second = f"“Nobody in {place} wants {topic},”"
    third = f"{topic} would be built by spring"
    text = (
        f"{first} {one} said in {place} on Monday. {rival} members had asked for {thing}."
        f" {second} said {other} of the {body}. {one} said {third}, and {place} council backed"
        f" the {body} against the {rival}. The {rival} did not answer {one}."
    )
    sheet = synthetic.Sheet(
        synthetic.article([("headline", f"{place} argues, part {number}"), ("body", text)])
    )
    thing_in, topic_in = (
        sheet.mention(words, "MENTION", form="nominal") for words in (thing, topic)
    )
    for name, type in ((one, "PERSON"), (other, "PERSON"), (place, "GPE"), (body, "ORG")):
        for nth in range(1, 9):
            try:
                sheet.mention(name, type, nth=nth)
            except IndexError:
                break
    for nth in (1, 2, 3):
        sheet.mention(rival, "ORG", nth=nth)
    sheet.mention("Monday", "DATE")
    speakers = [m.id for m in sheet.mentions if m.type == "PERSON"]
    by = {name: [i for i in speakers if sheet_words(sheet, i) == name] for name in (one, other)}
    said = sheet.at("said", 1), sheet.at("said", 2), sheet.at("said", 3)
    for words, speaker, cue in (
        (first, by[one][0], said[0]),
        (second, by[other][0], said[1]),
        (third, by[one][1], said[2]),
    ):
        kind = "indirect" if words is third else "direct"
        sheet.quote(words, type=kind, speaker=[speaker])
        sheet.quotes[-1].cue = [cue]
    for n, (words, speaker, target) in enumerate(
        ((first, by[one][0], thing_in), (second, by[other][0], topic_in))
    ):
        quote = sheet.quotes[n].id
        sheet.stance(
            words, "against", holder=[speaker], target=[target], level="quoted", quote=quote
        )
    places, bodies = (
        [m.id for m in sheet.mentions if sheet_words(sheet, m.id) == name] for name in (place, body)
    )
    backed = f"{place} council backed the {body}"
    sheet.stance(backed, "favor", holder=[places[-1]], target=[bodies[-1]])
    return Page(sheet.article, sheet.gold())


def sheet_words(sheet: synthetic.Sheet, id_: str) -> str:
    m = next(m for m in sheet.mentions if m.id == id_)
    return sheet.article.text[m.start : m.end]


PAGES = [generated(number) for number in range(40)]


def needs_a_model() -> None:
    if importlib.util.find_spec("sklearn") is None:
        missing("scikit-learn", 'pip install "onrecord[models]"')


def told(pages: list[Page], *, model: bool = False) -> list[Doubt]:
    if model:
        needs_a_model()
    return doubts(lambda: pages, model=model)[0]


def copies() -> list[Page]:
    return [
        Page(page.article, msgspec.json.decode(msgspec.json.encode(page.gold), type=Gold))
        for page in PAGES
    ]


def test_clean_gold_has_few_doubts() -> None:
    found = told(PAGES)
    labels = sum(len(p.gold.mentions) + len(p.gold.quotes) for p in PAGES)
    assert len(found) < labels / 50, [(d.kinds, d.why) for d in found]


@pytest.mark.parametrize("number", range(len(SPOILS)))
def test_an_error_of_each_kind_is_a_doubt(number: int) -> None:
    """One error among forty articles is shown, whichever kind it is, but a flipped polarity:
    that alone takes a model or another stance of the same pair."""
    pages, errors = seed(PAGES, random.Random(number), each=1)
    error = errors[number]
    clean = {(d.article_id, d.start, d.end) for d in told(copies())}
    found = shown(told(pages, model=error.kind == "polarity flipped"), [error])
    assert found == {error}, error
    assert (error.article_id, error.start, error.end) not in clean


def test_most_of_110_known_errors_are_in_the_first_200_places() -> None:
    pages, errors = seed(PAGES, random.Random(1))
    assert len(errors) == 110
    assert len({error.kind for error in errors}) == 11
    found = shown(told(pages, model=True), errors)
    assert len(found) >= 90, sorted(e.kind for e in set(errors) - found)
    assert len(shown(told(pages), errors)) >= 80, "without scikit-learn"


@pytest.mark.parametrize("held", [1, 7, 20])
def test_a_model_says_the_same_whether_words_are_hashed_at_once_or_as_they_come(
    held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages, _ = seed(PAGES, random.Random(1))
    at_once = told(pages, model=True)
    assert any("confidence" in d.kinds for d in at_once)
    monkeypatch.setattr(confidence, "HASHED", held)
    assert told(pages, model=True) == at_once


def test_of_many_labels_a_part_is_learnt_from_and_every_place_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor does a fit that is cut short end in a warning of the library's."""
    needs_a_model()
    pages, errors = seed(PAGES, random.Random(1))
    learnt: list[int] = []
    fitted = confidence.fitted

    def counted(matrix: Any, given: Sequence[str]) -> Any:
        learnt.append(len(given))
        return fitted(matrix, given)

    monkeypatch.setattr(confidence, "fitted", counted)
    monkeypatch.setattr(confidence, "LEARNT", 100)
    monkeypatch.setattr(confidence, "EPOCHS", 5)
    found = told(pages, model=True)
    names = sum(m.form == "name" for page in pages for m in page.gold.mentions)
    assert max(learnt) <= 100 < names / 2
    assert len(shown(found, errors)) >= 90
    doubted = {d.article_id for d in found if "confidence" in d.kinds}
    assert len(doubted) > 1


def test_the_first_places_are_those_of_all_and_the_others_are_not_held() -> None:
    """As many as a corpus has whose names are words of every day."""
    named = synthetic.Sheet(synthetic.article([("body", "Vik came.")]))
    named.mention("Vik", "PERSON")
    pages = [Page(named.article, named.gold())]
    for number in range(25):
        text = "Vik came, and " + "then Vik left, and " * 99 + f"that was day {number}."
        sheet = synthetic.Sheet(synthetic.article([("body", text)], publisher=f"Post {number}"))
        pages.append(Page(sheet.article, sheet.gold()))
    tracemalloc.start()
    try:
        few, number = doubts(lambda: pages, first=3, model=False)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 400 * number, "bytes"
    assert number == 2_500
    assert few == told(pages)[:3]


def test_a_name_more_takes_little_memory() -> None:
    """A corpus has hundreds of thousands, and most of them stand in one article."""
    names = [
        f"{first}{n} {last}" for first in FIRST_NAMES for last in LAST_NAMES for n in range(40)
    ]
    pages: list[Page] = []
    for part in range(0, len(names), 80):
        sheet = synthetic.Sheet(synthetic.article([("body", ", ".join(names[part : part + 80]))]))
        for name in names[part : part + 80]:
            sheet.mention(name, "PERSON")
        pages.append(Page(sheet.article, sheet.gold()))

    def held(number: int) -> int:
        tracemalloc.start()
        try:
            known = Known(pages[:number])
            assert known.types.of(names[0]) == {"PERSON": 1}
            return tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()

    held(1)
    more = len(pages) // 2
    assert (held(2 * more) - held(more)) / (80 * more) < 300, "bytes"


def test_what_several_doubts_meet_at_comes_first() -> None:
    pages, _ = seed(PAGES, random.Random(1))
    found = told(pages, model=True)
    assert [d.score for d in found] == sorted((d.score for d in found), reverse=True)
    assert any(len(d.kinds) > 1 for d in found[:20])
    assert all(len(d.kinds) == len(d.why) for d in found)
    assert {kind for d in found for kind in d.kinds} <= set(KINDS)


def test_a_kind_with_many_places_leaves_the_first_to_others_and_one_more_changes_little() -> None:
    def dropped(number: int) -> list[Doubt]:
        """The doubts where so many quotes have no speaker, and one lacks its opening mark."""
        pages = copies()
        for page in pages[:number]:
            page.gold.quotes[0].speaker = []
        pages[-1].gold.quotes[0].spans[0][0] += 1
        return told(pages)

    found = dropped(30)
    assert sum("no-speaker" in d.kinds for d in found) == 30
    assert any("marks" in d.kinds for d in found[:3])
    more = {(d.article_id, d.start, d.end): d.score for d in dropped(31)}
    for d in found:
        assert more[d.article_id, d.start, d.end] == pytest.approx(d.score, abs=0.02)


def test_a_title_beside_a_name_is_no_cut_name() -> None:
    """What a capitalised word does elsewhere decides: a title stands beside names, never in one."""
    pages = []
    for number in range(6):
        board = "Tram Board" if number == 5 else "Lamp Board"
        text = f"Part {number} is about how the Kelso President met the {board} on Monday."
        sheet = synthetic.Sheet(synthetic.article([("headline", f"No {number}"), ("body", text)]))
        sheet.mention("Kelso", "GPE")
        sheet.mention("Tram" if number == 5 else board, "ORG")
        pages.append(Page(sheet.article, sheet.gold()))
    texts = {page.article.id: page.article.text for page in pages}
    found = {
        texts[d.article_id][d.start : d.end]: d.score for d in told(pages) if "cut-name" in d.kinds
    }
    assert found.pop("Tram") > 0.5
    assert max(found.values(), default=0) < 0.2


def test_a_title_that_is_often_seen_beside_names_is_not_shown() -> None:
    pages = []
    for number in range(12):
        text = f"Part {number} is about how the Kelso President met the Lamp Board on Monday."
        sheet = synthetic.Sheet(synthetic.article([("headline", f"No {number}"), ("body", text)]))
        sheet.mention("Kelso", "GPE")
        sheet.mention("Lamp Board", "ORG")
        pages.append(Page(sheet.article, sheet.gold()))
    assert [d for d in told(pages[:6]) if "cut-name" in d.kinds]
    assert not [d for d in told(pages) if "cut-name" in d.kinds]


def test_a_missing_or_another_wikidata_id_is_a_doubt_where_the_name_has_one_elsewhere() -> None:
    pages = []
    for number, kb_id in enumerate(["Q1", "Q1", "Q1", "", "Q2"]):
        text = f"Part {number} is about Brackwater and the Lamp Board."
        sheet = synthetic.Sheet(synthetic.article([("headline", f"No {number}"), ("body", text)]))
        sheet.mention("Brackwater", "GPE")
        sheet.mention("Lamp Board", "ORG")  # without an id anywhere
        sheet.entities["Brackwater"].kb_id = kb_id
        pages.append(Page(sheet.article, sheet.gold()))
    found = {
        (d.article_id, kind): d.why
        for d in told(pages)
        for kind in d.kinds
        if kind in ("never-linked", "two-ids")
    }
    assert found == {
        (pages[3].article.id, "never-linked"): ["Brackwater is Q1 in 3 other articles"],
        (pages[4].article.id, "two-ids"): ["Brackwater is Q2 here, Q1 in 3 other articles"],
    }
    (alone,) = [d for d in told(pages[2:4]) if "never-linked" in d.kinds]
    assert alone.why == ["Brackwater is Q1 in 1 other article"]


def test_a_missing_wikidata_id_is_a_doubt_where_another_article_calls_its_entity_so() -> None:
    pages = []
    for number, kb_id in enumerate(["Q1", ""]):
        text = f"Part {number} is about what BWC said."
        sheet = synthetic.Sheet(synthetic.article([("headline", f"No {number}"), ("body", text)]))
        sheet.mention("BWC", "ORG", of="Brackwater Council" if kb_id else "BWC")
        sheet.entities[next(iter(sheet.entities))].kb_id = kb_id
        pages.append(Page(sheet.article, sheet.gold()))
    (missing,) = [d for d in told(pages) if "never-linked" in d.kinds]
    assert (missing.article_id, missing.why) == (
        pages[1].article.id,
        ["BWC is Q1 in 1 other article"],
    )


def test_the_opposite_stance_of_one_pair_is_a_doubt() -> None:
    pages = copies()
    gold = pages[0].gold
    again = msgspec.structs.replace(gold.stances[0], polarity="favor", id=f"{gold.article_id}-s1")
    gold.stances.append(again)
    found = [d for d in told(pages) if "opposite" in d.kinds]
    assert {(d.start, d.end) for d in found} == {tuple(again.evidence[0])}


def test_words_in_marks_that_are_no_quote_are_a_doubt_and_scare_quotes_and_titles_none() -> None:
    text = (
        "Ada Brandvik said “the quay was never safe” on Monday. Her “friends” left before “The Last"
        " Night Tram of Kelso” began. A banner hung there: “Give us back the old quay.”"
    )
    sheet = synthetic.Sheet(synthetic.article([("headline", "Quay shut"), ("body", text)]))
    sheet.mention("Ada Brandvik", "PERSON")
    sheet.mention("The Last Night Tram of Kelso", "WORK")
    found = [d for d in told([Page(sheet.article, sheet.gold())]) if "unmarked-quote" in d.kinds]
    assert {sheet.article.text[d.start : d.end] for d in found} == {
        "“the quay was never safe”",
        "“Give us back the old quay.”",
    }


@pytest.mark.parametrize(
    ("text", "words", "why"),
    [
        ("Ida Holt said: “We will not pay.” Then she left.", "“We will not pay.”", ""),
        ("Ida Holt said: “We will not pay.\n\n“We cannot.”", "“We will not pay.", ""),
        ('Ida Holt said: "We will not pay." It rained.', '"We will not pay.', "a mark is left"),
        ("Ida Holt said: “We will not pay.” It rained.", "“We will not pay.", "its closing mark"),
        ("Ida Holt said: “We will not pay.” It rained.", "We will not pay.”", "its opening mark"),
        ("Ida Holt said: “We will not pay” then.", "We will not pay", "it stands in marks"),
        (
            "Ida Holt said: “We will not pay. It rained.",
            "“We will not pay",
            "marks open and do not",
        ),
        (
            "Ida Holt said we will not pay.” It rained.",
            "we will not pay.”",
            "marks close and do not",
        ),
        ("“We,” Ida Holt said, “will not pay.”", "“We,” Ida Holt said, “will not pay.”", "its cue"),
    ],
)
def test_marks_that_do_not_fit_their_quote_are_a_doubt(text: str, words: str, why: str) -> None:
    sheet = synthetic.Sheet(synthetic.article([("headline", "A toll"), ("body", text)]))
    sheet.quote(words, type="direct", cue=["said"], speaker=[sheet.mention("Ida Holt", "PERSON")])
    found = [d for d in told([Page(sheet.article, sheet.gold())]) if "marks" in d.kinds]
    if why:
        (doubt,) = found
        assert why in doubt.why[doubt.kinds.index("marks")]
    else:
        assert found == []


def test_four_words_in_marks_are_a_doubt_by_themselves_and_three_are_none() -> None:
    text = "The plan is “a bridge too far” for Kelso. The quay was “a lost cause” for years."
    sheet = synthetic.Sheet(synthetic.article([("headline", "Quay shut"), ("body", text)]))
    found = [d for d in told([Page(sheet.article, sheet.gold())]) if "unmarked-quote" in d.kinds]
    assert [sheet.article.text[d.start : d.end] for d in found] == ["“a bridge too far”"]


def test_a_noun_phrase_that_nothing_needs_and_a_speaker_without_a_name_are_doubts() -> None:
    text = "The quay closed. They said “no”. The club said “yes”. He said “perhaps” again."
    sheet = synthetic.Sheet(synthetic.article([("headline", "Quay shut"), ("body", text)]))
    loose = sheet.mention("The quay", "MENTION", form="nominal")
    they = sheet.mention("They", "MENTION", form="pronoun")
    club = sheet.mention("The club", "MENTION", form="nominal")
    he = sheet.mention("He", "MENTION", form="pronoun", of="The club")
    for words, speaker in (("“no”", they), ("“yes”", club), ("“perhaps”", he)):
        sheet.quote(words, type="direct", cue=["said"], speaker=[speaker])
    found = {
        d.item: kinds
        for d in told([Page(sheet.article, sheet.gold())])
        if (kinds := {"loose-mention", "lone-pronoun"} & {*d.kinds})
    }
    assert found == {loose: {"loose-mention"}, they: {"lone-pronoun"}}


def test_of_two_people_with_one_last_name_the_last_is_told_in_every_process() -> None:
    """Sets of strings have another order in each process: this order is the text's."""
    names = [f"{first} Brandvik" for first in FIRST_NAMES]

    def why(order: list[str]) -> list[str]:
        text = f"{', '.join(order)} came, and then Brandvik left."
        sheet = synthetic.Sheet(synthetic.article([("body", text)]))
        for name in order:
            sheet.mention(name, "PERSON")
        page = Page(sheet.article, sheet.gold())
        return [w for d in told([page]) for w in d.why if "Brandvik" in w]

    assert why(names) == ["“Kaja Brandvik” is a name in this article"]
    assert why(names[::-1]) == ["“Ada Brandvik” is a name in this article"]


def test_layers_that_were_not_labelled_are_not_doubted() -> None:
    pages, _ = seed(PAGES, random.Random(1))
    for page in pages:
        page.gold.layers = ["stance"]
    kinds = {kind for d in told(pages) for kind in d.kinds}
    assert kinds <= {"holder-not-speaker", "opposite"}


# --- the command ------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two articles, one whose text is not public; in both a quote without its speaker."""
    sheets = [synthetic.trams(), synthetic.trams("withhold", "Closed Times")]
    for sheet in sheets:
        sheet.quotes[0].speaker = []
    synthetic.furnish(tmp_path, sheets, hydrate=["withhold"])
    return tmp_path


def test_the_command_lists_places_and_hides_words_that_are_not_public(root: Path) -> None:
    told = onrecord("check", "--quality", cwd=root)
    assert "no-speaker" in told.stdout
    assert "no links into Label Studio" in told.stderr
    form = json.loads(onrecord("check", "--quality", "--format", "json", cwd=root).stdout)
    places = {
        d["article_id"].rsplit("-", 1)[0]: d for d in form["places"] if "no-speaker" in d["kinds"]
    }
    assert "“Odd Vik”" in " ".join(places["house-desk"]["why"])
    assert "“…”" in " ".join(places["closed-times"]["why"])
    few = onrecord("check", "--quality", "--first", "1", "--format", "json", cwd=root)
    assert len(json.loads(few.stdout)["places"]) == 1


def test_without_places_nothing_is_said_about_links(tmp_path: Path) -> None:
    synthetic.furnish(tmp_path, [])
    told = onrecord("check", "--quality", cwd=tmp_path)
    assert "0 of 0 places" in told.stderr
    assert "links" not in told.stderr


def test_each_place_has_a_link_that_opens_its_article(
    root: Path,
    room: labelstudio.Room,
    studio_root: Path,
    config: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from onrecord.ledger import House

    known = accounts.credentials(studio_root)
    monkeypatch.setenv(accounts.URL_VARIABLE, known.url)
    monkeypatch.setenv(accounts.TOKEN_VARIABLE, known.token)
    house = House(root)
    project = room.ensure_project(title_of("b1", "ann"), config)
    try:
        article = synthetic.trams().article
        room.push(project, [tasks.task_of(article)])
        ids = {gold.article_id for gold in newest_gold(house)}
        links = links_of(house, ids)
        (task,) = room.tasks(project).values()
        assert links == {article.id: f"{known.url}/projects/{project}/data?task={task.id}"}
    finally:
        room.delete_project(project)
