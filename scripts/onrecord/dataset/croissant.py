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

from onrecord.dataset.fields import Classes, Field, Inside, Many

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
_TYPES = {"string": "sc:Text", "int32": "sc:Integer", "float64": "sc:Float", "bool": "sc:Boolean"}


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
        told["rai:machineAnnotationTools"] = list(dict.fromkeys(models))
    return told | {"rai:annotationsPerItem": annotations_per_item}


def document(
    front: Mapping[str, Any],
    about: Mapping[str, Any],
    columns: Mapping[str, Sequence[Field]],
    files: Mapping[tuple[str, str], Sequence[File]],
    version: str,
) -> dict[str, Any]:
    """The JSON-LD document.

    `front` is name, description, citation and licences (SPDX), `about` the RAI statements,
    `columns` those of each config, `files` the Parquet files by config and split, each a record
    set.
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
                "field": [_field(name, file.path, column) for column in columns[config]],
            }
            for (config, split), parts in files.items()
            for number, file in enumerate(parts, 1)
        ],
    }


def _field(owner: str, file: str, field: Field, column: str = "") -> dict[str, Any]:
    """A column, or a field inside `column`, which a JSON path takes out of it."""
    name = "/".join(filter(None, (owner, column, field.name)))
    told: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": name,
        "name": name,
        "description": _description(field),
    }
    kind = field.kind
    if isinstance(kind, Many) and not column:
        told["repeated"] = True
    while isinstance(kind, Many):
        kind = kind.of
    if isinstance(kind, Inside):
        return told | {"subField": [_field(owner, file, f, field.name) for f in kind.fields]}
    source: dict[str, Any] = {
        "fileObject": {"@id": file},
        "extract": {"column": column or field.name},
    }
    if column:
        source["transform"] = {"jsonPath": field.name}
    of = "sc:Integer" if isinstance(kind, Classes) else _TYPES[kind]
    return told | {"dataType": of, "source": source}


def _description(field: Field) -> str:
    """What a field is, and what an empty value means, without the card's Markdown."""
    empty = f"; empty if {field.empty}" if field.empty else ""
    return re.sub(r"`|\[([^]]+)\]\(#[^)]*\)", r"\1", field.means + empty)
