"""Ports of codes in memory, and valid batches to start a test from."""

from __future__ import annotations

from dataclasses import replace

from joserfc.jwk import OKPKey

from chassis.signer import new_key
from services.catalog.codes.domain import CodeBatch, CodeBatchNotFound
from services.catalog.codes.engine.spelling import CodeKind
from tests.unit.catalog.fakes import BRAND, NOW, an_id

VISITOR, OTHER_VISITOR = "a" * 32, "b" * 32


class FakeSigner:
    """Key pairs in a list; the last one signs."""

    def __init__(self, count: int = 1) -> None:
        self.keys = [OKPKey.import_key(new_key()) for _ in range(count)]

    def rotate(self):
        self.keys.append(OKPKey.import_key(new_key()))

    def current(self):
        return self.keys[-1]

    def named(self, start):
        return [key for key in self.keys if key.kid.startswith(start)]


class FakeCodeBatches:
    """``CodeBatches`` in a dict."""

    def __init__(self, *batches: CodeBatch) -> None:
        self.by_id = {batch.id: batch for batch in batches}

    def get(self, batch_id):
        try:
            return self.by_id[batch_id]
        except KeyError:
            raise CodeBatchNotFound(f"no batch {batch_id}") from None

    def save(self, decision):
        batch = decision.state
        self.by_id[batch.id] = replace(batch, revision=batch.revision.after(0))
        return self.by_id[batch.id]


class FakeScans:
    """``Scans`` in a dict."""

    def __init__(self) -> None:
        self.by_id = {}

    def on_day(self, scan, *, at_most):
        found = [
            one for one in self.by_id.values() if (one.code, one.day) == (scan.code, scan.day)
        ]
        return min(len(found), at_most)

    def add(self, scan):
        self.by_id.setdefault(scan.id, scan)


def a_batch(**changes) -> CodeBatch:
    """Ten codes for a brand's packs, unless said otherwise."""
    given = {
        "id": an_id("cbt"),
        "owner_id": BRAND,
        "kind": CodeKind.PACK,
        "count": 10,
        "key_id": "key",
        "salt": "salt",
        "made_at": NOW,
        "lot_id": an_id("lot"),
    }
    return CodeBatch(**given | changes)
