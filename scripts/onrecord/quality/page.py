"""The report as one page that needs no network and no script. Pure.

Colours are of a single hue (heat maps, bars) or come with a shape or a word, so nothing depends on
colour alone; `page.css` has them for a light and a dark screen. Everything from the corpus is
escaped, control characters too: it is data, never markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from onrecord import labels
from onrecord.quality.agree import PEERS, Confused, Group, kinds_of
from onrecord.quality.figures import Figure
from onrecord.quality.measures import MEASURES, UNMARKED, measure
from onrecord.quality.report import LENGTHS, SPLITS, Dispute, Labour, Report, Split
from onrecord.records import many, shown

OPEN = 25
"""Rows of a table that are visible; the others are folded."""

STYLE = Path(__file__).with_name("page.css").read_text("utf-8")

_LAYERS = {"entities": "Entities", "quotes": "Quotes", "stance": "Stance"}
_CONFUSIONS = {
    "entities": "Types of mentions",
    "quotes": "Types of shared quotes",
    "stance": "Polarity of shared pairs",
}


def page(report: Report) -> str:
    """The whole page as HTML. Same report, same bytes."""
    parts = [
        ("corpus", "Corpus", _corpus(report)),
        ("agreement", "Agreement", _agreement(report)),
        ("labels", "Labels and lengths", _labels(report.splits)),
        ("annotators", "Annotators", _labour(report.labour)),
        ("disagreements", "Disagreements and what became of them", _disputes(report)),
    ]
    links = "".join(f'<a href="#{key}">{title}</a>' for key, title, _ in parts)
    body = "".join(
        f'<section id="{key}"><h2>{title}</h2>{html}</section>' for key, title, html in parts
    )
    return shown(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src '
        "'unsafe-inline'\">"
        f"<title>onrecord: report</title><style>\n{STYLE}</style></head><body>"
        f"<h1>The corpus and the quality of its labels</h1><nav>{links}</nav>"
        f"{body}</body></html>\n"
    )


# --- pieces -----------------------------------------------------------------------------------


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: int = 0) -> str:
    """A table of text cells; those from column `numbers` on are numbers (0: none are)."""

    def cell(tag: str, at: int, value: object) -> str:
        kind = ' class="n"' if numbers and at >= numbers else ""
        return f"<{tag}{kind}>{escape(str(value))}</{tag}>"

    head = "".join(cell("th", at, name) for at, name in enumerate(columns))
    return _folded(
        f"<table><thead><tr>{head}</tr></thead>",
        [f"<tr>{''.join(cell('td', at, x) for at, x in enumerate(row))}</tr>" for row in rows],
    )


def _cards(columns: Sequence[str], rows: Sequence[str]) -> str:
    """A table of HTML rows, which become cards on a phone."""
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    return _folded(f'<table class="cards"><thead><tr>{head}</tr></thead>', rows)


def _folded(head: str, rows: Sequence[str]) -> str:
    """A table; a long one shows its first rows and folds the others.

    A link to a folded row opens it, and so does a search in the page.
    """

    def table(rows: Sequence[str]) -> str:
        return f'<div class="wide">{head}<tbody>{"".join(rows)}</tbody></table></div>'

    rest = rows[OPEN:]
    if not rest:
        return table(rows)
    told = f"{_number(len(rest))} more of {_number(len(rows))}"
    return f"{table(rows[:OPEN])}<details><summary>{told}</summary>{table(rest)}</details>"


def _anchor(*parts: str) -> str:
    """An element id made from keys of the corpus, for `id` and, quoted, for `href`."""
    return ":".join(parts).replace(" ", "_")


def _id(*parts: str) -> str:
    return f'id="{escape(_anchor(*parts))}"'


def _link(words: str, *parts: str) -> str:
    return f'<a href="#{escape(quote(_anchor(*parts), safe=":-_."))}">{escape(words)}</a>'


def _number(number: int) -> str:
    return f"{number:,}"


# --- corpus -----------------------------------------------------------------------------------


def _corpus(report: Report) -> str:
    rows = [
        [
            p.publisher,
            p.release or "unknown",
            *map(_number, (p.articles, p.with_text, p.words, p.gold)),
            *(_number(p.splits.get(name, 0)) for name in SPLITS),
        ]
        for p in report.publishers
    ]
    if len(rows) > 1:
        sums = [
            [p.articles, p.with_text, p.words, p.gold, *(p.splits.get(s, 0) for s in SPLITS)]
            for p in report.publishers
        ]
        every = ["all", "", *(_number(sum(column)) for column in zip(*sums, strict=True))]
        rows.insert(0, every)  # not behind the fold
    columns = ["publisher", "release", "articles", "text here", "words", "gold", *SPLITS]
    overlaps = "".join(
        f"<p>{o.in_train} of the {o.entities} named entities in {escape(o.split)}"
        f" ({o.in_train / o.entities:.0%}) are in train too.</p>"
        for o in report.overlaps
        if o.entities
    )
    told = (
        "<p class=soft>A text is here if it may lie in the corpus or was hydrated; words are those"
        " of texts that are here.</p>"
    )
    return _table(columns, rows, numbers=2) + told + overlaps


# --- agreement --------------------------------------------------------------------------------


def _agreement(report: Report) -> str:
    told = report.agreement
    if not told.groups:
        return (
            "<p>No article has two submitted annotations, so there is no agreement to measure."
            f" {many(told.single, 'article')} with one.</p>"
        )
    html = (
        "<p>A dot is a measure over all articles, its line the 95 % interval over resampled"
        " articles. Finding is whether something is marked; judging is what is said about what"
        " both marked. docs/agreement.md defines every measure.</p>"
    )
    if told.without_text:
        html += f"<p>{many(len(told.without_text), 'article')} without text here left out.</p>"
    for group in told.groups:
        html += _group(group)
    if any(group.kind != "people" for group in told.groups):
        rows = ([p.corpus, f"{p.value:.3f}", p.what, p.measure] for p in PEERS)
        html += "<h3>Agreement between people that other corpora published</h3>" + _table(
            ["corpus", "figure", "what it is", "nearest measure"], rows
        )
    return html


_AXIS = (
    '<div class="row axis"><span></span><span class="track"><b style="left:0">0</b>'
    '<b style="left:50%">0.5</b><b style="left:100%">1</b></span><span></span></div>'
)


def _group(group: Group) -> str:
    names = sorted({name for pair in group.pairs for name in (pair.first, pair.second)})
    who = f"{', '.join(names)}; {many(group.articles, 'article')}"
    html = (
        f'<div class="group" id="group-{group.kind}"><h3>{escape(group.heading)}</h3>'
        f"<p><b>{escape(who)}.</b> {escape(group.about)}</p>"
    )
    peers = group.kind == "people"
    if peers:
        html += (
            '<p class="track key"><i class="dot"></i>here'
            '<i class="peer"></i>published elsewhere, between people</p>'
        )
    for layer, title in _LAYERS.items():
        rows = [
            _dot(name, figure, peers)
            for name, figure in group.figures.items()
            if measure(name).layer == layer
        ]
        if rows:
            html += f'<div class="plot"><h4>{title}</h4>{_AXIS}{"".join(rows)}</div>'
    for name, title in _CONFUSIONS.items():
        if group.confusions.get(name):
            html += f"<h4>{title}</h4>{_heat(group.confusions[name])}"
    if len(group.pairs) > 1:
        keys = [name for name in MEASURES if name in group.figures]
        rows = (
            [
                f"{pair.first} and {pair.second}",
                pair.articles,
                *(f"{pair.figures[k].value:.3f}" if k in pair.figures else "" for k in keys),
            ]
            for pair in group.pairs
        )
        columns = ["pair", "articles", *(MEASURES[key].title for key in keys)]
        html += "<h4>Each pair</h4>" + _table(columns, rows, numbers=1)
    return html + "</div>"


def _dot(name: str, figure: Figure, peers: bool) -> str:
    kind = measure(name)
    part = name not in MEASURES
    least = -1.0 if "alpha" in name else 0.0

    def at(value: float) -> str:
        return f"{100 * (value - least) / (1 - least):.1f}%"

    low, high = at(figure.low), f"{100 * (figure.high - figure.low) / (1 - least):.1f}%"
    marks = "".join(
        f'<i class="peer" style="left:{at(p.value)}" title="{escape(str(p))}"></i>'
        for p in PEERS
        if peers and p.measure == name
    )
    elsewhere = "".join(f" · {escape(str(p))}" for p in PEERS if peers and p.measure == name)
    css, means = "row part" if part else "row", escape(kind.means)
    side = "" if part else f' <span class="soft">{kind.side}</span>'
    scale = ' <span class="soft">(-1 to 1)</span>' if least else ""
    return (
        f'<div class="{css}"><span class="name" title="{means}">'
        f"{escape(kind.title)}{side}{scale}{elsewhere}</span>"
        f'<span class="track" role="img" aria-label="{figure.value:.3f}">'
        f'<i class="span" style="left:{low};width:{high}"></i>{marks}'
        f'<i class="dot" style="left:{at(figure.value)}"></i></span>'
        f'<span class="value"><b>{figure.value:.3f}</b> {figure.low:.2f} to {figure.high:.2f}'
        f' <span class="soft">n {_number(figure.n)}</span></span></div>'
    )


def _heat(confused: Sequence[Confused]) -> str:
    """A symmetric confusion matrix as a heat map, shaded by share of the row."""
    kinds = kinds_of(confused)
    counts: dict[tuple[str, str], int] = {}
    for c in confused:
        counts[c.one, c.other] = counts[c.other, c.one] = c.count
    head = "".join(f"<th>{escape(kind or 'not marked')}</th>" for kind in kinds)
    body = ""
    for kind in kinds:
        total = sum(counts.get((kind, other), 0) for other in kinds)
        cells = ""
        for other in kinds:
            count = counts.get((kind, other), 0)
            share = count / total if total else 0
            shade = f' style="--share:{share:.2f}"' if count else ""
            same = ' class="same"' if kind == other and kind != UNMARKED else ""
            cells += f"<td{same}{shade}>{_number(count) if count else ''}</td>"
        body += f"<tr><th>{escape(kind or 'not marked')}</th>{cells}</tr>"
    return (
        f'<div class="wide"><table class="heat"><thead><tr><th></th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


# --- labels -----------------------------------------------------------------------------------


def _labels(splits: Sequence[Split]) -> str:
    known = labels.load()
    html = (
        "<p>Bars are shares within a split, numbers are counts. Articles by their length in words,"
        " texts that are here; labels of gold.</p>"
    )
    bounds = [0, *LENGTHS]
    classes = [f"{low + 1}–{high}" for low, high in zip(bounds, LENGTHS, strict=False)]
    classes.append(f"over {LENGTHS[-1]}")
    lengths = [[s.lengths[at] for s in splits] for at in range(len(classes))]
    html += _bars("Length in words", classes, lengths, splits)
    orders = {
        "entities": known.mention_types,
        "quotes": known.enum("quote_type"),
        "stance": known.enum("stance_polarity"),
    }
    for layer, order in orders.items():
        rows = [[s.labels[layer].get(kind, 0) for s in splits] for kind in order]
        kept = [(kind, row) for kind, row in zip(order, rows, strict=True) if any(row)]
        if kept:
            kinds, counts = zip(*kept, strict=True)
            html += _bars(_LAYERS[layer], kinds, counts, splits)
    return html


def _bars(
    title: str, names: Sequence[str], rows: Sequence[Sequence[int]], splits: Sequence[Split]
) -> str:
    totals = [sum(column) or 1 for column in zip(*rows, strict=True)]
    cells = "<span></span>" + "".join(f"<b>{escape(s.split)}</b>" for s in splits)
    for name, row in zip(names, rows, strict=True):
        cells += f"<span>{escape(name)}</span>"
        for count, total in zip(row, totals, strict=True):
            width = f"{100 * count / total:.1f}%"
            told = f"<span>{_number(count)}</span>"
            cells += f'<span class="bar"><b style="width:{width}"></b>{told}</span>'
    return f'<h3>{escape(title)}</h3><div class="bars">{cells}</div>'


# --- annotators -------------------------------------------------------------------------------


def _labour(labour: Sequence[Labour]) -> str:
    if not labour:
        return "<p>Nobody has submitted anything yet.</p>"
    rows = []
    for who in labour:
        work = map(_number, (who.submitted, who.skipped, who.drafts, who.spans))
        time = who.seconds / 3600, who.median_seconds / 60, who.articles_per_hour
        timed = [f"{x:.1f}" for x in time] if who.timed else ["not recorded", "", ""]
        origins = map(_number, (who.manual, who.kept, who.changed))
        deleted = _number(who.deleted) if who.suggested else "not known"
        rows.append([who.annotator, who.model or who.kind, *work, *timed, *origins, deleted])
    columns = ["annotator", "what", "submitted", "skipped", "drafts", "spans", "hours"]
    columns += [
        "minutes, median",
        "articles/hour",
        "drawn",
        "suggestions kept",
        "changed",
        "deleted",
    ]
    told = (
        "<p class=soft>Time is Label Studio's lead time: the page was open, not always looked at."
        " It is told where it was recorded. Suggestions that were deleted are known only where the"
        " suggestions are given (--suggestions).</p>"
    )
    return _table(columns, rows, numbers=2) + told


# --- disagreements ----------------------------------------------------------------------------


def _disputes(report: Report) -> str:
    fates, shown = report.fates, report.disputes
    found = sum(fates.values())
    if not found:
        return "<p>There are none.</p>"
    html = (
        f"<p>{many(found, 'item')} that not all annotators have:"
        f" {_number(fates['decided'])} decided, {many(fates['gone'], 'link')} gone with an end that"
        f" was decided away, {_number(fates['open'])} open. An article with an open item is not"
        " gold. An item's key is the one in <code>corpus/adjudications</code>, a gold item's id the"
        " one in <code>corpus/gold</code>.</p>"
    )
    if len(shown) < found:
        html += f"<p>The first {_number(len(shown))} are here, all are in report.json.</p>"
    columns = ["article", "item", "words", "who has it", "what became of it"]
    html += _cards(columns, [*map(_dispute, shown)])
    decided = [d for d in shown if d.fate == "decided"]
    if decided:
        columns = ["decision", "chosen", "why", "gold items"]
        html += f'<h3 id="decisions">Decisions</h3>{_cards(columns, [*map(_decision, decided)])}'
    items: dict[str, list[Dispute]] = {}
    for dispute in decided:
        for id_ in dispute.gold:
            items.setdefault(id_, []).append(dispute)
    if items:
        columns = ["gold item", "file", "decisions", "disagreements"]
        rows = [_gold_item(id_, items[id_]) for id_ in sorted(items)]
        html += f'<h3 id="gold">Gold items that were decided</h3>{_cards(columns, rows)}'
    return html


def _keys(dispute: Dispute) -> tuple[str, str, str]:
    return dispute.batch, dispute.article_id, dispute.item


def _cell(of: str, html: str) -> str:
    return f'<td data-of="{of}">{html}</td>'


def _dispute(d: Dispute) -> str:
    fate = {"open": "open", "gone": "gone with an end", "decided": ""}[d.fate]
    became = f'<span class="flag">{fate}</span>' if fate else ""
    if d.fate == "decided":
        became = _link(f"decided: {d.chosen}", "decision", *_keys(d))
    became += "".join(f"<br>{_link(id_, 'gold', id_)}" for id_ in d.gold)
    return (
        f"<tr {_id('item', *_keys(d))}>"
        + _cell("", f"{escape(d.article_id)}<br><span class=soft>{escape(d.batch)}</span>")
        + _cell("", f"<code>{escape(d.item)}</code>")
        + _cell("", escape(d.words))
        + _cell("has it:", escape(", ".join(d.annotators) or "nobody"))
        + _cell("became:", became)
        + "</tr>"
    )


def _decision(d: Dispute) -> str:
    where = f"corpus/adjudications/{d.batch}.jsonl"
    gold = "<br>".join(_link(id_, "gold", id_) for id_ in d.gold)
    return (
        f"<tr {_id('decision', *_keys(d))}>"
        + _cell(
            "",
            f"{_link(d.item, 'item', *_keys(d))}<br><span class=soft>{escape(d.article_id)},"
            f" {escape(where)}</span>",
        )
        + _cell("chosen:", f"{escape(d.chosen)} <span class=soft>by {escape(d.adjudicator)}</span>")
        + _cell("why:", escape(d.why))
        + _cell("gold:", gold or '<span class="soft">decided against: none</span>')
        + "</tr>"
    )


def _gold_item(id_: str, disputes: Sequence[Dispute]) -> str:
    decisions = "<br>".join(_link(d.item, "decision", *_keys(d)) for d in disputes)
    items = "<br>".join(_link(d.item, "item", *_keys(d)) for d in disputes)
    where = f"corpus/gold/{disputes[0].batch}.jsonl"
    return (
        f"<tr {_id('gold', id_)}>"
        + _cell("", f"<code>{escape(id_)}</code>")
        + _cell("", escape(where))
        + _cell("decision:", decisions)
        + _cell("disagreement:", items)
        + "</tr>"
    )
