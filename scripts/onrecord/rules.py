"""The rules of `onrecord check`, by their ids. docs/rules.md is the same list."""

from __future__ import annotations

from onrecord.records import Problem

ONE_STORY = "Withdraw one, or admit both again under one story: docs/rules.md."

RULES: dict[str, str] = {
    # files and lines
    "json.malformed": "A line is not JSON, is blank, or lacks its line end. Fix or remove it.",
    "schema": "A line breaks the JSON Schema of its record, or names a day or a time that does"
    " not exist. The message names the field.",
    "csv.columns": "A CSV has the wrong columns. Restore its first line.",
    "csv.row": "A CSV row has too few or too many fields. Quote values that hold a comma.",
    "csv.value": "A CSV field has an invalid value. Use one that the message names.",
    "csv.repeat": "A CSV names the same thing on two lines. Keep one of them.",
    "record.place": "A row is in the file of another batch or annotator. Move it there.",
    # articles
    "article.id-duplicate": "Two articles have one id. Keep the one that was admitted first.",
    "article.unknown": "A row is about an article that is not admitted."
    " Admit it, or remove the row.",
    "article.withdrawn": "A row is about an article that was withdrawn."
    " Run `onrecord withdraw` for it again.",
    "text.hash": "A text is not the one that was admitted."
    " Restore it; a frozen text never changes.",
    "text.normal": "A text is not in normal form. Convert its source again and admit that.",
    "text.other": "A label was made on another text than the admitted one."
    " Label the article again.",
    "segments.tile": "The segments are not the text's paragraphs. Convert the source again.",
    "rights.stale": "An article's rights differ from rights.csv."
    " Correct the row, or take over the new rights: convert again, then"
    " `onrecord admit FILE --readmit`. A text that may no longer be stored in the corpus is removed"
    " only with its article: `onrecord rights` prints the command.",
    "rights.text-missing": "An article that ships has no text. Restore its line.",
    "rights.text-present": "There is text where the rights allow none."
    " Remove it, also from the history.",
    "split.unknown": "An article's story has no split. Add the line that `admit` would have added.",
    "split.straddle": "A story is in two splits. Keep its first line; splits never move.",
    "split.moved": "A story is not in the split that its hash gives. Restore the line.",
    "split.leak": f"The same text is in two splits. {ONE_STORY}",
    "split.leak-near": f"Nearly the same text, or a part of it, is in two splits. {ONE_STORY}",
    "split.leak-url": f"The same page is in two splits. {ONE_STORY}",
    "split.leak-quote": f"The same quoted sentence is in two splits. {ONE_STORY}",
    # annotations and adjudications
    "annotator.unknown": "An annotator is not in annotators.csv. Add the line.",
    "annotation.duplicate": "An annotator has two rows for one article. Keep the right one.",
    "annotation.unassigned": "The batch's CSV does not assign this article to this annotator."
    " Add the line.",
    "annotation.layer": "A span belongs to a layer that the row says was not labelled."
    " Correct `layers`.",
    "adjudication.duplicate": "An article is adjudicated twice in a batch. Keep the right row.",
    "decision.chosen": "A decision chose somebody who did not submit the article."
    " Correct `chosen`.",
    "decision.duplicate": "An item is decided twice. Keep one decision.",
    "decision.layer": "A decision puts a span into a layer that not all labelled, which keeps the"
    " article out of gold. Remove the decision, or have the layer labelled.",
    "entity.duplicate": "Two entities of a row have one id. Rename one of them.",
    "span.outside": "A span is empty or ends beyond the text. Draw it again.",
    "span.blank": "A span starts or ends on white space. Draw it again.",
    "span.cuts-word": "A span starts or ends inside a word or a character. Draw it again.",
    "span.id-duplicate": "Two spans of a row have one id. Rename one, and its links.",
    "span.duplicate": "A span was drawn twice with one label. Remove one; links may share a span.",
    "span.entity": "A span's entity is not in its row, or its label has none. Correct `entity`.",
    "span.attributes": "A span that is not a stance has attributes. Remove them.",
    "span.loose": "A cue belongs to no quote and would be lost. Link it or remove it.",
    "link.end": "A link's end is not there. Remove the link or restore the span.",
    "link.roles": "A link joins what its role cannot, or in the wrong direction. Draw it again.",
    # gold
    "gold.duplicate": "An article has two rows in a batch's gold. Run `onrecord gold`.",
    "gold.id": "A gold id is used twice or is not its article's. Run `onrecord gold`.",
    "gold.reference": "A gold item points at an id that is not in its row. Run `onrecord gold`.",
    "gold.untraced": "A gold item comes from no annotation and no decision. Run `onrecord gold`.",
    "gold.text": "A gold item's words are not those at its offsets. Run `onrecord gold`.",
    # rebuilt and compared
    "schema.stale": "A generated file of schema/ is out of date. Run `onrecord schema`.",
    "gold.stale": "corpus/gold is out of date. Run `onrecord gold`.",
    "hub.stale": "The dataset folder is out of date. Run `onrecord build`.",
}
"""Every rule by its id: what is wrong, and what to do."""


def problem(rule: str, file: str, line: int, id_: str, what: str) -> Problem:
    """A problem under a rule: what was found, and the text of the rule. KeyError if unknown."""
    return Problem(file=file, line=line, rule=rule, id=id_, message=f"{what}: {RULES[rule]}")
