"""Door codes as compact JWS: how one is signed and read."""

from __future__ import annotations

import json

from joserfc.jwk import OKPKey

from chassis.signer import SignatureInvalid, Signer, key_id_of, payload_of, signed
from services.matching.doors.domain import DoorCodeInvalid, Invitation

# Says what it is for, so that no access token passes for a door code or the other way round.
TYPE = "teahouse-door"


class SignedDoorCodes:
    """The ``DoorKeys`` port over the keys that matching signs with."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def sign(self, invitation: Invitation) -> str:
        return to_code(invitation, self._signer.current())

    def read(self, code: str) -> Invitation:
        key = next(iter(self._signer.named(signer_of(code))), None)
        if key is None:
            raise DoorCodeInvalid("signed with an unknown key")
        return to_invitation(code, key)


def to_code(invitation: Invitation, key: OKPKey) -> str:
    """Sign an invitation; the same key gives the same code again."""
    said = {
        "inv": invitation.id,
        "gth": invitation.gathering_id,
        "org": invitation.organization_id,
    }
    if invitation.community_id is not None:
        said["com"] = invitation.community_id
    return signed(json.dumps(said, separators=(",", ":")).encode(), type=TYPE, key=key)


def signer_of(code: str) -> str:
    """The id of the key that claims to have signed a code; raise ``DoorCodeInvalid``."""
    try:
        return key_id_of(code, type=TYPE)
    except SignatureInvalid as error:
        raise DoorCodeInvalid("not a door code") from error


def to_invitation(code: str, key: OKPKey) -> Invitation:
    """Check the signature and read what was signed; raise ``DoorCodeInvalid``."""
    try:
        said = json.loads(payload_of(code, key))
        return Invitation(
            id=said["inv"],
            gathering_id=said["gth"],
            community_id=said.get("com"),
            organization_id=said["org"],
        )
    except (SignatureInvalid, ValueError, KeyError, TypeError) as error:
        raise DoorCodeInvalid("the signature does not fit") from error
