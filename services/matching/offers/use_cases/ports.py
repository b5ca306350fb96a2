"""Where the offers are looked up and noted, and what is noted of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple, Protocol

from chassis.kernel.money import Money
from services.matching.communities.domain import Community, Portrait, tidy
from services.matching.offers.domain import (
    OfferedLot,
    SubsidyOffer,
    host_facts,
)
from services.matching.offers.engine.facts import Held, HostFacts, LotFacts
from services.matching.offers.engine.kinships import NO_KINSHIPS, Kinships
from services.matching.offers.engine.listing import Bookmark, Shown
from services.matching.offers.engine.points import Weights
from services.matching.offers.engine.rules import BrandSubsidy
from services.matching.offers.engine.search import Position
from services.matching.pictures.domain import Conduct


class Closure(NamedTuple):
    """A lot or an offer takes no more claims, for this reason."""

    id: str
    reason: str


class Turn(Enum):
    """What a fact about packs does to what a claim holds."""

    TAKEN = auto()
    GIVEN_BACK = auto()
    RETURNED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class PacksMoved:
    """Packs of a lot went to a claim or came back from it: ``packs_free`` are left.

    ``packs_kept`` are of the newcomers' share, which none of them has taken.
    """

    lot_id: str
    packs_free: int
    turn: Turn
    claim_id: str
    host_id: str
    packs: int
    packs_kept: int = 0


class PacksCounted(NamedTuple):
    """Counting found this many free packs."""

    lot_id: str
    packs_free: int
    packs_kept: int = 0


class PhotosChanged(NamedTuple):
    """A lot's photos changed: whether one of them is of the very goods."""

    lot_id: str
    has_actual_photo: bool


class Commitment(NamedTuple):
    """A claim took subsidy of an offer, or, when negative, gave it back."""

    offer_id: str
    subsidy: Money


class OfferBook(Protocol):
    """The lots and subsidy offers, as far as matching has heard."""

    def lot(self, lot_id: str) -> OfferedLot:
        """The lot; raise ``LotNotFound`` for one never heard of."""
        ...

    def lots(self, lot_ids: Collection[str]) -> dict[str, OfferedLot]:
        """Those of these lots that are known, by id, without their holdings."""
        ...

    def offer(self, offer_id: str) -> SubsidyOffer:
        """The subsidy offer; raise ``OfferNotFound`` for one never heard of."""
        ...

    def open_offers_of(self, brand_id: str) -> list[SubsidyOffer]:
        """The subsidy offers of a brand that are not closed."""
        ...


class Shelf(Protocol):
    """What is held of lots, and the one who takes or holds packs of them at a time."""

    def announce(self, lot_ids: Collection[str], until: datetime) -> None:
        """Have everybody who begins to take packs of these lots from now on take turns."""
        ...

    def take_turn(self, lot_ids: Collection[str]) -> None:
        """Keep others from taking or holding packs of these lots until this transaction ends.

        Of two at once one is run again from its start, and then reads what the other wrote.
        """
        ...

    def put(self, held: Mapping[str, Mapping[str, Held]]) -> None:
        """Note by lot and hold what is held; saying it twice does no harm."""
        ...

    def take_away(self, hold_ids: Mapping[str, Collection[str]]) -> None:
        """Forget holds, by lot; those not there are passed over."""
        ...


class OfferNotes(Protocol):
    """Where facts about lots and offers are noted, in the order they happened."""

    def publish_lots(self, lots: Sequence[OfferedLot]) -> None: ...

    def close_lots(self, closures: Sequence[Closure]) -> None: ...

    def move_packs(self, moves: Sequence[PacksMoved]) -> None: ...

    def count_packs(self, counts: Sequence[PacksCounted]) -> None: ...

    def change_photos(self, changes: Sequence[PhotosChanged]) -> None: ...

    def open_offers(self, offers: Sequence[SubsidyOffer]) -> None: ...

    def close_offers(self, closures: Sequence[Closure]) -> None: ...

    def commit_subsidies(self, commitments: Sequence[Commitment]) -> None: ...


class Ranked(NamedTuple):
    """A lot at its place, with the subsidy that counted when it was ranked."""

    position: Position
    lot: LotFacts
    subsidy: BrandSubsidy


class Listed(NamedTuple):
    """A lot at the place where it is shown, with the subsidy that counted there."""

    shown: Shown
    lot: LotFacts
    subsidy: BrandSubsidy


class Listing(NamedTuple):
    """One page of a host's list as of a moment, and where to go on.

    ``until`` then it stays as it is, if no lot, subsidy or model changes and she neither.
    """

    seed: int
    listed: list[Listed]
    next: Bookmark | None
    now: datetime
    until: datetime


class RankingModel(NamedTuple):
    """What scores are made with: the version it is told by, its weights, what is alike by it."""

    version: str
    weights: Weights
    kinships: Kinships = NO_KINSHIPS


class RankingModels(Protocol):
    """The models of which one ranks."""

    def ranking(self) -> RankingModel:
        """The one that is promoted, as stored."""
        ...

    def named(self, version: str) -> RankingModel:
        """The model of that version; raise ``ModelNotFound``."""
        ...


class Ranking(Protocol):
    """All open lots, ready to be ranked for any host."""

    def page(
        self,
        host: HostFacts,
        *,
        model: RankingModel,
        limit: int,
        seed: int,
        after: Bookmark | None,
        now: datetime,
    ) -> Listing:
        """What a host is shown: the best, varied, with an untried lot; or what follows."""
        ...

    def model(self) -> RankingModel:
        """The promoted model, as far as it was heard of here."""
        ...

    def best(
        self,
        host: HostFacts,
        *,
        model: RankingModel,
        limit: int,
        listed: bool,
        now: datetime,
    ) -> list[Ranked]:
        """The exact best lots of a host's list, or of all that she may have.

        By this model, with which the host's own points were made.
        """
        ...


class Taken(Protocol):
    """What claims have of the offers, whether they are decided yet or not."""

    def of_offer(
        self, offer_id: str, *, host_id: str | None = None, since: datetime | None = None
    ) -> int:
        """Minor units that claims hold of an offer: of one host, of those made since then."""
        ...


@dataclass(frozen=True, slots=True)
class KnownHost:
    """A host's communities and what she and her people did; ``facts`` as ranking sees her."""

    host_id: str
    communities: tuple[Community, ...]
    conduct: Conduct
    _facts: dict[tuple[Weights, Kinships], HostFacts] = field(default_factory=dict)

    @property
    def settled(self) -> int:
        """How many gatherings of hers were settled."""
        return self.conduct.settled

    def facts(self, weights: Weights, kinships: Kinships = NO_KINSHIPS) -> HostFacts:
        """Her picture in points of these weights, by what is alike, drawn once."""
        found = self._facts.get((weights, kinships))
        if found is None:
            found = host_facts(
                self.host_id, self.communities, self.conduct, weights=weights, kinships=kinships
            )
            self._facts[weights, kinships] = found
        return found

    def portraits_for(self, lot: LotFacts) -> tuple[Portrait, ...]:
        """Those communities that a lot may go to; if none may, all, to tell of its conditions."""
        portraits = tuple(each.portrait for each in self.communities)
        fit = tuple(each for each in portraits if lot.may_go_to(tidy(each.city), each.size))
        return fit or portraits


class Hosts(Protocol):
    """The hosts, as they are now: a host who changed a community is known by it at once."""

    def known(self, host_id: str) -> KnownHost:
        """A host; one without communities and pictures if nothing was heard of her."""
        ...
