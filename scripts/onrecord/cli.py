"""The command `onrecord`: the verbs in the order in which data flows.

Exit codes: 0 done; 1 the data is wrong, or the work was cut short; 2 wrong usage (arguments, a
missing file, no server, a wrong token); 130 stopped by Ctrl-C, 143 by SIGTERM. SIGHUP, whose
terminal is gone, ends a command as kill -9 does: the next run removes what such a one left.
"""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Iterable
from typing import Annotated, Any

import typer
import typer.core

from onrecord.console import result, say, show_all_letters
from onrecord.records import OnrecordError, on_one_line
from onrecord.running import stopping
from onrecord.verbs import (
    admit,
    articles,
    bench,
    corpus,
    dataset,
    gold,
    labelling,
    quality,
    studio,
    suggest,
)

FLOW: dict[str, Any] = {
    "convert": articles.convert,
    "stories": articles.stories,
    "admit": admit.admit,
    "hydrate": corpus.hydrate,
    "rights": corpus.rights,
    "suggest": suggest.suggest,
    "studio": {
        "up": studio.up,
        "status": studio.status,
        "down": studio.down,
        "invite": studio.invite,
        "backup": studio.backup,
        "restore": studio.restore,
    },
    "assign": labelling.assign,
    "push": labelling.push,
    "status": labelling.status,
    "pull": labelling.pull,
    "adjudicate": labelling.adjudicate,
    "agree": quality.agree,
    "gold": gold.gold,
    "train": suggest.train,
    "evaluate": suggest.evaluate,
    "check": gold.check,
    "report": quality.report,
    "withdraw": dataset.withdraw,
    "build": dataset.build,
    "diff": dataset.diff,
    "publish": dataset.publish,
    "export": dataset.export,
    "schema": dataset.schema,
    "bench": {
        "scale": bench.scale,
        "convert": bench.convert,
        "push": bench.push,
        "actions": bench.actions,
        "quality": bench.quality,
        "baselines": bench.baselines,
    },
}
"""Every verb by its name, as data flows; a group of verbs is a dict."""

GROUPS = {
    "studio": "Run Label Studio on this machine.",
    "bench": "Measure stages and compare them with other tools.\n\nWithout a verb: `scale` on 100 "
    "and 1,000 documents, which takes minutes.",
}

EXAMPLES: dict[str, list[str]] = {
    "convert": [
        "onrecord convert raw/ --out build/articles.jsonl",
        "onrecord convert raw/harbour-post/monday.html --explain",
        "onrecord convert raw/ --explain --first 20",
        "onrecord convert news.csv --column headline=title --column text=body --out a.jsonl",
    ],
    "stories": ["onrecord stories build/articles.jsonl --out build/stories.jsonl"],
    "admit": [
        "onrecord admit build/articles.jsonl",
        "onrecord admit build/articles.jsonl --readmit",
    ],
    "hydrate": [
        "onrecord hydrate",
        "onrecord hydrate --from raw/",
        "onrecord hydrate --dataset DOWNLOADED --from copies/ --out build/restored",
    ],
    "rights": ["onrecord rights"],
    "suggest": ["onrecord suggest build/articles.jsonl --out build/suggestions.jsonl"],
    "studio up": [
        "onrecord studio up",
        "onrecord studio up --postgres postgresql://label@db.example/label",
    ],
    "studio status": ["onrecord studio status"],
    "studio down": ["onrecord studio down"],
    "studio invite": ["onrecord studio invite ann bob dee", "onrecord studio invite ann --reset"],
    "studio backup": ["onrecord studio backup studio-monday.tar"],
    "studio restore": ["onrecord studio restore studio-monday.tar --replace"],
    "assign": ["onrecord assign --batch first --annotator ann --annotator bob --twice 1"],
    "push": [
        "onrecord push --batch first",
        "onrecord push --batch first --suggestions build/suggestions.jsonl --suggest-to ann",
    ],
    "status": ["onrecord status --batch first"],
    "pull": ["onrecord pull --batch first"],
    "adjudicate": ["onrecord adjudicate --batch first --adjudicator dee"],
    "agree": ["onrecord agree", "onrecord agree --batch first --format json"],
    "gold": ["onrecord gold"],
    "train": ["onrecord train --out build/model"],
    "evaluate": [
        "onrecord evaluate corpus/gold/first.jsonl build/suggestions.jsonl",
        "onrecord evaluate build/hub mine.jsonl --split validation",
    ],
    "check": ["onrecord check", "onrecord check --quality"],
    "report": ["onrecord report"],
    "withdraw": ['onrecord withdraw ARTICLE_ID --reason "asked for"'],
    "build": ["onrecord build", "onrecord build --release 1.1.0"],
    "diff": ["onrecord diff v1.0.0 --repo OWNER/NAME"],
    "publish": ["onrecord publish OWNER/NAME --dry-run"],
    "export": [
        "onrecord export --format conll --out build/conll",
        "onrecord export --format spacy --out build/spacy --dataset DOWNLOADED",
    ],
    "schema": ["onrecord schema"],
    "bench scale": ["onrecord bench scale --sizes 1000,10000"],
    "bench convert": ["onrecord bench convert PAGES TRUTH.jsonl"],
    "bench push": ["onrecord bench push"],
    "bench actions": ["onrecord bench actions"],
    "bench quality": ["onrecord bench quality"],
    "bench baselines": ["onrecord bench baselines"],
}
"""What to type, by verb, for the end of its help; the lines of the README are among them."""

ALONE: dict[str, Any] = {"bench": bench.bench}
"""What a group does when no verb of it is named."""


class InFlowOrder(typer.core.TyperGroup):
    """Lists the verbs as data flows, groups among them."""

    def list_commands(self, ctx: Any) -> list[str]:
        there = set(super().list_commands(ctx))
        return [name for name in FLOW if name in there]


def app_of(verbs: Iterable[str]) -> typer.Typer:
    """The command with these verbs of `FLOW`: setting up the options of all takes time."""
    app = typer.Typer(
        name="onrecord",
        cls=InFlowOrder,
        help="Turn news articles into an annotated dataset: who is named, who said what, and where "
        "they stand.\n\nThe commands are listed in the order in which data flows: raw articles are "
        "converted and admitted, labelled in Label Studio (push, pull), settled (gold), checked, "
        "built and published.",
        epilog="Exit codes: 0 done; 1 the data is wrong, or the work was cut short; 2 wrong usage;"
        " 130 stopped by Ctrl-C, 143 by SIGTERM. To resume interrupted work, run the same command"
        " again.",
        no_args_is_help=True,
        callback=_command,  # or typer makes a single verb the command itself
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    for name in verbs:
        verb = FLOW[name]
        if not isinstance(verb, dict):
            app.command(name, epilog=_examples(name))(verb)
            continue
        alone = ALONE.get(name)
        group = typer.Typer(
            help=GROUPS[name],
            callback=alone,
            invoke_without_command=alone is not None,
            no_args_is_help=alone is None,
            rich_markup_mode=None,
        )
        for part, act in verb.items():
            group.command(part, epilog=_examples(f"{name} {part}"))(act)
        app.add_typer(group, name=name)
    return app


def _examples(verb: str) -> str:
    lines = EXAMPLES[verb]
    # Of 80 columns help leaves 78 to a line.
    shown = [" \\\n    --".join(line.rsplit(" --", 1 if len(line) > 78 else 0)) for line in lines]
    return "\n".join(["\b", "Example:" if len(lines) == 1 else "Examples:", *shown])


def _version(asked: bool) -> None:
    if not asked:
        return
    from importlib.metadata import version

    from onrecord.articles import convert

    result(f"onrecord {version('onrecord')}, converter {convert.VERSION}")
    raise typer.Exit


def _command(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_version,
            is_eager=True,
            help="Print the version of the package and of its converter, and exit.",
        ),
    ] = False,
) -> None:
    """Options of the command itself."""


STOPPED = 130
"""What `run` returns after Ctrl-C, or SIGTERM."""


def main(args: list[str] | None = None) -> None:
    """Run the command and exit. Errors that a user can cause end in a sentence, not a traceback."""
    show_all_letters()
    code = run(args)
    if code == STOPPED:
        stopping.silence()
        code = stopping.code()
    sys.exit(code)


def run(args: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    args = sys.argv[1:] if args is None else args
    # Help, and a mistyped verb, need all of them.
    app = app_of(args[:1] if args and args[0] in FLOW else FLOW)
    try:
        app(args, prog_name="onrecord", standalone_mode=True)
    except SystemExit as stop:
        if stop.code == STOPPED:  # what typer makes of Ctrl-C, without a word
            say(_stopped(args))
        return stop.code if isinstance(stop.code, int) else 1
    except Exception as error:
        if stopping.came():  # what it breaks off may fail in its own words, as an import does
            say(_stopped(args))
            return STOPPED
        if isinstance(error, OSError):
            if "--help" in args and error.filename is None:  # nothing else is done beside it
                error.filename = "<stdout>"
            return _refused_by_system(error)
        if not isinstance(error, OnrecordError):
            raise
        say(f"onrecord: {error}")
        if error.hint:
            say(f"  {error.hint}")
        return error.exit_code
    return 0


_FULL = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is full",
    errno.EFBIG: "longer than a file may be here (ulimit -f)",
}
"""Why a file could not grow; see `atomic.naming`."""

_PLACES = {
    errno.EACCES: "get permission, or name another place (--out, --root)",
    errno.EPERM: "get permission, or name another place (--out, --root)",
    errno.EROFS: "name another place (--out, --root)",
    errno.EEXIST: "name another place, or move away what is there",
    errno.ENOTDIR: "a file is where a folder should be: name another place, or move it away",
    errno.EISDIR: "a folder is where a file should be: name another place, or move it away",
    errno.ENAMETOOLONG: "give it a shorter name",
}
"""What to do about a path that the system refuses."""


def _refused_by_system(error: OSError) -> int:
    """Say what the system refused. Returns the exit code: 2 for a path that the user can change."""
    if full := _FULL.get(error.errno or 0):
        if error.filename == "<stdout>":  # as `sys.stdout` is called
            say(f"onrecord: {full}; what was printed is not whole")
            say("  make room where it is redirected to and run it again")
        elif error.filename:
            name = on_one_line(os.fsdecode(error.filename))
            say(f"onrecord: {name}: {full}; no partial file is left")
            say("  make room and run it again")
        else:  # a temporary file has no name
            say(f"onrecord: a temporary file: {full}")
            say(f"  make room in {tempfile.gettempdir()} (TMPDIR names another) and run it again")
        return 1
    if error.filename is None or error.strerror is None:
        say(f"onrecord: {error}")
        return 1
    say(f"onrecord: {on_one_line(os.fsdecode(error.filename))}: {error.strerror}")
    if hint := _PLACES.get(error.errno or 0):
        say(f"  {hint}")
    return 2 if hint else 1


_KEEPING: dict[str, set[str]] = {
    "convert": {"--explain", "--against"},
    "stories": set(),
    "admit": set(),
    "hydrate": {"--dataset"},
    "suggest": set(),
    "studio": {"up", "backup", "restore"},
    "push": set(),
    "adjudicate": set(),
    "withdraw": set(),
}
"""The verbs that keep what is done when they are stopped, each with the words that make it one of
those that do not."""


def _stopped(args: list[str]) -> str:
    words = {arg.partition("=")[0] for arg in args}
    if args and args[0] in _KEEPING and not words & _KEEPING[args[0]]:
        return "stopped; what is done is kept, the same command continues from there"
    return "stopped; the same command starts over"


if __name__ == "__main__":
    main()
