"""Small invented records for tests: articles, and their gold and annotations over found surfaces.

    sheet = Sheet(article([("headline", "Port shut"), ("body", "“No,” Ines Calder said.")]))
    calder = sheet.mention("Ines Calder", "PERSON")
    sheet.quote("“No,”", type="direct", cue=["said"], speaker=[calder])
    sheet.gold(), sheet.annotation("b1", "ann")

Everything in here is made up, the people and the places that speak included.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from onrecord import atomic, ledger
from onrecord.labels import LAYERS
from onrecord.records import (
    Annotation,
    AnnotationEntity,
    Article,
    Attributes,
    Converter,
    Entity,
    Gold,
    Link,
    Mention,
    Quote,
    Rights,
    Source,
    Span,
    Stance,
)
from onrecord.splits import split_of
from onrecord.text import assemble, sha256

LICENCES = {
    "ship": ("CC-BY-4.0", "“{headline}”, written for this corpus, CC BY 4.0"),
    "fetch": ("CC-BY-2.5", "Example News contributors, “{headline}”, {url}, CC BY 2.5"),
    "withhold": ("LicenseRef-all-rights-reserved", ""),
}


def story(split: str, number: int = 0) -> str:
    """The number-th story that falls into a split."""
    found = (f"story-{n}" for n in range(10_000) if split_of(f"story-{n}") == split)
    return [name for name, _ in zip(found, range(number + 1), strict=False)][number]


def article(
    paragraphs: Sequence[tuple[str, str]],
    *,
    publisher: str = "House Desk",
    release: str = "ship",
    story: str = "",
) -> Article:
    """An article with its text. Paragraphs are `(role, text)` in normal form; the id is theirs."""
    text, segments = assemble([(role, words, []) for role, words in paragraphs])
    slug = publisher.lower().replace(" ", "-")
    key = hashlib.sha256(text.encode()).hexdigest()[:12]
    licence, attribution = LICENCES[release]
    return Article(
        id=f"{slug}-{key}",
        headline=next((words for role, words in paragraphs if role == "headline"), ""),
        publisher=publisher,
        url="" if release == "ship" else f"https://news.example/{key}",
        authors=["A. Writer"],
        date_published="2024-02-29",
        language="en",
        section="local",
        credit=["P. Hoto"],
        rights=Rights(licence=licence, release=release, basis="", attribution=attribution),
        source=Source(
            file=f"corpus/raw/{slug}/{key}.txt",
            media_type="text/plain",
            charset="utf-8",
            bytes=len(text.encode()),
            sha256=sha256(text),
        ),
        converter=Converter(name="plain", version="1", normaliser="1"),
        story=story or f"story-{key}",
        segments=segments,
        text_sha256=sha256(text),
        text=text,
    )


def masked(article: Article) -> Article:
    """The article as corpus/articles has it where its text may not be there."""
    return msgspec.structs.replace(article, text="", headline="", credit=[])


class Sheet:
    """An article being labelled. Surfaces are found in the text; `nth` counts occurrences from 1.

    `gold` and `annotation` say the same thing in their two ways.
    """

    def __init__(self, article: Article) -> None:
        self.article = article
        self.mentions: list[Mention] = []
        self.entities: dict[str, Entity] = {}
        self.quotes: list[Quote] = []
        self.stances: list[Stance] = []

    def at(self, surface: str, nth: int = 1) -> list[int]:
        """`[start, end]` of the nth occurrence of a surface; IndexError where it has none."""
        start = -1
        for _ in range(nth):
            start = self.article.text.find(surface, start + 1)
            if start < 0:
                raise IndexError(surface)
        return [start, start + len(surface)]

    def _visible(self, text: str) -> str:
        return text if self.article.rights.release == "ship" else ""

    def mention(
        self, surface: str, type: str, *, of: str = "", form: str = "name", nth: int = 1
    ) -> str:
        """Add a mention of the entity `of` (a name; the surface itself if left out). Its id.

        DATE, MONEY and QUANTITY have no entity.
        """
        start, end = self.at(surface, nth)
        name = "" if type in ("DATE", "MONEY", "QUANTITY") else of or surface
        if name and name not in self.entities:
            self.entities[name] = Entity(
                id=f"{self.article.id}-e{start}", name=name, type=type, kb_id=""
            )
        mention = Mention(
            id=f"{self.article.id}-m{start}-{end}",
            start=start,
            end=end,
            text=self._visible(surface),
            type=type,
            form=form,
            entity=self.entities[name].id if name else "",
        )
        self.mentions.append(mention)
        return mention.id

    def _entities_of(self, mentions: Iterable[str]) -> list[str]:
        own = {m.id: m.entity for m in self.mentions}
        return list(dict.fromkeys(own[i] for i in mentions))

    def quote(
        self,
        *pieces: str,
        type: str,
        cue: Sequence[str] = (),
        speaker: Sequence[str] = (),
        addressee: Sequence[str] = (),
        parent: str = "",
    ) -> str:
        """Add a quote of these pieces. Its id."""
        spans = [self.at(piece) for piece in pieces]
        quote = Quote(
            id=f"{self.article.id}-q{spans[0][0]}-{spans[0][1]}",
            type=type,
            spans=spans,
            text=[self._visible(piece) for piece in pieces],
            cue=[self.at(c) for c in cue],
            speaker=list(speaker),
            speaker_entities=self._entities_of(speaker),
            addressee=list(addressee),
            parent=parent,
        )
        self.quotes.append(quote)
        return quote.id

    def stance(
        self,
        evidence: str,
        polarity: str,
        *,
        holder: Sequence[str] = (),
        target: Sequence[str] = (),
        level: str = "reported",
        target_text: str = "",
        quote: str = "",
        basis: str = "explicit",
    ) -> str:
        """Add a stance. Its id."""
        span = self.at(evidence)
        stance = Stance(
            id=f"{self.article.id}-s{span[0]}-{span[1]}-{polarity}",
            polarity=polarity,
            evidence=[span],
            holder_level=level,
            holder=list(holder),
            holder_entities=self._entities_of(holder),
            target=list(target),
            target_entities=self._entities_of(target),
            target_text=target_text,
            quote=quote,
            basis=basis,
        )
        self.stances.append(stance)
        return stance.id

    def gold(self, layers: Sequence[str] = LAYERS) -> Gold:
        return Gold(
            article_id=self.article.id,
            layers=list(layers),
            n_annotators=1,
            annotators=["ann"],
            settled_by="single",
            label_source="machine-generated",
            mentions=sorted(self.mentions, key=lambda m: (m.start, -m.end)),
            entities=list(self.entities.values()),
            quotes=self.quotes,
            stances=self.stances,
        )

    def annotation(
        self, batch: str, annotator: str, layers: Sequence[str] = LAYERS, status: str = "submitted"
    ) -> Annotation:
        """The graph that an annotator would have drawn for this gold."""
        spans = [
            Span(id=m.id, label=m.type, start=m.start, end=m.end, entity=m.entity)
            for m in self.mentions
        ]
        links: list[Link] = []
        for q in self.quotes:
            pieces = [f"{q.id}.{n}" for n in range(len(q.spans))]
            cues = [f"{q.id}.cue{n}" for n in range(len(q.cue))]
            for label, ids, places in (("QUOTE", pieces, q.spans), ("CUE", cues, q.cue)):
                spans += [
                    Span(id=i, label=label, start=s, end=e)
                    for i, (s, e) in zip(ids, places, strict=True)
                ]
            links += [Link(from_=a, to=b, role="continues") for a, b in pairwise(pieces)]
            links += [Link(from_=pieces[0], to=c, role="cue") for c in cues]
            links += [Link(from_=m, to=pieces[0], role="speaker") for m in q.speaker]
            links += [Link(from_=m, to=pieces[0], role="addressee") for m in q.addressee]
        for s in self.stances:
            spans.append(
                Span(
                    id=s.id,
                    label=f"STANCE_{s.polarity.upper()}",
                    start=s.evidence[0][0],
                    end=s.evidence[0][1],
                    attributes=Attributes(
                        basis=s.basis,
                        target_text=s.target_text,
                        holder_unnamed=s.holder_level == "unnamed",
                    ),
                )
            )
            links += [Link(from_=m, to=s.id, role="target") for m in s.target]
            if s.holder_level == "reported":
                links += [Link(from_=m, to=s.id, role="holder") for m in s.holder]
        return Annotation(
            article_id=self.article.id,
            text_sha256=self.article.text_sha256,
            batch=batch,
            annotator=annotator,
            status=status,
            layers=list(layers),
            created_at="2024-03-01T09:30:00Z",
            lead_time=61.5,
            note="“Tern 4” is hard",
            entities=[
                AnnotationEntity(id=e.id, name=e.name, kb_id="") for e in self.entities.values()
            ],
            spans=spans,
            links=links,
        )


# --- the sample ---------------------------------------------------------------------------------


def trams(release: str = "ship", publisher: str = "House Desk", story: str = "") -> Sheet:
    """A discontinuous quote with a quote inside it, an emoji and a flag, names inside names."""
    sheet = Sheet(
        article(
            [
                ("headline", "Union says no to Tern 4 trams 🚋"),
                ("caption", "A Tern 4 tram at Kelso Quay 🇳🇴 on Monday."),
                (
                    "body",
                    "“The Tern 4 is a bad tram,” Ines Calder’s deputy, Odd Vik, told Brackwater"
                    " Council on Friday, “and the drivers call it ‘a coffin’ every day.” She had"
                    " asked for £2.4 million.",
                ),
                (
                    "body",
                    "Brackwater Council backed the Tern 4. It cited safety in pro-Norwegian ads.",
                ),
                ("subhead", "What now"),
            ],
            release=release,
            publisher=publisher,
            story=story,
        )
    )
    headline_tram = sheet.mention("Tern 4", "PRODUCT")
    sheet.mention("Tern 4", "PRODUCT", nth=2)
    tram = sheet.mention("Tern 4", "PRODUCT", nth=3)
    backed_tram = sheet.mention("Tern 4", "PRODUCT", nth=4)
    union = sheet.mention("Union", "MENTION", form="nominal")
    sheet.mention("Kelso Quay", "FAC")
    sheet.mention("Monday", "DATE")
    sheet.mention("Ines Calder", "PERSON")
    vik = sheet.mention("Odd Vik", "PERSON")
    council = sheet.mention("Brackwater Council", "ORG")
    sheet.mention("Brackwater", "GPE")
    sheet.mention("Friday", "DATE")
    drivers = sheet.mention("the drivers", "MENTION", form="nominal")
    sheet.mention("£2.4 million", "MONEY")
    backer = sheet.mention("Brackwater Council", "ORG", nth=2)
    sheet.mention("It", "MENTION", of="Brackwater Council", form="pronoun")
    sheet.mention("Norwegian", "NORP", of="Norway")
    first, second = (
        "“The Tern 4 is a bad tram,”",
        "“and the drivers call it ‘a coffin’ every day.”",
    )
    whole = sheet.quote(
        first, second, type="direct", cue=["told"], speaker=[vik], addressee=[council]
    )
    sheet.quote("‘a coffin’", type="direct", cue=["call it"], speaker=[drivers], parent=whole)
    sheet.quote("no to Tern 4 trams", type="indirect", cue=["says"], speaker=[union])
    sheet.stance(first, "against", holder=[vik], target=[tram], level="quoted", quote=whole)
    sheet.stance("says no to Tern 4 trams", "against", holder=[union], target=[headline_tram])
    sheet.stance(
        "backed the Tern 4", "favor", holder=[backer], target=[backed_tram], basis="action"
    )
    return sheet


def harbour(release: str = "ship", publisher: str = "House Desk", story: str = "") -> Sheet:
    """Quotes without a speaker and without a cue, an unnamed holder, a mixed quote."""
    sheet = Sheet(
        article(
            [
                ("headline", "Harbour at Skerrow stays shut"),
                ("body", "“Nobody asked us.”"),
                (
                    "body",
                    "Skerrow will “not reopen” before May, Mayor Tove Lund said. Critics online"
                    " mocked Tove Lund, who thanked the North Sea Pilots and the Ferry Club.",
                ),
            ],
            release=release,
            publisher=publisher,
            story=story,
        )
    )
    sheet.mention("Skerrow", "GPE")
    sheet.mention("Skerrow", "GPE", nth=2)
    sheet.mention("May", "DATE")
    lund = sheet.mention("Tove Lund", "PERSON")
    mocked = sheet.mention("Tove Lund", "PERSON", nth=2)
    sheet.mention("North Sea Pilots", "ORG")
    sheet.mention("Ferry Club", "ORG")
    sheet.quote("“Nobody asked us.”", type="direct")
    sheet.quote("Skerrow will “not reopen” before May", type="mixed", cue=["said"], speaker=[lund])
    sheet.stance("mocked Tove Lund", "against", target=[mocked], level="unnamed", basis="implied")
    return sheet


def weather(release: str = "ship", publisher: str = "House Desk", story: str = "") -> Sheet:
    """An article with names and nothing said."""
    sheet = Sheet(
        article(
            [
                ("headline", "Storm Hedda nears"),
                ("body", "Storm Hedda will reach Skerrow at dawn."),
            ],
            release=release,
            publisher=publisher,
            story=story,
        )
    )
    sheet.mention("Storm Hedda", "EVENT")
    sheet.mention("Storm Hedda", "EVENT", nth=2)
    sheet.mention("Skerrow", "GPE")
    return sheet


def sample() -> list[Sheet]:
    """Six labelled articles in all three splits: four to ship, one to fetch, one to withhold."""
    return [
        trams(story=story("train")),
        harbour(story=story("train", 1)),
        weather(story=story("train", 2)),
        trams(publisher="Coast Paper", story=story("validation")),
        harbour("fetch", "Example News", story("test")),
        trams("withhold", "Closed Times", story("test", 1)),
    ]


RIGHTS = [["pattern", "licence", "release", "basis", "attribution"]] + [
    [pattern, LICENCES[release][0], release, "a test", LICENCES[release][1]]
    for pattern, release in (
        ("house-desk", "ship"),
        ("coast-paper", "ship"),
        ("example-news", "fetch"),
        ("closed-times", "withhold"),
    )
]


def furnish(
    root: Path, sheets: Sequence[Sheet], *, batch: str = "b1", hydrate: Sequence[str] = ()
) -> ledger.House:
    """Write a root's corpus/ with these articles, their gold and one annotator's work.

    The releases in `hydrate` (fetch, withhold) have their texts in build/text/.
    """
    house = ledger.House(root)
    by_publisher: dict[str, list[Article]] = {}
    for sheet in sheets:
        by_publisher.setdefault(sheet.article.publisher, []).append(sheet.article)
        if sheet.article.rights.release in hydrate:
            atomic.write_bytes(
                house.text / f"{sheet.article.id}.json", msgspec.json.encode(sheet.article)
            )
    for publisher, articles in by_publisher.items():
        name = publisher.lower().replace(" ", "-")
        ledger.write(
            house.articles / f"{name}.jsonl",
            (a if a.rights.release == "ship" else masked(a) for a in articles),
        )
    stories = sorted({s.article.story for s in sheets})
    tables = {
        house.splits: [["story", "split"], *([s, split_of(s)] for s in stories)],
        house.rights: RIGHTS,
        house.annotators: [
            ["id", "kind", "model", "version", "given"],
            ["ann", "model", "a-model", "1", "the guidelines"],
        ],
        house.batches / f"{batch}.csv": [
            ["article", "annotator"],
            *([s.article.id, "ann"] for s in sheets),
        ],
    }
    for path, table in tables.items():
        atomic.write_bytes(path, b"".join(ledger.csv_line(row) for row in table))
    golds = sorted((s.gold() for s in sheets), key=lambda gold: gold.article_id)
    ledger.write(house.gold / f"{batch}.jsonl", golds)
    ledger.write(
        house.annotations / batch / "ann.jsonl", (s.annotation(batch, "ann") for s in sheets)
    )
    return house
