"""croissant.json: the dataset described for machines (Croissant 1.0 with its RAI vocabulary).

A record set for each config and split, over the Parquet file and its sha256. What it says about
how the data came to be are the card's own sections, so it cannot say anything else. Written as
plain JSON-LD, for the same bytes everywhere; the tests validate it and load its records with
mlcroissant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

VERSION = "http://mlcommons.org/croissant/1.0"
RAI_VERSION = "http://mlcommons.org/croissant/RAI/1.0"
RAI = {
    "dataUseCases": "Uses",
    "dataCollection": "Sources",
    "dataPreprocessingProtocol": "Conversion",
    "dataAnnotationProtocol": "Annotation",
    "dataAnnotationAnalysis": "Agreement",
    "dataBiases": "Biases",
    "dataLimitations": "Limits",
    "dataSocialImpact": "Who it may affect",
    "personalSensitiveInformation": "Personal data",
    "dataReleaseMaintenancePlan": "Versions",
}
"""RAI key -> the heading of the card whose text it is."""

_CR = (
    *("citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject"),
    *("fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField"),
    *("path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate"),
    *("separator", "source", "subField", "transform"),
)
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{name: f"cr:{name}" for name in _CR},
}
_TYPES = {
    "string": "sc:Text",
    "int32": "sc:Integer",
    "int64": "sc:Integer",
    "double": "sc:Float",
    "bool": "sc:Boolean",
}


class File(NamedTuple):
    """A Parquet file: its path in the folder, its sha256 and its bytes."""

    path: str
    sha256: str
    bytes: int


def rai(
    sections: Mapping[str, str], *, people: bool, models: Sequence[str], annotations_per_item: str
) -> dict[str, Any]:
    """The RAI statements: the card's sections by heading, who labelled, and how often."""
    told: dict[str, Any] = {
        f"rai:{key}": sections[heading] for key, heading in RAI.items() if heading in sections
    }
    if people:
        told["rai:dataAnnotationPlatform"] = "Label Studio"
    if models:
        told["rai:machineAnnotationTools"] = list(models)
    return told | {"rai:annotationsPerItem": annotations_per_item}


def document(
    front: Mapping[str, Any],
    about: Mapping[str, Any],
    columns: Mapping[str, pa.Schema],
    files: Mapping[tuple[str, str], Sequence[File]],
    explained: Mapping[str, Mapping[str, str]],
    version: str,
) -> dict[str, Any]:
    """The JSON-LD document.

    `front` is name, description, citation and licences (SPDX), `about` the RAI statements,
    `columns` what the columns of each config are, `files` the Parquet files by config and split,
    each a record set, `explained` what each field of a config is.
    """
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [VERSION, RAI_VERSION],
        "name": front["name"],
        "description": front["description"],
        "version": version,
        "citeAs": front["citation"],
        "license": [
            name if name.startswith("LicenseRef-") else f"https://spdx.org/licenses/{name}"
            for name in front["licences"]
        ],
        "inLanguage": "en",
        "isLiveDataset": False,
        **about,
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": file.path,
                "name": file.path,
                "contentUrl": file.path,
                "contentSize": f"{file.bytes} B",
                "encodingFormat": "application/x-parquet",
                "sha256": file.sha256,
            }
            for parts in files.values()
            for file in parts
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": (name := file.path.removesuffix(".parquet")),
                "name": name,
                "description": f"The split {split} of the config {config}"
                f"{f', part {number} of {len(parts)}' if len(parts) > 1 else ''}.",
                "field": [
                    _field(name, file.path, (column.name,), column.type, explained[config])
                    for column in columns[config]
                ],
            }
            for (config, split), parts in files.items()
            for number, file in enumerate(parts, 1)
        ],
    }


def _field(
    owner: str, file: str, path: tuple[str, ...], kind: pa.DataType, explained: Mapping[str, str]
) -> dict[str, Any]:
    """A column, or (path of two) a field inside one, which a JSON path takes out of it."""
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": "/".join([owner, *path]),
        "name": "/".join([owner, *path]),
    }
    if told := explained.get(path[-1]):
        field["description"] = re.sub(r"`", "", told)
    if isinstance(kind, pa.ListType) and len(path) == 1:
        field["repeated"] = True
    while isinstance(kind, pa.ListType):
        kind = kind.value_type
    if isinstance(kind, pa.StructType):
        field["subField"] = [
            _field(owner, file, (*path, inner.name), inner.type, explained) for inner in kind
        ]
        return field
    source: dict[str, Any] = {"fileObject": {"@id": file}, "extract": {"column": path[0]}}
    if len(path) > 1:
        source["transform"] = {"jsonPath": path[1]}
    field["dataType"] = _TYPES[str(kind)]
    field["source"] = source
    return field
