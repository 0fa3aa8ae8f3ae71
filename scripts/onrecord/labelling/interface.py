"""What annotators and third readers see around a text: the labelling configs and the guidelines."""

from __future__ import annotations

import re

from onrecord.labels import by_key, load, schema_dir


def label_config(name: str = "label_config.xml") -> str:
    """A labelling interface of schema/, as the server takes it."""
    return (schema_dir() / name).read_text(encoding="utf-8")


def instructions() -> str:
    """The keys and the guidelines, as HTML that Label Studio shows before the first task.

    A section of the guidelines opens with a click: whoever looks one up has their titles before
    them, not all the words.
    """
    from markdown_it import MarkdownIt

    pages = sorted((schema_dir() / "guidelines").glob("*.md"))
    text = "\n\n".join(page.read_text(encoding="utf-8") for page in pages)
    # Markup in the guidelines is text: only what Markdown makes is HTML.
    page = MarkdownIt("commonmark", {"html": False}).enable("table").render(f"{_keys()}\n\n{text}")
    page = _SECTION.sub(r"<details><summary><b>\1</b></summary>\2</details>", page)
    # Label Studio strips styles and takes all space from headings: smaller ones, with a line above.
    for level in (3, 1):
        page = page.replace(f"<h{level}>", f"<br/><h{level + 1}>")
        page = page.replace(f"</h{level}>", f"</h{level + 1}>")
    return page


_SECTION = re.compile(r"(?s)<h2>(.*?)</h2>(.*?)(?=<h[12]>|\Z)")


def _keys() -> str:
    """Every key, as a page of Markdown."""
    known = load()
    spans = ", ".join(f"**{span.hotkey}** {span.name}" for span in by_key(known.spans.values()))
    return f"""# Keys

Press a label's key, then drag over the words: {spans}.

**Alt+R** on a selected span, then a click on the other, links two spans. **Alt+.** selects the next
span, from the first again after a deletion: so suggestions are looked through without the mouse. A
label's key then changes the span, **Backspace** deletes it, **Esc** lets go of it.
**Ctrl+Z** undoes, **Ctrl+Enter** submits, **Ctrl+Space** skips.

What you do is saved five seconds later, and is there again after the page was closed. Nothing says
that the server is out of reach. If it was, change something before you submit: that saves it all.
If a submission ends in “Failed to fetch”, do not reload: press OK, and **Ctrl+Enter** again when
the server is back, although the page is empty. If Submit stays grey, reload: what was saved is
there.

The guidelines follow; each section opens with a click. Read them all before the first article."""


def adjudication_instructions() -> str:
    """The instructions of an adjudication: what it asks, then those of the labelling."""
    return f"{_HOW_TO_ADJUDICATE}{instructions()}"


_HOW_TO_ADJUDICATE = (
    "<p><b>Adjudication.</b> What both annotators have is settled and stands in the text. Where "
    "they differ, both versions stand there, marked A and B; choose one at the right for each "
    "difference. Say at the top what becomes of those for which you chose none: where one of the "
    "two left out a layer, that is one click for all. If neither is right, choose neither and draw "
    "what is. What is settled can be deleted or changed like any label.</p>"
)
