"""How packs are held for a host, claimed and given back, and what that needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from services.matching.holds.domain import (
    HELD_FOR,
    Hold,
    HoldNotFound,
    Why,
    must_be_free,
)
from services.matching.offers.domain import OfferedLot
from services.matching.offers.engine.facts import Held, HostFacts
from services.matching.offers.use_cases import OfferBook, Shelf

# Longer than any hold that is placed after it was announced.
TURNS_FOR = HELD_FOR + timedelta(hours=1)


class Holds(Protocol):
    """The soft holds, wherever they are kept."""

    def get(self, hold_id: str) -> Hold:
        """Raise ``HoldNotFound`` rather than return None."""
        ...

    def get_all(self, hold_ids: Collection[str]) -> dict[str, Hold]:
        """Those of them that exist, by id."""
        ...

    def on_lots(self, host_id: str, lot_ids: Collection[str], now: datetime) -> list[Hold]:
        """What stands at this moment of a host's on these lots."""
        ...

    def taken_by(self, claim_ids: Collection[str]) -> list[Hold]:
        """Those whose packs one of these claims took, by id."""
        ...

    def save_all(self, decisions: Sequence[Decision[Hold]]) -> None:
        """Store many, each once, or raise ``Conflict``."""
        ...


class Asked(Protocol):
    """Claims that the rows of lots do not know of yet."""

    def packs(self, lots: Collection[OfferedLot]) -> Mapping[str, int]:
        """By lot, the packs of its claims that were asked for or confirmed, and not noted."""
        ...

    def of_host(self, host_id: str, lot_id: str, *, since: datetime) -> list[str]:
        """A host's claims of a lot from a moment on, asked for or confirmed, the first first."""
        ...


class HoldDesk(NamedTuple):
    """What holding and claiming packs work with."""

    holds: Holds
    shelf: Shelf
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold:
    """A clearing's wish to keep packs of a lot for a host; ``id`` is the hold's, derived."""

    id: str
    host_id: str
    has_record: bool
    lot_id: str
    offer_id: str
    packs: int
    subsidy: Money
    clearing_id: str
    why: Why


class Placed(NamedTuple):
    """What became of a wish: a hold until a moment, or the reason why there is none."""

    wish: PlaceHold
    refusal: str = ""
    until: datetime | None = None


def announce_holds(lot_ids: Collection[str], *, desk: HoldDesk, now: datetime) -> None:
    """Say that packs of these lots are about to be held, so that claims take turns with it.

    Claims of a lot in demand would wait for each other, so that they do it only where they
    must. A claim that began before this knows nothing of it: holds may be placed once all of
    those have ended, which is when the longest transaction would have.
    """
    desk.shelf.announce(lot_ids, now + TURNS_FOR)


def place_holds(
    wishes: Sequence[PlaceHold], *, desk: HoldDesk, book: OfferBook, now: datetime
) -> list[Placed]:
    """Hold what each wish asks for while there is so much free; part of a transaction.

    The lots were announced, and nobody is at them any more who began before that.
    What was held before stays as it is, so that asking again does no harm. A lot that closed,
    that has too little left beside other holds and claims, or that its host may have no more
    of, is refused: ``lot-closed``, ``sold-out``, ``host-cap-reached``.
    """
    lots = _in_turn({wish.lot_id for wish in wishes}, desk, book)
    asked = desk.asked.packs(lots.values())
    known = desk.holds.get_all([wish.id for wish in wishes])
    placed, decisions = [], []
    for wish in wishes:
        lot = lots[wish.lot_id]
        hold = known.get(wish.id) or _hold(wish, lot, now)
        refusal = "" if wish.id in known else _refusal(hold, lot, asked.get(lot.id, 0), now)
        placed.append(Placed(wish, refusal, None if refusal else hold.until))
        if not refusal and wish.id not in known:
            decisions.append(Decision(hold))
            lots[lot.id] = replace(lot, held={**lot.held, hold.id: hold.held})
    _stand(decisions, desk)
    # They mean nothing any more, and would only make the rows longer.
    if over := {lot.id: gone for lot in lots.values() if (gone := _run_out(lot, now))}:
        desk.shelf.take_away(over)
    return placed


def take_packs(
    claim_id: str,
    host: HostFacts,
    packs: Mapping[str, int],
    lots: Sequence[OfferedLot],
    *,
    desk: HoldDesk,
    now: datetime,
) -> None:
    """Let a claim have these packs by lot, in its own transaction; its host's holds end.

    Raises ``HeldForAnother`` when they are held for others. Of lots that were announced it
    takes the turn, or a hold placed at the same moment would not see the claim.
    """
    if announced := [lot.id for lot in lots if lot.takes_turns(now)]:
        desk.shelf.take_turn(announced)
    held = [lot for lot in lots if lot.held]
    asked = desk.asked.packs(held) if held else {}
    for lot in held:
        must_be_free(lot, host, packs[lot.id], asked=asked.get(lot.id, 0), now=now)
    found = desk.holds.on_lots(host.host_id, [lot.id for lot in held], now) if held else []
    if found:
        desk.holds.save_all([hold.claim(claim_id, now=now) for hold in found])
        desk.shelf.take_away(_ids_by_lot(found))


def restore_holds(
    claim_ids: Collection[str], *, desk: HoldDesk, book: OfferBook, now: datetime
) -> None:
    """Let what these claims took stand again, for they were rejected; in their transaction.

    Where its host has another claim of the lot that took no hold, that one has the packs: the
    hold is its own from then on, and comes back with it. A hold ends when it would have ended:
    after that nothing comes back, nor does it when the lot closed meanwhile, or others have
    the packs. Asking again changes nothing.
    """
    taken = [hold for hold in desk.holds.taken_by(claim_ids) if now < hold.until]
    if not taken:
        return
    lots = _in_turn({hold.lot_id for hold in taken}, desk, book)
    lots = {lot_id: lot.without(claim_ids) for lot_id, lot in lots.items()}
    asked = desk.asked.packs(lots.values())
    decisions = []
    for hold in taken:
        lot = lots[hold.lot_id]
        if (other := _other_taker(hold, desk)) is not None:
            desk.holds.save_all([hold.pass_on(other)])
        elif not _refusal(hold, lot, asked.get(lot.id, 0), now):
            decisions.append(hold.come_back())
            lots[lot.id] = replace(lot, held={**lot.held, hold.id: hold.held})
    _stand(decisions, desk)


def release_hold(hold_id: str, *, host_id: str, desk: HoldDesk, now: datetime) -> Hold:
    """Give a hold back, for others to have; raise ``HoldNotFound`` or ``HoldEnded``."""
    found = desk.holds.get(hold_id)
    if found.host_id != host_id:
        raise HoldNotFound(f"no hold {hold_id}")
    desk.shelf.take_turn([found.lot_id])
    decision = found.release(now=now)
    desk.holds.save_all([decision])
    desk.shelf.take_away({found.lot_id: [found.id]})
    return decision.state


def _other_taker(hold: Hold, desk: HoldDesk) -> str | None:
    """Her first claim that took from the same lot since the hold was placed, and has none."""
    claims = desk.asked.of_host(hold.host_id, hold.lot_id, since=hold.placed_at)
    with_one = {each.claim_id for each in desk.holds.taken_by(claims)}
    return next((claim_id for claim_id in claims if claim_id not in with_one), None)


def _in_turn(lot_ids: Collection[str], desk: HoldDesk, book: OfferBook) -> dict[str, OfferedLot]:
    desk.shelf.take_turn(lot_ids)
    return {lot_id: book.lot(lot_id) for lot_id in lot_ids}


def _stand(decisions: Sequence[Decision[Hold]], desk: HoldDesk) -> None:
    if decisions:
        desk.holds.save_all(decisions)
        desk.shelf.put(_by_lot(decision.state for decision in decisions))


def _refusal(hold: Hold, lot: OfferedLot, asked: int, now: datetime) -> str:
    facts = lot.facts()
    if lot.closed is not None or now >= lot.ends_at:
        return "lot-closed"
    has_one = any(each.host_id == hold.host_id and now < each.until for each in lot.held.values())
    if has_one or hold.host_id in facts.capped_hosts:
        return "host-cap-reached"
    host = HostFacts(host_id=hold.host_id, has_record=not hold.is_newcomer)
    return "" if facts.free_for(host, now) - asked >= hold.packs else "sold-out"


def _hold(wish: PlaceHold, lot: OfferedLot, now: datetime) -> Hold:
    return Hold(
        id=wish.id,
        host_id=wish.host_id,
        lot_id=lot.id,
        brand_id=lot.brand_id,
        offer_id=wish.offer_id,
        packs=wish.packs,
        subsidy=wish.subsidy,
        clearing_id=wish.clearing_id,
        why=wish.why,
        title=lot.title,
        placed_at=now,
        until=min(now + HELD_FOR, lot.ends_at),
        is_newcomer=not wish.has_record,
    )


def _run_out(lot: OfferedLot, now: datetime) -> list[str]:
    return [hold_id for hold_id, each in lot.held.items() if each.until <= now]


def _by_lot(holds: Iterable[Hold]) -> dict[str, dict[str, Held]]:
    found: dict[str, dict[str, Held]] = defaultdict(dict)
    for hold in holds:
        found[hold.lot_id][hold.id] = hold.held
    return found


def _ids_by_lot(holds: Iterable[Hold]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for hold in holds:
        found[hold.lot_id].append(hold.id)
    return found
