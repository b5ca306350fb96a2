"""Sessions kept in MongoDB."""

from __future__ import annotations

from dataclasses import replace

from chassis import outbox
from chassis.kernel.decisions import Decision
from services.identity.tokens.documents import SessionDocument
from services.identity.tokens.domain import Session, SessionOver


class MongoSessions:
    """The ``Sessions`` port over the ``sessions`` collection."""

    def get(self, session_id: str) -> Session:
        document = SessionDocument.objects(pk=session_id).first()
        if document is None:
            raise SessionOver("no such session")
        return _to_domain(document)

    def of_family(self, family: str) -> Session | None:
        document = SessionDocument.objects(family=family).first()
        return None if document is None else _to_domain(document)

    def save(self, decision: Decision[Session]) -> Session:
        session = decision.state
        revision = outbox.save(_to_document(session), session.revision)
        return replace(session, revision=revision)


def _to_domain(document: SessionDocument) -> Session:
    return Session(
        id=document.id,
        user_id=document.user_id,
        organization_id=document.organization_id or "",
        family=document.family,
        head=document.head,
        previous=document.previous or "",
        salt=document.salt or "",
        started_at=document.started_at,
        used_at=document.used_at,
        ended_at=document.ended_at,
        ended_by=document.ended_by or "",
        revision=document.revision(),
    )


def _to_document(session: Session) -> SessionDocument:
    return SessionDocument(
        id=session.id,
        user_id=session.user_id,
        organization_id=session.organization_id,
        family=session.family,
        head=session.head,
        previous=session.previous,
        salt=session.salt,
        started_at=session.started_at,
        used_at=session.used_at,
        ended_at=session.ended_at,
        ended_by=session.ended_by,
    )
