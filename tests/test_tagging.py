"""What a tagger of tokens may say, and what is made of it."""

import pytest

from onrecord.dataset.tagging import begun


@pytest.mark.parametrize(
    ("tags", "whole"),
    [
        ("O B-PERSON I-PERSON O", "O B-PERSON I-PERSON O"),
        ("I-PERSON I-PERSON", "B-PERSON I-PERSON"),
        ("O I-ORG", "O B-ORG"),
        ("B-PERSON I-ORG I-ORG", "B-PERSON B-ORG I-ORG"),
    ],
)
def test_a_continuation_without_a_beginning_begins(tags: str, whole: str) -> None:
    assert begun(tags.split()) == whole.split()
