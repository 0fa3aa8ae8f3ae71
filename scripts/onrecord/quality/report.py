"""The figures of the report on the corpus and its labels; `page` renders them.

Everything is counted in one pass over articles, gold and each batch. Only counts are kept, and the
disagreements that the page shows.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from textwrap import indent

import msgspec

from onrecord import ledger
from onrecord.compact import hash64
from onrecord.gold.documents import settled_of
from onrecord.gold.newest import newest_gold
from onrecord.gold.settle import Settled, item_of, settle
from onrecord.gold.works import Annotator, Work, Works, annotators
from onrecord.ledger import House
from onrecord.quality.agree import Agreement, agreement
from onrecord.quality.leaks import Entities, Overlap
from onrecord.records import Annotation, Article, Decision, Gold, Problem
from onrecord.shelf import Shelf
from onrecord.splits import SHARES

MOST = 2000
"""Disagreements on the page; report.json has all."""

SPLITS = [name for name, _ in SHARES]
LENGTHS = (100, 200, 400, 800, 1600)
"""Upper bounds of the classes of article lengths, in words; the last class is open."""


class Publisher(msgspec.Struct, kw_only=True):
    """A row of the corpus table. `words` are those of available texts; `splits` count articles."""

    publisher: str
    release: str
    articles: int = 0
    with_text: int = 0
    words: int = 0
    gold: int = 0
    splits: dict[str, int] = {}


class Split(msgspec.Struct, kw_only=True):
    """The gold of a split. `lengths` are articles with text by class of LENGTHS; `labels` are
    counts by "entities" (types of names), "quotes" (types), "stance" (polarity)."""

    split: str
    articles: int = 0
    gold: int = 0
    lengths: list[int] = []
    labels: dict[str, dict[str, int]] = {}


class Labour(msgspec.Struct, kw_only=True):
    """The work of an annotator, over all batches.

    `seconds` and `median_seconds` are over the `timed` rows, those with a lead time, which includes
    pauses with the page open. Of suggested spans, `kept` are unchanged and `changed` are not;
    `deleted` is known only if the suggestions are given (`suggested` is their number, else 0), in
    the batches where any is left: whoever has none there was shown none.
    """

    annotator: str
    kind: str
    model: str
    submitted: int = 0
    skipped: int = 0
    drafts: int = 0
    spans: int = 0
    timed: int = 0
    seconds: float = 0.0
    median_seconds: float = 0.0
    articles_per_hour: float = 0.0
    manual: int = 0
    kept: int = 0
    changed: int = 0
    suggested: int = 0
    deleted: int = 0


class Dispute(msgspec.Struct, kw_only=True):
    """An item that not all annotators of an article have, and what became of it.

    `item` is its key, as in the adjudication (see `gold.settle.item_key`). `fate` is one of FATES;
    "gone" is a link whose end was decided away. `gold` are the ids of the gold items that
    rest on the decision; none if it was decided against. `words` is "" if the text is not public.
    """

    batch: str
    article_id: str
    item: str
    words: str
    annotators: list[str]
    fate: str
    chosen: str = ""
    why: str = ""
    adjudicator: str = ""
    gold: list[str] = []


class Report(msgspec.Struct, kw_only=True):
    """Everything that the page shows; `form` makes report.json of it.

    `fates` counts all disagreements by what became of them, `disputes` are the first MOST.
    """

    publishers: list[Publisher]
    splits: list[Split]
    overlaps: list[Overlap]
    agreement: Agreement
    labour: list[Labour]
    fates: dict[str, int]
    disputes: list[Dispute]


FATES = ("decided", "gone", "open")


def form(report: Report, disputes: Iterable[Dispute]) -> Iterator[bytes]:
    """report.json, part by part: the report with all of its disagreements."""
    head = ledger.indented(msgspec.structs.replace(report, disputes=[]))
    yield head.removesuffix("[]\n}").encode()
    before = "["
    for dispute in disputes:
        yield f"{before}\n{indent(ledger.indented(dispute), '  ')}".encode()
        before = ","
    yield b"[]\n}\n" if before == "[" else b"\n ]\n}\n"


def collect(
    house: House,
    batches: Iterable[str],
    *,
    suggestions: Iterable[Annotation] = (),
    each: Callable[[Dispute], object] = lambda _: None,
) -> tuple[Report, list[Problem]]:
    """The report of a root, and the rows that could not be used.

    `each` is given every disagreement, in order. Takes half a kB of memory for each article that
    several labelled and a kB for one with suggestions. Raises DataError if rows cannot be read.
    """
    publishers, splits, overlaps = _corpus(house)
    suggested: dict[str, array[int]] = {}
    for row in suggestions:
        ids = {hash64(span.id) for span in row.spans}
        suggested[row.article_id] = array("Q", ids.union(suggested.get(row.article_id, ())))
    shelf = Shelf(house)
    people = annotators(house)
    counts = _Counts(people, suggested)
    fates: dict[str, int] = dict.fromkeys(FATES, 0)
    disputes: list[Dispute] = []
    problems: list[Problem] = []
    names: list[str] = []

    def works() -> Iterable[Work]:
        for name in batches:
            names.append(name)
            path = house.gold / f"{name}.jsonl"
            decided = {
                gold.article_id: {
                    item: [d.id for d in gold.decided if item in d.items]
                    for d in gold.decided
                    for item in d.items
                }
                for gold in ledger.read(path, Gold, name=house.name(path))
                if gold.decided
            }
            room = Works(house, name, shelf)
            for work in room:
                counts.add(work)
                for dispute in _disputes(name, work, decided.get(work.article.id, {})):
                    each(dispute)
                    fates[dispute.fate] += 1
                    if len(disputes) < MOST:
                        disputes.append(dispute)
                yield work
            problems.extend(room.problems)

    told = agreement(works(), people, workers=0)
    told.batches = names
    report = Report(
        publishers=publishers,
        splits=splits,
        overlaps=overlaps,
        agreement=told,
        labour=counts.labour(),
        fates=fates,
        disputes=disputes,
    )
    return report, problems


# --- the corpus -------------------------------------------------------------------------------


def _corpus(house: House) -> tuple[list[Publisher], list[Split], list[Overlap]]:
    split_of = ledger.splits(house)
    shelf = Shelf(house)
    publishers: dict[tuple[str, str], Publisher] = {}
    splits = {
        name: Split(split=name, lengths=[0] * (len(LENGTHS) + 1), labels=_no_labels())
        for name in SPLITS
    }
    line_of: dict[str, tuple[Publisher, str]] = {}
    for article_id in shelf:
        article = shelf.article(article_id)
        key = article.publisher, article.rights.release
        line = publishers.setdefault(key, Publisher(publisher=key[0], release=key[1]))
        split = split_of.get(article.story, "")
        line.articles += 1
        line.splits[split] = line.splits.get(split, 0) + 1
        line_of[article_id] = line, split
        if split in splits:
            splits[split].articles += 1
        if words := len(article.text.split()):
            line.with_text += 1
            line.words += words
            if split in splits:
                at = sum(words > bound for bound in LENGTHS)
                splits[split].lengths[at] += 1
    entities = Entities()
    for gold in newest_gold(house):
        if gold.article_id not in line_of:
            continue
        line, split = line_of[gold.article_id]
        line.gold += 1
        if split in splits:
            _count(gold, splits[split])
            entities.add(gold, split)
    ordered = sorted(publishers.values(), key=lambda p: (p.publisher.casefold(), p.release))
    return ordered, list(splits.values()), entities.overlaps()


def _no_labels() -> dict[str, dict[str, int]]:
    return {"entities": {}, "quotes": {}, "stance": {}}


def _count(gold: Gold, split: Split) -> None:
    split.gold += 1
    for layer, kinds in (
        ("entities", [m.type for m in gold.mentions]),
        ("quotes", [q.type for q in gold.quotes]),
        ("stance", [s.polarity for s in gold.stances]),
    ):
        for kind in kinds if layer in gold.layers else ():
            split.labels[layer][kind] = split.labels[layer].get(kind, 0) + 1


# --- who did what -----------------------------------------------------------------------------


@dataclass
class _Offered:
    """The suggestions for the articles that an annotator submitted in a batch, if they were shown:
    those that are no longer there, and those that are `left`, changed or not."""

    suggested: int = 0
    deleted: int = 0
    left: int = 0


class _Counts:
    """Counts the work of each annotator."""

    def __init__(
        self, people: Mapping[str, Annotator], suggested: Mapping[str, Sequence[int]]
    ) -> None:
        self._people = people
        self._suggested = suggested
        self._found: dict[str, Labour] = {}
        self._seconds: dict[str, list[float]] = defaultdict(list)
        self._offered: dict[tuple[str, str], _Offered] = defaultdict(_Offered)
        """By annotator and batch, as `push --suggest-to` shows them."""

    def add(self, work: Work) -> None:
        for row in work.rows:
            who = self._people.get(row.annotator, Annotator(row.annotator, "unknown"))
            line = self._found.setdefault(
                who.id, Labour(annotator=who.id, kind=who.kind, model=who.model)
            )
            if row.status != "submitted":
                line.skipped += row.status == "skipped"
                line.drafts += row.status == "draft"
                continue
            line.submitted += 1
            line.spans += len(row.spans)
            if row.lead_time > 0:
                self._seconds[who.id].append(row.lead_time)
            origins = Counter(span.origin for span in row.spans)
            line.manual += origins["manual"]
            line.kept += origins["prediction"]
            line.changed += origins["prediction-changed"]
            given = self._suggested.get(row.article_id, ())
            there = {hash64(span.id) for span in row.spans} if given else set()
            offered = self._offered[who.id, row.batch]
            offered.suggested += len(given)
            offered.deleted += sum(id_ not in there for id_ in given)
            offered.left += origins["prediction"] + origins["prediction-changed"]

    def labour(self) -> list[Labour]:
        for who, seconds in self._seconds.items():
            line = self._found[who]
            line.timed = len(seconds)
            line.seconds = round(sum(seconds), 3)
            line.median_seconds = round(median(seconds), 3)
            line.articles_per_hour = round(3600 * len(seconds) / sum(seconds), 3)
        for (who, _), offered in self._offered.items():
            if offered.left:
                self._found[who].suggested += offered.suggested
                self._found[who].deleted += offered.deleted
        return [self._found[who] for who in sorted(self._found)]


# --- what they differ about -------------------------------------------------------------------


def _disputes(batch: str, work: Work, gold: Mapping[str, Sequence[str]]) -> Iterable[Dispute]:
    """The items that not all annotators of an article have, and what became of them."""
    if len(work.submitted) < 2:
        return
    before = settle(work.submitted, text=work.article.text or None)
    # Without the text, it is unknown whether entities differ: these are no open differences.
    certain = set(settled_of(work._replace(adjudication=None)).disputed)
    after = settled_of(work)
    decisions = {d.item: d for d in work.adjudication.decisions} if work.adjudication else {}
    has = {row.annotator: _items(settle([row])) for row in work.submitted}
    for item in before.disputed:
        decision: Decision | None = decisions.get(item)
        if decision is None and item not in certain:
            continue
        fate = "decided" if decision else "open" if item in after.disputed else "gone"
        yield Dispute(
            batch=batch,
            article_id=work.article.id,
            item=item,
            words=_words(item, work.article),
            annotators=[name for name in sorted(has) if item in has[name]],
            fate=fate,
            chosen=decision.chosen if decision else "",
            why=decision.why if decision else "",
            adjudicator=work.adjudication.adjudicator if decision and work.adjudication else "",
            gold=list(gold.get(item, ())),
        )


def _items(settled: Settled) -> set[str]:
    spans = {item_of(span.id) for span in settled.spans}
    links = {item_of(link.from_, link.to, role=link.role) for link in settled.links}
    return spans | links | set(settled.disputed)


def _words(item: str, article: Article) -> str:
    """The words of an item's spans, shortened; "" if they may not be shown."""
    if article.rights.release != "ship" or not article.text:
        return ""
    shown = []
    for part in item.split():
        start, _, end = part.partition("-")
        if start.isdecimal() and end.isdecimal():
            shown.append(_shortened(" ".join(article.text[int(start) : int(end)].split())))
    return " → ".join(shown)


def _shortened(words: str) -> str:
    """Both ends of what is long, at whole words where it has blanks."""
    if len(words) <= 80:
        return words
    return f"{words[:41].rsplit(' ', 1)[0]} … {words[-37:].split(' ', 1)[-1]}"
