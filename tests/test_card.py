"""The card: every column and label explained, every figure the build's own."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
from datasets import load_dataset

import synthetic
from onrecord import atomic, ledger
from onrecord.dataset import building, card, measured
from onrecord.labels import load
from onrecord.quality import agree, measures
from onrecord.records import DataError

TEMPLATE = (Path(__file__).parents[1] / "DATASET_CARD.md").read_text(encoding="utf-8")


def tally(*sheets: synthetic.Sheet) -> card.Tally:
    counted = card.Tally()
    for sheet in sheets:
        counted.add(sheet.article, sheet.gold(), "train", load())
    return counted


def filled(counted: card.Tally, template: str = TEMPLATE) -> str:
    values = card.fills(
        counted,
        load(),
        rows=[("documents", "train", 2)],
        annotators=[["ann", "model", "m|1", "1", ""]],
        withdrawn=[["coast-paper-0123456789ab", "2024-03-01T10:00:00Z", "asked for"]],
        agreement=card.NOT_MEASURED,
        baselines=measured.NOT_MEASURED,
        version="1.2.3",
        newest="2024-05-06",
    )
    return card.fill(template, values)


def test_every_label_and_value_is_in_the_card() -> None:
    text = filled(tally(synthetic.trams()))
    labels = load()
    for name in [*labels.spans, *labels.links, *(v for vs in labels.values.values() for v in vs)]:
        assert f"| `{name}` |" in text


def test_every_measure_to_report_is_one_of_evaluate() -> None:
    told = card.sections(TEMPLATE)["Reporting a figure"]
    named = re.findall(r"`((?:entities|coreference|quotes|stance)\.\w+)`", told)
    assert len(named) >= 10
    assert set(named) <= measures.MEASURES.keys()


def test_figures_are_counted_from_gold() -> None:
    dated = synthetic.harbour("fetch", "Example News")
    dated.article.date_published = "2024-02-03"
    text = filled(tally(synthetic.trams(), dated))
    assert re.search(r"\| `QUOTE` \|.*\| 6 \| 0 \| 0 \|", text)
    assert re.search(r"\| `STANCE_AGAINST` \|.*\| 3 \| 0 \| 0 \|", text)
    assert "| Example News | CC-BY-2.5 | fetch | 1 | 1 | 2024-02-03 |" in text
    assert "| stance | machine-generated | single | 1 | 2 | 0 | 0 |" in text
    assert "| `documents` | 2 | 0 | 0 |" in text
    assert "| ann | model | m\\|1 | 1 |  |" in text
    assert "version 1.2.3, with 2 articles (without text here: 0" in text
    gold = [sheet.gold() for sheet in (synthetic.trams(), synthetic.harbour())]
    mentions, quotes, stances = (
        sum(len(items) for items in lists)
        for lists in zip(*((g.mentions, g.quotes, g.stances) for g in gold), strict=True)
    )
    assert f"{mentions} mentions, {quotes} quotes and {stances} stances" in text
    assert 'year = "2024"' in text
    assert "| coast-paper-0123456789ab | 2024-03-01T10:00:00Z | asked for |" in text


def test_a_cue_of_two_quotes_is_one_label() -> None:
    sheet = synthetic.Sheet(synthetic.article([("body", "“No,” she said, that it was over.")]))
    sheet.quote("“No,”", type="direct", cue=["said"])
    sheet.quote("that it was over", type="indirect", cue=["said"])
    assert re.search(r"\| `CUE` \|.*\| 1 \| 0 \| 0 \|", filled(tally(sheet)))


def test_a_row_of_a_table_is_a_line() -> None:
    """The reason of a take-down, or what an annotator was given, may be written in several."""
    told = card.table(["article", "why"], [["a-0123456789ab", "asked for\nby its author"]])
    assert told.splitlines()[2:] == ["| a-0123456789ab | asked for by its author |"]


def test_a_publishers_name_is_shown_and_does_nothing() -> None:
    article = synthetic.article([("body", "It was over.")], publisher="Quay\x1b[2J\r<img src=x>")
    assert "| Quay [2J &lt;img src=x> |" in filled(tally(synthetic.Sheet(article)))


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        (["machine-generated"], "made by a language model"),
        (["human"], "made by persons"),
        (["human", "machine-generated"], "some by language models"),
    ],
)
def test_who_labelled_is_told_as_it_is(sources: list[str], says: str) -> None:
    counted = card.Tally()
    for source in sources:
        gold = synthetic.weather().gold()
        gold.label_source = source
        counted.add(synthetic.weather().article, gold, "train", load())
    assert says in filled(counted, "{{labelled_by}}")
    assert ("machine-generated" in filled(counted, "{{annotations_creators}}")) == (
        "machine-generated" in sources
    )


@pytest.mark.parametrize("hole", ["{{figures}}", "{{ version }}", "{{}}"])
def test_an_unknown_placeholder_is_an_error(hole: str) -> None:
    with pytest.raises(DataError, match="unknown placeholder"):
        filled(tally(), f"a {hole} b")


# --- agreement ----------------------------------------------------------------------------------


def section_of_a_build(root: Path, kinds: dict[str, tuple[str, str]], drop: int = 0) -> str:
    """What the card of a build says under Agreement; `kinds` is annotator -> kind and model.

    The second annotator left out the last `drop` mentions.
    """
    house = synthetic.furnish(root, [synthetic.trams(), synthetic.harbour()])
    for annotator in list(kinds)[1:]:
        rows = [s.annotation("b1", annotator) for s in (synthetic.trams(), synthetic.harbour())]
        for row in rows:
            dates = [span.id for span in row.spans if span.label in ("DATE", "MONEY")][:drop]
            row.spans = [span for span in row.spans if span.id not in dates]
        ledger.write(house.annotations / "b1" / f"{annotator}.jsonl", rows)
    lines = [[name, kind, model, "1", "guidelines"] for name, (kind, model) in kinds.items()]
    table = b"".join(map(ledger.csv_line, [ledger.ANNOTATORS, *lines]))
    atomic.write_bytes(house.annotators, table)
    text = (building.build(house).folder / "README.md").read_text("utf-8")
    return card.sections(text)["Agreement"]


def test_agreement_that_was_not_measured_is_said_to_be_not_measured(tmp_path: Path) -> None:
    told = section_of_a_build(tmp_path, {"ann": ("model", "m")})
    assert told == card.NOT_MEASURED
    assert not re.search(r"\d", told)


def test_agreement_is_the_figures_of_agree(tmp_path: Path) -> None:
    told = section_of_a_build(tmp_path, {"ann": ("person", ""), "bob": ("person", "")}, drop=1)
    assert told.startswith("**Agreement between people**, 2 articles.")
    found, _ = agree.of_batches(ledger.House(tmp_path), ["b1"])
    group = found.group("people")
    assert group is not None
    figure = group.figures["entities.spans"]
    assert 0.5 < figure.value < 1
    assert f"| entities | finding | name spans, exact | {figure.value:.3f} |" in told
    assert "not measured" not in told


@pytest.mark.usefixtures("offline")
def test_agreement_can_be_computed_again_from_the_dataset(
    tmp_path: Path, cache: str, capsys: pytest.CaptureFixture[str]
) -> None:
    section_of_a_build(tmp_path, {"ann": ("person", ""), "bob": ("person", "")}, drop=1)
    found, _ = agree.of_batches(ledger.House(tmp_path), ["b1"])
    folder = tmp_path / "build/hub"
    blocks = re.findall(r"(?ms)^```python\n(.*?)^```", (folder / "README.md").read_text("utf-8"))
    (snippet,) = (code for code in blocks if "annotation_of" in code)
    exec(snippet, {"ONRECORD": str(folder), "load_dataset": partial(load_dataset, cache_dir=cache)})
    group = found.group("people")
    assert group is not None
    assert capsys.readouterr().out.splitlines() == [
        f"{name} {figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f}), {figure.n}"
        for name, figure in group.figures.items()
    ]


def test_a_models_self_consistency_is_never_called_agreement(tmp_path: Path) -> None:
    told = section_of_a_build(tmp_path, {"ann": ("model", "m"), "bob": ("model", "m")})
    assert told.startswith("**Model self-consistency: m**, 2 articles.")
    assert told.endswith("How far two people agree was not measured.")
