"""The ring of signing keys: one signs, the retired ones verify a while longer. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import NotFound

RING_ID = "ring"


class NoSigningKey(NotFound):
    """No signing key has been made yet."""

    code = "no-signing-key"
    hint = "Run the prepare job of identity once, then start it again."
    chinese = "尚未生成签名密钥，请先运行 identity 的准备任务。"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key (RFC 8037). ``public`` is base64url; ``sealed`` can be opened by its port."""

    id: str
    public: str
    sealed: str = field(repr=False)
    made_at: datetime
    retired_at: datetime | None = None

    def is_trusted(self, now: datetime, *, life: timedelta) -> bool:
        """Whether a token it signed may still be valid, when tokens live this long."""
        return self.retired_at is None or now < self.retired_at + life


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All keys whose tokens may still be about; the first one signs."""

    keys: tuple[SigningKey, ...] = ()
    revision: Revision = Revision()

    @property
    def active(self) -> SigningKey:
        """The key that signs; raise ``NoSigningKey`` when there is none."""
        if not self.keys:
            raise NoSigningKey("the ring is empty")
        return self.keys[0]

    def published(self, now: datetime, *, life: timedelta) -> tuple[SigningKey, ...]:
        """The keys that verifiers should trust, the active one first."""
        return tuple(key for key in self.keys if key.is_trusted(now, life=life))

    def rotate(self, fresh: SigningKey, at: datetime, *, life: timedelta) -> Decision[KeyRing]:
        """Sign with a fresh key; what the last one signed stays valid for a token's life."""
        retired = tuple(
            replace(key, retired_at=key.retired_at or at) for key in self.published(at, life=life)
        )
        return Decision(replace(self, keys=(fresh, *retired)))
