"""`make demo`: the whole pipeline on the bundled articles, by the commands a user would type.

Works in build/demo with its own Label Studio; running it again continues from what is there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from onrecord import atomic, ledger
from onrecord.console import say, table
from onrecord.labelling import accounts, room, studio, tasks
from onrecord.labelling.batches import read_batch
from onrecord.labels import schema_dir
from onrecord.ledger import House
from onrecord.records import Annotation, UsageError
from onrecord.shelf import Shelf

BATCH = "foundation"


def main() -> int:
    """Run the demo from the checkout. Returns the exit code of the first command that fails."""
    home = schema_dir().parent
    if not (home / "corpus" / "raw").is_dir():
        raise UsageError("the demo runs in a checkout of onrecord: its articles are in corpus/raw")
    os.chdir(home)
    began = time.monotonic()
    root = Path("build/demo")
    _lay_out(home, root)
    at = ["--root", root.as_posix()]
    texts = (root / "articles.jsonl").as_posix()
    try:
        _step("Raw pages to clean records", "convert", "corpus/raw", "--out", texts, *at)
        _step("Into the corpus: rights, ids, splits", "admit", texts, *at)
        _step("A labelling room", "studio", "up", *at)
        _step("The articles to the annotators", "push", "--batch", BATCH, *at)
        _submit(House(home), House(root))
        _step("The annotations back", "pull", "--batch", BATCH, *at)
        _step("What they say, settled", "gold", *at)
        _step("The rules", "check", *at)
        _step("The dataset", "build", *at)
    except subprocess.CalledProcessError as failed:
        say(f"the demo stopped: the last command ended with {failed.returncode}")
        return 1
    finally:
        studio.down(root)
    try:
        _whole_corpus()
    except subprocess.CalledProcessError:
        return 1
    _load(root / "build" / "hub", Path("build/hub"))
    say(f"\ndone in {time.monotonic() - began:.0f} s; nothing is left running")
    return 0


def _lay_out(home: Path, root: Path) -> None:
    """Write the files that a curator would write: rights, annotators, the batch."""
    (root / "corpus" / "batches").mkdir(parents=True, exist_ok=True)
    for name in ("rights.csv", "annotators.csv"):
        shutil.copyfile(home / "corpus" / name, root / "corpus" / name)
    # Only those articles of the batch whose texts are in the checkout.
    shelf = Shelf(House(home))
    batch = read_batch(House(home), BATCH)
    assert batch is not None
    lines = [ledger.csv_line(ledger.BATCH)]
    for annotator, ids in batch.assigned.items():
        shipped = (i for i in ids if shelf.record(i).rights.release == "ship")
        lines += [ledger.csv_line((i, annotator)) for i in shipped]
    atomic.write_bytes(root / "corpus" / "batches" / f"{BATCH}.csv", b"".join(lines))


def _step(what: str, *args: str) -> None:
    say(f"\n{what}\n$ onrecord {' '.join(args)}")
    sys.stderr.flush()
    subprocess.run([sys.executable, "-m", "onrecord", *args], check=True)


def _submit(bundled: House, demo: House) -> None:
    """Submit the bundled annotations as the annotators' browsers would."""
    say("\nThe bundled annotations, submitted from each annotator's own account")
    with room.open_room(demo) as connection:
        for part in room.projects_of(connection, BATCH):
            _, annotator, project = part
            account = accounts.account(demo.root, room.mail_of(annotator))
            token = connection.ensure_account(account.email, account.password)
            there = connection.tasks(project)
            path = bundled.annotations / BATCH / f"{annotator}.jsonl"
            sent = 0
            for row in ledger.read(path, Annotation):
                task = there.get(row.article_id)
                if task is not None and not task.submitted:
                    results = tasks.results_of(row, task.data["text"])
                    connection.submit(task.id, results, lead_time=row.lead_time, token=token)
                    sent += 1
            say(f"{part.title}: {sent} submitted, {len(there) - sent} were there")


def _whole_corpus() -> None:
    """Build the repository's own dataset, with the texts that are available offline."""
    shared = Path(os.environ.get("ONRECORD_SHARED", "../shared")) / "data" / "open-news"
    if shared.is_dir():
        _step("The repository's own corpus", "hydrate", "--from", shared.as_posix())
    else:
        say("\nThe repository's own corpus; `onrecord hydrate` fetches the missing texts")
    _step("Its dataset", "build")


def _load(*folders: Path) -> None:
    """Load every config of the datasets that were built, offline, and print how."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from onrecord.dataset.folder import CONFIGS
    from onrecord.dataset.hub import load

    for folder in folders:
        rows = [
            (config, split, rows)
            for config in CONFIGS
            for split, rows in load(folder, config).items()
        ]
        say("")
        table(f"{folder.as_posix()}, as load_dataset sees it", ["config", "split", "rows"], rows)
    say("\nfrom datasets import load_dataset")
    for config in CONFIGS:
        say(f'load_dataset("{folders[0].as_posix()}", "{config}")')


if __name__ == "__main__":
    sys.exit(main())
