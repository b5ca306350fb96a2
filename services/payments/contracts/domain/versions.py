"""A version of a contract: its terms, who must sign it, and who has. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from cartridges.canonical import digest_of
from sharing.terms import BRAND, HOST, PLATFORM, ROLES, Terms


@dataclass(frozen=True, slots=True)
class Signature:
    """An organisation's agreement; ``stake`` is the digest of all that concerns it."""

    organization_id: str
    stake: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """Terms that never change; a signature is added until it is published.

    ``leaving`` are those whom the version in force bound when this was drafted, and this does
    not: they agree to that as well.
    """

    number: int
    terms: Terms
    digest: str
    drafted_by: str
    drafted_at: datetime
    signatures: tuple[Signature, ...] = ()
    published_at: datetime | None = None
    leaving: tuple[str, ...] = ()

    @property
    def signers(self) -> tuple[str, ...]:
        """Everybody who must agree: whom it binds, and whom it lets go."""
        return (*bound_by(self.terms), *self.leaving)

    @property
    def missing(self) -> tuple[str, ...]:
        """Who has not signed yet; nobody once it is published."""
        if self.published_at is not None:
            return ()
        signed = {each.organization_id for each in self.signatures}
        return tuple(each for each in self.signers if each not in signed)


def bound_by(terms: Terms) -> tuple[str, ...]:
    """Every organisation that terms bind, and the platform."""
    bound = (who for role in ROLES for who in terms.parties.get(role, ()))
    return tuple(dict.fromkeys((*bound, PLATFORM)))


def leaving(old: Version | None, terms: Terms) -> tuple[str, ...]:
    """Whom an earlier version binds and these terms do not."""
    stay = bound_by(terms)
    return tuple(each for each in bound_by(old.terms) if each not in stay) if old else ()


def digest(contract_id: str, number: int, terms: Terms) -> str:
    """What the parties sign: this version of this contract, examples included."""
    return digest_of({"contract": contract_id, "version": number, "terms": terms.data})


def stake(contract_id: str, terms: Terms, organization_id: str) -> str:
    """The digest of all that concerns one party, and of nothing else.

    Its own parts of every step; for brand and host what is earned of the subsidy; how much each
    step takes and when, for that lessens what later steps find; how is rounded and who bears
    refunds; and which roles are open to whoever has them at the gathering, for these cannot
    sign. Who the others are, and how they divide what is not its own, may change without its
    signature.
    """
    own = _points_of(terms, organization_id)
    concern = {
        "contract": contract_id,
        "currency": terms.currency,
        "rounding": terms.rounding.value,
        "refunds": terms.refunding.value,
        "absent": terms.absent if terms.absent in own else "",
        "roles": own,
        "open": [role for role in terms.roles if role != PLATFORM and role not in terms.parties],
        "steps": [_concern(step, own) for step in terms.data["steps"]],
    }
    # Not named where there is none, so that what was signed before there were bands still holds.
    if "subsidy" in terms.data and {BRAND, HOST} & set(own):
        concern["subsidy"] = terms.data["subsidy"]
    return digest_of(concern)


def _points_of(terms: Terms, organization_id: str) -> dict[str, str]:
    """Its part of each role that it has, as a fraction."""
    if organization_id == PLATFORM:
        return {PLATFORM: "1"}
    return {
        role: str(Fraction(points[organization_id], sum(points.values())))
        for role, points in terms.parties.items()
        if organization_id in points
    }


def _concern(step: Mapping[str, Any], own: Mapping[str, str]) -> dict[str, Any]:
    whole = sum(step["to"].values())
    parts = {role: str(Fraction(part, whole)) for role, part in step["to"].items() if role in own}
    return {"take": step["take"], "when": step.get("when", ""), "parts": parts}


def carried(old: Version | None, contract_id: str, terms: Terms) -> Iterator[Signature]:
    """The signatures of an earlier version that hold for these terms as well."""
    for each in old.signatures if old else ():
        if each.organization_id in bound_by(terms) and each.stake == stake(
            contract_id, terms, each.organization_id
        ):
            yield each
