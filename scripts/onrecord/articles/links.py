"""The links of a page: where they lead, and which headings are no more than one."""

from __future__ import annotations

import re
from typing import Any

from onrecord.articles import elements

MAX_BESIDE = 20
"""Code points that may stand beside the link of a line that is one."""

_NO_PAGE = ("#", "mailto:", "javascript:")


def is_linked(heading: Any) -> bool:
    """Whether a heading is nothing but a link, or part of one."""
    if any(above.get("href") for above in heading.iterancestors("a")):
        return True
    said = len(heading.text_content().strip())
    return 0 < said <= elements.linked(heading) + MAX_BESIDE


def leads_within(heading: Any, host: str) -> bool:
    """Whether a linked heading leads to another page of the same site."""
    if not is_linked(heading):
        return False
    address = _address(heading)
    if there := host_of(address):
        return there == host
    return bool(address) and not address.startswith(_NO_PAGE)


def leads_on(heading: Any) -> bool:
    """Whether a heading is a link to another page, be it of the same site or not."""
    address = _address(heading)
    return bool(address) and not address.startswith((*_NO_PAGE, "?")) and is_linked(heading)


def _address(heading: Any) -> str:
    """Where the first link in a heading or around it leads to, "" where none leads anywhere."""
    links = (*heading.iter("a"), *heading.iterancestors("a"))
    return next((link.get("href") for link in links if link.get("href")), "")


def leads_away(node: Any, own: str) -> bool:
    """Whether every link in an element leads to another site than this one, or to a mailbox."""
    addresses = [link.get("href", "") for link in node.iter("a")]
    return bool(own and addresses) and all(
        address.startswith("mailto:") or site_of(address) not in ("", own) for address in addresses
    )


# An archive writes its own address before that of the page, whose slashes may have become one.
_HOST = re.compile(r"\s*(?:https?:/.*)?https?:/{1,2}(?:www\.)?([^/?#\s]+)", re.I | re.S)


def host_of(address: str) -> str:
    """The host in an address without its "www", "" where it names none."""
    there = _HOST.match(address)
    return there[1].lower() if there else ""


def site_of(address: str) -> str:
    """The last two labels of the host in an address, "" where it names none."""
    return ".".join(host_of(address).split(".")[-2:])
