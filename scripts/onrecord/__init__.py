"""onrecord: who is named, who said what, and where they stand - an annotated news dataset.

    load(folder, split)             the articles and labels of a dataset folder
    convert(path)                   a web page, a pasted text or a table, to articles
    annotate(text)                  names, quotes with speakers, and stances, by rules
    reading(article, annotation)    the labels of an `Annotation`, as gold would have them
    evaluate(pairs)                 the score of labels against others, with intervals

docs/library.md has examples. `onrecord.records` has the types of what these take and return, and
`onrecord --help` the commands that build a corpus.
"""

TYPE_CHECKING = False  # for a type checker it is True; typing itself is not imported here
if TYPE_CHECKING:
    from onrecord.library import Row, annotate, convert, evaluate, load, reading

__all__ = ["Row", "annotate", "convert", "evaluate", "load", "reading"]


def __getattr__(name: str) -> object:
    # Imported when asked for: every command and every worker imports this module first.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from onrecord import library

    return getattr(library, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
