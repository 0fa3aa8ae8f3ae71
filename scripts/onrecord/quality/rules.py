"""The rules of `onrecord check`, by their ids. docs/rules.md is the same list."""

from __future__ import annotations

from onrecord.records import Problem

ONE_STORY = "Withdraw one, or admit both anew under one story: docs/rules.md."

RULES: dict[str, str] = {
    # files and lines
    "json.malformed": "A line is not JSON, is blank, or lacks its line end. Mend or remove it.",
    "schema": "A line breaks the JSON Schema of its record. The message names the field.",
    "csv.columns": "A CSV has other columns than it should. Restore its first line.",
    "csv.row": "A CSV row has too few or too many fields. Quote values that hold a comma.",
    "csv.value": "A CSV field holds a value that it may not. Write one that the message names.",
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
    "rights.stale": "An article's rights are not what rights.csv says now."
    " Correct the row, or take the new rights over: convert again, then"
    " `onrecord admit FILE --readmit`. A text that may no longer lie in the corpus leaves it only"
    " with its article: `onrecord rights` gives the line to type.",
    "rights.text-missing": "An article that ships has no text. Restore its line.",
    "rights.text-present": "There is text where the rights allow none."
    " Take it out of the history, too.",
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
    "annotation.unassigned": "Nobody gave this article to this annotator in the batch's CSV."
    " Add the line.",
    "annotation.layer": "A span belongs to a layer that the row says was not labelled."
    " Correct `layers`.",
    "adjudication.duplicate": "An article is adjudicated twice in a batch. Keep the right row.",
    "decision.chosen": "A decision chose somebody who did not submit the article."
    " Correct `chosen`.",
    "decision.duplicate": "An item is decided twice. Keep one decision.",
    "entity.duplicate": "Two entities of a row have one id. Rename one of them.",
    "span.outside": "A span is empty or ends beyond the text. Draw it again.",
    "span.blank": "A span starts or ends on white space. Draw it again.",
    "span.cuts-word": "A span starts or ends inside a word or a character. Draw it again.",
    "span.id-duplicate": "Two spans of a row have one id. Rename one, and its links.",
    "span.duplicate": "A span was drawn twice with one label. Remove one; links may share a span.",
    "span.entity": "A span's entity is not in its row, or its label has none. Correct `entity`.",
    "span.attributes": "A span that is no stance has attributes. Remove them.",
    "span.loose": "A cue belongs to no quote and would be lost. Link it or remove it.",
    "link.end": "A link's end is not there. Remove the link or restore the span.",
    "link.roles": "A link joins what its role cannot, or in the wrong direction. Draw it again.",
    # gold
    "gold.duplicate": "An article has two rows in a batch's gold. Run `onrecord gold`.",
    "gold.id": "A gold id is used twice or is not its article's. Run `onrecord gold`.",
    "gold.reference": "A gold item points at an id that is not in its row. Run `onrecord gold`.",
    "gold.untraced": "A gold item comes from no annotation and no decision. Run `onrecord gold`.",
    "gold.text": "A gold item's words are not those at its offsets. Run `onrecord gold`.",
    # made again and compared
    "schema.stale": "A generated file of schema/ is not what labels.toml gives."
    " Run `onrecord schema`.",
    "gold.stale": "corpus/gold is not what the annotations give. Run `onrecord gold`.",
    "hub.stale": "The dataset folder is not what the corpus gives. Run `onrecord build`.",
}
"""Every rule by its id: what is wrong, and what to do."""


def problem(rule: str, file: str, line: int, id_: str, what: str) -> Problem:
    """A problem of a rule that there is (KeyError for another): what was found, and the rule."""
    return Problem(file=file, line=line, rule=rule, id=id_, message=f"{what}: {RULES[rule]}")
