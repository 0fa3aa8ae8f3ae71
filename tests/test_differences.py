"""What annotators differ about: the questions asked, and the decisions that answers become."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

import synthetic
from onrecord import labels
from onrecord.gold.differences import Differences, differences
from onrecord.gold.graph import adjudication_faults
from onrecord.gold.settle import graph_of, item_key, settle, span_key
from onrecord.labelling import adjudicating, tasks
from onrecord.records import Adjudication, Annotation, AnnotationEntity, Article, Link, Span

LABELS = labels.load()
SHEETS = synthetic.sample()


def other(article: Article, annotation: Annotation, annotator: str, seed: int) -> Annotation:
    """The same article as another annotator may have labelled it: some spans missing, some with
    other edges, labels or entities; some links missing or drawn elsewhere."""
    dice = random.Random(seed)
    spans: list[Span] = []
    for span in annotation.spans:
        span = msgspec.structs.replace(span, id=f"{annotator}-{span.id}")
        luck = dice.random()
        if luck < 0.1:
            continue
        if luck < 0.2 and span.end - span.start > 4:
            span.end -= 2 + article.text[span.end - 3].isspace()
        elif luck < 0.3:
            alike = [n for n in LABELS.spans if LABELS.family(n) == LABELS.family(span.label)]
            span.label = dice.choice(alike)
            span.entity = span.entity if LABELS.spans[span.label].entity else ""
        elif luck < 0.4 and LABELS.spans[span.label].entity:
            span.entity = dice.choice(["", *(e.id for e in annotation.entities)])
        spans.append(span)
    there = {span.id: span for span in spans}
    links: list[Link] = []
    for link in annotation.links:
        ends = [f"{annotator}-{link.from_}", f"{annotator}-{link.to}"]
        if dice.random() < 0.15 or not set(ends) <= there.keys():
            continue
        if dice.random() < 0.15:
            family = LABELS.family(there[ends[0]].label)
            ends[0] = dice.choice([s.id for s in spans if LABELS.family(s.label) == family])
        if ends[0] != ends[1]:
            links.append(Link(from_=ends[0], to=ends[1], role=link.role))
    keep = {end for link in links for end in (link.from_, link.to)}
    first: dict[str, Span] = {}
    for span in spans:  # nobody draws one span twice
        if first.setdefault(span_key(span), span) is not span and span.id in keep:
            links = [x for x in links if span.id not in (x.from_, x.to)]
    return msgspec.structs.replace(
        annotation, annotator=annotator, spans=list(first.values()), links=links
    )


def answered(
    article: Article,
    found: Differences,
    choose: Callable[[int, list[dict[str, str]]], str],
    change: Callable[[list[dict[str, Any]]], None] = lambda result: None,
) -> adjudicating.Read:
    """What comes back when a reader picks an option for each difference."""
    task = adjudicating.task_of(article, found)
    (shown,) = task["predictions"]
    result = [dict(item) for item in shown["result"]]
    for number, difference in enumerate(task["data"]["differences"]):
        choice = choose(number, difference["versions"])
        value = {"choices": [choice]}
        result.append({"id": f"c{number}", "from_name": f"choice_{number}", "type": "choices"})
        result[-1] |= {"to_name": "text", "value": value}
    change(result)
    answer = tasks.Answer(result, "cyd", "submitted", "2026-03-02T10:00:00Z", 5.0, "the task")
    return adjudicating.read(answer, task["data"], "b1", found, LABELS)


def pairs() -> list[tuple[Article, Annotation, Annotation]]:
    return [
        (sheet.article, mine, other(sheet.article, mine, "bob", seed))
        for sheet in SHEETS
        for seed in range(12)
        for mine in [sheet.annotation("b1", "ann")]
    ]


@pytest.mark.parametrize("who", ["ann", "bob"])
def test_choosing_one_annotators_version_throughout_gives_that_annotators_graph(who: str) -> None:
    asked = 0
    for article, mine, theirs in pairs():
        found = differences([mine, theirs])
        letter = "AB"[found.annotators.index(who)]

        def choose(number: int, options: list[dict[str, str]], letter: str = letter) -> str:
            return next(o["alias"] for o in options if letter in o["value"].split(":")[0])

        read = answered(article, found, choose)
        assert not read.problems
        assert list(adjudication_faults(read.adjudication, [mine, theirs], article, "")) == []
        settled = settle([mine, theirs], read.adjudication)
        assert settled.disputed == []
        chosen = mine if who == "ann" else theirs
        alone = graph_of(chosen, settled.layers).items
        assert {item_key(s): s for s in settled.spans} == {
            item: value for item, value in alone.items() if isinstance(value, Span)
        }
        assert {(x.role, x.from_, x.to) for x in settled.links} == {
            (x.role, x.from_, x.to) for x in alone.values() if isinstance(x, Link)
        }
        asked += len(found.asked)
    assert asked > 100, "there was something to choose"


@pytest.mark.parametrize("reconciled", [True, False], ids=["with the text", "without"])
def test_whatever_is_chosen_nothing_stays_open_and_nothing_comes_from_nowhere(
    reconciled: bool,
) -> None:
    for number, (article, mine, theirs) in enumerate(pairs()):
        text = article.text if reconciled else None
        found = differences([mine, theirs], text=text)
        dice = random.Random(number)
        read = answered(article, found, lambda n, o, d=dice: d.choice(o)["alias"])
        settled = settle([mine, theirs], read.adjudication, text=text)
        assert settled.disputed == []
        keys = {span_key(span) for a in (mine, theirs) for span in a.spans}
        assert {span_key(span) for span in settled.spans} <= keys


def test_three_annotators_are_told_apart_and_two_who_agree_are_one_version() -> None:
    sheet = SHEETS[0]
    ann = sheet.annotation("b1", "ann")
    bob = msgspec.structs.replace(ann, annotator="bob")
    cyd = msgspec.structs.replace(ann, annotator="cyd", spans=ann.spans[1:])
    cyd.links = [x for x in ann.links if ann.spans[0].id not in (x.from_, x.to)]
    found = differences([ann, bob, cyd])
    (version, nothing) = found.asked[0].versions
    assert {*version.annotators} | {*nothing.annotators} == {"ann", "bob", "cyd"}
    together = version if version.items else nothing
    assert set(together.annotators) == {"ann", "bob"}


def test_no_name_of_an_annotator_is_in_a_task() -> None:
    for article, mine, theirs in pairs():
        seen = msgspec.json.encode(adjudicating.task_of(article, differences([mine, theirs])))
        assert b'"ann"' not in seen
        assert b"bob" not in seen


def test_which_of_them_is_a_is_drawn_anew_for_each_article() -> None:
    first = set()
    for number in range(12):
        sheet = synthetic.Sheet(synthetic.article([("body", f"Odd Vik spoke {number} times.")]))
        mine = sheet.annotation("b1", "ann")
        theirs = msgspec.structs.replace(mine, annotator="bob")
        first.add(differences([mine, theirs]).annotators[0])
        assert differences([mine, theirs]) == differences([theirs, mine])
    assert first == {"ann", "bob"}


def two(change: Callable[[Annotation], object]) -> tuple[Article, Annotation, Annotation]:
    sheet = synthetic.Sheet(
        synthetic.article(
            [("body", "“It is dead,” Odd Vik said. Vik, the mayor, left. Vik had said so.")]
        )
    )
    vik = sheet.mention("Odd Vik", "PERSON")
    sheet.quote("“It is dead,”", type="direct", cue=["said"], speaker=[vik])
    mine = sheet.annotation("b1", "ann")
    theirs = msgspec.convert(msgspec.to_builtins(mine), Annotation)
    theirs.annotator = "bob"
    change(theirs)
    return sheet.article, mine, theirs


def labelled(annotation: Annotation, label: str) -> Span:
    return next(span for span in annotation.spans if span.label == label)


def relabel(annotation: Annotation) -> None:
    labelled(annotation, "PERSON").label = "ORG"


def titles(article: Article, mine: Annotation, theirs: Annotation) -> list[str]:
    task = adjudicating.task_of(article, differences([mine, theirs]))
    return [difference["what"] for difference in task["data"]["differences"]]


def test_links_go_with_the_span_they_hang_on() -> None:
    def shorter(annotation: Annotation) -> None:
        labelled(annotation, "QUOTE").end -= 2

    _, mine, theirs = two(shorter)
    assert len(differences([mine, theirs]).asked) == 1, "cue and speaker are not asked for again"


def test_two_stances_on_the_same_words_are_asked_with_the_one_of_their_side() -> None:
    def stances(annotation: Annotation, favor: str, against: str) -> None:
        for label, words in (("STANCE_FAVOR", favor), ("STANCE_AGAINST", against)):
            start = article.text.index(words)
            annotation.spans.append(
                Span(id=label, label=label, start=start, end=start + len(words))
            )

    article, mine, theirs = two(lambda _: None)
    stances(mine, "Vik, the mayor", "left. Vik")
    stances(theirs, "Vik, the mayor, left", "Vik, the mayor, left")
    asked = differences([mine, theirs]).asked
    assert [len({span.label for span in difference.spans}) for difference in asked] == [1, 1]


def test_a_cue_is_asked_for_with_its_link() -> None:
    def without(annotation: Annotation) -> None:
        cue = labelled(annotation, "CUE")
        annotation.spans.remove(cue)
        annotation.links = [x for x in annotation.links if cue.id not in (x.from_, x.to)]

    article, mine, theirs = two(without)
    (question,) = titles(article, mine, theirs)
    assert question == "1 · Cue of [“It is dead,”]"


def test_a_question_says_where_its_words_stand() -> None:
    """A name that is there twice, and is asked about twice, is told apart."""
    text = "Vik left.\n\nThe mayor of Ostby, a friend of the ferry, said Vik was out and had been."
    sheet = synthetic.Sheet(
        synthetic.article([("body", paragraph) for paragraph in text.split("\n\n")])
    )
    mine = sheet.annotation("b1", "ann")
    theirs = msgspec.structs.replace(mine, annotator="bob")
    mine.spans = [
        Span(id=f"v{at}", label="PERSON", start=at, end=at + 3, entity="")
        for at in range(len(text))
        if text.startswith("Vik", at)
    ]
    task = adjudicating.task_of(sheet.article, differences([mine, theirs]))
    assert [question["where"] for question in task["data"]["differences"]] == [
        "Paragraph 1: [Vik] left.",
        "Paragraph 2: …a friend of the ferry, said [Vik] was out and had been.",
    ]


def test_the_first_questions_and_that_about_the_rest_have_keys_of_their_own() -> None:
    sheet = synthetic.Sheet(synthetic.article([("body", "Vik " * 40 + "left.")]))
    mine = sheet.annotation("b1", "ann")
    theirs = msgspec.structs.replace(mine, annotator="bob")
    mine.spans = [
        Span(id=f"v{at}", label="PERSON", start=at, end=at + 3, entity="")
        for at in range(0, 160, 4)
    ]
    data = adjudicating.task_of(sheet.article, differences([mine, theirs]))["data"]
    options = [option for question in data["differences"] for option in question["versions"]]
    keys = [option["hotkey"] for option in options + data["rest"]]
    assert all(keys), "without a key Label Studio gives one: a single letter, pressed by accident"
    usable = [key for key in keys if "+" in key]
    assert len(set(usable)) == len(usable)
    assert not [key for key in usable if key.startswith("alt+shift") and key[-1].isdecimal()]
    assert len(usable) == 62 + 3, "31 questions with two options, and the one about the rest"
    assert usable[:2] == ["shift+1", "shift+2"]
    assert [o["hotkey"] for o in data["rest"]] == ["alt+a", "alt+b", "alt+o"]
    for option in options + data["rest"]:
        shown = option["value"].rpartition("⟨")[2].rstrip("⟩").lower()
        assert (shown == option["hotkey"]) == ("+" in option["hotkey"]), "what is shown is pressed"


@pytest.mark.parametrize("first", ["Q1", ""])
def test_one_entity_called_two_ways_is_one_question(first: str) -> None:
    """Also where one of the annotators left it open, who was shown no list to choose from."""

    def name(annotation: Annotation, id_: str) -> None:
        annotation.entities = [AnnotationEntity(id=id_, name="Odd Vik", kb_id=id_)] if id_ else []
        text = article.text
        annotation.spans = [
            Span(id=f"v{at}", label="PERSON", start=at, end=at + 3, entity=id_)
            for at in range(len(text))
            if text.startswith("Vik", at)
        ]
        annotation.links = []

    article, mine, theirs = two(lambda _: None)
    name(mine, first)
    name(theirs, "Q2")
    found = differences([mine, theirs])
    assert len(found.settled.disputed) == 3
    assert [d.kind for d in found.asked] == ["entity"]
    letter = "AB"[found.annotators.index("bob")]
    read = answered(
        article, found, lambda n, o: next(x["alias"] for x in o if x["value"].startswith(letter))
    )
    settled = settle([mine, theirs], read.adjudication)
    assert {span.entity for span in settled.spans} == {"Q2"}
    assert len(settled.spans) == 3


def test_ids_stand_in_a_question_only_where_they_are_what_differs() -> None:
    """Else the one whose version has an id is known by it."""
    article, mine, theirs = two(lambda _: None)

    def name(annotation: Annotation, called: str, kb_id: str) -> None:
        annotation.entities = [AnnotationEntity(id="e", name=called, kb_id=kb_id)]
        at = article.text.index("Vik")
        annotation.spans = [Span(id="v", label="PERSON", start=at, end=at + 3, entity="e")]
        annotation.links = []

    def asked() -> str:
        task = adjudicating.task_of(article, differences([mine, theirs]))
        (question,) = task["data"]["differences"]
        return " | ".join(option["value"] for option in question["versions"])

    name(mine, "Odd Vik", "Q1")
    name(theirs, "The mayor", "")
    assert "Odd Vik" in asked()
    assert "Q1" not in asked()
    theirs.spans[0].label = "ORG"
    assert "→ Odd Vik" in asked()
    assert "Q1" not in asked()
    name(theirs, "Odd Vik", "Q2")
    assert "Odd Vik · Q1" in asked()
    assert "Odd Vik · Q2" in asked()


def region(article: Article, words: str, label: str) -> dict[str, Any]:
    start = article.text.index(words)
    value = {"start": start, "end": start + len(words), "labels": [label]}
    return {"id": words, "from_name": "span", "to_name": "text", "type": "labels", "value": value}


def test_what_is_said_of_a_version_stands_beside_what_the_version_says() -> None:
    """The reader gives a stance of one annotator another basis; its written target stays."""
    sheet = SHEETS[0]
    mine, theirs = (sheet.annotation("b1", who) for who in ("ann", "bob"))
    stance = next(span for span in mine.spans if span.label == "STANCE_FAVOR")
    stance.attributes.target_text = "the safer tram"
    theirs.spans = [s for s in theirs.spans if s.label != "STANCE_FAVOR"]
    theirs.links = [x for x in theirs.links if stance.id not in (x.from_, x.to)]

    def say(result: list[dict[str, Any]]) -> None:
        regions = [x for x in result if x["type"] == "labels"]
        shown = next(x["id"] for x in regions if "STANCE_FAVOR" in x["value"]["labels"])
        basis = {"from_name": "basis", "to_name": "text", "type": "choices"}
        result.append(basis | {"id": shown, "value": {"choices": ["implied"]}})

    found = differences([mine, theirs])
    read = answered(sheet.article, found, lambda n, options: options[0]["alias"], say)
    (span,) = (s for d in read.adjudication.decisions for s in d.spans if s.label == stance.label)
    assert (span.attributes.basis, span.attributes.target_text) == ("implied", "the safer tram")


def test_neither_and_a_span_of_the_readers_own_with_an_entity_nobody_named() -> None:
    article, mine, theirs = two(relabel)

    def draw(result: list[dict[str, Any]]) -> None:
        result.append(region(article, "Vik said", "WORK"))
        entity = {"type": "textarea", "value": {"text": ["Vik Said · Q77"]}, "origin": "manual"}
        result.append({"id": "Vik said", "from_name": "entity_other", "to_name": "text"} | entity)
        quote = next(x["id"] for x in result if x.get("value", {}).get("labels") == ["QUOTE"])
        relation = {"type": "relation", "from_id": "Vik said", "to_id": quote}
        result.append(relation | {"direction": "right"})

    read = answered(article, differences([mine, theirs]), lambda n, o: "neither", draw)
    assert not read.problems
    assert [e.kb_id for e in read.adjudication.entities] == ["Q77"]
    assert list(adjudication_faults(read.adjudication, [mine, theirs], article, article.text)) == []
    settled = settle([mine, theirs], read.adjudication)
    assert settled.disputed == []
    (work,) = [span for span in settled.spans if span.label == "WORK"]
    assert settled.entities[work.entity].name == "Vik Said"
    (speaker,) = [link for link in settled.links if link.role == "speaker"]
    assert speaker.from_ == span_key(work)


def decided(adjudication: Adjudication) -> dict[str, str]:
    return {decision.item: decision.chosen for decision in adjudication.decisions}


def test_what_is_settled_can_be_deleted_too() -> None:
    article, mine, theirs = two(relabel)
    cue = labelled(mine, "CUE")

    def delete(result: list[dict[str, Any]]) -> None:
        gone = tasks.region_id(span_key(cue))
        result[:] = [
            x for x in result if gone not in (x.get("id"), x.get("from_id"), x.get("to_id"))
        ]

    read = answered(article, differences([mine, theirs]), lambda n, o: "0", delete)
    assert decided(read.adjudication)[item_key(cue)] == "neither"
    settled = settle([mine, theirs], read.adjudication)
    assert settled.disputed == []
    assert "CUE" not in {span.label for span in settled.spans}
    assert "cue" not in {link.role for link in settled.links}


@pytest.mark.parametrize("what", ["span", "link"])
def test_a_difference_without_an_answer_stays_disputed(what: str) -> None:
    def differ(annotation: Annotation) -> None:
        if what == "span":
            labelled(annotation, "PERSON").label = "ORG"
        else:  # the spans at its ends are settled
            annotation.links = [link for link in annotation.links if link.role != "speaker"]

    article, mine, theirs = two(differ)
    found = differences([mine, theirs])

    def unanswer(result: list[dict[str, Any]]) -> None:
        result[:] = [x for x in result if x.get("from_name") != "choice_0"]

    read = answered(article, found, lambda n, o: "0", unanswer)
    assert read.open == 1
    assert read.adjudication.decisions == []
    assert settle([mine, theirs], read.adjudication).disputed == found.settled.disputed


def rest(letter: str, why: str = "") -> list[dict[str, Any]]:
    """What comes back of the question about all differences without an answer."""
    choice = {"from_name": "choice_rest", "type": "choices", "value": {"choices": [letter]}}
    words = {"from_name": "why_rest", "type": "textarea", "value": {"text": [why]}}
    return [{"id": "rest", "to_name": "text"} | item for item in (choice, words)]


@pytest.mark.parametrize("who", ["ann", "bob"])
def test_one_answer_decides_all_that_have_none_and_no_other(who: str) -> None:
    answered_alone = decided_by_rest = 0
    for article, mine, theirs in pairs():
        found = differences([mine, theirs])
        letter = "AB"[found.annotators.index(who)]
        offered = adjudicating.task_of(article, found)["data"]["rest"]
        assert [option["alias"] for option in offered] == ["A", "B", "open"]

        def choose(number: int, options: list[dict[str, str]], letter: str = letter) -> str:
            # Every third difference as the other has it, and the rest as this annotator.
            return next(
                o["alias"]
                for o in options
                if (letter in o["value"].split(":")[0]) == bool(number % 3)
            )

        def leave(result: list[dict[str, Any]], letter: str = letter) -> None:
            result[:] = [
                x
                for x in result
                if not x.get("from_name", "").startswith("choice_")
                or not int(x["from_name"].removeprefix("choice_")) % 3
            ]
            result += rest(letter, "The other left it out.")

        each = answered(article, found, choose)
        read = answered(article, found, choose, leave)
        assert read.problems == each.problems
        assert (read.open, read.rest) == (0, len(found.asked) - (len(found.asked) + 2) // 3)
        assert decided(read.adjudication) == decided(each.adjudication)
        alone, together = (
            settle([mine, theirs], adjudication)
            for adjudication in (each.adjudication, read.adjudication)
        )
        assert (together.spans, together.links) == (alone.spans, alone.links)
        assert {d.why for d in read.adjudication.decisions} <= {"", "The other left it out."}
        answered_alone += len(found.asked) - read.rest
        decided_by_rest += read.rest
    assert min(answered_alone, decided_by_rest) > 100


@pytest.mark.parametrize("joined", [True, False])
@pytest.mark.parametrize("told", ["continues", "speaker"])
def test_a_next_piece_has_no_speaker_by_the_answer_for_all_others(told: str, joined: bool) -> None:
    """Whether the reader said that it is one (`told`) or who speaks it, the rest follows."""
    sheet = synthetic.Sheet(synthetic.article([("body", "“No,” Vik said. “Stay.” Lund sat down.")]))
    words = {"v": ("PERSON", "Vik"), "l": ("PERSON", "Lund"), "n": ("QUOTE", "“No,”")}
    spans = [
        Span(id=id_, label=label, start=sheet.at(surface)[0], end=sheet.at(surface)[1])
        for id_, (label, surface) in (words | {"s": ("QUOTE", "“Stay.”")}).items()
    ]
    mine, theirs = (
        msgspec.structs.replace(
            sheet.annotation("b1", who),
            spans=spans,
            links=[Link(from_="v", to="n", role="speaker"), Link(from_=end, to="s", role=role)],
        )
        for who, end, role in (("ann", "l", "speaker"), ("bob", "n", "continues"))
    )
    found = differences([mine, theirs])
    assert [d.kind for d in found.asked] == ["continues", "speaker"]
    # Ann has a speaker on the second piece, Bob has joined it: each what the answer speaks against.
    number, other = (0, "ann") if told == "continues" else (1, "bob")
    letter = "AB"[found.annotators.index(other)]

    def leave(result: list[dict[str, Any]]) -> None:
        result[:] = [x for x in result if x.get("from_name") != f"choice_{1 - number}"]
        result += rest(letter)

    def choose(number: int, options: list[dict[str, str]]) -> str:
        nothing = joined == (told == "speaker")
        return next(o["alias"] for o in options if ("nothing" in o["value"]) == nothing)

    read = answered(sheet.article, found, choose, leave)
    assert (read.problems, read.open, read.rest) == ([], 0, 1)
    settled = settle([mine, theirs], read.adjudication)
    assert settled.disputed == []
    kinds = sorted(link.role for link in settled.links)
    assert kinds == (["continues", "speaker"] if joined else ["speaker", "speaker"])


@pytest.mark.parametrize("answer", ["open", ""])
def test_what_the_reader_leaves_open_is_nobodys(answer: str) -> None:
    article, mine, theirs = two(relabel)
    found = differences([mine, theirs])

    def leave(result: list[dict[str, Any]]) -> None:
        result[:] = [x for x in result if x.get("from_name") != "choice_0"] + rest(answer)

    read = answered(article, found, lambda n, o: "0", leave)
    assert (read.open, read.rest, read.adjudication.decisions) == (1, 0, [])


def test_a_link_to_a_version_stands_if_that_is_chosen_and_is_told_if_not() -> None:
    article, mine, theirs = two(relabel)
    found = differences([mine, theirs])

    def link(result: list[dict[str, Any]]) -> None:
        b = next(x["id"] for x in result if "B" in x.get("value", {}).get("labels", []))
        result.append(region(article, "mayor", "MENTION"))
        relation = {"type": "relation", "from_id": b, "to_id": "mayor", "direction": "right"}
        result.append(relation)

    def chosen(letter: str) -> adjudicating.Read:
        def choose(number: int, options: Sequence[dict[str, str]]) -> str:
            return next(o["alias"] for o in options if o["value"].startswith(letter))

        return answered(article, found, choose, link)

    (problem,) = chosen("A").problems
    assert problem.rule == "pull.decision"
    assert "look at the task" in problem.message
    read = chosen("B")
    assert read.problems == []
    links = settle([mine, theirs], read.adjudication).links
    (ends,) = [{link.from_.split()[1], link.to.split()[1]} for link in links if link.role == "same"]
    assert ends == {"PERSON", "MENTION"}
