"""What must be true when the dust has settled, told independently of the code under test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from chassis.kernel.ids import from_int
from services.payments.ledger.domain import QUOTA, EntryRequest, Kind
from services.payments.ledger.domain.times import from_milliseconds
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.reading import entry_at
from services.payments.ledger.engine.segments import Segment
from services.payments.payouts.domain import PayoutState
from services.payments.settlements.domain import RefundState, Settlement, SettlementState
from tests.property.ledger_model import Model
from tests.simulator.laws import booked_refunds, net_shares, require
from tests.simulator.season import Season
from tests.simulator.season_checks import check_season
from tests.simulator.story import Gathering
from tests.simulator.world import World
from tests.unit.payments.ledger.books import MARKET

PROVIDER = ("external:provider", "CNY")
OVER = {"settled": "paid", "cancelled": "released", "rejected": "released"}
OVER |= {"given-back": "released"}


def check(world: World) -> None:
    """Raise ``Broken`` for the first law that does not hold."""
    books = _replayed(world)
    ids = [number for segment in world.log.segments for number in segment.entries.numbers()]
    require(len(ids) == len(set(ids)), "an entry is in the log once")
    _check_answers(world, books)
    model = _agree_with_model(world, books)
    _check_money(world, model)
    if isinstance(world.story, Season):
        check_season(world, model)


def _replayed(world: World) -> Books:
    """The log from its first segment; every hash, link and sum is looked at on the way."""
    books = Books(MARKET, world.log.read)
    for segment in world.log.segments:
        books.apply(segment)
    return books


def _check_answers(world: World, books: Books) -> None:
    """What was acknowledged is in the log, at the place that was told, as it was asked."""
    for request, outcome in world.answered:
        if not outcome.stands:
            continue
        require(outcome.segment is not None, "an answer tells the place")
        require(outcome.segment < len(world.log.segments), f"{request.id} was acknowledged")
        stored = world.log.segments[outcome.segment].entries
        require(outcome.index < len(stored), f"{request.id} was acknowledged")
        named = _name(stored.numbers()[outcome.index])
        require(named == request.id, f"{request.id} is where it was said to be")


def _agree_with_model(world: World, books: Books) -> Model:
    """Every entry of the log is one that the model accepts too, and the balances agree."""
    model = Model()
    for segment in world.log.segments:
        for request in _requests(world, segment, books.accounts.names):
            (answer,) = model.submit([request], from_milliseconds(segment.at), {})
            require(answer == "accepted", f"{request.code} stands, but is {answer}")
    for number, account in enumerate(books.accounts.names):
        require(int(books.accounts.posted[number]) == model.posted[account], f"{account[0]}")
        available = model.posted[account] - model.held[account]
        require(int(books.accounts.available[number]) == available, f"{account[0]} on hold")
    return model


def _requests(
    world: World, segment: Segment, names: Sequence[tuple[str, str]]
) -> list[EntryRequest]:
    """What was asked; the id of a hold may have been asked for to retire it as well.

    Of several that were asked for under one id, that which has the legs that were stored.
    """
    kinds = map(Kind, segment.entries.kind.tolist())
    numbers = segment.entries.numbers()
    asked = [world.asked[_name(number), kind] for number, kind in zip(numbers, kinds, strict=True)]
    return [
        same[0] if len(same) == 1 else _as_stored(same, segment, place, names)
        for place, same in enumerate(asked)
    ]


def _as_stored(
    same: Sequence[EntryRequest], segment: Segment, place: int, names: Sequence[tuple[str, str]]
) -> EntryRequest:
    stored = entry_at(segment.entries, place)
    legs = [(*names[n], m) for n, m in zip(stored.accounts, stored.amounts, strict=True)]
    fitting = (
        one
        for one in same
        if not one.legs or [(leg.account, leg.currency, leg.minor) for leg in one.legs] == legs
    )
    found = next(fitting, None)
    require(found is not None, "what was stored was asked for")
    return found


def _name(number: int) -> str:
    return from_int("ent", number)


def _check_money(world: World, model: Model) -> None:
    story, books = world.story, world.documents.books
    settled = {one.gathering_id: one for one in books.settlements.by_id.values()}
    escrows = books.escrows.by_id
    if not isinstance(story, Season):
        require(not any(model.held.values()), "nothing stays on hold")
    back = Counter({one.id: 0 for one in story.gatherings})
    for gathering in story.gatherings:
        escrow = escrows[gathering.claim_id]
        require(not model.posted[escrow.account, "CNY"], "nothing is left in an escrow")
        if escrow.state == "refused":
            continue
        wanted = OVER[gathering.end]
        require(escrow.state == wanted, f"{gathering.end}, but its subsidy is {escrow.state}")
        back[gathering.id] = _check_sales(world, model, gathering)
        if gathering.end == "settled":
            _check_shares(world, gathering, settled[gathering.id])
    _check_totals(world, model, sum(back.values()))
    told = [fact.gathering_id for fact in books.settlements.events]
    require(len(told) == len(set(told)), "a gathering is told to be settled once")


def _check_sales(world: World, model: Model, gathering: Gathering) -> int:
    """Refunds never exceed the sale; answer what went back of this gathering."""
    books = world.documents.books
    refunds = [r for r in books.refunds.by_id.values() if r.gathering_id == gathering.id]
    require(
        all(one.state in {RefundState.BOOKED, RefundState.REFUSED} for one in refunds),
        "every refund is booked or refused",
    )
    given = Counter()
    for one in refunds:
        if one.state is RefundState.BOOKED:
            given[one.sale_id] += one.amount.minor
    for sale, minor in gathering.sales.items():
        require(given[sale] <= minor, "no more goes back than was paid")
        require(books.sales.by_id[sale].refunded.minor == given[sale], "a sale knows its refunds")
        if gathering.end == "cancelled":
            require(given[sale] == minor, "a cancelled gathering gives everything back")
    if gathering.end in {"settled", "cancelled"}:
        left = model.posted[f"gathering:{gathering.id}:takings", "CNY"]
        require(not left, "nothing is left of the takings")
    return sum(given.values())


def _check_shares(world: World, gathering: Gathering, settlement: Settlement) -> None:
    """Net of refunds nobody is a whole fen off her exact share, and together they are exact."""
    books = world.documents.books
    require(settlement.state is SettlementState.COMPLETED, "it was settled")
    later = booked_refunds(books, settlement)
    net = net_shares(settlement, later)
    rest = settlement.takings.minor - sum(refund.amount.minor for refund in later)
    require(sum(net) == rest, "shares add up to what was not refunded")
    for party, share in zip(settlement.parties, net, strict=True):
        exact = gathering.exact(rest, party, settlement.parties)
        require(abs(share - exact) < 1, f"the {party.role} is off by {share - exact}")


def _check_totals(world: World, model: Model, back: int) -> None:
    """What came in is there: in funds, with the parties, or gone back."""
    story, books = world.story, world.documents.books
    sold = sum(sale.amount.minor for sale in books.sales.by_id.values())
    came = sum(story.deposits.values()) + sold - back
    paid_out = sum(
        payout.amount.minor
        for payout in world.documents.payouts.by_id.values()
        if payout.state is PayoutState.PAID
    )
    owed = paid_out - came
    require(model.posted[PROVIDER] == owed, "the world outside is owed what it paid in")
    paid = sum(one.subsidy_paid.minor for one in books.settlements.by_id.values())
    funds = sum(model.posted[f"offer:{offer}:fund", "CNY"] for offer in story.deposits)
    deferred = sum(model.posted[f"naming:{name}:deferred", "CNY"] for name in story.deposits)
    earned = sum(
        one.earning.amount.minor for one in books.settlements.by_id.values() if one.earning
    )
    for quota in story.quotas:
        left = model.posted[quota.account, QUOTA]
        used = quota.most - left if left or paid else 0
        require(used == paid, f"what was paid counts against the cap of a {quota.kind}")
    require(
        funds + deferred + paid + earned == sum(story.deposits.values()),
        "deposits are in the fund, unearned, or were paid",
    )
