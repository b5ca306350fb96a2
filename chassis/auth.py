"""Who is asking: access tokens (RFC 9068, RFC 9864) checked against a cached JWKS (RFC 7517)."""

from __future__ import annotations

import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet, OKPKey

from chassis.kernel.errors import DomainError, Forbidden
from chassis.permissions import Kind, Permission, Role, granted

ALGORITHM = "Ed25519"
TYPE = "at+jwt"
LEEWAY_SECONDS = 30
REFETCH_SECONDS = 10.0
KEPT_TOKENS = 2048

_principal: ContextVar[Principal | None] = ContextVar("principal", default=None)


class Unauthenticated(DomainError):
    """The request carries no valid access token."""

    code = "unauthenticated"
    hint = "Log in at identity and send the access token as a bearer token."
    chinese = "请求缺少有效的访问令牌，请先登录。"


class TokenExpired(Unauthenticated):
    """The access token has expired."""

    code = "token-expired"
    hint = "Get a new access token with the refresh token."
    chinese = "访问令牌已过期，请使用刷新令牌换取新令牌。"


class PermissionMissing(Forbidden):
    """The caller's role does not include this permission."""

    code = "permission-missing"
    hint = (
        "Ask an administrator of your organisation for a role that may; some things only "
        "organisations of another kind may do, whatever the role."
    )
    chinese = "您的角色没有此权限：请联系组织管理员；有些操作仅限其他类型的组织。"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts, and for which organisation; a service acts for itself."""

    subject: str
    organization_id: str
    kind: Kind | None
    roles: frozenset[Role] = frozenset()
    service: str | None = None
    session: str = ""

    def allows(self, permission: Permission) -> bool:
        """Whether this caller may do it."""
        return self.kind is not None and permission in granted(self.kind, self.roles)

    @property
    def is_platform(self) -> bool:
        """Whether the platform itself is acting."""
        return self.kind is Kind.PLATFORM


def principal() -> Principal:
    """The caller of this request; raise ``Unauthenticated`` when there is none."""
    found = _principal.get()
    if found is None:
        raise Unauthenticated
    return found


def bind(caller: Principal | None) -> None:
    """Remember the caller for the rest of this request."""
    _principal.set(caller)


class Keys(Protocol):
    """Where the keys that signed the tokens come from."""

    def find(self, kid: str) -> OKPKey | None:
        """The public key of this id, or None when the issuer does not know it."""
        ...


class JwksCache:
    """The issuer's published keys, fetched once and again when an unknown key turns up.

    An unknown key id leads to at most one fetch in ten seconds; while the issuer cannot
    be reached, the keys known so far go on being used.
    """

    def __init__(self, fetch: Callable[[], Mapping[str, Any]]) -> None:
        self._fetch = fetch
        self._keys: dict[str, OKPKey] = {}
        self._fetched_at = float("-inf")
        self._lock = threading.Lock()

    def find(self, kid: str) -> OKPKey | None:
        """The public key of this id, or None when the issuer does not know it."""
        if kid not in self._keys:
            with self._lock:
                if (
                    kid not in self._keys
                    and time.monotonic() >= self._fetched_at + REFETCH_SECONDS
                ):
                    self.refresh()
        return self._keys.get(kid)

    def refresh(self) -> bool:
        """Fetch the keys now; answer whether that succeeded."""
        try:
            published = KeySet.import_key_set(dict(self._fetch()))  # type: ignore[arg-type] # checked inside
        except (OSError, JoseError, ValueError):
            return False
        self._fetched_at = time.monotonic()
        self._keys = {str(k.kid): k for k in published.keys if isinstance(k, OKPKey)}
        return True

    @property
    def is_loaded(self) -> bool:
        """Whether any key is known."""
        return bool(self._keys)


class TokenVerifier:
    """Turns a bearer token into a ``Principal``, or raises ``Unauthenticated``.

    Accepts one algorithm, the type ``at+jwt``, this issuer, this service in ``aud`` and
    a life that has not ended. Verified tokens are remembered until they expire.
    """

    def __init__(self, keys: Keys, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._known: dict[str, tuple[float, Principal]] = {}

    def verify(self, token: str) -> Principal:
        """The caller named by a token; nothing in its header is fetched or followed."""
        expires_at, caller = self._known.get(token) or self._checked(token)
        if expires_at + LEEWAY_SECONDS < time.time():
            self._known.pop(token, None)
            raise TokenExpired
        return caller

    def _checked(self, token: str) -> tuple[float, Principal]:
        try:
            claims = self._claims(token)
            found = (float(claims["exp"]), _to_principal(claims))
        except ExpiredTokenError:
            raise TokenExpired from None
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Unauthenticated(f"the token is not acceptable: {error}") from None
        if len(self._known) >= KEPT_TOKENS:
            self._known.clear()
        self._known[token] = found
        return found

    def _claims(self, token: str) -> Mapping[str, Any]:
        _refuse_second_spellings(token)
        header = jws.extract_compact(token.encode()).protected
        if header.get("typ") != TYPE or header.get("alg") != ALGORITHM:
            raise ValueError("neither the type nor the algorithm of an access token")
        key = self._keys.find(str(header.get("kid")))
        if key is None:
            raise ValueError("signed with an unknown key")
        claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        rules.validate(claims)
        return claims


def _to_principal(claims: Mapping[str, Any]) -> Principal:
    subject = str(claims["sub"])
    if subject.startswith("service:"):
        return Principal(subject, "", None, service=subject.removeprefix("service:"))
    kind = Kind(claims["kind"]) if claims.get("kind") else None
    roles = frozenset(Role(role) for role in claims.get("roles", ()))
    return Principal(
        subject, str(claims.get("org", "")), kind, roles, session=str(claims.get("sid", ""))
    )


def _refuse_second_spellings(token: str) -> None:
    """Refuse a part whose unused last bits are set: one token has one spelling."""
    for part in token.split("."):
        padded = part + "=" * (-len(part) % 4)
        try:
            spelled = urlsafe_b64encode(urlsafe_b64decode(padded)).rstrip(b"=").decode()
        except Base64Error:
            raise ValueError("not base64url") from None
        if spelled != part:
            raise ValueError("not the canonical spelling")
