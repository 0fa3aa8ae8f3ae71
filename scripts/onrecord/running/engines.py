"""What runs a pass: the pool of this machine, or an engine, chosen by a flag or a small file.

engine = "slurm"           # or "local", "ray"
workers = 64               # tasks at a time; 0: one per processor (slurm: no limit)
documents = 2048           # a task is full at this many documents
bytes = 67108864           # or at this many bytes of their files

[ray]
address = "auto"           # default: a private Ray on this machine
memory = 1.0               # GB that a task reserves

[slurm]
partition = "cpu"
time = "04:00:00"
memory = 2                 # GB per task
qos = ""
setup = "source /shared/venv/bin/activate"
arguments = {account = "news"}      # further arguments of sbatch
"""

from __future__ import annotations

import importlib.util
import os
import tomllib
from pathlib import Path

import msgspec

from onrecord.pieces import Size
from onrecord.places import needs_scale
from onrecord.records import UsageError

ENGINES = ("local", "ray", "slurm")


class Ray(msgspec.Struct, forbid_unknown_fields=True):
    """`address` of a cluster ("": a private one on this machine), `memory` in GB per worker."""

    address: str = ""
    memory: float = 1.0


class Slurm(msgspec.Struct, forbid_unknown_fields=True):
    """The settings of a task for sbatch: `time` as H:MM:SS, `memory` in GB; `setup` is a line of
    shell that sets up the environment, `arguments` are further options by their long names."""

    partition: str = ""
    time: str = "04:00:00"
    memory: int = 2
    qos: str = ""
    setup: str = ""
    arguments: dict[str, str] = {}


class Engine(msgspec.Struct, forbid_unknown_fields=True):
    """An engine with its settings; see docs/scale.md."""

    engine: str
    workers: int = 0
    documents: int = 0
    bytes: int = 64 << 20
    ray: Ray = msgspec.field(default_factory=Ray)
    slurm: Slurm = msgspec.field(default_factory=Slurm)

    @property
    def size(self) -> Size:
        return Size(self.documents or (512 if self.engine == "local" else 2048), self.bytes)

    @property
    def at_once(self) -> int:
        """Tasks at a time; -1 (slurm): no limit."""
        return self.workers or (-1 if self.engine == "slurm" else processors())


def processors() -> int:
    """The processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def engine(name: str) -> Engine | None:
    """The engine of `--engine NAME`: None for "" (the built-in runner), else a name or a file.

    Raises UsageError for an unknown name, an invalid file or a missing extra.
    """
    if not name:
        return None
    if name.endswith(".toml"):
        try:
            chosen = msgspec.convert(tomllib.loads(Path(name).read_text("utf-8")), Engine)
        except FileNotFoundError:
            raise UsageError(f"--engine {name}: no such file") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
            raise UsageError(f"--engine {name}: {error}", "docs/scale.md has an example") from None
    else:
        chosen = Engine(engine=name)
    if chosen.engine not in ENGINES:
        raise UsageError(
            f"--engine {name}: {', '.join(ENGINES)}, or a .toml file that names one of them"
        )
    if min(chosen.workers, chosen.documents) < 0 or chosen.bytes < 1:
        raise UsageError(f"--engine {name}: workers, documents and bytes must be counts")
    if chosen.engine == "slurm" and not chosen.slurm.partition:
        raise UsageError(
            "--engine slurm needs a file that names the partition", "docs/scale.md has an example"
        )
    for part in ("datatrove", *(["ray"] if chosen.engine == "ray" else [])):
        if importlib.util.find_spec(part) is None:
            raise needs_scale(f"--engine {chosen.engine}")
    return chosen
