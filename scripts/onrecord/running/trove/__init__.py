"""The stages on datatrove's executors: this machine, a Ray cluster, Slurm.

The one package that imports datatrove. A stage is a pipeline, each of its tasks a rank. A pass over
documents is three steps (read the shard, do the document, write the rows), so that its log and its
figures are datatrove's own. A rank is complete by datatrove's marker, in the work folder's
`logs/STAGE/completions`; what a killed rank wrote is written again. docs/scale.md says how to run
it.
"""

from __future__ import annotations

from onrecord.running import stories
from onrecord.running.passes import Documents, Stage
from onrecord.running.trove.executors import run
from onrecord.running.trove.minhash import clustering
from onrecord.running.trove.steps import Do, Each, Part, Read, Write

__all__ = ["parts", "run"]


def parts(stage: Stage) -> list[Part]:
    """A stage of the built-in runner; what that does in memory is done on disk."""
    if isinstance(stage, stories.Sign):
        return []  # with the clusters
    if isinstance(stage, stories.Cluster):
        return clustering(stage.sign)
    steps = (
        [Read(stage), Each(stage), Write(stage)] if isinstance(stage, Documents) else [Do(stage)]
    )

    def done() -> bool:
        return all(map(stage.done, range(stage.tasks)))

    return [Part(stage.name, stage.tasks, stage.folder, steps, done)]
