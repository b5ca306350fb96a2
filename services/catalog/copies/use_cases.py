"""What can be done with copy claims: open, answer, rule, appeal, and let time pass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import derived_id
from services.catalog.cartridges.domain import CartridgeNotFound, CartridgeVersion
from services.catalog.cartridges.use_cases import Cartridges, compare_versions
from services.catalog.copies.domain import (
    PERIOD,
    ClaimUnfounded,
    CopyClaim,
    CopyClaimedAlready,
    CopyClaimNotFound,
    OriginalNotYours,
    Outcome,
    Ruling,
    Version,
)
from services.catalog.similarity.domain import Twin
from services.catalog.similarity.use_cases import Prints


class Copies(Protocol):
    """The copy claims, wherever they are kept."""

    def find(self, copy_claim_id: str) -> CopyClaim | None:
        """The claim, or None."""
        ...

    def standing(self, digest: str) -> CopyClaim | None:
        """The claim on this version that is open or was upheld, if there is one."""
        ...

    def due(self, now: datetime, *, limit: int) -> list[CopyClaim]:
        """Claims whose time to speak is over, the longest first."""
        ...

    def save(self, decision: Decision[CopyClaim]) -> CopyClaim:
        """Store state and events, or raise ``Conflict`` when another stands on the version."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCopyClaim:
    """An author's statement that one version copies one of hers, and what they share.

    ``lineage`` are the digests that the accused version declares to be made from.
    """

    claimant_id: str
    original: CartridgeVersion
    accused: CartridgeVersion
    statement: str
    evidence: Twin
    lineage: tuple[str, ...]


def weigh_copy_claim(
    claimant_id: str,
    *,
    original_digest: str,
    accused_digest: str,
    statement: str,
    cartridges: Cartridges,
    prints: Prints,
) -> OpenCopyClaim:
    """Compare the two versions of a claim, which never change, before anything is locked.

    Raises ``CartridgeNotFound`` and ``OriginalNotYours``.
    """
    original, accused = _pinned(original_digest, cartridges), _pinned(accused_digest, cartridges)
    if original.author_id != claimant_id:
        raise OriginalNotYours(f"{original.digest} is another's")
    evidence, lineage = compare_versions(accused, original, prints=prints)
    return OpenCopyClaim(
        claimant_id=claimant_id,
        original=original,
        accused=accused,
        statement=statement,
        evidence=evidence,
        lineage=lineage,
    )


def open_copy_claim(command: OpenCopyClaim, *, copies: Copies, now: datetime) -> CopyClaim:
    """Claim that a version is a copy; the very same again answers what is open already.

    Raises ``ClaimUnfounded`` and ``CopyClaimedAlready``.
    """
    original, accused = command.original, command.accused
    claim_id = derived_id("cpc", command.claimant_id, original.digest, accused.digest)
    stands = copies.standing(accused.digest)
    if stands is not None and stands.id == claim_id and stands.statement == command.statement:
        return stands
    if stands is not None or copies.find(claim_id) is not None:
        raise CopyClaimedAlready(f"{accused.digest} was claimed")
    if original.digest in command.lineage:
        raise ClaimUnfounded("the original is its declared parent and shares its royalty")
    claim = CopyClaim(
        id=claim_id,
        original=_version(original),
        accused=_version(accused),
        statement=command.statement,
        evidence=command.evidence,
        payees=dict(original.royalties),
        opened_at=now,
        due_at=now + PERIOD,
    )
    return copies.save(claim.open())


def answer_copy_claim(
    copy_claim_id: str, text: str, *, by: str, copies: Copies, now: datetime
) -> CopyClaim:
    """Answer a claim as the accused."""
    claim = of_party(copy_claim_id, by, copies=copies)
    return copies.save(claim.give_answer(text, by=by, at=now))


def appeal_copy_claim(
    copy_claim_id: str, text: str, *, by: str, copies: Copies, now: datetime
) -> CopyClaim:
    """Ask another reviewer as who lost."""
    claim = of_party(copy_claim_id, by, copies=copies)
    return copies.save(claim.make_appeal(text, by=by, at=now))


def rule_on_copy_claim(
    copy_claim_id: str, ruling: Ruling, *, copies: Copies, cartridges: Cartridges
) -> CopyClaim:
    """Rule on a claim or its appeal; a final one that upholds it yanks the copy."""
    decision = of_party(copy_claim_id, None, copies=copies).rule(ruling)
    return _saved(decision, copies=copies, cartridges=cartridges, now=ruling.ruled_at)


def lapse_copy_claims(
    *, copies: Copies, cartridges: Cartridges, now: datetime, limit: int = 50
) -> int:
    """Go on with claims of which nobody spoke in time; answer how many those were."""
    due = copies.due(now, limit=limit)
    for claim in due:
        _saved(claim.lapse(at=now), copies=copies, cartridges=cartridges, now=now)
    return len(due)


def of_party(copy_claim_id: str, organization_id: str | None, *, copies: Copies) -> CopyClaim:
    """A claim this organisation has a part in; None is the platform. Else it is unknown."""
    claim = copies.find(copy_claim_id)
    if claim is None or (organization_id is not None and not claim.involves(organization_id)):
        raise CopyClaimNotFound(f"no copy claim {copy_claim_id}")
    return claim


def _saved(
    decision: Decision[CopyClaim], *, copies: Copies, cartridges: Cartridges, now: datetime
) -> CopyClaim:
    """Store it; a version found to be a copy is kept from new gatherings."""
    claim = copies.save(decision)
    if claim.outcome is Outcome.UPHELD:
        cartridge = cartridges.find(claim.accused.cartridge_id)
        if cartridge is not None:
            yanked = cartridge.yank(claim.accused.version, f"copy claim {claim.id}", at=now)
            if yanked.events:
                cartridges.save(yanked)
    return claim


def _pinned(digest: str, cartridges: Cartridges) -> CartridgeVersion:
    found = cartridges.pinned(digest)
    if found is None:
        raise CartridgeNotFound(f"no version is {digest}")
    return found


def _version(found: CartridgeVersion) -> Version:
    return Version(
        cartridge_id=found.cartridge_id,
        version=found.version,
        digest=found.digest,
        author_id=found.author_id,
        published_at=found.published_at,
    )
