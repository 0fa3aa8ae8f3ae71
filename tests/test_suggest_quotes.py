"""Quotes by rules: marks of every convention, attributions wherever they stand, German too."""

from __future__ import annotations

import pytest

from onrecord.suggest import engine, reading
from onrecord.suggest.given import Given, plain, quotes

Told = list[tuple[list[str], str, str]]
"""Of each quote its pieces, its cue and its first speaker."""


def told(text: str, language: str = "en", headline: bool = False) -> Told:
    article = engine.bare("desk-000000000000", text, language, reading.paragraphs_of(text))
    if headline:
        article.segments[0].role = "headline"

    def first(spans: list[list[int]]) -> str:
        return text[slice(*spans[0])] if spans else ""

    return [
        ([text[s:e] for s, e in q["content"]], first(q["cue"]), first(q["speaker"]))
        for q in quotes(text, engine.suggest(article))
    ]


MARKS = {
    "straight": '"We will appeal," said Ines Calder.',
    "curly": "“We will appeal,” said Ines Calder.",
    "British single": "‘We will appeal,’ said Ines Calder.",
    "straight single": "'We will appeal,' said Ines Calder.",
    "guillemets": "«We will appeal,» said Ines Calder.",
    "guillemets turned": "»We will appeal,« said Ines Calder.",
    "low-high": "„We will appeal,“ said Ines Calder.",
    "double apostrophes": "''We will appeal,'' said Ines Calder.",
    "backquotes": "``We will appeal,'' said Ines Calder.",
}


@pytest.mark.parametrize("convention", MARKS)
def test_every_convention_of_marks(convention: str) -> None:
    text = MARKS[convention]
    assert told(text) == [([text.split(" said")[0]], "said", "Ines Calder")]


ATTRIBUTIONS: dict[str, tuple[str, Told]] = {
    "before": (
        "Ines Calder said: “We will appeal.”",
        [(["“We will appeal.”"], "said", "Ines Calder")],
    ),
    "inside": (
        "“The bridge,” said Ines Calder, “was never safe.”",
        [(["“The bridge,”", "“was never safe.”"], "said", "Ines Calder")],
    ),
    "inside, no marks": (
        "The bridge, Calder said, was never safe.",
        [(["The bridge", "was never safe"], "said", "Calder")],
    ),
    "next sentence": (
        "“We will appeal,” said Calder. “We will win.” The hall was full.",
        [(["“We will appeal,”", "“We will win.”"], "said", "Calder")],
    ),
    "apposition": (
        "Ines Calder, the council leader, said the road was unsafe.",
        [(["the road was unsafe"], "said", "Ines Calder")],
    ),
    "name in the apposition": (
        "The council leader, Ines Calder, said the road was unsafe.",
        [(["the road was unsafe"], "said", "Ines Calder")],
    ),
    "time between": (
        "The ministry said on Friday that the road would close.",
        [(["the road would close"], "said", "The ministry")],
    ),
    "according to": (
        "According to the coastguard, two boats sank.",
        [(["two boats sank"], "According to", "the coastguard")],
    ),
    "according to, after": (
        "Two boats sank, according to the coastguard.",
        [(["Two boats sank"], "according to", "the coastguard")],
    ),
    "passive": (
        "Residents were told by police to leave.",
        [(["to leave"], "told", "police")],
    ),
    "statement of": (
        "A statement from the harbour board said nobody was hurt.",
        [(["nobody was hurt"], "said", "the harbour board")],
    ),
    "report": (
        "The report found that the brakes had failed.",
        [(["the brakes had failed"], "found", "The report")],
    ),
    "asked to": ("The union urged the council to act.", [(["to act"], "urged", "The union")]),
    "promise": (
        "The firm promised to repay the money.",
        [(["to repay the money"], "promised", "The firm")],
    ),
    "accusation": (
        "Residents accused the firm of dumping waste in the harbour.",
        [(["dumping waste in the harbour"], "accused", "Residents")],
    ),
    "naming": (
        "Otto Reeve called it “a retrograde step” for the town.",
        [(["“a retrograde step”"], "called", "Otto Reeve")],
    ),
    "mixed": (
        "Calder said the plan was “a betrayal” of tenants.",
        [(["the plan was “a betrayal” of tenants"], "said", "Calder")],
    ),
    "belief": (
        "Police believe the driver fell asleep.",
        [(["the driver fell asleep"], "believe", "Police")],
    ),
    "intention, published": (
        "In a speech Otto Reeve hoped to reopen the line.",
        [(["to reopen the line"], "hoped", "Otto Reeve")],
    ),
    "two verbs": (
        "Calder said the fee was too high and warned that trade would suffer.",
        [
            (["the fee was too high"], "said", "Calder"),
            (["trade would suffer"], "warned", "Calder"),
        ],
    ),
    "answer to it": (
        "Lindqvist accused her of misleading members, which she denies.",
        [(["misleading members"], "accused", "Lindqvist")],
    ),
    "laughed": ("“It is theft.” Quill laughed.", [(["“It is theft.”"], "laughed", "Quill")]),
    "signed": (
        "“The hall was my second home.” — Tessa Quill",
        [(["“The hall was my second home.”"], "", "Tessa Quill")],
    ),
    "not closed": (
        "Calder said: “We will appeal.",
        [(["“We will appeal."], "said", "Calder")],
    ),
    "several paragraphs": (
        "Quill said: “We waited.\n\n“Nobody came.”",
        [(["“We waited.", "“Nobody came.”"], "said", "Quill")],
    ),
    "attributed at the end": (
        "“We waited for an hour.\n\n“Nobody came,” said Quill.",
        [(["“We waited for an hour.", "“Nobody came,”"], "said", "Quill")],
    ),
}


@pytest.mark.parametrize("case", ATTRIBUTIONS)
def test_attributions(case: str) -> None:
    text, expected = ATTRIBUTIONS[case]
    assert told(text) == expected


NONE = {
    "scare quotes": "Yesterday’s “expert” became today’s mayor.",
    "a title": "She sang “The Salt Road” at the end.",
    "thought": "The mayor wondered whether to resign.",
    "negated": "Police did not say who called them.",
    "expected": "She is expected to announce a strike.",
    "rumour": "The driver is believed to have slept.",
    "an act": "The council condemned the attack and thanked the crew.",
    "a noun": "The claim was filed on Monday, and the report runs to nine pages.",
    "the author": "I think the line should stay.",
    "apostrophes": "It was the drivers' day, in the '90s, rock 'n' roll and all.",
}


@pytest.mark.parametrize("case", NONE)
def test_what_is_no_quote(case: str) -> None:
    assert told(NONE[case]) == []


def test_a_headline_takes_the_speaker_of_the_text_or_holds_no_quote() -> None:
    text = "‘A betrayal’: anger over pool\n\nInes Calder said the closure was “a betrayal”."
    assert (["‘A betrayal’"], "", "Ines Calder") in told(text, headline=True)
    assert told("‘Miracle’ in the harbour\n\nThe tide was low.", headline=True) == []


def test_a_quote_in_a_quote_has_its_own_speaker() -> None:
    found = told("Otto Holm said: “The mayor told me to go home at once, and I left.”")
    assert len(found) == 2
    assert found[0][2] == "Otto Holm"
    assert found[1][1:] == ("told", "The mayor")


def test_plain_offsets_are_flat() -> None:
    text = "Otto Holm said: “The mayor told me, ‘Go home at once,’ and I left.”"
    made = engine.suggest(engine.bare("desk-000000000000", text, "en"))
    assert len(quotes(text, made)) == 2
    assert len(plain(Given(id="desk-000000000000", text=text), made)["quotes"]) == 1


def test_several_speakers_and_the_addressee() -> None:
    article = engine.bare(
        "desk-000000000000", "Anna and Piet Holm told The Brackwater Post they were safe.", "en"
    )
    made = engine.suggest(article)
    spans = {s.id: article.text[s.start : s.end] for s in made.spans}
    roles = {(spans[k.from_], k.role) for k in made.links if k.role != "cue"}
    assert roles == {
        ("Anna", "speaker"),
        ("Piet Holm", "speaker"),
        ("The Brackwater Post", "addressee"),
    }


def test_a_pronoun_and_a_noun_phrase_are_joined_to_the_name_before() -> None:
    text = (
        "Brackwater Council met Ines Calder on Monday. She said the fee was unfair. "
        "The council said it would wait."
    )
    made = engine.suggest(engine.bare("desk-000000000000", text, "en"))
    spans = {s.id: text[s.start : s.end] for s in made.spans}
    joined = {(spans[k.from_], spans[k.to]) for k in made.links if k.role == "same"}
    assert joined == {("Ines Calder", "She"), ("Brackwater Council", "The council")}


GERMAN: dict[str, tuple[str, Told]] = {
    "marks before": (
        "„Wir gehen vor Gericht“, sagte Ines Kalder.",
        [(["„Wir gehen vor Gericht“"], "sagte", "Ines Kalder")],
    ),
    "clause": (
        "Die Polizei erklärte, dass niemand verletzt wurde.",
        [(["niemand verletzt wurde"], "erklärte", "Die Polizei")],
    ),
    "source": (
        "Nach Angaben der Polizei sind zwei Boote gesunken.",
        [(["sind zwei Boote gesunken"], "Nach", "Angaben der Polizei")],
    ),
    "so": (
        "Zwei Boote seien gesunken, so die Polizei.",
        [(["Zwei Boote seien gesunken"], "so", "die Polizei")],
    ),
    "subjunctive": (
        "Die Polizei sagte, es habe gebrannt. Der Schaden sei hoch.",
        [
            (["es habe gebrannt"], "sagte", "Die Polizei"),
            (["Der Schaden sei hoch"], "", "Die Polizei"),
        ],
    ),
    "separable": (
        "Der Verein teilte mit, die Halle bleibe offen.",
        [(["die Halle bleibe offen"], "teilte", "Der Verein")],
    ),
    "apposition": (
        "Ines Kalder, die Vorsitzende, sagte, der Plan sei gut.",
        [(["der Plan sei gut"], "sagte", "Ines Kalder")],
    ),
    "nothing said": ("Am Montag sank ein Boot im Hafen von Brackwasser.", []),
}


@pytest.mark.parametrize("case", GERMAN)
def test_german(case: str) -> None:
    text, expected = GERMAN[case]
    assert told(text, "de") == expected


def test_german_is_recognised_without_being_told() -> None:
    text = "Die Polizei erklärte, dass niemand verletzt wurde und die Halle nicht mehr steht."
    assert [cue for _, cue, _ in told(text, "")] == ["erklärte"]
