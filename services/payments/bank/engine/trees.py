"""XML from outside as a tree: no document type, no entities, bounded in depth and size."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

LARGEST_BYTES = 3 * 1024 * 1024
DEEPEST, MOST_ELEMENTS, LONGEST_TEXT = 32, 80_000, 2_000
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
