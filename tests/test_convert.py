"""Conversion: pages and pasted text to clean records."""

import json
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py3langid.langid import LanguageIdentifier

from onrecord.articles import pasted, sources, statements
from onrecord.articles.convert import (
    ENOUGH,
    SURE,
    convert,
    detect_language,
    identifier,
    reads_english,
)
from onrecord.articles.documents import Document, Origin
from onrecord.articles.lines import Lines
from onrecord.records import Article, Problem
from onrecord.text import normal_lines, normalise, split_lines
from parts import HOME, shared

CASES = sorted((HOME / "tests/cases/convert").glob("*.json"))


def article_of(path: Path, publisher: str = "", known: Lines | None = None) -> Article:
    (document,) = sources.read(path, Origin(publisher=publisher))
    assert not isinstance(document, Problem), document
    beside: Callable[[str], int] = lambda _: 0  # noqa: E731
    if known:
        beside = known.beside(document.publisher, document.text)
    article = convert(document, beside)
    assert not isinstance(article, Problem), article
    return article


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lines]:
    """What the bundled pages repeat, as `onrecord convert corpus/raw` learns it."""
    with Lines.open(tmp_path_factory.mktemp("bundled") / "lines") as known:
        for path in sources.find([HOME / "corpus/raw"]):
            assert isinstance(path, Path), path
            for document in sources.read(path, Origin()):
                assert isinstance(document, Document), document
                if not document.html:
                    known.learn(document.publisher, document.text, document.source.file)
        known.save()
        yield known


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_bundled_pages_come_out_as_a_reader_would_have_it(case: Path, bundled: Lines) -> None:
    want = json.loads(case.read_text(encoding="utf-8"))
    article = article_of(HOME / want["source"], known=bundled)
    segments = [{"role": s.role, "text": article.text[s.start : s.end]} for s in article.segments]
    assert segments == want["segments"]
    for field in ("publisher", "headline", "credit", "dateline", "authors"):
        assert getattr(article, field) == want[field], field
    for field in ("date_published", "url", "language"):
        assert getattr(article, field) == want[field], field
    for clutter in want["clutter"]:
        assert clutter not in article.text


def test_there_are_bundled_pages_of_both_kinds() -> None:
    kinds = {json.loads(case.read_text(encoding="utf-8"))["source"][-4:] for case in CASES}
    assert kinds == {".txt", "html"}


@pytest.mark.parametrize(
    "case", [c for c in CASES if '.html",' not in c.read_text()[:200]], ids=lambda p: p.stem
)
def test_every_letter_of_a_pasted_source_is_kept_or_removed_with_a_reason(
    case: Path, bundled: Lines
) -> None:
    path = HOME / json.loads(case.read_text(encoding="utf-8"))["source"]
    article = article_of(path, known=bundled)
    source = path.read_text(encoding="utf-8")
    covered = bytearray(len(source))
    for stretch in [s.source for s in article.segments]:
        covered[slice(*stretch)] = b"\1" * (stretch[1] - stretch[0])
    for cut in article.removed:
        assert cut.reason
        assert cut.rule
        assert not any(covered[cut.start : cut.end]), "kept and removed at once"
        covered[cut.start : cut.end] = b"\1" * (cut.end - cut.start)
    left = "".join(c for c, seen in zip(source, covered, strict=True) if not seen)
    assert left.strip() == ""


def test_segments_of_pasted_text_can_be_cut_from_the_source_again() -> None:
    path = HOME / "corpus/raw/saltreach-ledger/senn-flood-warning.txt"
    article = article_of(path)
    source = path.read_text(encoding="utf-8")
    slices = [normalise(source[slice(*s.source)]) for s in article.segments]
    assert "\n\n".join(slices) == article.text


def test_the_seed_comes_out_exactly() -> None:
    path = next(shared("seeds").glob("*.txt"))
    article = article_of(path, "The Moscow Times")
    roles = [segment.role for segment in article.segments]
    assert roles == ["headline", "caption"] + ["body"] * 11
    assert article.credit == ["kremlin.ru"]
    assert article.date_published == ""
    assert article.authors == []
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    first = next(i for i, line in enumerate(lines) if line.startswith("Putin Sees"))
    last = next(i for i, line in enumerate(lines) if line.startswith("A Message from"))
    body = [normalise(line) for line in lines[first:last] if line]
    body[1] = body[1].removesuffix(" kremlin.ru")
    assert article.text == "\n\n".join(body)
    for clutter in ("Support us", "Dear readers", "Remind me later", "Continue", "×"):
        assert clutter not in article.text
    assert {cut.rule for cut in article.removed} == {"appeal", "control", "credit", "links"}
    assert "appeal" in article.review, "the cleaner guessed, so a person must look"


def test_wikinews_rows() -> None:
    path = shared("data/open-news/wikinews_2019.csv")
    documents = list(sources.read(path, Origin(publisher="Wikinews")))
    articles = [a for d in documents if isinstance(d, Document) for a in [convert(d)]]
    assert len(articles) == 171
    first = articles[0]
    assert isinstance(first, Article)
    assert first.headline.startswith("Magnitogorsk apartment building")
    assert first.date_published == "2019-01-04"
    assert first.dateline == "Friday, January 4, 2019"
    assert "//wiki" not in first.url
    assert first.url.startswith("https://en.wikinews.org/wiki/Magnitogorsk")
    assert (first.source.row, first.source.field) == (1, "title,text")
    source = next(d.text for d in documents if isinstance(d, Document))
    slices = [normalise(source[slice(*s.source)]) for s in first.segments]
    assert "\n\n".join(slices) == first.text


@given(st.text(max_size=400))
@settings(deadline=None)
def test_any_text_is_read_without_a_crash(text: str) -> None:
    parts = pasted.read(text)
    for _, paragraph, (start, end) in parts.paragraphs:
        assert paragraph
        assert normalise(text[start:end]) == paragraph


# --- language ---------------------------------------------------------------------------------

ABROAD = {
    "de": "Die Glocke am Kai von Orrin läutete am Montag zum ersten Mal seit dem Sturm. "
    "Die Boote, die dort liegen, haben die Reparatur bezahlt, elf Pfund für jeden Meter. ",
    "nl": "De bel op de kade van Orrin luidde maandag voor het eerst sinds de storm van november. "
    "De boten die er liggen hebben het herstel betaald, elf pond voor elke meter. ",
    "fr": "La cloche du quai d'Orrin a sonné lundi pour la première fois depuis la tempête de "
    "novembre. Les bateaux qui y sont amarrés ont payé la réparation, onze livres par mètre. ",
    "ru": "Колокол на набережной Оррина зазвонил в понедельник впервые после ноябрьской бури. ",
}


def test_texts_that_read_english_are_english_to_the_model_too() -> None:
    """The dear question is saved only where its answer is known."""
    asked = saved = 0
    for path in CASES:
        text = "\n\n".join(s["text"] for s in json.loads(path.read_text("utf-8"))["segments"])
        for start in range(0, len(text), 400):
            piece = text[start : start + ENOUGH]
            asked += 1
            if reads_english(piece):
                saved += 1
                language, probability = identifier().classify(piece)
                assert (language, probability >= SURE) == ("en", True), piece
    assert saved > asked * 0.8, "the check must be worth its while"


def test_one_word_over_and_over_is_no_english() -> None:
    """Other languages have some of the words: "an" alone filled texts in Gaelic."""
    assert not reads_english("an " * 90)


@pytest.mark.parametrize("language", ABROAD)
def test_another_language_with_some_english_in_it_is_asked_for(language: str) -> None:
    text = ABROAD[language] * 3
    said = "“We had forgotten that it was there and that you could hear it when it rang.” "
    assert detect_language(text) == language
    assert not reads_english(text + said)
    assert not reads_english(said + text)


@given(st.text(max_size=40), st.text(max_size=40))
@settings(deadline=None)
def test_lines_at_once_and_one_by_one_are_the_same(one: str, other: str) -> None:
    text = f"{one}\n {other}  x\r\u00e9{one}\n\u0301{other}\u00a0\t{one}"
    assert normal_lines(text) == [normalise(line) for line in split_lines(text)]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("https://en.wikinews.org//wiki/A_b", "https://en.wikinews.org/wiki/A_b"),
        ("HTTPS://Example.org/a?utm_source=x&id=3#top", "https://example.org/a?id=3"),
        ("https://example.org/a?fbclid=1", "https://example.org/a"),
        ("http://kept.example/web/20240306101112/https://quay.example/a", "https://quay.example/a"),
        (
            "https://kept.example/web/2024id_/http://quay.example/a?utm_id=x",
            "http://quay.example/a",
        ),
        ("/relative", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_canonical_urls(raw: str, clean: str) -> None:
    assert statements.canonical_url(raw) == clean


ASKING = [
    "Dear reader,",
    "Our newsroom has no owner and no paywall, and we depend on people like you to keep going.",
    "If each of you gave five pounds today, we could pay two reporters for a whole year.",
    "Thank you for reading, and for caring about the harbour.",
    "Donate now",
]
NOTICES = {
    "appeal": ["Published March 3, 2025", "Home", "News", *ASKING],
    "paywall": ["Orrin Mercury", "This article is for subscribers only.", "Sign in", "Subscribe"],
    "cookies": [
        "Before you read on",
        "We and our 212 partners store and read information on your device, such as cookies.",
        "Accept all",
    ],
    "gone": ["Orrin Mercury", "Sorry, the page you are looking for could not be found.", "Home"],
    "gate": ["One moment", "Please show that you are human. JavaScript is disabled.", "Retry"],
    "moved": [
        "Nothing here",
        "We looked, and could not find the page. Perhaps its address has changed.",
        "Try the search, or go back to our home page.",
    ],
    "refused": [
        "Orrin Mercury",
        "You do not have permission to access /news/ferry on this server.",
        "If you think this is a mistake, write to the desk.",
    ],
    "abroad": [
        "Not from here",
        "You seem to access this site from a country whose law we do not follow.",
        "Therefore access cannot be granted for now.",
    ],
}
BRIEF = [
    "The ferry to Kelso Quay was late on Monday for the third day in a row.",
    "“We need your support, and our members pay for this,” said the harbour master, Isla Renwick.",
    "Nobody was hurt.",
]


def as_page(lines: list[str]) -> str:
    return f"<html><body><div>{''.join(f'<p>{line}</p>' for line in lines)}</div></body></html>"


@pytest.mark.parametrize("kind", NOTICES)
@pytest.mark.parametrize("html", [False, True])
def test_what_only_the_house_says_is_set_aside(kind: str, html: bool, tmp_path: Path) -> None:
    file = tmp_path / ("a.html" if html else "a.txt")
    file.write_text(as_page(NOTICES[kind]) if html else "\n\n".join(NOTICES[kind]), "utf-8")
    (document,) = sources.read(file, Origin())
    assert isinstance(document, Document)
    problem = convert(document)
    assert isinstance(problem, Problem)
    assert problem.rule in ("convert.no-article", "convert.no-text")
    assert problem.file == str(file)


@pytest.mark.parametrize("kind", NOTICES)
@pytest.mark.parametrize("html", [False, True])
def test_a_brief_among_what_the_house_says_is_an_article(
    kind: str, html: bool, tmp_path: Path
) -> None:
    front = ["The ferry is late again", *([] if html else ["By Una Farr", "3 March 2025"])]
    lines = [*front, *BRIEF, *NOTICES[kind]]
    file = tmp_path / ("a.html" if html else "a.txt")
    file.write_text(as_page(lines) if html else "\n\n".join(lines), "utf-8")
    article = article_of(file)
    body = [article.text[s.start : s.end] for s in article.segments if s.role == "body"]
    assert body[:3] == BRIEF


@pytest.mark.parametrize(
    "brief",
    [
        "Police said on Monday that they would use search dogs in the harbour.",
        "The crew could not find the address for an hour, the harbour master said on Monday.",
        "Members only heard of the plan for the quay on Monday, the chair of the club said.",
    ],
)
def test_a_brief_of_one_sentence_is_no_notice_for_two_words_of_it(
    brief: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.txt"
    file.write_text(f"Late at the quay\n\n{brief}\n", "utf-8")
    assert brief in article_of(file).text


@pytest.mark.parametrize(
    ("headline", "gone"),
    [
        ("404 – Page not found", True),
        ("Oops! That page can’t be found.", True),
        ("503 Service Unavailable", True),
        ("Error 404", True),
        ("Highway 404", False),
        ("404 homes have no power", False),
        ("Page not found: how links rot", False),
    ],
)
def test_a_page_that_is_gone_is_no_article_whatever_it_offers_instead(
    tmp_path: Path, headline: str, gone: bool
) -> None:
    file = tmp_path / "a.html"
    shown = "".join(f"<p>{line}</p>" for line in BRIEF)
    head = f"<head><title>{headline}</title></head>"
    file.write_text(f"<html>{head}<body><h1>{headline}</h1>{shown}</body></html>", "utf-8")
    (document,) = sources.read(file, Origin())
    assert isinstance(document, Document)
    found = convert(document)
    assert (found.rule if isinstance(found, Problem) else "") == "convert.no-article" * gone


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("Copyright 2025 The Quay\nBody", "Load-Date: March 4, 2025\n\nEnd of Document"),
        ("{number} of 2 DOCUMENTS\n\nThe Quay", "LANGUAGE: ENGLISH\n\nCopyright 2025 The Quay"),
        ("The Quay\nEnglish\nCopyright 2025 The Quay", "Document QUAYXX0020250304el340000{number}"),
        ("The Quay\nEnglish\n(c) 2025 The Quay", "Document QUAYXX0020250304el340000{number}"),
        ("The Quay", "End of Document"),
        ("Document {number} of 2", "Source type: Newspaper\n\nCopyright 2025 The Quay"),
    ],
)
def test_a_file_of_several_articles_is_set_aside(tmp_path: Path, above: str, below: str) -> None:
    exported = [
        "\n\n".join((above, *(f"{line} Ferry {number} was." for line in BRIEF), below)).replace(
            "{number}", str(number)
        )
        for number in (1, 2)
    ]
    file = tmp_path / "a.txt"
    file.write_text("\n\n".join(exported), "utf-8")
    (document,) = sources.read(file, Origin())
    assert isinstance(document, Document)
    problem = convert(document)
    assert isinstance(problem, Problem)
    assert problem.rule == "convert.several"
    assert "2 articles" in problem.message
    command = shlex.split(problem.message.partition("each: ")[2].replace("FILE", file.as_posix()))
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    parts = sorted(path for path in tmp_path.glob("xx*.txt") if path.read_text("utf-8").strip())
    for number, part in enumerate(parts, 1):
        text = article_of(part).text
        assert [f"Ferry {each} was." in text for each in (1, 2)] == [number == 1, number == 2]
    assert len(parts) == 2
    file.write_text(exported[0], "utf-8")
    assert BRIEF[0] in article_of(file).text


def test_a_page_without_an_article_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    page = tmp_path / "login.html"
    page.write_text("<html><body><form><input></form></body></html>", encoding="utf-8")
    (document,) = sources.read(page, Origin())
    assert isinstance(document, Document)
    problem = convert(document)
    assert isinstance(problem, Problem)
    assert problem.rule == "convert.no-text"


LANGUAGES = ["The mayor of Orrin said on Monday that the bridge will open. ", "Der Rat tagt. "]
LANGUAGES += ["Le maire a dit « non ». ", "Мэр открыл мост. ", "市长宣布大桥开放。", "A", "\ud800"]


@given(st.lists(st.sampled_from(LANGUAGES) | st.text(max_size=20), max_size=12).map("".join))
def test_a_language_is_told_as_py3langid_tells_it(text: str) -> None:
    found = identifier()
    data = found._encode(text)
    told = LanguageIdentifier._raw_score(found, data).tolist()
    assert found._raw_score(data).tolist() == told
    with mock.patch(
        "onrecord.articles.language.REMEMBERED", 60
    ):  # and where less of the model is kept
        assert found._raw_score(data).tolist() == told
