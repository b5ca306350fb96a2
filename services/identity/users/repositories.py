"""Users kept in MongoDB."""

from __future__ import annotations

from dataclasses import replace

from chassis import outbox
from chassis.kernel.decisions import Decision
from services.identity.users.documents import UserDocument
from services.identity.users.domain import User, UserNotFound


class MongoUsers:
    """The ``Users`` port over the ``users`` collection."""

    def get(self, user_id: str) -> User:
        document = UserDocument.objects(pk=user_id).first()
        if document is None:
            raise UserNotFound(f"no user {user_id}")
        return _to_domain(document)

    def find(self, email: str) -> User | None:
        document = UserDocument.objects(email=email).first()
        return None if document is None else _to_domain(document)

    def save(self, decision: Decision[User]) -> User:
        user = decision.state
        revision = outbox.save(_to_document(user), user.revision)
        return replace(user, revision=revision)


def _to_domain(document: UserDocument) -> User:
    return User(
        id=document.id,
        email=document.email,
        name=document.name,
        password_hash=document.password_hash,
        registered_at=document.registered_at,
        revision=document.revision(),
    )


def _to_document(user: User) -> UserDocument:
    return UserDocument(
        id=user.id,
        email=user.email,
        name=user.name,
        password_hash=user.password_hash,
        registered_at=user.registered_at,
    )
