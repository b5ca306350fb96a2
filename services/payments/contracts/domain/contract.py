"""A share contract and its versions, from the draft to the books. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.contracts.domain.refusals import (
    ContractInvalid,
    CurrencyChanged,
    ExampleFails,
    HostChanged,
    NotAParty,
    OtherVersionSigned,
    SignaturesMissing,
    SubsidyBrandMissing,
    TermsInvalid,
    TooManyVersions,
    VersionNotFound,
)
from services.payments.contracts.domain.versions import (
    Signature,
    Version,
    bound_by,
    carried,
    digest,
    leaving,
    stake,
)
from services.payments.contracts.events import ContractPublished
from services.payments.ledger.domain import PLATFORM_FEES, pending_of
from sharing.check import problems_of
from sharing.dividing import Seat
from sharing.examples import differences
from sharing.terms import AUTHOR, BRAND, HOST, PLATFORM, ROLES, WHOLE, Rounding, Terms, by_points

MOST_VERSIONS = 50


def account_of(role: str, organization_id: str) -> str:
    """Where the share of an organisation in a role is booked."""
    return PLATFORM_FEES if role == PLATFORM else pending_of(organization_id)


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation in a role, with its weight there.

    ``copy_claim_id`` is the claim by which a royalty is held, or is this organisation's.
    """

    role: str
    organization_id: str
    weight: int
    copy_claim_id: str = ""
    is_held: bool = False

    @property
    def seat(self) -> Seat:
        """Who it is when shares are divided."""
        return Seat(self.role, self.organization_id, self.weight)

    @property
    def account(self) -> str:
        """Where its share is booked."""
        if self.is_held:
            return f"copy-claim:{self.copy_claim_id}:held"
        return account_of(self.role, self.organization_id)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareContract:
    """What its parties agreed on; every version that others have signed stays as it was.

    A contract that a claim made has the claim's id, and a kit if the claim was of one; the
    others have none.
    """

    id: str
    versions: tuple[Version, ...]
    claim_id: str = ""
    offer_id: str = ""
    kit: SignedKit | None = None
    revision: Revision = Revision()

    @property
    def latest(self) -> Version:
        """The last that was drafted."""
        return self.versions[-1]

    @property
    def in_force(self) -> Version | None:
        """The last that was published, by which the books go."""
        return next((each for each in reversed(self.versions) if each.published_at), None)

    @property
    def current(self) -> Version:
        """The one in force; raise ``VersionNotFound`` while there is none."""
        if self.in_force is None:
            raise VersionNotFound(f"no version of {self.id} is in force")
        return self.in_force

    def at(self, moment: datetime) -> Version:
        """The one in force at a moment; the first that ever was, for a moment before it.

        Raises ``VersionNotFound`` while there is none.
        """
        found = self.current
        for each in reversed(self.versions):
            if each.published_at is not None:
                found = each
                if each.published_at <= moment:
                    break
        return found

    @property
    def party_ids(self) -> frozenset[str]:
        """Everybody whom the version in force or the latest binds."""
        binding = (self.latest, self.in_force or self.latest)
        return frozenset(who for each in binding for who in bound_by(each.terms))

    def version(self, number: int | None) -> Version:
        """One version, the latest for None; raise ``VersionNotFound``."""
        if number is None:
            return self.latest
        found = next((each for each in self.versions if each.number == number), None)
        if found is None:
            raise VersionNotFound(f"{self.id} has no version {number}")
        return found

    def propose(
        self, data: Mapping[str, Any], *, by: str, at: datetime
    ) -> Decision[ShareContract]:
        """Draft the next version; whom it changes nothing for has signed it already.

        Whom it lets go must sign it like those it binds. It takes the place of the latest if
        that is a draft of the same party which nobody else has signed. Raises
        ``ContractInvalid``, ``HostChanged``, ``CurrencyChanged``, ``SubsidyBrandMissing``,
        ``NotAParty`` or ``TooManyVersions``.
        """
        if by not in self.party_ids:
            raise NotAParty(f"{by} is no party of {self.id}")
        kept = self.versions[:-1] if self._is_draft_of(by) else self.versions
        if len(kept) == MOST_VERSIONS:
            raise TooManyVersions(f"{MOST_VERSIONS} versions")
        terms = checked(data)
        if self.claim_id:
            self._must_keep_whose_it_is(terms)
        number = len(kept) + 1
        version = Version(
            number=number,
            terms=terms,
            digest=digest(self.id, number, terms),
            drafted_by=by,
            drafted_at=at,
            signatures=tuple(carried(self.in_force, self.id, terms)),
            leaving=leaving(self.in_force, terms),
        )
        return Decision(replace(self, versions=(*kept, version)))

    def _must_keep_whose_it_is(self, terms: Terms) -> None:
        """The claim stays the host's and in its currency.

        Its subsidy stays a matter of the brands that give it.
        """
        first = self.versions[0].terms
        if _bound_as(HOST, terms) != _bound_as(HOST, first):
            raise HostChanged(f"the host of {self.claim_id} is another")
        if terms.currency != first.currency:
            told = f"{self.claim_id} is in {first.currency}"
            raise CurrencyChanged(told, currency=first.currency)
        missing = sorted(_bound_as(BRAND, first) - _bound_as(BRAND, terms))
        if terms.bands and missing:
            raise SubsidyBrandMissing(f"{', '.join(missing)} not bound", missing=missing)

    def _is_draft_of(self, organization_id: str) -> bool:
        """Whether the latest is a draft of this party that nobody else has agreed to."""
        latest = self.latest
        if latest.published_at is not None or latest.drafted_by != organization_id:
            return False
        lasting = tuple(carried(self.in_force, self.id, latest.terms))
        given = (each for each in latest.signatures if each not in lasting)
        return all(each.organization_id == organization_id for each in given)

    def sign(self, signed: str, *, by: str, at: datetime) -> Decision[ShareContract]:
        """Agree to the latest version by its digest; again changes nothing.

        Raises ``NotAParty`` or ``OtherVersionSigned``.
        """
        version = self.latest
        if by not in version.signers:
            raise NotAParty(f"version {version.number} concerns {by} in nothing")
        if signed != version.digest:
            raise OtherVersionSigned(f"the latest is {version.digest}", digest=version.digest)
        if by not in version.missing:
            return Decision(self)
        signature = Signature(by, stake(self.id, version.terms, by), at)
        return self._with(replace(version, signatures=(*version.signatures, signature)))

    def publish(self, *, by: str, at: datetime) -> Decision[ShareContract]:
        """Put the latest version in force; again changes nothing.

        Its examples are run first. Raises ``NotAParty``, ``SignaturesMissing`` or
        ``ExampleFails``.
        """
        version = self.latest
        if by not in self.party_ids:
            raise NotAParty(f"{by} is no party of {self.id}")
        if version.published_at is not None:
            return Decision(self)
        if version.missing:
            raise SignaturesMissing(f"{len(version.missing)} missing", missing=version.missing)
        if wrong := differences(version.terms):
            told = [each.told for each in wrong]
            raise ExampleFails("; ".join(told)[:500], differences=told)
        published = ContractPublished(
            occurred_at=at,
            contract_id=self.id,
            claim_id=self.claim_id,
            version=version.number,
            digest=version.digest,
        )
        return self._with(replace(version, published_at=at), published)

    def _with(self, version: Version, *events: ContractPublished) -> Decision[ShareContract]:
        return Decision(replace(self, versions=(*self.versions[:-1], version)), events)


def _bound_as(role: str, terms: Terms) -> frozenset[str]:
    return frozenset(terms.parties.get(role, ()))


def checked(data: Mapping[str, Any]) -> Terms:
    """The terms of a contract's data; raise ``ContractInvalid`` with everything wrong."""
    if problems := problems_of(data):
        raise ContractInvalid(
            f"{problems[0].path or '/'}: {problems[0].reason}",
            problems=[
                {
                    "path": each.path,
                    "code": each.code,
                    "reason": each.reason,
                    "hint": each.hint,
                    "chinese": each.chinese,
                }
                for each in problems
            ],
        )
    return Terms(data)


def draft(
    contract_id: str, data: Mapping[str, Any], *, by: str, at: datetime
) -> Decision[ShareContract]:
    """Begin a contract as one of those whom it binds.

    Raises ``ContractInvalid`` or ``NotAParty``.
    """
    terms = checked(data)
    if by not in bound_by(terms):
        raise NotAParty(f"{by} is not bound by the draft")
    version = Version(1, terms, digest(contract_id, 1, terms), by, at)
    return Decision(ShareContract(id=contract_id, versions=(version,)))


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


def freeze(  # noqa: PLR0913 - what a claim says, field by field
    *,
    claim_id: str,
    offer_id: str,
    brand_id: str,
    host_id: str,
    terms: Mapping[str, int],
    at: datetime,
    currency: str = "CNY",
    kit: SignedKit | None = None,
    rounding: Rounding = Rounding.TOGETHER,
) -> ShareContract:
    """Make the contract of a claim, in force at once: claim and offer are its signatures.

    The same claim, the same id. Raises ``TermsInvalid``.
    """
    if not are_valid(terms, kit):
        raise TermsInvalid(f"got {dict(terms)}")
    contract_id = derived_id("ctr", claim_id)
    agreed = by_points(terms, _bound(brand_id, host_id, kit), currency, rounding=rounding)
    version = Version(
        number=1,
        terms=agreed,
        digest=digest(contract_id, 1, agreed),
        drafted_by=host_id,
        drafted_at=at,
        signatures=tuple(
            Signature(who, stake(contract_id, agreed, who), at) for who in bound_by(agreed)
        ),
        published_at=at,
    )
    return ShareContract(
        id=contract_id, versions=(version,), claim_id=claim_id, offer_id=offer_id, kit=kit
    )


def _bound(brand_id: str, host_id: str, kit: SignedKit | None) -> dict[str, Mapping[str, int]]:
    found: dict[str, Mapping[str, int]] = {BRAND: {brand_id: 1}, HOST: {host_id: 1}}
    if kit:
        found[BRAND] = _given(kit.brand_shares)
        found[AUTHOR] = _given(kit.royalties)
    return found


def _given(parts: Mapping[str, int]) -> dict[str, int]:
    return {who: part for who, part in parts.items() if part}
