"""Claims: their states, how one is asked for, and the rules that refuse."""

from __future__ import annotations

from services.matching.claims.domain.asking import (
    claim,
    claim_kit,
    must_be_eligible,
    must_be_host,
)
from services.matching.claims.domain.claim import (
    Channel,
    Claim,
    Goods,
    Status,
    Subsidy,
    kit_stakes,
)
from services.matching.claims.domain.refusals import (
    ChannelNotAllowed,
    ClaimNotConfirmed,
    ClaimNotFound,
    ClaimTaken,
    CommunityTooSmall,
    HostCapReached,
    HostsOnly,
    KitClosed,
    KitNotFound,
    KitThemeYanked,
    LotClosed,
    NotEligible,
    OfferNotOfKit,
    OfferNotOpen,
    OfferOfAnotherBrand,
    OtherTermsAgreed,
    RegionNotAllowed,
)

__all__ = [
    "Channel",
    "ChannelNotAllowed",
    "Claim",
    "ClaimNotConfirmed",
    "ClaimNotFound",
    "ClaimTaken",
    "CommunityTooSmall",
    "Goods",
    "HostCapReached",
    "HostsOnly",
    "KitClosed",
    "KitNotFound",
    "KitThemeYanked",
    "LotClosed",
    "NotEligible",
    "OfferNotOfKit",
    "OfferNotOpen",
    "OfferOfAnotherBrand",
    "OtherTermsAgreed",
    "RegionNotAllowed",
    "Status",
    "Subsidy",
    "claim",
    "claim_kit",
    "kit_stakes",
    "must_be_eligible",
    "must_be_host",
]
