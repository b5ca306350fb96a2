"""Compact JWS with Ed25519 (RFC 7515, RFC 9864): how a door code is signed and read."""

from __future__ import annotations

import json
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from services.matching.doors.domain import DoorCodeInvalid, Invitation

ALGORITHM = "Ed25519"
# Says what it is for, so that no access token passes for a door code or the other way round.
TYPE = "teahouse-door"


def new_key() -> dict[str, Any]:
    """A new private key as a JWK, named by its thumbprint (RFC 7638)."""
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    return dict(key.as_dict(private=True))


def public_half(key: OKPKey) -> dict[str, Any]:
    """What may be published of a key."""
    return dict(key.as_dict(private=False)) | {"alg": ALGORITHM, "use": "sig"}


def to_code(invitation: Invitation, key: OKPKey) -> str:
    """Sign an invitation; Ed25519 gives one code for one invitation and key."""
    said = {
        "inv": invitation.id,
        "gth": invitation.gathering_id,
        "org": invitation.organization_id,
    }
    if invitation.community_id is not None:
        said["com"] = invitation.community_id
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": key.kid}
    payload = json.dumps(said, separators=(",", ":"))
    return jws.serialize_compact(header, payload, key, algorithms=[ALGORITHM])


def key_id_of(code: str) -> str:
    """Which key claims to have signed a code; raise ``DoorCodeInvalid`` for no code at all."""
    try:
        header = jws.extract_compact(code.encode()).protected
    except (JoseError, ValueError) as error:
        raise DoorCodeInvalid("not a door code") from error
    if header.get("typ") != TYPE or header.get("alg") != ALGORITHM:
        raise DoorCodeInvalid("not a door code")
    return str(header.get("kid"))


def to_invitation(code: str, key: OKPKey) -> Invitation:
    """Check the signature and read what was signed; raise ``DoorCodeInvalid``."""
    try:
        said = json.loads(jws.deserialize_compact(code, key, algorithms=[ALGORITHM]).payload)
        return Invitation(
            id=said["inv"],
            gathering_id=said["gth"],
            community_id=said.get("com"),
            organization_id=said["org"],
        )
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise DoorCodeInvalid("the signature does not fit") from error
