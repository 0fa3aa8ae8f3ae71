"""Files of kinds that are not read, by how they begin or by their extension, and what to do."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

HEAD = 1 << 14
"""Code points or bytes that are looked at: an e-mail's first lines may be as many."""

_KINDS = {
    "pdf": ("a PDF", "make text of it (`pdftotext FILE`)"),
    "zip": ("packed with zip, as .wacz and .docx are", "unpack it, or save its text as .txt"),
    "gzip": ("packed with gzip", "end its name in .gz"),
    "office": ("a document of a word processor", "save its text as .txt"),
    "sheet": ("a spreadsheet or a table of another kind", "save it as .csv or .jsonl"),
    "json": ("JSON", "end its name in .jsonl where each line is an article"),
    "warc": ("a web archive", "end its name in .warc"),
    "zstd": ("packed with zstd", "unpack it (`unzstd FILE`)"),
    "mail": (
        "an e-mail, or a page saved in one file (MHTML)",
        "end the name of a saved page in .mhtml, save the text of an e-mail as .txt",
    ),
    "feed": ("a feed or a sitemap", "fetch the pages that it lists"),
    "xml": ("XML", "of a feed or a sitemap fetch the pages that it lists, of others save the text"),
    "page": ("a page", "end its name in .html"),
    "text": ("text", "end its name in .txt"),
}
"""Kind -> what a file of it is, and what to do with it."""

_ENDINGS = {
    "pdf": (".pdf",),
    "zip": (".zip", ".wacz"),
    "office": (".doc", ".docx", ".odt", ".rtf", ".epub"),
    "sheet": (".xls", ".xlsx", ".ods", ".parquet", ".feather", ".sqlite", ".db"),
    "zstd": (".zst",),
    "mail": (".eml", ".mbox"),
    "xml": (".xml", ".rss", ".atom", ".rdf", ".nitf"),
    "text": (".md", ".text"),
}

_BEGINS = re.compile(
    r"""\s*(?:(?P<pdf>%PDF-) | (?P<zip>PK\x03\x04) | (?P<gzip>\x1f\x8b\x08) | (?P<office>\{\\rtf)
    | (?P<json>(?:\[\s*)?\{\s*"[\w@$. -]+"\s*:)
    | (?P<warc>WARC/[01]\.\d+\s)
    | (?P<mail>(?:From[ ].*\n)?(?:[\w-]+:.*\n(?:[ \t].*\n)*)*?MIME-Version:)
    | (?:(?><\?[^>]*> | <!--(?s:.*?)--> | <!doctype\b[^>]*>)\s*)*+
      (?:(?P<feed><(?:rss|feed|rdf:RDF|urlset|sitemapindex|opml)\b)
        | (?P<page><(?:html|head|meta|title|link|script|style|body|main|article|section|div|p|h1)\b
          [^>]*>)))""",
    re.X | re.I,
)


def other(begins: str, *, html: bool = False) -> str:
    """What a file is that is no text, of pages none, and what to do with it; "" for what is.

    `begins` are its first code points; of a file that cannot be decoded its bytes, as Latin-1.
    """
    kind = _kind(begins)
    if not kind or (html and kind == "page"):
        return ""
    return "it is {}; {}".format(*_KINDS[kind])


def is_page(path: Path) -> bool:
    """Whether a file begins as a page does, whatever its name; not for one that cannot be read."""
    try:
        with path.open("rb") as file:
            return _kind(file.read(HEAD).removeprefix(b"\xef\xbb\xbf").decode("latin-1")) == "page"
    except OSError:
        return False


def _kind(begins: str) -> str:
    found = _BEGINS.match(begins, 0, HEAD)
    return (found and found.lastgroup) or ""


_EXPORTED = re.compile(
    r"^\s*(?:(End of Document)|(\d+ of \d+ DOCUMENTS|Document \d+ of \d+)"
    r"|((?:AN +)?Document [A-Z]{4,}\w{12,}))[^\S\n]*$",
    re.M,
)
"""Lines of which databases of news have one with each article that they export."""


_CUTS = {
    1: "/^ *End of Document/+1",
    2: r"/^ *\(Document \)*[0-9][0-9]* of [0-9]/",
    3: "/^ *[AN ]*Document [A-Z]/+1",
}
"""Which of these lines it is -> where `csplit` parts a file before the next article."""


def articles(text: str) -> tuple[int, str]:
    """How many articles an export of a database holds, and the command that parts them.

    No more than one is any other text.
    """
    if text.count("Document") < 2 and text.count(" DOCUMENTS") < 2:  # the pattern is slow
        return 0, ""
    found = Counter(match.lastindex or 0 for match in _EXPORTED.finditer(text))
    kind, count = max(found.items(), key=lambda pair: pair[1], default=(0, 0))
    return count, f"csplit -z -b %04d.txt FILE '{_CUTS.get(kind, '')}' '{{*}}'"


def ways(endings: Iterable[str]) -> list[str]:
    """What to do with files of these extensions (`.pdf`), a sentence for each kind among them."""
    kinds = {ending: kind for kind, each in _ENDINGS.items() for ending in each}
    found = defaultdict[str, list[str]](list)
    for ending in endings:
        if kind := kinds.get(ending):
            found[kind].append(ending)
    return [f"{', '.join(each)}: {_KINDS[kind][1]}" for kind, each in found.items()]
