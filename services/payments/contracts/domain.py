"""Terms, the parties they mean, and the contract that freezes them. Pure."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from chassis.kernel.decisions import Revision
from chassis.kernel.errors import NotFound, RuleBroken
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money

BRAND, HOST, VENUE, CO_HOST, PLATFORM, AUTHOR = ROLES = (
    "brand",
    "host",
    "venue",
    "co_host",
    "platform",
    "author",
)
WHOLE = 10_000
PLATFORM_ACCOUNT = "platform:fees"


class ContractNotFound(NotFound):
    """No share contract has that identifier."""

    code = "contract-not-found"
    hint = "Check the identifier; only the parties of a contract can read it."
    chinese = "没有这份分成合约，请核对编号；只有合约各方可以查看。"


class TermsInvalid(RuleBroken):
    """The shares of the terms must be whole basis points that add up to 10,000."""

    code = "terms-invalid"
    hint = "Give every role its basis points, zero where it gets none; together 10,000."
    chinese = "各方份额须为整数基点，合计为一万。"


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation in one of the six roles, and its weight in every split.

    ``copy_claim_id`` is the claim by which a royalty is held, or is this organisation's.
    """

    role: str
    organization_id: str
    weight: int
    copy_claim_id: str = ""
    is_held: bool = False

    @property
    def account(self) -> str:
        """Where its share is booked."""
        if self.is_held:
            return f"copy-claim:{self.copy_claim_id}:held"
        if self.role == PLATFORM:
            return PLATFORM_ACCOUNT
        return pending_of(self.organization_id)


def pending_of(organization_id: str) -> str:
    """Where an organisation's shares wait until they may be paid out."""
    return f"org:{organization_id}:pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedKit:
    """What the brands of a kit signed: its terms' digest, and how two roles are divided.

    ``brand_shares`` are basis points of the takings, together the role's; ``royalties`` are
    basis points of the author's share, 10,000 in all.
    """

    kit_id: str
    terms_digest: str
    price: Money
    brand_shares: Mapping[str, int]
    royalties: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ShareContract:
    """What brands and host agreed on for one claim; never changed afterwards.

    ``brand_id`` is the first of a kit's brands, whose ``offer_id`` is empty.
    """

    id: str
    claim_id: str
    offer_id: str
    brand_id: str
    host_id: str
    terms: Mapping[str, int]
    digest: str
    frozen_at: datetime
    kit: SignedKit | None = None
    revision: Revision = Revision()

    @property
    def brand_ids(self) -> tuple[str, ...]:
        """The brands that agreed."""
        return tuple(self.kit.brand_shares) if self.kit else (self.brand_id,)

    def parties(
        self, present: Mapping[str, Sequence[str]], royalties: Mapping[str, int] | None = None
    ) -> tuple[Party, ...]:
        """Weigh the organisations of a gathering, in the contract's order of roles.

        Several in one role share it equally, but authors by ``royalties``, the basis points
        of each, where these are known, and a kit's brands and authors as was signed; the
        share of a role that nobody took falls to the host. Weights are basis points times a
        common multiple, so that every one is whole.
        """
        parts = {role: _parts(present.get(role, ())) for role in ROLES}
        if self.kit:
            parts[BRAND], royalties = _by_points(self.kit.brand_shares), self.kit.royalties
        if royalties:
            parts[AUTHOR] = _by_points(royalties)
        scale = math.lcm(*(part.denominator for each in parts.values() for part in each.values()))
        vacant = sum(self.terms[role] for role in ROLES if not parts[role])
        found: list[Party] = []
        for role in ROLES:
            points = self.terms[role] + (vacant if role == HOST else 0)
            if points:
                found += [
                    Party(role, organization_id, int(points * scale * part))
                    for organization_id, part in parts[role].items()
                ]
        return tuple(found)


def _parts(who: Sequence[str]) -> dict[str, Fraction]:
    """Equal parts of one role's share."""
    return {organization_id: Fraction(1, len(who)) for organization_id in who}


def _by_points(points: Mapping[str, int]) -> dict[str, Fraction]:
    """Parts of one role's share by basis points; who has none has no part."""
    whole = sum(points.values())
    return {each: Fraction(part, whole) for each, part in points.items() if part}


def are_valid(terms: Mapping[str, int], kit: SignedKit | None = None) -> bool:
    """Whether these are whole basis points of known roles that add up to 10,000.

    A kit's brands must have the role's basis points between them, and its authors 10,000.
    """
    if kit and not (
        _are_points(kit.brand_shares, terms.get(BRAND, 0)) and _are_points(kit.royalties, WHOLE)
    ):
        return False
    return not set(terms) - set(ROLES) and _are_points(terms, WHOLE)


def _are_points(points: Mapping[str, int], whole: int) -> bool:
    are_whole = all(type(each) is int and each >= 0 for each in points.values())
    return are_whole and sum(points.values()) == whole


def freeze(
    *,
    claim_id: str,
    offer_id: str,
    brand_id: str,
    host_id: str,
    terms: Mapping[str, int],
    at: datetime,
    kit: SignedKit | None = None,
) -> ShareContract:
    """Make the contract of a claim; raise ``TermsInvalid``. The same claim, the same id."""
    if not are_valid(terms, kit):
        raise TermsInvalid(f"got {dict(terms)}")
    agreed = {role: terms.get(role, 0) for role in ROLES}
    signed = {"claim": claim_id, "brand": brand_id, "host": host_id, "terms": agreed}
    if kit:
        signed |= {"kit": kit.kit_id, "signed": kit.terms_digest}
    text = json.dumps(signed, sort_keys=True, separators=(",", ":"))
    return ShareContract(
        id=derived_id("ctr", claim_id),
        claim_id=claim_id,
        offer_id=offer_id,
        brand_id=brand_id,
        host_id=host_id,
        terms=agreed,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        frozen_at=at,
        kit=kit,
    )
