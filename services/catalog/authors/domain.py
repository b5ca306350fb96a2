"""An author's key belongs to the organisation that showed it can sign with it, for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cartridges.signing import AuthorKey, is_signed_by
from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import Conflict, RuleBroken
from chassis.kernel.ids import derived_id


class KeyNotShown(RuleBroken):
    """The proof is not signed by that key."""

    code = "key-not-shown"
    hint = "Sign the text of the specification with the key's secret half, and send that."
    chinese = "证明未由该密钥签名；请用对应的私钥按规范签署指定文字后再提交。"


class KeyTaken(Conflict):
    """The key belongs to another organisation."""

    code = "key-taken"
    hint = "Make a key of your own for each organisation."
    chinese = "该密钥已属于另一组织，请为每个组织各制一把密钥。"


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """Whoever signs with ``key`` earns for ``organization_id``."""

    key: str
    organization_id: str
    registered_at: datetime
    revision: Revision = Revision()

    @property
    def id(self) -> str:
        """An organisation registers a key once, so the id follows from both."""
        return derived_id("aky", self.organization_id, self.key)

    @property
    def key_id(self) -> str:
        """Its short id, as signatures name it."""
        return AuthorKey(self.key).id


def proof_text(key: str, organization_id: str) -> bytes:
    """What the owner of a key signs so that it earns for her organisation."""
    return f"teahouse author key {key} of {organization_id}\n".encode()


def register(
    key: str, proof: str, organization_id: str, *, known: RegisteredKey | None, at: datetime
) -> Decision[RegisteredKey]:
    """Give a key to the organisation that can sign with it; again changes nothing.

    Raises ``KeyNotShown`` and ``KeyTaken``.
    """
    if not is_signed_by(AuthorKey(key), proof_text(key, organization_id), _bytes(proof)):
        raise KeyNotShown(f"not a signature by {AuthorKey(key).id}")
    if known is not None and known.organization_id != organization_id:
        raise KeyTaken(f"key {known.key_id} has an owner")
    return Decision(known or RegisteredKey(key, organization_id, at))


def _bytes(proof: str) -> bytes:
    """Half of a surrogate pair is in no signature, and no reason to fail."""
    return proof.encode(errors="replace")
