"""Facts about a copy claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyClaimEvent(DomainEvent):
    """Something happened to one claim; ``digest`` is the version that is called a copy."""

    copy_claim_id: str
    digest: str
    claimant_id: str
    accused_id: str

    @property
    def subject(self) -> str:
        """The claim, so that it is opened before it is closed."""
        return self.copy_claim_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyClaimOpened(CopyClaimEvent):
    """From now on the version's royalties are held."""

    type: ClassVar[str] = "catalog.copy-claim.opened.v1"
    original_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyClaimAnswered(CopyClaimEvent):
    """The accused answered, or her time to answer is over; a reviewer may rule."""

    type: ClassVar[str] = "catalog.copy-claim.answered.v1"
    is_answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyClaimRuled(CopyClaimEvent):
    """A reviewer ruled; who lost may appeal until the claim is closed."""

    type: ClassVar[str] = "catalog.copy-claim.ruled.v1"
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyClaimAppealed(CopyClaimEvent):
    """Who lost asks another reviewer."""

    type: ClassVar[str] = "catalog.copy-claim.appealed.v1"
    appealed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyClaimClosed(CopyClaimEvent):
    """It is decided for good: what was held is paid out.

    ``payees`` are who gets the version's royalties when it is upheld, in basis points.
    """

    type: ClassVar[str] = "catalog.copy-claim.closed.v1"
    outcome: str
    payees: Mapping[str, int]
