"""What `import onrecord` offers; tests/test_corpus.py runs the examples of docs/library.md."""

from __future__ import annotations

import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import onrecord
import synthetic
from onrecord.dataset import building
from onrecord.records import Gold, Problem, UsageError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = synthetic.furnish(tmp_path_factory.mktemp("library"), synthetic.sample())
    return building.build(house).folder


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys; before = {*sys.modules}; import onrecord; print(*{*sys.modules} - before)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["onrecord"]


def test_every_name_is_there_and_described() -> None:
    assert {*onrecord.__all__} <= {*dir(onrecord)}
    for name in onrecord.__all__:
        assert getattr(onrecord, name).__doc__
        assert f"    {name}(" in (onrecord.__doc__ or "") or name == "Row"
    with pytest.raises(AttributeError, match="nothing"):
        _ = onrecord.nothing  # type: ignore


def test_a_dataset_is_loaded_by_split(folder: Path) -> None:
    rows = list(onrecord.load(folder))
    assert {row.split for row in rows} == {"train", "validation", "test"}
    assert all(row.article.id == row.gold.article_id for row in rows)
    test = list(onrecord.load(str(folder), "test"))
    assert test == [row for row in rows if row.split == "test"]


def test_a_wrong_split_and_a_wrong_folder_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no split dev"):
        onrecord.load(folder, "dev")
    with pytest.raises(UsageError, match="no dataset folder"):
        onrecord.load(tmp_path)
    with pytest.raises(UsageError, match=r'snapshot_download\("harbour/news", repo_type="dataset"'):
        onrecord.load("harbour/news")


def test_gold_scores_one_against_itself(folder: Path) -> None:
    rows = [row for row in onrecord.load(folder) if row.article.text]
    scores = onrecord.evaluate((row.article.text, row.gold, row.gold) for row in rows)
    assert {scores[name].value for name in ("entities.exact", "quotes.content")} == {1.0}
    assert scores["entities.exact"].documents == len(rows)


def test_a_reading_that_lacks_a_layer_found_nothing_in_it(folder: Path) -> None:
    """Else a system could leave out the articles that are hard."""
    rows = [row for row in onrecord.load(folder) if row.article.text]
    found = [row.gold for row in rows]
    hard = next(at for at, gold in enumerate(found) if gold.quotes)
    found[hard] = msgspec.structs.replace(found[hard], layers=["entities"], quotes=[], stances=[])
    pairs = [(row.article.text, row.gold, own) for row, own in zip(rows, found, strict=True)]
    scores = onrecord.evaluate(pairs)
    assert scores["quotes.content"].recall < scores["quotes.content"].precision == 1
    assert scores["entities.exact"].value == 1
    entities = [(text, gold, found[hard]) for text, gold, _ in pairs[hard : hard + 1]]
    assert "quotes.content" not in onrecord.evaluate(entities), "nobody searched for quotes"


def test_a_long_list_is_scored_one_pair_at_a_time(folder: Path) -> None:
    class Text(str): ...

    row = next(row for row in onrecord.load(folder) if row.article.text)
    texts: list[weakref.ref[Text]] = []

    def pairs() -> Iterator[tuple[str, Gold, Gold]]:
        for _ in range(5):
            text = Text(row.article.text)
            texts.append(weakref.ref(text))
            assert sum(ref() is not None for ref in texts) <= 2, "the one before it, and it"
            yield text, row.gold, row.gold

    assert onrecord.evaluate(pairs())["entities.exact"].documents == 1
    assert len(texts) == 5


def test_what_is_no_article_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("title,text\nEmpty,\n", encoding="utf-8")
    (found,) = onrecord.convert(path)
    assert isinstance(found, Problem)


def test_a_language_can_be_given_and_is_told_from_the_text_otherwise() -> None:
    text = "Der Steg sei sicher, sagte Odd Vik. Die Miete werde steigen, und das sei nicht gut."
    german = onrecord.annotate(text)
    assert german == onrecord.annotate(text, "de")
    assert german != onrecord.annotate(text, "en")
    assert next(quote.text for quote in german.quotes) == ["Der Steg sei sicher"]


def test_words_that_may_not_be_published_are_left_out(folder: Path) -> None:
    row = next(row for row in onrecord.load(folder) if row.article.text)
    row.article.rights.release = "withhold"
    found = onrecord.annotate(row.article)
    assert found.mentions
    assert not any(mention.text for mention in found.mentions)
