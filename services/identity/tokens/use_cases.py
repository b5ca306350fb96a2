"""Logging in, staying in, acting for another organisation, logging out."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids
from services.identity.organizations.domain import Organization
from services.identity.organizations.use_cases import Organizations
from services.identity.tokens.domain import (
    Issuance,
    Refreshed,
    RefreshTokenReplayed,
    RefreshTokenUnknown,
    Session,
    WrongServiceSecret,
    begin,
    claims_of_user,
    digest,
    parts_of,
)
from services.identity.users.use_cases import Transaction


class Sessions(Protocol):
    """The sessions of all users, wherever they are kept."""

    def get(self, session_id: str) -> Session:
        """Raise ``SessionOver`` rather than return None."""
        ...

    def of_family(self, family: str) -> Session | None:
        """The session whose tokens have this family's digest."""
        ...

    def save(self, decision: Decision[Session]) -> Session:
        """Store the session, or raise ``Conflict``."""
        ...


class Signer(Protocol):
    """Signs access tokens with the active key."""

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A JWT of type ``at+jwt``; raise ``NoSigningKey`` before the first key."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mint:
    """What it takes to give out tokens: the signer, and how long tokens live."""

    signer: Signer
    ids: Ids
    random: Callable[[], str]
    issuer: str
    audience: tuple[str, ...]
    user_life: timedelta
    service_life: timedelta

    def issuance(self, now: datetime, life: timedelta) -> Issuance:
        """One token's issuance."""
        return Issuance(issuer=self.issuer, token_id=self.ids("tok"), now=now, life=life)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An access token, its life in seconds, whom it acts for, and perhaps a refresh token."""

    access_token: str = field(repr=False)
    expires_in: int
    organization_id: str = ""
    refresh_token: str = field(default="", repr=False)
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme (RFC 6750)


def start_session(
    user_id: str,
    organization_id: str | None,
    *,
    sessions: Sessions,
    organizations: Organizations,
    mint: Mint,
    now: datetime,
) -> Grant:
    """Log a proven user in, acting for the named organisation or the only one there is.

    Raises ``OrganizationNotFound`` or ``NotAMember`` for one that is not the user's.
    """
    organization = _acting_for(user_id, organization_id, organizations)
    family, secret = mint.random(), mint.random()
    session = begin(
        mint.ids("ses"),
        user_id=user_id,
        organization_id=organization.id if organization else "",
        family=family,
        secret=secret,
        now=now,
    )
    grant = _grant(session, organization, f"{family}.{secret}", mint, now)
    sessions.save(Decision(session))
    return grant


def refresh_session(
    refresh_token: str,
    organization_id: str | None,
    *,
    sessions: Sessions,
    organizations: Organizations,
    transaction: Transaction,
    mint: Mint,
    now: datetime,
) -> Grant:
    """Exchange a refresh token for its successor and a fresh access token.

    Each may be used once. A retry within the grace time gets the same successor; any
    later use ends the session for everybody who holds a token of it, and that ending is
    stored although the answer is ``RefreshTokenReplayed``.
    """
    family, secret = parts_of(refresh_token)
    salt = mint.random()

    def rotate() -> tuple[Refreshed, Grant | None]:
        session = sessions.of_family(digest(family))
        if session is None:
            raise RefreshTokenUnknown
        refreshed = session.refresh(secret, salt=salt, now=now)
        if refreshed.session is not session:
            sessions.save(Decision(refreshed.session))
        if refreshed.secret is None:
            return refreshed, None
        wanted = organization_id or session.organization_id or None
        organization = _acting_for(session.user_id, wanted, organizations)
        token = f"{family}.{refreshed.secret}"
        return refreshed, _grant(session, organization, token, mint, now)

    _, grant = transaction(rotate)
    if grant is None:
        raise RefreshTokenReplayed
    return grant


def exchange_token(
    session_id: str,
    organization_id: str,
    *,
    sessions: Sessions,
    organizations: Organizations,
    mint: Mint,
    now: datetime,
) -> Grant:
    """An access token that acts for another organisation of the same user.

    It can only name organisations the user belongs to, so it never widens what the user
    may do. Raises ``SessionOver`` for a session that has ended.
    """
    session = sessions.get(session_id)
    session.check_alive(now)
    return _grant(session, organizations.get(organization_id), "", mint, now)


def end_session(session_id: str, *, sessions: Sessions, now: datetime) -> None:
    """Log out: no refresh token of the session works any more."""
    session = sessions.get(session_id)
    decision = session.end("logout", now)
    if decision.state is not session:
        sessions.save(decision)


def grant_service_token(
    service: str,
    secret: str,
    audience: str,
    *,
    secrets: Mapping[str, str],
    mint: Mint,
    now: datetime,
) -> Grant:
    """A short token with which one service calls one other in its own name."""
    expected = secrets.get(service, "")
    if not hmac.compare_digest(digest(expected), digest(secret)) or not expected:
        raise WrongServiceSecret(f"not the secret of {service}")
    issuance = mint.issuance(now, mint.service_life)
    claims = issuance.claims(f"service:{service}", [audience])
    return Grant(
        access_token=mint.signer.sign(claims), expires_in=int(mint.service_life.total_seconds())
    )


def _acting_for(
    user_id: str, organization_id: str | None, organizations: Organizations
) -> Organization | None:
    if organization_id is not None:
        return organizations.get(organization_id)
    belonging = organizations.of_user(user_id)
    return belonging[0] if len(belonging) == 1 else None


def _grant(
    session: Session,
    organization: Organization | None,
    refresh_token: str,
    mint: Mint,
    now: datetime,
) -> Grant:
    issuance = mint.issuance(now, mint.user_life)
    claims = claims_of_user(session, organization, issuance, list(mint.audience))
    return Grant(
        access_token=mint.signer.sign(claims),
        expires_in=int(mint.user_life.total_seconds()),
        organization_id=organization.id if organization else "",
        refresh_token=refresh_token,
    )
