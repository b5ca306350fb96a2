"""A lot of surplus goods, its rules and the journal of its packs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import Conflict, NotFound, RuleBroken
from chassis.kernel.ids import derived_id, pattern
from chassis.kernel.money import Money
from services.catalog.lots.engine.journal import NO_PACKS, EntryKind, Packs, StockEntry
from services.catalog.lots.engine.newcomers import LEAST_SHARE, kept_until, packs_kept
from services.catalog.lots.engine.photos import NO_PHOTOS, Album
from services.catalog.lots.engine.restrictions import UNRESTRICTED, Restrictions
from services.catalog.lots.events import LotClosed, LotPublished, PacksCounted, PhotosChanged


class LotNotFound(NotFound):
    """There is no such lot."""

    code = "lot-not-found"
    hint = "Check the lot's identifier and that it belongs to your organisation."
    chinese = "没有这个批次，请核对编号及其所属组织。"


class LotNumberTaken(Conflict):
    """You have a lot of this number already."""

    code = "lot-number-taken"
    hint = "Give the lot another number, or none; numbers that start with lot_ are given out here."
    chinese = "该批次号已被使用，请更换或留空；以 lot_ 开头的编号由平台分配。"


class LotNotOpen(RuleBroken):
    """The lot takes no more claims."""

    code = "lot-closed"
    hint = "Choose another lot; this one was withdrawn or its time is over."
    chinese = "该批次已关闭，不再接受认领，请选择其他批次。"


class NotEnoughPacks(RuleBroken):
    """The lot has fewer free packs than that."""

    code = "not-enough-packs"
    hint = "Ask for no more packs than are free."
    chinese = "可用包数不足，请减少数量。"


class ManifestEmpty(RuleBroken):
    """The manifest lists no goods."""

    code = "manifest-empty"
    hint = "List at least one line of goods with at least one unit."
    chinese = "货物清单为空，请至少列出一行货物。"


class PacksUneven(RuleBroken):
    """The units of the manifest do not fill whole packs."""

    code = "packs-uneven"
    hint = "Change units_per_pack or the units so that nothing is left over."
    chinese = "清单总件数不能整除每包件数，请调整。"


class PastBestBefore(RuleBroken):
    """The goods are past their best-before date."""

    code = "past-best-before"
    hint = "Give a best-before date in the future, or none for goods that keep."
    chinese = "货物已过保质期，请填写未来的日期；无保质期的货物可留空。"


class ClosesInThePast(RuleBroken):
    """The closing time has passed already."""

    code = "closes-in-the-past"
    hint = "Give a closing time in the future."
    chinese = "截止时间已过，请填写未来的时间。"


class Condition(StrEnum):
    """How good the goods are, best first."""

    NEW = "new"
    LIKE_NEW = "like-new"
    GOOD = "good"
    FAIR = "fair"
    FOR_PARTS = "for-parts"

    @classmethod
    def lowest(cls, conditions: Iterable[Condition]) -> Condition:
        """The worst of them: one poor piece makes the whole lot poor."""
        return max(conditions, key=_SCALE.__getitem__)

    @property
    def rank(self) -> int:
        """How far down the scale it stands: 0 for the best."""
        return _SCALE[self]


_GIVEN = pattern("lot")
_SCALE = {condition: place for place, condition in enumerate(Condition)}


class ClosingReason(StrEnum):
    """Why a lot takes no more claims."""

    BEST_BEFORE = "best-before"
    CLOSING_TIME = "closing-time"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """Some units of one article; ``unit_price`` is what one usually sells for."""

    sku: str
    name: str
    units: int
    unit_price: Money
    condition: Condition


@dataclass(frozen=True)
class Manifest:
    """What is in a lot, line by line; every total is computed from the lines."""

    lines: tuple[ManifestLine, ...]

    def __post_init__(self) -> None:
        if not self.lines or any(line.units < 1 for line in self.lines):
            raise ManifestEmpty

    @cached_property
    def units(self) -> int:
        """All pieces together."""
        return sum(line.units for line in self.lines)

    @cached_property
    def retail_value(self) -> Money:
        """What all of it usually sells for; raises ``CurrencyMismatch`` for a mixture."""
        first, *others = (line.unit_price * line.units for line in self.lines)
        return sum(others, first)

    @cached_property
    def unit_price(self) -> Money:
        """The mean price of a piece, rounded down to the minor unit."""
        return Money(self.retail_value.minor // self.units, self.retail_value.currency)

    @cached_property
    def condition(self) -> Condition:
        """The lowest condition of any line."""
        return Condition.lowest(line.condition for line in self.lines)


@dataclass(frozen=True, slots=True)
class Place:
    """Where on earth, in degrees (WGS 84)."""

    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Description:
    """How hosts find a lot. Tags are lower case, each once; no city means everywhere."""

    title: str
    category: str
    tags: tuple[str, ...] = ()
    city: str = ""
    place: Place | None = None


def is_given_number(number: str) -> bool:
    """Whether it has the shape of an id, which no brand may take for its own number."""
    return _GIVEN.match(number) is not None


def tidy_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags in lower case without stray blanks, each once, in the order given."""
    return tuple(dict.fromkeys(tag for tag in map(tidy, tags) if tag))


def tidy(text: str) -> str:
    """A tag or city as it is compared: lower case, single blanks."""
    return " ".join(text.split()).lower()


@dataclass(frozen=True, slots=True)
class Terms:
    """Who may take how much, until when, and where it may go on to."""

    units_per_pack: int
    closes_at: datetime
    max_packs_per_host: int
    min_community_size: int = 1
    best_before: datetime | None = None
    restrictions: Restrictions = UNRESTRICTED
    newcomers_basis_points: int = LEAST_SHARE
    ships_after_gatherings: int = 0  # claims confirmed before any goods leave the brand

    @property
    def ends_at(self) -> datetime:
        """The moment from which nothing can be claimed."""
        return min(self.closes_at, self.best_before or self.closes_at)

    @property
    def ending(self) -> ClosingReason:
        """Why it will end at ``ends_at``."""
        by_date = self.best_before is not None and self.best_before <= self.closes_at
        return ClosingReason.BEST_BEFORE if by_date else ClosingReason.CLOSING_TIME


@dataclass(frozen=True, slots=True)
class StockLot:
    """Surplus goods of one brand, offered to hosts in packs.

    ``number`` is the brand's own for it, if any; no other lot of the brand has the same.
    ``packs`` is always the sum of the journal; ``newcomers_held`` are those of them that
    hosts without a record hold. ``fresh`` holds the entries decided since the lot was
    read; saving writes them.
    """

    id: str
    brand_id: str
    description: Description
    manifest: Manifest
    terms: Terms
    published_at: datetime
    packs: Packs = NO_PACKS
    entries: int = 0
    closed: ClosingReason | None = None
    newcomers_held: int = 0
    album: Album = NO_PHOTOS
    number: str = ""
    revision: Revision = Revision()
    fresh: tuple[StockEntry, ...] = field(default=(), compare=False)

    @classmethod
    def publish(
        cls, lot_id: str, brand_id: str, *, goods: Goods, at: datetime, reference: str = ""
    ) -> Decision[StockLot]:
        """Offer goods to hosts, or raise the rule that forbids it."""
        packs = goods.check(at)
        lot = cls(
            id=lot_id,
            brand_id=brand_id,
            description=goods.description,
            manifest=goods.manifest,
            terms=goods.terms,
            published_at=at,
            number=goods.number,
        ).move(EntryKind.RECEIVED, packs, reference=reference or lot_id, at=at)
        return Decision(lot, (lot._published(at),))

    def close(self, reason: ClosingReason, *, at: datetime) -> Decision[StockLot]:
        """Take no more claims; what is reserved stays reserved."""
        if self.closed is not None:
            raise LotNotOpen(f"closed already: {self.closed}", reason=str(self.closed))
        fact = LotClosed(
            lot_id=self.id, brand_id=self.brand_id, reason=str(reason), occurred_at=at
        )
        return Decision(replace(self, closed=reason), (fact,))

    def correct(self, packs: int, *, why: str, at: datetime) -> Decision[StockLot]:
        """Book the difference that counting found; free packs cannot fall below none."""
        if self.packs.free + packs < 0:
            raise NotEnoughPacks(
                f"{-packs} fewer counted, {self.packs.free} free", free=self.packs.free
            )
        lot = self.move(EntryKind.COUNTED, packs, reference=self.id, at=at, why=why)
        fact = PacksCounted(
            lot_id=self.id,
            brand_id=self.brand_id,
            packs=packs,
            packs_free=lot.packs.free,
            packs_kept=lot.packs_kept,
            reason=why,
            occurred_at=at,
        )
        return Decision(lot, (fact,))

    def show(self, album: Album, *, at: datetime) -> Decision[StockLot]:
        """Show these photos from now on; the same ones again are no news."""
        if album == self.album:
            return Decision(self)
        fact = PhotosChanged(
            lot_id=self.id,
            brand_id=self.brand_id,
            photo_ids=tuple(photo.id for photo in album.photos),
            has_actual_photo=album.has_actual_photo,
            occurred_at=at,
        )
        return Decision(replace(self, album=album), (fact,))

    def is_open(self, at: datetime) -> bool:
        """Whether hosts may still claim."""
        return self.closed is None and at < self.terms.ends_at

    @property
    def newcomers_until(self) -> datetime:
        """When packs kept for newcomers are freed for all."""
        return kept_until(self.published_at, self.terms.ends_at)

    @property
    def packs_kept(self) -> int:
        """Packs of the newcomers' share that none of them has taken."""
        share = self.terms.newcomers_basis_points
        return packs_kept(self.packs.total, share=share, taken=self.newcomers_held)

    def kept_for_newcomers(self, at: datetime) -> int:
        """Free packs that a host with a record may not take yet."""
        return 0 if at >= self.newcomers_until else min(self.packs_kept, self.packs.free)

    def move(
        self, kind: EntryKind, packs: int, *, reference: str, at: datetime, why: str = ""
    ) -> StockLot:
        """Write one line into the journal; the counts follow from it."""
        free, reserved, shipped = (packs * share for share in kind.move)
        number = self.entries + 1
        entry = StockEntry(
            derived_id("stk", self.id, str(number)),
            self.id,
            number,
            kind,
            free,
            reserved,
            shipped,
            reference,
            at,
            why,
        )
        return replace(
            self, packs=self.packs.after(entry), entries=number, fresh=(*self.fresh, entry)
        )

    def _published(self, at: datetime) -> LotPublished:
        restrictions = self.terms.restrictions
        return LotPublished(
            lot_id=self.id,
            brand_id=self.brand_id,
            title=self.description.title,
            category=self.description.category,
            tags=self.description.tags,
            city=self.description.city,
            condition=str(self.manifest.condition),
            unit_price=self.manifest.unit_price,
            units_per_pack=self.terms.units_per_pack,
            packs_total=self.packs.total,
            packs_free=self.packs.free,
            max_packs_per_host=self.terms.max_packs_per_host,
            min_community_size=self.terms.min_community_size,
            best_before=self.terms.best_before,
            closes_at=self.terms.closes_at,
            regions=restrictions.regions,
            channels=tuple(map(str, restrictions.channels)),
            resale_allowed=restrictions.resale_allowed,
            lowest_resale_price=restrictions.lowest_resale_price,
            packs_kept=self.packs_kept,
            newcomers_until=self.newcomers_until,
            occurred_at=at,
        )


@dataclass(frozen=True, slots=True)
class Goods:
    """What a brand says about a lot before it is published."""

    description: Description
    manifest: Manifest
    terms: Terms
    number: str = ""

    def check(self, at: datetime) -> int:
        """How many whole packs it makes, or raise the rule that forbids publishing it."""
        if self.terms.best_before is not None and self.terms.best_before <= at:
            raise PastBestBefore(f"best before {self.terms.best_before.isoformat()}")
        if self.terms.closes_at <= at:
            raise ClosesInThePast(f"closes at {self.terms.closes_at.isoformat()}")
        self.terms.restrictions.must_include(tidy(self.description.city))
        packs, left_over = divmod(self.manifest.units, self.terms.units_per_pack)
        if left_over:
            raise PacksUneven(
                f"{self.manifest.units} units in packs of {self.terms.units_per_pack} "
                f"leave {left_over} over",
                units=self.manifest.units,
                left_over=left_over,
            )
        return packs
