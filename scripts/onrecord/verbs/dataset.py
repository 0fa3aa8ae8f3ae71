"""Gold to dataset, and to others: build, withdraw, diff, publish, export, schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onrecord import atomic
from onrecord.console import result, say, show_problems, table
from onrecord.places import scratch
from onrecord.records import DataError, UsageError, many, some
from onrecord.verbs.options import RootOption, corpus_of, house_of

if TYPE_CHECKING:
    from onrecord.dataset.publish import Plan


def build(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The folder to write; default: build/hub.", file_okay=False),
    ] = None,
    release: Annotated[
        str,
        typer.Option(
            "--release",
            metavar="X.Y.Z",
            help="Release this content as this version; recorded in corpus/releases.csv.",
        ),
    ] = "",
    root: RootOption = Path(),
) -> None:
    """Write the dataset folder that load_dataset reads.

    Its version is the release with exactly this content, else 0.0.N, derived from the content.
    """
    from onrecord.dataset import building

    report = building.build(corpus_of(root), out, release=release)
    table("", ["config", "split", "rows"], report.rows)
    for line in report.left_out:
        say(f"not in it: {line}")
    if report.without_text:
        say(f"{len(report.without_text):,} without their text: {some(report.without_text)}")
        say("  `onrecord rights` says which are withheld, `onrecord hydrate` puts the others back")
    say(f"version {report.version}")
    result(report.folder.as_posix())


def withdraw(
    article: Annotated[
        str, typer.Argument(metavar="ARTICLE_ID", help="The article's id in corpus/.")
    ],
    reason: Annotated[
        str,
        typer.Option(
            "--reason",
            metavar="TEXT",
            help="Why, in a few words that name nobody: it is published.",
        ),
    ],
    root: RootOption = Path(),
) -> None:
    """Take an article down, on request.

    It is removed from texts, annotations, gold and build/. Its id is kept in corpus/withdrawn.csv,
    so that neither the id nor the text comes back, and the next version says so. What you have to
    remove yourself is listed.
    """
    from onrecord.withdraw import withdraw as take_out

    done = take_out(house_of(root), article, reason)
    for name, count in done.rows.items():
        say(f"{name}: {many(count, 'row')} removed")
    for name in done.removed:
        say(f"{name}: removed")
    say("left for you to do:")
    for source in done.sources:
        say(f"  delete its source, {source}")
    if done.copies:
        say(f"  withdraw its copies, too, if they are meant as well: {some(done.copies)}")
    if done.made:
        say(f"  delete or rebuild other files that contain it: {some(done.made)}")
    if done.batches:
        say(f"  its lines in {', '.join(done.batches)} are ignored; delete them if you like")
    say("  delete its tasks in Label Studio, if it was pushed")
    say("  the repository's history and published versions still have it: docs/publishing.md")
    say("then: onrecord check, onrecord build, onrecord publish")


def diff(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="A dataset folder, or a tag of --repo.")
    ],
    new: Annotated[
        str,
        typer.Argument(metavar="NEW", help="Another one; default: build/hub.", show_default=False),
    ] = "",
    repo: Annotated[
        str, typer.Option("--repo", metavar="OWNER/NAME", help="The dataset on the Hub.")
    ] = "",
    root: RootOption = Path(),
) -> None:
    """Say what changed between two versions, in articles and labels.

    Also says whether the new version has to be major, minor or a patch.
    """
    from onrecord.dataset.diff import diff as compare

    with scratch() as folder:
        sides = [
            _version_folder(name, repo, folder)
            for name in (old, new or house_of(root).hub.as_posix())
        ]
        told = compare(*sides)
    for line in told.lines():
        result(line)


def _version_folder(name: str, repo: str, folder: Path) -> Path:
    """The folder of that name, else that tag of the dataset on the Hub, fetched to `folder`."""
    from onrecord.dataset import publish as stage

    if Path(name).is_dir():
        return Path(name)
    if not repo:
        raise UsageError(f"{name}: no such folder", "--repo OWNER/NAME, if it is a tag on the Hub")
    from huggingface_hub import HfApi

    return stage.fetch(HfApi(library_name="onrecord"), repo, name, folder)


def publish(
    repo: Annotated[str, typer.Argument(metavar="REPO_ID", help="OWNER/NAME on the Hub.")],
    private: Annotated[
        bool, typer.Option("--private", help="If the repository is new, make it private.")
    ] = False,
    tag: Annotated[
        str,
        typer.Option("--tag", metavar="vX.Y.Z", help="The version you expect: v and the release."),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show the files and what changed.")
    ] = False,
    root: RootOption = Path(),
) -> None:
    """Publish build/hub on the Hub.

    One commit, then the version's tag. Refused if `onrecord check` finds a problem, if a text is
    there that the rights withhold or missing although it should be there, and if a published
    version would get other data. The token is that of huggingface_hub (HF_TOKEN, or
    `hf auth login`); a dry run for a public or new dataset needs none.
    """
    from onrecord.dataset import building, folder
    from onrecord.dataset import publish as stage
    from onrecord.quality import check as checking

    house = house_of(root)
    folder.checksums(house.hub)
    api = stage.client(only_look=dry_run)

    def rebuild(out: Path) -> None:
        building.rebuild(house, out)

    say("checking the corpus, and that build/hub was built from it")
    found = sorted(checking.check(house, rebuild_hub=rebuild)) or list(stage.audit(house.hub))
    if show_problems(found):
        raise DataError(f"{many(len(found), 'problem')}: nothing was published")
    made = stage.plan(api, repo, house.hub, tag)
    _show_plan(made)
    if dry_run:
        say("a dry run: nothing was sent")
    elif made.done:
        say(f"{repo} has this already")
    else:
        commit = stage.send(api, made, house.hub, private=private)
        say(f"version {made.version}{f', tag {made.tag}' if made.tag else ''}: commit {commit}")
        result(f"{api.endpoint}/datasets/{repo}")


def _show_plan(made: Plan) -> None:
    table("", ["", "file", "bytes"], made.files)
    if unknown := made.unknown():
        say(unknown)
    elif not made.head:
        say(f"{made.repo} is new")
    if made.diff:
        say(f"since {made.since}:")
        for line in made.diff.lines():
            say(f"  {line}")
    if not made.tag:
        say(f"version {made.version} is no release and gets no tag (onrecord build --release)")


def export(
    form: Annotated[
        str, typer.Option("--format", metavar="conll|spacy", help="The output format.")
    ],
    out: Annotated[Path, typer.Option("--out", help="The folder to write.", file_okay=False)],
    dataset: Annotated[
        Path | None,
        typer.Option(
            "--dataset", help="A dataset folder; default: build/hub.", exists=True, file_okay=False
        ),
    ] = None,
    root: RootOption = Path(),
) -> None:
    """Write the dataset for other tools.

    conll: one token per line with offsets and BIO tags. spacy: DocBin files with every span and
    the whole gold document attached. What a format cannot hold is counted.
    """
    from onrecord.dataset import exports

    made = exports.export(dataset or house_of(root).hub, form, out)
    table("", ["file", "documents" if form == "spacy" else "paragraphs"], made.files)
    for line in made.lost:
        say(f"not in it: {line}")
    result(made.folder.as_posix())


def schema(root: RootOption = Path()) -> None:
    """Regenerate the files of schema/.

    The JSON Schemas and label_config.xml are made from labels.toml, the config's frame and the
    record types.
    """
    from onrecord import labels

    folder = house_of(root).root / "schema"
    if not (folder / "labels.toml").exists():
        raise UsageError(f"{folder} holds no labels.toml", "--root is the checkout of onrecord")
    known = labels.parse((folder / "labels.toml").read_text(encoding="utf-8"))
    frame = (folder / labels.FRAME).read_text(encoding="utf-8")
    for name, data in labels.generated(known, frame).items():
        changed = atomic.write_bytes(folder / name, data)
        say(f"schema/{name}: {'written' if changed else 'unchanged'}")
