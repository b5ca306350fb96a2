"""XML from outside as a tree: no document type, no entities, bounded in depth and size."""

from __future__ import annotations

import re
from datetime import date
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from chassis.kernel.currencies import AmountUnreadable, UnknownCurrency, from_decimal
from chassis.kernel.money import Money
from chassis.kernel.time import EARLIEST_YEAR, LATEST_YEAR

LARGEST_BYTES = 3 * 1024 * 1024
DEEPEST, MOST_ELEMENTS, LONGEST_TEXT = 32, 80_000, 2_000
LONGEST = 140  # of a text of theirs that we keep
MOST_TAGS, MOST_ATTRIBUTES = 2 * MOST_ELEMENTS, 40_000


class Unreadable(Exception):
    """It is no such document; the text says why, in English."""


class _Bounded:
    """Builds a tree, and stops as soon as it gets too large."""

    def __init__(self) -> None:
        self._builder = TreeBuilder()
        self._depth = self._elements = self._length = 0

    def start(self, tag: str, attributes: dict[str, str]) -> Element:
        self._depth += 1
        self._elements += 1
        self._length = 0
        if self._depth > DEEPEST:
            raise Unreadable(f"elements more than {DEEPEST} deep")
        if self._elements > MOST_ELEMENTS:
            raise Unreadable(f"more than {MOST_ELEMENTS} elements")
        if attributes and any(len(text) > LONGEST_TEXT for text in attributes.values()):
            raise Unreadable(f"an attribute of more than {LONGEST_TEXT} letters")
        return self._builder.start(tag, attributes)

    def end(self, tag: str) -> Element:
        self._depth -= 1
        self._length = 0
        return self._builder.end(tag)

    def data(self, text: str) -> None:
        self._length += len(text)
        if self._length > LONGEST_TEXT:
            raise Unreadable(f"a text of more than {LONGEST_TEXT} letters")
        self._builder.data(text)

    def close(self) -> Element:
        return self._builder.close()


def read_tree(content: bytes) -> Element:
    """The root of a document of at most ``LARGEST_BYTES``; raise ``Unreadable``.

    Takes less than a second of an idle core, whatever comes.
    """
    if len(content) > LARGEST_BYTES:
        raise Unreadable(f"more than {LARGEST_BYTES} bytes")
    # Counted in any encoding: a parser compares all attributes of an element before it tells
    # of one, and takes its time over comments of which it tells nothing.
    if content.count(b"=") > MOST_ATTRIBUTES or content.count(b"<") > MOST_TAGS:
        raise Unreadable(f"more than {MOST_TAGS} tags or {MOST_ATTRIBUTES} attributes")
    parser = DefusedXMLParser(target=_Bounded(), forbid_dtd=True)
    try:
        parser.feed(content)
        root: Element = parser.close()
    except DefusedXmlException as forbidden:
        raise Unreadable(f"a document type or an entity: {type(forbidden).__name__}") from None
    except (ParseError, ValueError, LookupError) as broken:
        raise Unreadable(f"no XML: {broken}"[:200]) from None
    return root


def read_document(content: bytes, root: re.Pattern[str], name: str) -> Element:
    """The root of an ISO 20022 document, its tags without namespace; raise ``Unreadable``.

    ``root`` is what its tag with the namespace has to be.
    """
    found = read_tree(content)
    if not root.fullmatch(found.tag):
        raise Unreadable(f"no {name}: {found.tag[:80]}")
    for element in found.iter():
        element.tag = element.tag.rpartition("}")[2]
    return found


def text_at(place: Element, path: str) -> str:
    """The text there, without space around it; empty when there is none."""
    return (place.findtext(path) or "").strip()


def needed(place: Element, path: str) -> str:
    """The text there; raise ``Unreadable`` when there is none."""
    found = text_at(place, path)
    if not found:
        raise Unreadable(f"no {path} in {place.tag}")
    return found


def amount_of(text: str, currency: str) -> Money:
    """An amount, exactly; raise ``Unreadable``."""
    try:
        return from_decimal(text, currency)
    except (UnknownCurrency, AmountUnreadable) as wrong:
        raise Unreadable(f"no amount: {text[:30]!r} of {currency[:10]!r}") from wrong


def date_of(text: str) -> date:
    """The day of a date, or of a date and time; raise ``Unreadable``."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise Unreadable(f"no day: {text[:30]!r}") from None
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise Unreadable(f"no year from {EARLIEST_YEAR} to {LATEST_YEAR}: {text[:30]!r}")
    return day
