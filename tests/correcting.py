"""Does the edits of `labelling.effort` in the real interface, and counts what they cost.

    PYTHONPATH=scripts:tests python tests/correcting.py MODEL [ARTICLE ...]

counts each kind of edit once, on an article that is made up, then labels the named articles of the
corpus twice in the browser, from nothing and from what MODEL suggests, and says whether what was
pulled is the gold. The browser itself counts, as in actions.py; what is pasted is no key.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from playwright.sync_api import Browser

import actions
import browser as ui
from onrecord import labels
from onrecord.gold.settle import span_key
from onrecord.labelling import accounts, effort, interface, labelstudio, tasks
from onrecord.labelling.effort import Edit
from onrecord.ledger import House
from onrecord.quality import bills, comparing
from onrecord.records import Annotation, AnnotationEntity, Article, Attributes, Link, Span
from onrecord.verbs.suggest import suggester
from parts import HOME

HOLDER_UNNAMED = "h"
BASIS = {"explicit": "e", "implied": "i", "action": "a"}


class Hand:
    """An annotator's hand at a window: does edits, and knows which region is which span."""

    def __init__(self, window: ui.Studio, have: Annotation) -> None:
        self.window = window
        self.region = {span_key(s): tasks.region_id(s.id) for s in have.spans}
        self.listed = {tasks.entity_line(e) for e in have.entities}

    def do(self, edit: Edit) -> None:
        """Do one edit; nothing is selected before and after."""
        window, to = self.window, edit.to
        spans = labels.load().spans
        if edit.kind == "draw" and to:
            hotkey = spans[to.label].hotkey
            self.region[to.id] = window.draw(hotkey, to.start, to.end)["id"]
        elif edit.kind == "delete":
            window.delete(self.region.pop(edit.span))
        elif edit.kind == "relabel" and to:
            region = self.region[to.id] = self.region.pop(edit.span)
            window.relabel(region, spans[to.label].hotkey, to.label)
        elif edit.kind in ("edge", "edges") and to:
            self._edges(edit, to)
        elif edit.link:
            ends = (self.region[edit.link.from_], self.region[edit.link.to])
            if edit.kind == "unlink":
                window.unlink(*ends)
            else:
                window.link(*ends, edit.words or None)
        elif edit.kind == "entity":
            window.choose_entity(self.region[edit.span], edit.words)
        elif edit.kind == "write entity":
            window.write(self.region[edit.span], "entity_other", edit.words)
        elif edit.kind == "write target":
            window.write(self.region[edit.span], "target_text", edit.words)
        elif edit.kind == "basis":
            window.answer(self.region[edit.span], BASIS[edit.words], "basis")
        elif edit.kind == "unnamed":
            window.answer(self.region[edit.span], HOLDER_UNNAMED, "holder_unnamed")
        window.unselect()

    def _edges(self, edit: Edit, to: Span) -> None:
        region = self.region[to.id] = self.region.pop(edit.span)
        self.window.select_region(region)
        held = next(r for r in self.window.regions() if r["id"] == region)
        # The edge that moves outwards first: an edge cannot pass the other.
        moves = [("left", to.start, held["start"]), ("right", to.end, held["end"])]
        if to.start >= held["end"]:
            moves.reverse()
        for edge, wanted, now in moves:
            if wanted != now:
                self.window.move_edge(region, edge, wanted)


class Count(NamedTuple):
    """What the browser counted for edits, and what was pulled afterwards."""

    by_edit: list[int]
    pulled: Annotation

    @property
    def actions(self) -> int:
        return sum(self.by_edit)


def work(
    browser: Browser,
    connection: labelstudio.Room,
    account: accounts.Account,
    article: Article,
    have: Annotation,
    todo: Iterable[Edit],
) -> Count:
    """Do the edits in a task that shows `have`, submit, and pull."""
    project = connection.ensure_project("count corrections", interface.label_config())
    try:
        connection.push(project, [tasks.task_of(article, [have] if have.spans else [])])
        with ui.Studio(browser, connection.url) as window:
            window.log_in(account.email, account.password)
            window.open_stream(project)
            window.show_links()
            window.page.evaluate(actions.COUNT)
            hand = Hand(window, have)
            counts = []
            for edit in todo:
                before = int(window.page.evaluate("() => counted"))
                hand.do(edit)
                counts.append(int(window.page.evaluate("() => counted")) - before)
            window.submit()
        return Count(counts, _pulled(connection, project, have))
    finally:
        connection.delete_project(project)


def _pulled(connection: labelstudio.Room, project: int, have: Annotation) -> Annotation:
    (task,) = connection.export(project)
    (answer,) = task["annotations"]
    told = tasks.Answer(answer["result"], have.annotator, "submitted", "", 0, "")
    pulled, problems = tasks.annotation_of(told, task["data"], have.batch, labels.load())
    assert not problems, problems
    return pulled


# --- every kind of edit, once -------------------------------------------------------------------

ARTICLE = actions.ARTICLE
HEARD = "the pilots had been heard twice, and that the office would go on"


def _annotation(
    spans: Iterable[tuple[str, str, str]],
    links: Iterable[tuple[str, str, str]],
    entities: Iterable[AnnotationEntity],
    attributes: dict[str, Attributes],
) -> Annotation:
    """An annotation of the article: spans as label, words and entity; links by words."""
    made = [
        Span(
            id=f"{label} {words}",
            label=label,
            start=actions.at(words)[0],
            end=actions.at(words)[1],
            entity=entity,
            attributes=attributes.get(words, Attributes()),
            origin="prediction",
        )
        for label, words, entity in spans
    ]
    return Annotation(
        article_id=ARTICLE.id,
        text_sha256=ARTICLE.text_sha256,
        batch="corrections",
        annotator="suggested",
        layers=list(labels.LAYERS),
        entities=list(entities),
        spans=made,
        links=[Link(from_=a, to=b, role=role) for role, a, b in links],
    )


VIK = AnnotationEntity(id="Odd Vik", name="Odd Vik")
LUND = AnnotationEntity(id="Tove Lund", name="Tove Lund")
CLUB = AnnotationEntity(id="Q1", name="Skerrow Ferry Club", kb_id="Q1")
TOWN = AnnotationEntity(id="Skerrow", name="Skerrow")
HAVE = _annotation(
    [
        ("PERSON", "Tove Lund", "Tove Lund"),
        ("ORG", "the Ferry Club", "Skerrow"),
        ("ORG", "Skerrow", "Skerrow"),
        ("PERSON", "Odd Vik", "Tove Lund"),
        ("ORG", "harbour office", "Skerrow"),
        ("QUOTE", "“The plan is a mistake,”", ""),
        ("QUOTE", "that the pilots had been heard twice", ""),
        ("STANCE_FAVOR", "condemned the quay plan", ""),
    ],
    [("speaker", "PERSON Odd Vik", "QUOTE “The plan is a mistake,”")],
    [LUND, VIK, TOWN],
    {},
)
WANT = _annotation(
    [
        ("PERSON", "Tove Lund", "Tove Lund"),
        ("ORG", "Ferry Club", "Q1"),
        ("GPE", "Skerrow", "Skerrow"),
        ("DATE", "Friday", ""),
        ("PERSON", "Odd Vik", "Odd Vik"),
        ("MENTION", "She", ""),
        ("MENTION", "He", ""),
        ("MENTION", "the quay plan", ""),
        ("QUOTE", "“The plan is a mistake,”", ""),
        ("CUE", "told", ""),
        ("QUOTE", HEARD, ""),
        ("CUE", "said", ""),
        ("STANCE_AGAINST", "condemned the quay plan", ""),
        ("STANCE_AGAINST", "turn against quay plan", ""),
    ],
    [
        ("speaker", "PERSON Tove Lund", "QUOTE “The plan is a mistake,”"),
        ("cue", "QUOTE “The plan is a mistake,”", "CUE told"),
        ("speaker", "MENTION He", f"QUOTE {HEARD}"),
        ("cue", f"QUOTE {HEARD}", "CUE said"),
        ("same", "PERSON Tove Lund", "MENTION She"),
        ("same", "PERSON Odd Vik", "MENTION He"),
        ("holder", "PERSON Odd Vik", "STANCE_AGAINST condemned the quay plan"),
        ("target", "MENTION the quay plan", "STANCE_AGAINST condemned the quay plan"),
    ],
    [LUND, VIK, CLUB, TOWN],
    {
        "condemned the quay plan": Attributes(basis="action"),
        "turn against quay plan": Attributes(holder_unnamed=True, target_text="the plan"),
    },
)


def kinds(
    browser: Browser, connection: labelstudio.Room, account: accounts.Account
) -> tuple[dict[str, set[int]], list[str]]:
    """What each kind of edit cost in the browser, and what of the pulled is not as wanted."""
    todo = effort.edits(ARTICLE.text, HAVE, WANT)
    found = work(browser, connection, account, ARTICLE, HAVE, todo)
    costs: dict[str, set[int]] = {}
    for edit, counted in zip(todo, found.by_edit, strict=True):
        costs.setdefault(edit.kind, set()).add(counted)
    goal = comparing.reading(ARTICLE, WANT)
    return costs, effort.unlike(goal, comparing.reading(ARTICLE, found.pulled))


# --- whole articles -----------------------------------------------------------------------------


def article(
    browser: Browser, connection: labelstudio.Room, account: accounts.Account, plan: bills.Plan
) -> Iterator[tuple[str, int, int, list[str]]]:
    """Label an article from nothing and from suggestions: what it is, actions counted and
    computed, and what of the pulled is not as in gold."""
    goal = comparing.reading(plan.article, plan.want)
    for name, have in (("nothing", effort.empty(plan.want)), ("suggestions", plan.have)):
        todo = effort.edits(plan.article.text, have, plan.want)
        found = work(browser, connection, account, plan.article, have, todo)
        written = sum(edit.kind.startswith("write") for edit in todo)
        computed = sum(edit.actions for edit in todo) - written
        yield (
            name,
            found.actions,
            computed,
            effort.unlike(goal, comparing.reading(plan.article, found.pulled)),
        )


def main() -> None:
    house = House(HOME)
    plans = {plan.article.id: plan for plan in bills.plans(house, suggester(house, sys.argv[1]))}
    with actions.room_of_its_own() as (b, connection, account):
        costs, wrong = kinds(b, connection, account)
        print("each kind of edit:", costs, "not as wanted:", wrong, flush=True)
        for id_ in sys.argv[2:]:
            for told in article(b, connection, account, plans[id_]):
                print(id_, *told, flush=True)


if __name__ == "__main__":
    main()
