"""What annotators and adjudicators see around a text: labelling configs and guidelines."""

from __future__ import annotations

import itertools
import re

from onrecord.labels import by_key, load, schema_dir


def label_config(name: str = "label_config.xml") -> str:
    """A labelling config of schema/, as XML for the server."""
    return (schema_dir() / name).read_text(encoding="utf-8")


def instructions() -> str:
    """The keys and the guidelines, as HTML that Label Studio shows before the first task.

    Sections of the guidelines open with a click, so their titles fit on a screen.
    """
    from markdown_it import MarkdownIt

    pages = sorted((schema_dir() / "guidelines").glob("*.md"))
    text = "\n\n".join(page.read_text(encoding="utf-8") for page in pages)
    # Only Markdown becomes HTML; raw HTML in the guidelines is shown as text.
    page = MarkdownIt("commonmark", {"html": False}).enable("table").render(f"{_keys()}\n\n{text}")
    page = _SECTION.sub(r"<details><summary><b>\1</b></summary>\2</details>", page)
    page = _LABEL.sub(lambda m: f"]<sub>{'&nbsp;'.join(filter(None, m.groups()))}</sub>", page)
    page = _FILE.sub(lambda file: f"“{file[1].capitalize()}”", page)
    # Label Studio strips styles, bullets and the space around headings, paragraphs and cells: use
    # smaller headings, line breaks and characters.
    page = _LIST.sub(_itemised, page)
    page = re.sub(r"</p>\n(?=<p>)", "<br/><br/></p>\n", page)
    page = re.sub(r"(?=</t[dh]>)", "&nbsp;&nbsp;&nbsp;", page)
    for level in (3, 1):
        page = page.replace(f"<h{level}>", f"<br/><h{level + 1}>")
        page = page.replace(f"</h{level}>", f"</h{level + 1}>")
    return page


_LABEL = re.compile(r"\]\{(\w+)(?: (\w+))?\}")
_FILE = re.compile(r"\b(entities|quotes|stance)\.md")
_SECTION = re.compile(r"(?s)<h2>(.*?)</h2>(.*?)(?=<h[12]>|\Z)")
_LIST = re.compile(r"(?s)<(ul|ol)>(.*?)</\1>")


def _itemised(found: re.Match[str]) -> str:
    """A list with marks of its own: Label Studio shows a list's on some ways to the page and not on
    others. The links of an example, and why, have lines of their own."""
    number = itertools.count(1)

    def item(words: re.Match[str]) -> str:
        return f"<div>{f'{next(number)}.' if found[1] == 'ol' else '•'} {words[1]}</div>"

    items = re.sub(r"(?s)<li>(.*?)</li>", item, found[2])
    return re.sub(r" (?=— )|\n(?=Why:)", "<br/>", items)


def _keys() -> str:
    """All keys, as a page of Markdown."""
    known = load()
    spans = ", ".join(f"**{span.hotkey}** {span.name}" for span in by_key(known.spans.values()))
    return f"""# Keys

Press a label's key, then drag over the words: {spans}.

To link two spans, select one, press **Alt+R** and click the other. **Alt+.** selects the next span
(after a deletion, the first), so you can go through suggestions without the mouse. With a span
selected, a label's key changes it, **Backspace** deletes it and **Esc** deselects it.
**Ctrl+Z** undoes, **Ctrl+Enter** submits, **Ctrl+Space** skips. In a text field no key does any of
this: click into the article first.

Where spans lie on one another, click the small label behind the words: each span has its own. For
addressees and holders, open the tab **Relations** at the right once, and press the arrows beside
its eye, so that the newest link is on top; it stays like that. There a link has a button for its
label.

Spans, answers and new links are saved five seconds after you began and are still there after the
page was closed. A link that took longer, its label, and a link that you delete are saved with the
next of them, or when you click **Projects** at the top: to stop before you submit, click that
first. You get no warning if the server cannot be reached. If
that happened, change a span before you submit, which saves everything. Work in one tab: a second
shows the same article, and its answer is not taken. If a submission ends in “Failed to fetch”, do
not reload: press OK, and press **Ctrl+Enter** again when the server is back, although the page is
empty. If it is “not saved”, log in again in another tab, and press **Ctrl+Enter** again in this
one. If neither a message nor the next article comes, reload the page: what was saved is there. If
you change what you submitted, press **Update**.

The guidelines follow; each section opens with a click. Read them all before the first article."""


def adjudication_instructions() -> str:
    """The instructions for an adjudication, followed by those for labelling."""
    return f"{_HOW_TO_ADJUDICATE}{instructions()}"


_HOW_TO_ADJUDICATE = (
    "<p><b>Adjudication.</b> What all annotators have is settled and shown in the text. Where they "
    "differ, the text shows every version, marked A and B; choose one on the right for each "
    "difference, by the key behind it or with a click (the same again takes it back). Say at the "
    "top what becomes of differences for which you chose none: if you mostly follow one annotator, "
    "say so there and answer only where you do not. If neither is right, choose neither and draw "
    "what is; without a drawing the span goes. If only who it is is wrong, click the name in the "
    "text and say who. What is settled can be deleted or changed like any label.</p>"
)
