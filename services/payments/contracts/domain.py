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
    """An organisation in one of the six roles, and its weight in every split."""

    role: str
    organization_id: str
    weight: int

    @property
    def account(self) -> str:
        """Where its share is booked."""
        if self.role == PLATFORM:
            return PLATFORM_ACCOUNT
        return pending_of(self.organization_id)


def pending_of(organization_id: str) -> str:
    """Where an organisation's shares wait until they may be paid out."""
    return f"org:{organization_id}:pending"


@dataclass(frozen=True, slots=True)
class ShareContract:
    """What brand and host agreed on for one claim; never changed afterwards."""

    id: str
    claim_id: str
    offer_id: str
    brand_id: str
    host_id: str
    terms: Mapping[str, int]
    digest: str
    frozen_at: datetime
    revision: Revision = Revision()

    def parties(
        self, present: Mapping[str, Sequence[str]], royalties: Mapping[str, int] | None = None
    ) -> tuple[Party, ...]:
        """Weigh the organisations of a gathering, in the contract's order of roles.

        Several in one role share it equally, but authors by ``royalties``, the basis points
        of each, where these are known; the share of a role that nobody took falls to the
        host. Weights are basis points times a common multiple, so that every one is whole.
        """
        parts = {role: _parts(present.get(role, ())) for role in ROLES}
        if royalties:
            parts[AUTHOR] = {each: Fraction(points, WHOLE) for each, points in royalties.items()}
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


def are_valid(terms: Mapping[str, int]) -> bool:
    """Whether these are whole basis points of known roles that add up to 10,000."""
    whole = all(type(points) is int and points >= 0 for points in terms.values())
    return whole and not set(terms) - set(ROLES) and sum(terms.values()) == WHOLE


def freeze(
    *,
    claim_id: str,
    offer_id: str,
    brand_id: str,
    host_id: str,
    terms: Mapping[str, int],
    at: datetime,
) -> ShareContract:
    """Make the contract of a claim; raise ``TermsInvalid``. The same claim, the same id."""
    if not are_valid(terms):
        raise TermsInvalid(f"got {dict(terms)}")
    agreed = {role: terms.get(role, 0) for role in ROLES}
    signed = {"claim": claim_id, "brand": brand_id, "host": host_id, "terms": agreed}
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
    )
