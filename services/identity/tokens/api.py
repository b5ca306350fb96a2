"""Sessions and tokens over HTTP: parse, call one use case, dump."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request

from chassis.auth import Unauthenticated, principal
from chassis.kernel.time import Clock
from chassis.web import Blueprint, keyless, public, untransacted
from services.identity.organizations.use_cases import Organizations
from services.identity.tokens.schemas import (
    AccessSchema,
    ActingSchema,
    ExchangeSchema,
    GrantSchema,
    LogInSchema,
    RefreshSchema,
    ServiceTokenSchema,
)
from services.identity.tokens.use_cases import (
    Grant,
    Mint,
    Sessions,
    end_session,
    exchange_token,
    grant_service_token,
    refresh_session,
    start_session,
)
from services.identity.users.use_cases import (
    Attempts,
    Credentials,
    PasswordHasher,
    Transaction,
    Users,
    authenticate,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the log-in desk works with."""

    users: Users
    hasher: PasswordHasher
    attempts: Attempts
    organizations: Organizations
    sessions: Sessions
    mint: Mint
    service_secrets: Mapping[str, str] = field(repr=False)
    transaction: Transaction
    clock: Clock


def sessions_blueprint(desk: Desk) -> Blueprint:
    """Routes under ``/v1/sessions``."""
    blueprint = Blueprint(
        "sessions", __name__, url_prefix="/v1/sessions", description="Logging in and out"
    )

    @blueprint.post("")
    @public
    @keyless
    @untransacted  # the password is checked before anything is locked
    @blueprint.arguments(LogInSchema)
    @blueprint.response(201, GrantSchema)
    def log_in_view(body: dict[str, Any]) -> Grant:
        """Log in, to act for one organisation: the named one, or the only one there is."""
        return _log_in(desk, body)

    @blueprint.post("/refresh")
    @public
    @keyless
    @untransacted  # a replay ends the session for good, although the answer is a refusal
    @blueprint.arguments(RefreshSchema)
    @blueprint.response(200, GrantSchema)
    def refresh_session_view(body: dict[str, Any]) -> Grant:
        """Exchange a refresh token, once, for the next one and an access token."""
        return refresh_session(
            body["refresh_token"],
            body["organization_id"],
            sessions=desk.sessions,
            organizations=desk.organizations,
            transaction=desk.transaction,
            mint=desk.mint,
            now=desk.clock(),
        )

    @blueprint.post("/exchange")
    @keyless
    @blueprint.arguments(ExchangeSchema)
    @blueprint.response(200, ActingSchema)
    def exchange_token_view(body: dict[str, Any]) -> Grant:
        """Get an access token that acts for another of the caller's organisations."""
        return exchange_token(
            _session_id(),
            body["organization_id"],
            sessions=desk.sessions,
            organizations=desk.organizations,
            mint=desk.mint,
            now=desk.clock(),
        )

    @blueprint.delete("/current")
    @blueprint.response(204)
    def log_out_view() -> None:
        """Log out: the session's refresh token works no more."""
        end_session(_session_id(), sessions=desk.sessions, now=desk.clock())

    return blueprint


def service_tokens_blueprint(desk: Desk) -> Blueprint:
    """The route ``/v1/service-tokens``."""
    blueprint = Blueprint(
        "service-tokens", __name__, url_prefix="/v1/service-tokens", description="For services"
    )

    @blueprint.post("")
    @public
    @keyless
    @untransacted  # nothing is written
    @blueprint.arguments(ServiceTokenSchema)
    @blueprint.response(201, AccessSchema)
    def grant_service_token_view(body: dict[str, str]) -> Grant:
        """Get a token of five minutes with which one service calls one other."""
        return grant_service_token(
            **body, secrets=desk.service_secrets, mint=desk.mint, now=desk.clock()
        )

    return blueprint


def _log_in(desk: Desk, body: dict[str, Any]) -> Grant:
    """Prove the user first, then open the session in one transaction."""
    offered = Credentials(
        email=body["email"], password=body["password"], origin=request.remote_addr or ""
    )
    now = desk.clock()
    user = authenticate(
        offered,
        users=desk.users,
        hasher=desk.hasher,
        attempts=desk.attempts,
        transaction=desk.transaction,
        now=now,
    )
    return desk.transaction(
        lambda: start_session(
            user.id,
            body["organization_id"],
            sessions=desk.sessions,
            organizations=desk.organizations,
            mint=desk.mint,
            now=now,
        )
    )


def _session_id() -> str:
    """The caller's session; raise ``Unauthenticated`` for a caller without one."""
    if not principal().session:
        raise Unauthenticated("only a user's access token belongs to a session")
    return principal().session
