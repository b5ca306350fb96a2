"""A kit: one price and one contract for goods, a venue and a cartridge, signed by its brands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from cartridges.canonical import digest_of
from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import Conflict, NotFound, RuleBroken
from chassis.kernel.money import WHOLE, Money
from services.catalog.kits.events import KitClosed, KitPublished, SignedLine
from services.catalog.offers.domain import TermsIncomplete

# Who has a share beside the brands, each of which has one for its line.
ROLES = ("host", "venue", "author", "platform")
_NOBODY: Mapping[str | None, int] = {None: WHOLE}  # known only when the kit is claimed


class ThemeYanked(RuleBroken):
    """The kit's cartridge is for gatherings that were planned before."""

    code = "kit-theme-yanked"
    hint = "Draft the kit with another version of the cartridge."
    chinese = "该组合所用的卡带版本已被作者撤下，请改用其他版本。"


class KitNotFound(NotFound):
    """There is no such kit."""

    code = "kit-not-found"
    hint = "Check the kit's identifier; a draft is seen by who drafted it and its brands only."
    chinese = "没有这个组合，请核对编号；草稿仅起草方与相关品牌方可见。"


class KitClosedAlready(RuleBroken):
    """The kit was withdrawn."""

    code = "kit-closed"
    hint = "Draft another kit; what was withdrawn does not come back."
    chinese = "该组合已撤回，请另行起草。"


class LineRepeated(RuleBroken):
    """A lot occurs twice in the kit."""

    code = "kit-line-repeated"
    hint = "Give each lot one line, with all its packs."
    chinese = "同一批次在组合中只能出现一次，请合并为一行。"


class TooManyPacks(RuleBroken):
    """A line asks for more packs than one host may take of the lot."""

    code = "kit-too-many-packs"
    hint = "Ask for no more packs than the lot's max_packs_per_host."
    chinese = "该行包数超过此批次每位主理人的上限，请减少。"


class OtherTermsSigned(Conflict):
    """What was signed is not what the kit says."""

    code = "other-terms-signed"
    hint = "Read the kit again and sign the terms_digest that it has."
    chinese = "签署的条款与组合不符，请重新读取并签署其 terms_digest。"


class KitState(StrEnum):
    """How far a kit has come."""

    DRAFTED = "drafted"
    PUBLISHED = "published"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class KitLine:
    """So many packs of one brand's lot at every gathering, and the brand's share."""

    lot_id: str
    brand_id: str
    packs: int
    share: int


@dataclass(frozen=True, slots=True)
class VenueNeed:
    """What the room must have."""

    capacity: int
    equipment: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """One party's part of the price: basis points of its role, and what that comes to.

    Authors share their role's by ``part_basis_points``; everybody else has all 10,000.
    ``party_id`` is None for who is known only when the kit is claimed.
    """

    role: str
    party_id: str | None
    lot_id: str | None
    basis_points: int
    part_basis_points: int
    amount: Money


@dataclass(frozen=True)
class Kit:
    """Goods of one or several brands, a venue and a cartridge for one price per gathering.

    What it says never changes; ``terms_digest`` is of all of it. ``royalties`` divide the
    author's share as its cartridge's do: basis points, 10,000 in all. ``signed`` are the brands
    that agreed. When all have, it is published; when one withdraws, it is closed for good.
    """

    id: str
    drafted_by: str
    title: str
    lines: tuple[KitLine, ...]
    venue: VenueNeed
    cartridge_digest: str
    author_id: str
    price: Money
    terms: Mapping[str, int]
    royalties: Mapping[str, int]
    drafted_at: datetime
    signed: tuple[str, ...] = ()
    state: KitState = KitState.DRAFTED
    revision: Revision = Revision()

    @property
    def brand_ids(self) -> tuple[str, ...]:
        """The brands whose goods are in it, each once."""
        return tuple(dict.fromkeys(line.brand_id for line in self.lines))

    @cached_property
    def terms_digest(self) -> str:
        """What a brand signs: SHA-256 of all that the kit says, as canonical JSON."""
        return digest_of(
            {
                "kit": self.id,
                "title": self.title,
                "lines": [
                    {
                        "lot": one.lot_id,
                        "brand": one.brand_id,
                        "packs": one.packs,
                        "share": one.share,
                    }
                    for one in self.lines
                ],
                "venue": {
                    "capacity": self.venue.capacity,
                    "equipment": list(self.venue.equipment),
                },
                "cartridge": self.cartridge_digest,
                "author": self._author,
                "price": {"minor": self.price.minor, "currency": self.price.currency},
                "terms": dict(self.terms),
            }
        )

    def draft(self, *, at: datetime) -> Decision[Kit]:
        """Let the kit be, or raise the rule that forbids it; its drafter has signed."""
        if len({line.lot_id for line in self.lines}) < len(self.lines):
            raise LineRepeated("each lot has one line")
        whole = sum(self.terms.values()) + sum(line.share for line in self.lines)
        if set(self.terms) != set(ROLES) or whole != WHOLE:
            raise TermsIncomplete(f"they make {whole}", roles=["brand", *ROLES])
        if self.drafted_by in self.brand_ids:
            return self.sign(self.drafted_by, self.terms_digest, at=at)
        return Decision(self)

    def sign(self, brand_id: str, terms_digest: str, *, at: datetime) -> Decision[Kit]:
        """Note that a brand agrees; the last to do so publishes it. Again changes nothing."""
        self._must_be_open()
        if brand_id not in self.brand_ids:
            raise KitNotFound(f"no kit {self.id}")
        if terms_digest != self.terms_digest:
            raise OtherTermsSigned(f"the kit is {self.terms_digest}", digest=self.terms_digest)
        if brand_id in self.signed:
            return Decision(self)
        signed = replace(self, signed=(*self.signed, brand_id))
        if set(signed.signed) != set(self.brand_ids):
            return Decision(signed)
        return Decision(replace(signed, state=KitState.PUBLISHED), (self._published(at),))

    def withdraw(self, organization_id: str, *, at: datetime) -> Decision[Kit]:
        """Close it for new claims, as its drafter or one of its brands may at any time."""
        if organization_id not in {self.drafted_by, *self.brand_ids}:
            raise KitNotFound(f"no kit {self.id}")
        self._must_be_open()
        closed = replace(self, state=KitState.CLOSED)
        if self.state is KitState.DRAFTED:
            return Decision(closed)
        return Decision(closed, (KitClosed(kit_id=self.id, reason="withdrawn", occurred_at=at),))

    def is_seen_by(self, organization_id: str) -> bool:
        """Everybody sees what was published; a draft is for who has a part in it."""
        is_out = len(self.signed) == len(self.brand_ids)
        return is_out or organization_id in {self.drafted_by, *self.brand_ids}

    def shares(self) -> tuple[Share, ...]:
        """How the price is shared out, line by line, role by role, author by author."""
        parties = [
            *(("brand", line.brand_id, line.lot_id, line.share, WHOLE) for line in self.lines),
            *(
                (role, party_id, None, self.terms[role], part)
                for role in ROLES
                for party_id, part in (self.royalties if role == "author" else _NOBODY).items()
            ),
        ]
        amounts = self.price.allocate([points * part for *_, points, part in parties])
        return tuple(
            Share(role, party_id, lot_id, points, part, amount)
            for (role, party_id, lot_id, points, part), amount in zip(
                parties, amounts, strict=True
            )
        )

    @property
    def _author(self) -> str | dict[str, int]:
        """Who has the author's share: the publisher alone, or organisations by their parts."""
        alone = dict(self.royalties) == {self.author_id: WHOLE}
        return self.author_id if alone else dict(self.royalties)

    def _must_be_open(self) -> None:
        if self.state is KitState.CLOSED:
            raise KitClosedAlready(f"{self.id} was withdrawn")

    def _published(self, at: datetime) -> KitPublished:
        return KitPublished(
            kit_id=self.id,
            brand_ids=self.brand_ids,
            packs={line.lot_id: line.packs for line in self.lines},
            capacity=self.venue.capacity,
            equipment=self.venue.equipment,
            cartridge_digest=self.cartridge_digest,
            price=self.price,
            terms_digest=self.terms_digest,
            title=self.title,
            lines=tuple(SignedLine(**asdict(line)) for line in self.lines),
            terms=self.terms,
            royalties=self.royalties,
            occurred_at=at,
        )
