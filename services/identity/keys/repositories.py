"""The key ring kept in MongoDB."""

from __future__ import annotations

from dataclasses import replace

from chassis import outbox
from chassis.kernel.decisions import Decision
from services.identity.keys.documents import KeyRingDocument, SigningKeyDocument
from services.identity.keys.domain import RING_ID, KeyRing, SigningKey


class MongoKeyRings:
    """The ``KeyRings`` port over the ``key_rings`` collection."""

    def get(self) -> KeyRing:
        document = KeyRingDocument.objects(pk=RING_ID).first()
        if document is None:
            return KeyRing()
        keys = (
            SigningKey(key.key_id, key.public, key.sealed, key.made_at, key.retired_at)
            for key in document.keys
        )
        return KeyRing(tuple(keys), document.revision())

    def save(self, decision: Decision[KeyRing]) -> KeyRing:
        ring = decision.state
        document = KeyRingDocument(
            id=RING_ID,
            keys=[
                SigningKeyDocument(
                    key_id=key.id,
                    public=key.public,
                    sealed=key.sealed,
                    made_at=key.made_at,
                    retired_at=key.retired_at,
                )
                for key in ring.keys
            ],
        )
        return replace(ring, revision=outbox.save(document, ring.revision))
