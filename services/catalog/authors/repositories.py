"""Authors' keys kept in MongoDB."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from chassis import outbox
from chassis.kernel.decisions import Decision
from services.catalog.authors.documents import AuthorKeyDocument
from services.catalog.authors.domain import RegisteredKey


class MongoAuthorKeys:
    """The ``AuthorKeys`` port over ``author_keys``."""

    def find(self, key: str) -> RegisteredKey | None:
        document = AuthorKeyDocument.objects(key=key).first()
        return None if document is None else _to_domain(document)

    def owners(self, keys: Collection[str]) -> Mapping[str, str]:
        found = AuthorKeyDocument.objects(key__in=sorted(keys))
        return {document.key: document.organization_id for document in found}

    def save(self, decision: Decision[RegisteredKey]) -> RegisteredKey:
        key, events, messages = decision
        document = AuthorKeyDocument(
            id=key.id,
            key=key.key,
            organization_id=key.organization_id,
            registered_at=key.registered_at,
        )
        return replace(key, revision=outbox.save(document, key.revision, events, messages))


def _to_domain(document: AuthorKeyDocument) -> RegisteredKey:
    return RegisteredKey(
        key=document.key,
        organization_id=document.organization_id,
        registered_at=document.registered_at,
        revision=document.revision(),
    )
