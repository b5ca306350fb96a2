"""A shipment of packs from a brand to a host: what may happen to it, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.catalog.lots.domain import Manifest, StockLot
from services.catalog.shipments.domain.refusals import (
    ANSWER_WITHIN,
    RETURN_WITHIN,
    CountIncomplete,
    MoreThanReceived,
    NothingAsked,
    NotOnItsWay,
    NotReceived,
    NotToBeSent,
    PackingListWrong,
    PastItsDate,
    ReturnTooLate,
    StillWaiting,
)
from services.catalog.shipments.events import (
    ShipmentCalledOff,
    ShipmentDecisionAsked,
    ShipmentDispatched,
    ShipmentExchanged,
    ShipmentOpened,
    ShipmentReceived,
    ShipmentReduced,
    ShipmentReleased,
    ShipmentReturned,
    Variance,
)

COUNT_WITHIN = timedelta(days=14)
HOST, BRAND, SILENCE = "host", "brand", "silence"
GATHERINGS, CLAIM_ENDED = "gatherings", "claim-ended"
KEPT, PAST_DATE = "kept-by-brand", "past-best-before"


class ShipmentState(StrEnum):
    """How far the goods have come."""

    WAITING = "waiting"
    UNDECIDED = "undecided"
    PREPARING = "preparing"
    DISPATCHED = "dispatched"
    RECEIVED = "received"
    CALLED_OFF = "called-off"


_AT_THE_BRANDS = frozenset(
    {ShipmentState.WAITING, ShipmentState.UNDECIDED, ShipmentState.PREPARING}
)


@dataclass(frozen=True, slots=True)
class PackedLine:
    """So many units of one line of the lot's manifest, counted from 1, at its price."""

    line: int
    units: int
    unit_price: Money


@dataclass(frozen=True, slots=True)
class CountedLine:
    """What came of one line: units as described, and units in a worse condition."""

    line: int
    units: int
    unfit: int = 0


@dataclass(frozen=True, slots=True)
class Parcel:
    """What the brand hands over, and to whom. Without lines: of a lot of one kind of goods."""

    carrier: str = ""
    tracking: str = ""
    lines: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """The packs a host gets for one claim, or in exchange for some of another shipment.

    ``waits_for`` is how many claims of the lot must be confirmed before the goods leave.
    ``decide_by`` is when silence decides, once the brand was asked because the lot had
    closed before that. ``credit`` is what the brand owes for what did not come as described.
    """

    id: str
    lot_id: str
    claim_id: str
    brand_id: str
    host_id: str
    packs: int
    units: int
    state: ShipmentState
    opened_at: datetime
    waits_for: int = 0
    decide_by: datetime | None = None
    replaces: str = ""
    carrier: str = ""
    tracking: str = ""
    packed: tuple[PackedLine, ...] = ()
    dispatched_at: datetime | None = None
    counted: tuple[CountedLine, ...] = ()
    credit: Money | None = None
    received_at: datetime | None = None
    returned: int = 0
    exchanged: int = 0
    revision: Revision = Revision()

    @classmethod
    def open(
        cls, lot: StockLot, *, claim_id: str, host_id: str, packs: int, at: datetime
    ) -> Decision[Shipment]:
        """Owe a host the packs of a confirmed claim."""
        waits_for = lot.terms.ships_after_gatherings
        shipment = cls(
            id=shipment_id(claim_id, lot.id),
            lot_id=lot.id,
            claim_id=claim_id,
            brand_id=lot.brand_id,
            host_id=host_id,
            packs=packs,
            units=packs * lot.terms.units_per_pack,
            state=ShipmentState.WAITING if waits_for else ShipmentState.PREPARING,
            opened_at=at,
            waits_for=waits_for,
        )
        return shipment._opened(at)

    @property
    def goods_value(self) -> Money:
        """What the packed goods usually sell for, less the credit given for them."""
        first, *others = (line.unit_price * line.units for line in self.packed)
        value = sum(others, first)
        return value - self.credit if self.credit else value

    def release(self, *, at: datetime, by: str = GATHERINGS) -> Decision[Shipment]:
        """Let the goods leave: enough gatherings are committed, or who else says so."""
        fact = ShipmentReleased(**self._about(at), by=by)
        return Decision(replace(self, state=ShipmentState.PREPARING), (fact,))

    def ask(self, lot: StockLot, *, at: datetime) -> Decision[Shipment]:
        """Ask the brand what is to become of the goods: too few gatherings, and the lot closed.

        Silence decides after 72 hours, and sooner where the best-before date comes sooner.
        """
        last = at + ANSWER_WITHIN
        decide_by = max(at, min(last, lot.terms.best_before or last))
        fact = ShipmentDecisionAsked(**self._about(at), packs=self.packs, decide_by=decide_by)
        asked = replace(self, state=ShipmentState.UNDECIDED, decide_by=decide_by)
        return Decision(asked, (fact,))

    def send(self, lot: StockLot, *, at: datetime) -> Decision[Shipment]:
        """Take the brand's word that the goods go to the host all the same."""
        self._must_be_asked(at)
        self._must_keep(lot, at)
        return self.release(by=BRAND, at=at)

    def keep(self, *, at: datetime) -> Decision[Shipment]:
        """Take the brand's word that the goods stay: the claim has none any more."""
        self._must_be_asked(at)
        return self.call_off(reason=KEPT, at=at)

    def decide_in_silence(self, lot: StockLot, *, at: datetime) -> Decision[Shipment]:
        """Send what was claimed, since the brand said nothing; goods past their date stay."""
        if _is_past_date(lot, at):
            return self.call_off(reason=PAST_DATE, at=at)
        return self.release(by=SILENCE, at=at)

    def owe(self, packs: int, *, at: datetime) -> Decision[Shipment]:
        """Owe no more packs than the claim still holds; what has left already stays as it is."""
        if self.state not in _AT_THE_BRANDS or packs >= self.packs:
            return Decision(self)
        if packs == 0:
            return self.call_off(at=at)
        fewer = replace(self, packs=packs, units=self.units // self.packs * packs)
        return Decision(fewer, (ShipmentReduced(**self._about(at), packs=packs),))

    def call_off(self, *, at: datetime, reason: str = CLAIM_ENDED) -> Decision[Shipment]:
        """Keep the goods at the brand's; what has left already is not called off."""
        if self.state not in _AT_THE_BRANDS:
            return Decision(self)
        fact = ShipmentCalledOff(**self._about(at), reason=reason)
        return Decision(replace(self, state=ShipmentState.CALLED_OFF), (fact,))

    def dispatch(self, parcel: Parcel, lot: StockLot, *, at: datetime) -> Decision[Shipment]:
        """Hand the goods to a carrier, with a packing list that fills the packs.

        What waits for gatherings may leave as well once the lot takes no more claims, unless
        it is past its date.
        """
        if self.state is ShipmentState.WAITING and lot.is_open(at):
            raise StillWaiting(f"waits for {self.waits_for} gatherings", waits_for=self.waits_for)
        if self.state not in _AT_THE_BRANDS:
            raise NotToBeSent(f"it is {self.state}", state=str(self.state))
        if self.state is not ShipmentState.PREPARING:
            self._must_keep(lot, at)
        sent = replace(
            self,
            state=ShipmentState.DISPATCHED,
            carrier=parcel.carrier,
            tracking=parcel.tracking,
            packed=self._packed(parcel, lot.manifest),
            dispatched_at=at,
        )
        fact = ShipmentDispatched(
            **self._about(at),
            carrier=parcel.carrier,
            units=self.units,
            goods_value=sent.goods_value,
        )
        return Decision(sent, (fact,))

    def receive(self, count: Sequence[CountedLine], *, at: datetime) -> Decision[Shipment]:
        """Take the host's count as it is: what did not come as described is credited."""
        if self.state is not ShipmentState.DISPATCHED:
            raise NotOnItsWay(f"it is {self.state}", state=str(self.state))
        if Counter(line.line for line in count) != Counter(line.line for line in self.packed):
            raise CountIncomplete(f"packed were lines {[line.line for line in self.packed]}")
        return self._received(HOST, count, at)

    def receive_in_silence(self, *, at: datetime) -> Decision[Shipment]:
        """Take it that all came as it was packed, since nobody counted in time."""
        return self._received(
            SILENCE, [CountedLine(line.line, line.units) for line in self.packed], at
        )

    def give_back(self, packs: int, *, return_id: str, at: datetime) -> Decision[Shipment]:
        """Send packs back, no reason asked; the parts of the value add up to the whole."""
        self._check_going_back(packs, self._came, at)
        after = replace(self, returned=self.returned + packs)
        fact = ShipmentReturned(
            **self._about(at),
            return_id=return_id,
            packs=packs,
            goods_value=self._value_of(self._gone + packs) - self._value_of(self._gone),
        )
        return Decision(after, (fact,))

    def exchange(
        self, packs: int, *, replacement_id: str, at: datetime
    ) -> tuple[Decision[Shipment], Decision[Shipment]]:
        """Send packs back for others, which come at once in a shipment of their own.

        Only sound packs: what did not come so was credited at its receipt already.
        """
        self._check_going_back(packs, self._sound, at)
        fact = ShipmentExchanged(**self._about(at), replacement_id=replacement_id, packs=packs)
        replacement = Shipment(
            id=replacement_id,
            lot_id=self.lot_id,
            claim_id=self.claim_id,
            brand_id=self.brand_id,
            host_id=self.host_id,
            packs=packs,
            units=self.units // self.packs * packs,
            state=ShipmentState.PREPARING,
            opened_at=at,
            replaces=self.id,
        )
        after = replace(self, exchanged=self.exchanged + packs)
        return Decision(after, (fact,)), replacement._opened(at)

    def _must_be_asked(self, at: datetime) -> None:
        if self.state is not ShipmentState.UNDECIDED or self.decide_by is None:
            raise NothingAsked(f"it is {self.state}", state=str(self.state))
        if at >= self.decide_by:
            raise NothingAsked(f"the time to answer ended at {self.decide_by.isoformat()}")

    def _must_keep(self, lot: StockLot, at: datetime) -> None:
        if _is_past_date(lot, at):
            raise PastItsDate(f"best before {lot.terms.best_before}")

    @property
    def _gone(self) -> int:
        return self.returned + self.exchanged

    def _value_of(self, packs: int) -> Money:
        value = self.goods_value
        return Money(value.minor * packs // self._came, value.currency)

    @property
    def _came(self) -> int:
        """Packs of which the host counted anything, at most those that were sent."""
        units = sum(line.units + line.unfit for line in self.counted)
        return min(self.packs, -(-units // self._units_a_pack))

    @property
    def _sound(self) -> int:
        """Packs that came whole and as described: for none of them was anything credited."""
        units = sum(line.units for line in self.counted)
        return min(self.packs, units // self._units_a_pack)

    @property
    def _units_a_pack(self) -> int:
        return self.units // self.packs

    def _check_going_back(self, packs: int, came: int, at: datetime) -> None:
        if self.received_at is None:
            raise NotReceived(f"it is {self.state}", state=str(self.state))
        if at >= self.received_at + RETURN_WITHIN:
            raise ReturnTooLate(f"received at {self.received_at.isoformat()}")
        left = max(0, came - self._gone)
        if packs > left:
            raise MoreThanReceived(f"{packs} asked, {left} left", left=left)

    def _packed(self, parcel: Parcel, manifest: Manifest) -> tuple[PackedLine, ...]:
        lines = parcel.lines
        if not lines and len(manifest.lines) == 1:
            lines = ((1, self.units),)
        numbers = [line for line, _ in lines]
        known = set(numbers) <= set(range(1, len(manifest.lines) + 1))
        if not known or len(set(numbers)) < len(numbers):
            raise PackingListWrong(f"the manifest has lines 1 to {len(manifest.lines)}, each once")
        units = sum(count for _, count in lines)
        if units != self.units:
            raise PackingListWrong(f"{units} units listed, {self.units} owed", owed=self.units)
        return tuple(
            PackedLine(line, count, manifest.lines[line - 1].unit_price) for line, count in lines
        )

    def _received(self, by: str, count: Iterable[CountedLine], at: datetime) -> Decision[Shipment]:
        counted = {line.line: line for line in count}
        none = Money(0, self.packed[0].unit_price.currency)
        variances = tuple(
            _variance(line, counted[line.line])
            for line in self.packed
            if (counted[line.line].units, counted[line.line].unfit) != (line.units, 0)
        )
        credit = sum((variance.credit for variance in variances), none)
        received = replace(
            self,
            state=ShipmentState.RECEIVED,
            counted=tuple(counted[line.line] for line in self.packed),
            credit=credit,
            received_at=at,
        )
        fact = ShipmentReceived(**self._about(at), by=by, variances=variances, credit=credit)
        return Decision(received, (fact,))

    def _opened(self, at: datetime) -> Decision[Shipment]:
        fact = ShipmentOpened(
            **self._about(at), packs=self.packs, units=self.units, waits_for=self.waits_for
        )
        return Decision(self, (fact,))

    def _about(self, at: datetime) -> dict[str, Any]:
        return {
            "shipment_id": self.id,
            "lot_id": self.lot_id,
            "claim_id": self.claim_id,
            "brand_id": self.brand_id,
            "host_id": self.host_id,
            "occurred_at": at,
        }


def shipment_id(claim_id: str, lot_id: str) -> str:
    """A claim has one shipment of a lot's packs, so the id follows from both."""
    return derived_id("shp", claim_id, lot_id)


def _is_past_date(lot: StockLot, at: datetime) -> bool:
    return lot.terms.best_before is not None and at >= lot.terms.best_before


def _variance(packed: PackedLine, counted: CountedLine) -> Variance:
    wanting = max(packed.units - counted.units, 0)
    return Variance(
        packed.line, packed.units, counted.units, counted.unfit, packed.unit_price * wanting
    )
