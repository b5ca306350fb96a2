"""Sessions and their refresh tokens, and what an access token claims. Pure."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chassis.auth import Unauthenticated
from chassis.kernel.decisions import Decision, Revision
from services.identity.organizations.domain import NotAMember, Organization

LIFE = timedelta(days=30)
IDLE = timedelta(days=7)
GRACE = timedelta(seconds=20)


class SessionOver(Unauthenticated):
    """The session has ended or expired."""

    code = "session-over"
    hint = "Log in again."
    chinese = "会话已结束或过期，请重新登录。"


class RefreshTokenUnknown(Unauthenticated):
    """No session has this refresh token."""

    code = "refresh-token-unknown"
    hint = "Log in again."
    chinese = "刷新令牌无效，请重新登录。"


class RefreshTokenReplayed(Unauthenticated):
    """The refresh token was used before, so its session has been ended."""

    code = "refresh-token-replayed"
    hint = "Log in again; if that was not you, somebody may have copied a token of yours."
    chinese = "刷新令牌已被使用过，会话已终止，请重新登录。"


class WrongServiceSecret(Unauthenticated):
    """The service and its secret do not belong together."""

    code = "wrong-service-secret"
    hint = "Give the service the client secret that identity was given for it."
    chinese = "服务密钥不正确。"


class Refreshed(NamedTuple):
    """A session after a refresh; ``secret`` is None when the token was a replay."""

    session: Session
    secret: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """One log-in of a user and the chain of refresh tokens that grew from it.

    A refresh token is ``family.secret``. Only digests are kept: of the family, of the
    secret at the head of the chain and of the one before. The successor of a secret is
    computed from it and a random ``salt``, so that a client whose answer was lost can be
    given the same successor again, although nobody stored it.
    """

    id: str
    user_id: str
    organization_id: str
    family: str
    head: str
    previous: str
    salt: str
    started_at: datetime
    used_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""
    revision: Revision = Revision()

    def check_alive(self, now: datetime) -> None:
        """Raise ``SessionOver`` once it was ended, lay idle too long or is too old."""
        if self.ended_at is not None:
            raise SessionOver(f"ended by {self.ended_by}")
        if now >= self.started_at + LIFE or now >= self.used_at + IDLE:
            raise SessionOver("expired")

    def refresh(self, secret: str, *, salt: str, now: datetime) -> Refreshed:
        """Answer a refresh token: with its successor, or by ending the whole session.

        The head is replaced by its successor. The one before the head gets that same
        successor again within ``GRACE``; anything else of this family is a replay.
        """
        self.check_alive(now)
        offered = digest(secret)
        if hmac.compare_digest(offered, self.head):
            successor = _successor(secret, salt)
            rotated = replace(
                self, head=digest(successor), previous=offered, salt=salt, used_at=now
            )
            return Refreshed(rotated, successor)
        if hmac.compare_digest(offered, self.previous) and now - self.used_at <= GRACE:
            return Refreshed(self, _successor(secret, self.salt))
        return Refreshed(self.end("replay", now).state, None)

    def end(self, by: str, now: datetime) -> Decision[Session]:
        """End it; an ended session stays as it was."""
        if self.ended_at is not None:
            return Decision(self)
        return Decision(replace(self, ended_at=now, ended_by=by))


def begin(
    session_id: str, *, user_id: str, organization_id: str, family: str, secret: str, now: datetime
) -> Session:
    """A session that starts with this refresh token."""
    return Session(
        id=session_id,
        user_id=user_id,
        organization_id=organization_id,
        family=digest(family),
        head=digest(secret),
        previous="",
        salt="",
        started_at=now,
        used_at=now,
    )


def digest(text: str) -> str:
    """What is kept of a secret of 128 random bits or more."""
    return hashlib.sha256(text.encode()).hexdigest()


def _successor(secret: str, salt: str) -> str:
    raw = hmac.digest(salt.encode(), secret.encode(), "sha256")
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def parts_of(refresh_token: str) -> tuple[str, str]:
    """The family and the secret; raise ``RefreshTokenUnknown`` for any other text."""
    family, dot, secret = refresh_token.partition(".")
    if not (family and dot and secret):
        raise RefreshTokenUnknown("not a refresh token")
    return family, secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuance:
    """When, by whom and for how long a token is given."""

    issuer: str
    token_id: str
    now: datetime
    life: timedelta

    def claims(self, subject: str, audience: list[str]) -> dict[str, Any]:
        """The claims of RFC 9068 that every token has."""
        issued_at = int(self.now.timestamp())
        return {
            "iss": self.issuer,
            "sub": subject,
            "aud": audience,
            "client_id": subject.removeprefix("service:") if ":" in subject else "teahouse",
            "jti": self.token_id,
            "iat": issued_at,
            "exp": issued_at + int(self.life.total_seconds()),
        }


def claims_of_user(
    session: Session,
    organization: Organization | None,
    issuance: Issuance,
    audience: list[str],
) -> dict[str, Any]:
    """What the access token of a user says; raise ``NotAMember`` for a strange organisation."""
    claims = issuance.claims(session.user_id, audience) | {"sid": session.id}
    if organization is None:
        return claims
    role = organization.role_of(session.user_id)
    if role is None:
        raise NotAMember(f"no member of {organization.id}")
    return claims | {
        "org": organization.id,
        "kind": organization.kind.value,
        "roles": [role.value],
    }
