"""A system's output against gold, article by article. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from onrecord.gold import graph
from onrecord.quality import comparing
from onrecord.quality.comparing import Comparison
from onrecord.records import Annotation, Article, Gold, Problem


@dataclass(frozen=True)
class Output:
    """The rows of a file by article and hash of its text, and the line of each article."""

    file: Path
    rows: Mapping[tuple[str, str], Annotation]
    lines: Mapping[str, int]

    def problem(self, article_id: str, rule: str, message: str) -> Problem:
        """What is wrong with the row of an article."""
        return problem(self.file, self.lines[article_id], rule, article_id, message)


@dataclass
class Scored:
    """What became of each gold article, by ids: compared, or why not."""

    comparisons: list[Comparison] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    without_text: list[str] = field(default_factory=list)
    nothing: list[str] = field(default_factory=list)
    """Compared, and counted as if nothing was found: the output has no row for them."""
    partly: list[str] = field(default_factory=list)
    """The same for a layer that their row does not name and other rows do."""
    seen: set[str] = field(default_factory=set)
    spans: int = 0
    misplaced: int = 0
    """Of the spans compared, those that begin or end inside a word or with white space."""


def score(
    golds: Iterable[tuple[int, Gold, Article | None]], gold_file: Path, output: Output
) -> Scored:
    """Compare the output with gold: `(line, gold, article)`, None for an article not in the corpus.

    A gold article without a row, or with a row that lacks a layer, counts as if nothing was found
    in the layers that other rows have; with a row that cannot be read it is a problem. Rows without
    gold are left alone.
    """
    found = Scored()
    layers = {layer for row in output.rows.values() for layer in row.layers}
    for number, gold, article in golds:
        found.seen.add(gold.article_id)
        if article is None:
            said = "not in corpus/"
            found.problems.append(
                problem(gold_file, number, "article.unknown", gold.article_id, said)
            )
            continue
        if not article.text:
            found.without_text.append(article.id)
            continue
        row = output.rows.get((article.id, article.text_sha256))
        if row is None:
            if article.id in output.lines:
                said = "made on another text than gold's"
                found.problems.append(output.problem(article.id, "text.other", said))
                continue
            found.nothing.append(article.id)
            row = Annotation(
                article_id=article.id,
                text_sha256=article.text_sha256,
                batch="",
                annotator="",
                layers=[each for each in gold.layers if each in layers or not output.rows],
            )
        if faults := graph.unread(row, article, article.text):
            found.problems += [output.problem(article.id, rule, said) for rule, said in faults]
            continue
        if missing := [each for each in gold.layers if each in layers - {*row.layers}]:
            found.partly.append(article.id)
            row = msgspec.structs.replace(row, layers=[*row.layers, *missing])
        found.spans += len(row.spans)
        found.misplaced += graph.misplaced(row, article.text)
        found.comparisons.append(
            comparing.compare(article.text, gold, comparing.reading(article, row))
        )
    return found


def problem(file: Path, line: int, rule: str, article_id: str, message: str) -> Problem:
    """A problem of a row of a file."""
    return Problem(file=file.as_posix(), line=line, rule=rule, id=article_id, message=message)
