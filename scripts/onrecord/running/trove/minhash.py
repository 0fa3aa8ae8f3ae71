"""Near-duplicates on disk, with datatrove's MinHash: more articles than memory holds."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Any

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupSignature,
)
from datatrove.utils.binaryio import read_tuples_from_file
from datatrove.utils.hashing import HashConfig
from datatrove.utils.word_tokenizers import WordTokenizer

from onrecord import places
from onrecord.articles import stories
from onrecord.running import stories as running
from onrecord.running.trove.steps import Data, Do, Part, Step


class _Words(WordTokenizer):
    """The words of `articles.stories`; datatrove would load spaCy for them."""

    def word_tokenize(self, text: str) -> list[str]:
        return stories.WORD.findall(text)

    def sent_tokenize(self, text: str) -> list[str]:
        return [text]

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))]


CONFIG = MinhashConfig(
    n_grams=stories.N,
    num_buckets=stories.BANDS,
    hashes_per_bucket=stories.PERMUTATIONS // stories.BANDS,
    hash_config=HashConfig(precision=32),
)
ONE = MinhashConfig(num_buckets=1)
"""For clustering: each of its files covers several bands."""


class Signatures(Step):
    """The signatures of a shard, as documents whose text is the signature in hexadecimal."""

    name = "signatures"

    def __init__(self, stage: running.Sign) -> None:
        super().__init__(stage)
        self.stage: running.Sign = stage

    def run(self, data: Data = None, rank: int = 0, world_size: int = 1) -> Data:
        self.here()
        for number, record in enumerate(running.records(self.stage, rank)):
            text = record["hashes"].tobytes().hex() if record["grams"] else ""
            yield Document(text=text, id=f"{rank}/{number}")


class _Bands(MinhashDedupSignature):
    """Writes datatrove's files of sorted bands, from existing signatures."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder, config=CONFIG, language=_Words())  # pyright: ignore[reportArgumentType]

    def get_shingles(self, text: str) -> np.ndarray:
        return np.frombuffer(bytes.fromhex(text), "<u4").reshape(-1, 1)

    def get_signature(self, shingles: np.ndarray) -> list[list[int]]:
        return shingles.reshape(stories.BANDS, -1).tolist()


class Bands(Step):
    """The bands of a shard: one file each, in the folder of the band."""

    name = "bands"

    def __init__(self, stage: running.Sign, out: Path) -> None:
        super().__init__(stage)
        self.out = out

    def run(self, data: Data, rank: int = 0, world_size: int = 1) -> Data:
        with self.track_time(), places.here(self.out, bring=True) as near:
            _Bands(near.as_posix()).run(data, rank, world_size)


class Near(Step):
    """The near-duplicates of several bands, in datatrove's format.

    datatrove's second step finds the candidates of a band; it reads its files 60 bytes at a time.
    """

    name = "near"

    def __init__(self, stage: running.Sign, bands: Path, pairs: Path, out: Path, each: int) -> None:
        super().__init__(stage)
        self.stage: running.Sign = stage
        self.bands, self.pairs, self.out, self.each = bands, pairs, out, each

    def run(self, data: Data = None, rank: int = 0, world_size: int = 1) -> Data:
        self.here()
        _many_files()
        groups = running.Groups()
        signatures = running.Signatures(self.stage)
        first = rank * self.each
        with self.track_time():
            for band in range(first, min(first + self.each, stories.BANDS)):
                with self._pairs(band) as file:
                    for group in _chains(file):
                        running.joined(groups, group, signatures, band)
        with places.writing(self.out / f"{rank:05d}.dups") as file:
            for key, first in groups.stories():
                file.write(struct.pack("<4I", *first, *key))
                self.stat_update("pairs")

    @contextmanager
    def _pairs(self, band: int) -> Iterator[Any]:
        """The file of a band's pairs."""
        with (
            places.here(self.bands, fetch=f"bucket_{band:03d}") as bands,
            places.here(self.pairs) as pairs,
        ):
            step = MinhashDedupBuckets(bands.as_posix(), pairs.as_posix(), config=CONFIG)
            step.run(None, band, stories.BANDS)
            with (pairs / f"{band:05d}_00.dups").open("rb") as file:
                yield file


def _many_files() -> None:
    """Raise the limit of open files: datatrove opens a band of every task."""
    import resource  # not on every system

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _chains(file: Any) -> Iterator[list[running.Key]]:
    """The articles with the same band value: datatrove pairs each with its predecessor."""
    group: list[running.Key] = []
    for one, first, other, second in read_tuples_from_file(file, "4I"):
        if group and group[-1] != (one, first):
            yield group
            group = []
        group = [*(group or [(one, first)]), (other, second)]
    if group:
        yield group


class Clusters(Step):
    """The stories, from datatrove's clusters; nothing is removed."""

    name = "clusters"

    def __init__(self, stage: running.Sign, near: Path, out: Path) -> None:
        super().__init__(stage)
        self.stage: running.Sign = stage
        self.near, self.out = near, out

    def run(self, data: Data = None, rank: int = 0, world_size: int = 1) -> Data:
        self.here()
        with (
            self.track_time(),
            places.here(self.near, fetch="") as near,
            places.here(self.out) as out,
        ):
            step = MinhashDedupCluster(
                near.as_posix(), out.as_posix(), config=ONE, save_cluster_id=True
            )
            with redirect_stderr(io.StringIO()):  # it prints a progress bar
                step.run(None, 0, 1)
            running.write(self.stage, self._members(out), running.Signatures(self.stage))

    def _members(self, clusters: Path) -> Iterator[tuple[running.Key, running.Key]]:
        first: dict[int, running.Key] = {}
        for number in range(self.stage.tasks):
            path = clusters / f"{number:06d}.clusters"
            if not path.exists():
                continue
            with path.open("rb") as file:
                for document, cluster in read_tuples_from_file(file, "2I"):
                    key = (number, document)
                    if first.setdefault(cluster, key) != key:
                        yield key, first[cluster]


def clustering(sign: running.Sign) -> list[Part]:
    """The parts that replace `Sign` and `Cluster`, with datatrove's MinHash on disk.

    Steps that only need the result of the same task are done in it, because starting a task takes
    longer than many tasks do.
    """
    folder, tasks, bands = places.place(sign.folder), sign.tasks, stories.BANDS
    each = max(1, bands // max(1, tasks))
    near = Near(sign, folder / "bands", folder / "pairs", folder / "near", each)
    clusters = Clusters(sign, folder / "near", folder / "clusters")
    return [
        Part("sign", tasks, sign.folder, [Do(sign), Signatures(sign), Bands(sign, near.bands)]),
        Part("near", -(-bands // each), sign.folder, [near]),
        Part("clusters", 1, sign.folder, [clusters]),
    ]
