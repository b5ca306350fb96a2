"""What is hashed of an entry: canonical JSON (RFC 8785) that a receipt shows as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from chassis.kernel.ids import from_int
from services.payments.ledger.engine.reading import each_entry
from services.payments.ledger.engine.segments import Segment
from services.payments.proofs.engine.tree import leaf_hash


class Names(Protocol):
    """Path and currency of accounts, by the number the log gave them."""

    def __getitem__(self, number: int, /) -> tuple[str, str]: ...


def contents(segment: Segment, names: Names, words: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The entries of a segment in words, each bound to the segment by its hash.

    ``names`` and ``words`` are those of the log up to here, or more. The hash covers whatever
    else the segment says of an entry, today or later.
    """
    sealed = segment.hash.hex()
    for index, entry in enumerate(each_entry(segment.entries)):
        prefix, reference = entry.reference
        legs = zip(entry.accounts, entry.amounts, strict=True)
        yield {
            "at": segment.at,
            "code": words[entry.code],
            "id": from_int("ent", entry.number),
            "index": index,
            "kind": int(entry.kind),
            "legs": [
                {"account": names[number][0], "currency": names[number][1], "minor": minor}
                for number, minor in legs
            ],
            "pending_id": None if entry.pending is None else from_int("ent", entry.pending),
            "reason": segment.reasons.get(index),
            "reference": from_int(words[prefix], reference) if prefix else None,
            "segment": segment.sequence,
            "segment_hash": sealed,
        }


def hashed(content: dict[str, Any]) -> bytes:
    """The hash of the leaf for such an entry."""
    return leaf_hash(canonical(content))


def canonical(content: Any) -> bytes:  # noqa: ANN401 - any JSON
    """The one way to write it: members sorted, no space, UTF-8."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
