"""Quotes by rules: marks of every convention, attributions wherever they stand, German too."""

from __future__ import annotations

import re

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


def unmarked(quotations: list[str]) -> tuple[str, Told]:
    """A text, and what is marked in it: a copy a quote, pieces in [], cue in <>, speaker in {}."""
    (text,) = {re.sub(r"[][<>{}]", "", marked) for marked in quotations}
    found: Told = []
    for marked in quotations:
        pieces, cue, speaker = (
            re.findall(f, marked, re.S) for f in (r"\[(.*?)]", "<(.*?)>", "{(.*?)}")
        )
        if pieces:
            found.append((pieces, "".join(cue), "".join(speaker)))
    return text, found


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


ATTRIBUTIONS = {
    "before": ["{Ines Calder} <said>: [“We will appeal.”]"],
    "inside": ["[“The bridge,”] <said> {Ines Calder}, [“was never safe.”]"],
    "inside, no marks": ["[The bridge], {Calder} <said>, [was never safe]."],
    "next sentence": ["[“We will appeal,”] <said> {Calder}. [“We will win.”] The hall was full."],
    "apposition": ["{Ines Calder}, the council leader, <said> [the road was unsafe]."],
    "name in the apposition": ["The council leader, {Ines Calder}, <said> [the road was unsafe]."],
    "time between": ["{The ministry} <said> on Friday that [the road would close]."],
    "a sentence in marks behind what is told": [
        "{Ines Calder} <said> [the line was lost]: “We have no trams.”",
        "{Ines Calder} said the line was lost: [“We have no trams.”]",
    ],
    "words in marks behind what is told": [
        "{Ines Calder} <said> [the plan had one fault: “no trams”]."
    ],
    "a verb left out": [
        "{Ines Calder} <said> [the fee would rise], and Otto Quill that it would fall.",
        "Ines Calder <said> the fee would rise, and {Otto Quill} that [it would fall].",
    ],
    "a relative clause behind a name": [
        "{Ines Calder} <said> [Otto Quill and the man that he liked would go]."
    ],
    "according to": ["<According to> {the coastguard}, [two boats sank]."],
    "per": ["<Per> {the harbour office}, [two boats sank]."],
    "a pronoun and its verb, whatever the verb": ["{Two of the guests} <replied> [they would go]."],
    "a ruling": ["{The court} <ruled> on Monday [the order was unlawful]."],
    "according to, after": ["[Two boats sank], <according to> {the coastguard}."],
    "passive": ["Residents were <told> by {police} [to leave]."],
    "statement of": ["A statement from {the harbour board} <said> [nobody was hurt]."],
    "report": ["{The report} <found> that [the brakes had failed]."],
    "asked to": ["{The union} <urged> the council [to act]."],
    "promise": ["{The firm} <promised> [to repay the money]."],
    "accusation": ["{Residents} <accused> the firm of [dumping waste in the harbour]."],
    "naming": ["{Otto Reeve} <called> it [“a retrograde step”] for the town."],
    "mixed": ["{Calder} <said> [the plan was “a betrayal” of tenants]."],
    "belief": ["{Police} <believe> [the driver fell asleep]."],
    "intention, published": ["In a speech {Otto Reeve} <hoped> [to reopen the line]."],
    "two verbs": [
        "{Calder} <said> [the fee was too high] and warned that trade would suffer.",
        "{Calder} said the fee was too high and <warned> that [trade would suffer].",
    ],
    "answer to it": ["{Lindqvist} <accused> her of [misleading members], which she denies."],
    "laughed": ["[“It is theft.”] {Quill} <laughed>."],
    "signed": ["[“The hall was my second home.”] — {Tessa Quill}"],
    "not closed": ["{Calder} <said>: [“We will appeal.]"],
    "several paragraphs": ["{Quill} <said>: [“We waited.]\n\n[“Nobody came.”]"],
    "attributed at the end": ["[“We waited for an hour.]\n\n[“Nobody came,”] <said> {Quill}."],
    "after a question": ["[“Who needs this bridge?”] {Tessa Quill} <asked>."],
    "time and place between two pieces": [
        "[“It sank,”] {Calder} <said> at a rally in Alder, Norland, [“and nobody helped.”]"
    ],
    "a programme's title in the attribution": [
        "[“It sank,”] {Calder} <said> on Monday on Norland Radio’s “Good Morning.” [“I saw it.”]"
    ],
    "two conventions in one pair": ['{Calder} <said>: ["We will appeal.”] Nobody else spoke.'],
    "a nickname is no quote": ["[“We will win,”] <said> {Anna “Nan” Holm}. [“Soon.”]"],
    "attribution in the paragraph before": [
        "{Ines Calder} <wrote>:\n\n[“We will appeal to the court in May.”]"
    ],
    "as she put it": ["The fee is [“a tax on rain,”] as {Calder} <put> it."],
    "in her view": ["In {her} <view> [the fee is unfair to tenants]."],
    "asked": ["<Asked> [whether the pool would close], Quill shook her head."],
    "an amount": ["{The firm} <put> the damage at [£2 million]."],
    "age": ["{Otto Reeve}, 61, who has run the shop since May, <said> [the road was unsafe]."],
    "a participle": ["{Notices} taped to the gate <said> [the pool was shut]."],
    "title and place before a name": [
        "The envoy for Norland, Swiss lawyer {Ines Calder}, <said> [the talks were over]."
    ],
    "somebody else says the rest": [
        "{Calder} <said> [the fee was fair] and the union said it would sue.",
        "Calder said the fee was fair and {the union} <said> [it would sue].",
    ],
    "what is not said": ["{The firm} <said> [it was looking into it] and would not say more."],
    "two things said around the attribution": [
        "[The road was shut], {she} <said>, [and the bridge was next]."
    ],
    "asked for": ["{The group} <called for> [the drains to be blocked]."],
    "a plea": ["{Quill} <pleaded> [not guilty to two thefts]."],
    "no contest": ["{Quill} <pled> [no contest]."],
    "a plea that is entered": ["{Quill} entered a <plea> of [not guilty to two thefts]."],
    "reports of what happened": ["The pool shut amid <reports> of [a third theft]."],
    "the first report of somebody's fate": [
        "This is the first <report> of [a rower being hit with an oar], months after the race."
    ],
    "whose claims": ["There is nothing to support {Reeve}’s <claims> of [widespread fraud]."],
    "a request with its content": ["The <request> of {Reeve} [to close the pool] was read out."],
    "an order by a noun": ["{The mayor}’s <order> [to close the pool] came late."],
    "an abbreviation": ["{Calder} <said> [Vik v. Dahl would be heard in May]."],
    "a word that is one elsewhere": ["{Calder} <said> [the board had voted no]. Boats were sold."],
    "is said to": ["The brakes are <said> [to have failed]."],
}


@pytest.mark.parametrize("case", ATTRIBUTIONS)
def test_attributions(case: str) -> None:
    text, expected = unmarked(ATTRIBUTIONS[case])
    assert told(text) == expected


NONE = {
    "bare reports, a request, a rate": (
        "Per reports, it sank. Per request, it was raised. It made two trips, per day."
    ),
    "scare quotes": "Yesterday’s “expert” became today’s mayor.",
    "a title": "She sang “The Salt Road” at the end.",
    "thought": "The mayor wondered whether to resign.",
    "negated": "Police did not say who called them.",
    "expected": "She is expected to announce a strike.",
    "rumour": "The driver is believed to have slept.",
    "an act": "The council condemned the attack and thanked the crew.",
    "a noun": "The claim was filed on Monday, and the report runs to nine pages.",
    "the author": "I think the line should stay.",
    "a heading in marks": "‘All Bets Are Off.’",
    "an act, agreed": "The parties agree to swap data.",
    "only pointing": "The company denies this.",
    "a noun of the -s form": "Alder won by 22 points to 10 and the union has plans to grow.",
    "no driver": "No driver said the line was shut.",
    "nobody calls it so": "They are called “inner members” on the forms.",
    "a plea that is expected": "Quill agreed to plead guilty. Quill will plead not guilty.",
    "an occasion": "Crews were called to reports of a fire and are checking reports of a second.",
    "no reports": "There were no reports of injuries.",
    "the report of a body": "The report of the council runs to nine pages.",
    "claims for money": "The insurer paid claims of £2 million.",
    "a request without content": "The pool closed at the request of Reeve.",
    "apostrophes": "It was the drivers' day, in the '90s, rock 'n' roll and all.",
}


@pytest.mark.parametrize("case", NONE)
def test_what_is_no_quote(case: str) -> None:
    assert told(NONE[case]) == []


def test_a_transcript_is_read_by_its_turns() -> None:
    text = (
        "QUILL: Will the pool close?\n\nREEVE: No.\n\n(LAUGHTER)\n\nQUILL: Then why the fence?"
        "\n\nThe pool closed in May."
    )
    assert told(text) == [
        (["Will the pool close?"], "", "QUILL"),
        (["No."], "", "REEVE"),
        (["Then why the fence?"], "", "QUILL"),
    ]
    assert told("PHOTO: A pool.\n\nPHOTO: A fence.") == []


def test_headlines_in_title_case_have_verbs_too() -> None:
    found = told("Porpoises Leave Harbour Before the Ferry, Study Finds", headline=True)
    assert [quote[:2] for quote in found] == [
        (["Porpoises Leave Harbour Before the Ferry"], "Finds")
    ]


ADDRESSEES = {
    "Calder wrote in a letter to the council that the fee was unfair.": "the council",
    "In an interview with the Brackwater Post, Calder said the fee was unfair.": "Brackwater Post",
    "“It is unfair,” she wrote to the committee.": "the committee",
    "Its chair, Ines Calder, told a public meeting in May: “It is unfair.”": "a public meeting",
    "The firm promised to run the line to Alder.": "",
}


@pytest.mark.parametrize("text", ADDRESSEES)
def test_addressees(text: str) -> None:
    made = engine.suggest(engine.bare("desk-000000000000", text, "en"))
    found = [text[slice(*a)] for q in quotes(text, made) for a in q["addressee"]]
    assert [a.removeprefix("the ") for a in found] == [
        a.removeprefix("the ") for a in [ADDRESSEES[text]] if a
    ]


def test_unattributed_marks_have_the_name_of_who_spoke_before() -> None:
    text = "Ines Calder laughed. She said the road was shut. “Nobody told us about it.”"
    assert told(text)[-1] == (["“Nobody told us about it.”"], "", "Ines Calder")


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


GERMAN = {
    "marks before": ["[„Wir gehen vor Gericht“], <sagte> {Ines Kalder}."],
    "clause": ["{Die Polizei} <erklärte>, dass [niemand verletzt wurde]."],
    "source": ["<Nach> {Angaben der Polizei} [sind zwei Boote gesunken]."],
    "so": ["[Zwei Boote seien gesunken], <so> {die Polizei}."],
    "subjunctive": [
        "{Die Polizei} <sagte>, [es habe gebrannt]. Der Schaden sei hoch.",
        "{Die Polizei} sagte, es habe gebrannt. [Der Schaden sei hoch].",
    ],
    "separable": ["{Der Verein} <teilte> mit, [die Halle bleibe offen]."],
    "apposition": ["{Ines Kalder}, die Vorsitzende, <sagte>, [der Plan sei gut]."],
    "as told": ["Wie {die Polizei} <mitteilte>, [sind zwei Boote gesunken]."],
    "as told, after": ["[Zwei Boote sind gesunken], wie {die Polizei} <mitteilte>."],
    "view": ["{Ines Kalder} ist der <Meinung>, dass [der Plan scheitert]."],
    "source in one word": ["<Nach> {Polizeiangaben} [sind zwei Boote gesunken]."],
    "document": ["In {einem Schreiben} <heißt> es, [der Plan sei gut]."],
    "two verbs of one subject": [
        "{Die Polizei} <bestätigte>, dass [es brannte], und kündigte an, weiter zu suchen.",
        "{Die Polizei} bestätigte, dass es brannte, und <kündigte> an, [weiter zu suchen].",
    ],
    "er behind the verb, whatever stands before it": [
        "Der Zeitung <sagte> {er}, [die Halle bleibe offen]."
    ],
    "a colon, whatever the verb": ["{Ines Kalder} <blieb> ruhig: [„Wir gehen damit vor Gericht.“]"],
    "a judgement, whatever the verb": ["{Der Verein} <tadelte> den Beschluss als [„Frechheit“]."],
    "so, with what belongs to it": [
        "[„Das Boot war zu alt“], <so> {Kalder} zur Ursache des Unglücks."
    ],
    "what somebody is said to have done": ["[Der Kapitän soll vom Boot gesprungen sein]."],
    "a source in a relative clause": [
        "Das Boot, das <laut> {Polizei} [zwei Löcher hatte], liegt nun im Hafen."
    ],
    "a relative clause is no content": [
        "Die Stadt bestätigte den Plan, mit dem sie die Halle retten will."
    ],
    "a clause in the right mood is": [
        "{Die Stadt} <erklärte>, [in der Halle seien zwei Leute verletzt worden]."
    ],
    "found, not thought": ["Das Fest fand am Montag, einem Feiertag, im Hafen statt."],
    "what counts as something": ["Das Viertel gilt vielen als „Feindesland“."],
    "abbreviations": [
        "{Kalder} <sagte>, [es koste z. B. 3 Mio. Euro und sei in Haus Nr. 5 zu sehen]."
    ],
    "a word that is an abbreviation elsewhere": [
        "Das ist nichts für mich. {Kalder} <sagte>, [es sei zu teuer]."
    ],
    "nothing said": ["Am Montag sank ein Boot im Hafen von Brackwasser."],
}


@pytest.mark.parametrize("case", GERMAN)
def test_german(case: str) -> None:
    text, expected = unmarked(GERMAN[case])
    assert told(text, "de") == expected


def test_german_is_recognised_without_being_told() -> None:
    text = "Die Polizei erklärte, dass niemand verletzt wurde und die Halle nicht mehr steht."
    assert [cue for _, cue, _ in told(text, "")] == ["erklärte"]
