"""What must be true at the end of a season, beside what is true of every evening."""

from __future__ import annotations

from collections import Counter

from services.payments.ledger.domain import available_of, debt_of, pending_of
from services.payments.payouts.domain import Payout, PayoutState
from services.payments.providers.domain import Kind, Status
from services.payments.royalties.domain import HoldState
from services.payments.sandbox.domain import Entry
from tests.property.ledger_model import Model
from tests.simulator.laws import booked_refunds, net_shares, require
from tests.simulator.season import AUTHORS, HOST, OWNERS, Season
from tests.simulator.world import World

OVER = {PayoutState.PAID, PayoutState.FAILED, PayoutState.RETURNED, PayoutState.SKIPPED}
KINDS = ("pending", "available", "reserve", "debt")


def check_season(world: World, model: Model) -> None:
    """Raise ``Broken`` for the first law of a season that does not hold."""
    _check_payouts(world, model)
    _check_royalties(world, model)
    _check_waiting(world, model)
    _check_earned(world, model)
    _check_offers(world, model)
    _check_told(world)


def _check_payouts(world: World, model: Model) -> None:
    documents, vault = world.documents, world.outside.vault
    held: Counter[str] = Counter()
    days = [(each.organization_id, each.day) for each in documents.payouts.by_id.values()]
    require(len(days) == len(set(days)), "an organisation is paid once a day")
    sent = [entry for entry in vault.entries.values() if entry.order.kind is Kind.PAYOUT]
    known = {payout.operation_id for payout in documents.payouts.by_id.values()}
    require({entry.id for entry in sent} <= known, "the provider pays what a payout is for")
    for payout in documents.payouts.by_id.values():
        told = sum(line.minor for line in payout.lines)
        require(told == payout.amount.minor, "the reasons of a payout are its amount")
        operation = documents.operations.by_id.get(payout.operation_id)
        alarm = operation.alarm if operation else ""
        require(payout.state in OVER or alarm, "every payout ends, or calls for a person")
        if payout.state not in OVER:
            held[payout.account] += payout.amount.minor
        _check_believed(payout, vault.find(payout.operation_id), is_alarmed=bool(alarm))
    on_hold = {path: minor for (path, _), minor in model.held.items() if minor}
    require(on_hold == dict(held), "nothing is on hold but for a payout that calls for a person")


def _check_believed(payout: Payout, entry: Entry | None, *, is_alarmed: bool) -> None:
    if is_alarmed:
        return
    did_pay = entry is not None and entry.beats[-1].result.status is Status.SUCCEEDED
    is_paid = payout.state is PayoutState.PAID
    require(did_pay == is_paid, "a payout is believed to be what the provider did")
    if is_paid:
        require(entry.order.amount == payout.amount, "a payout is of as much as was sent")


def _check_royalties(world: World, model: Model) -> None:
    for hold in world.documents.books.royalties.by_id.values():
        require(hold.state is HoldState.PAID, "what was ruled on is paid out")
        require(not hold.booking, "no settlement is being booked for ever")
        require(not model.posted[hold.account, "CNY"], "no royalty is held after the ruling")


def _check_waiting(world: World, model: Model) -> None:
    """What waits is what its shares say, and nobody owes what she could pay."""
    waits: Counter[str] = Counter()
    for share in world.documents.books.pending.by_id.values():
        if not share.release_id:
            waits[share.organization_id] += share.amount.minor
    for who in OWNERS:
        has = model.posted[pending_of(who), "CNY"]
        require(has == waits[who], "what waits is the shares that were not released")
        account = (available_of(who), "CNY")
        free = model.posted[account] - model.held[account]
        owes = model.posted[debt_of(who), "CNY"]
        require(not owes or not free, "a debt is paid as soon as there is money")
        require(owes <= 0, "nobody has paid a debt twice and not got it back")


def _check_earned(world: World, model: Model) -> None:
    """What each has, got, and owes is what it earned; authors together, for rulings move it."""
    books, earned = world.documents.books, Counter()
    for settlement in books.settlements.by_id.values():
        net = net_shares(settlement, booked_refunds(books, settlement))
        for party, share in zip(settlement.parties, net, strict=True):
            earned["authors" if party.role == "author" else party.organization_id] += share
        earned[HOST] += settlement.subsidy_paid.minor
    has: Counter[str] = Counter()
    for who in OWNERS:
        own = sum(model.posted[f"org:{who}:{kind}", "CNY"] for kind in KINDS)
        has["authors" if who in AUTHORS else who] += own
    for payout in world.documents.payouts.by_id.values():
        if payout.state is PayoutState.PAID:
            who = payout.organization_id
            has["authors" if who in AUTHORS else who] += payout.amount.minor
    has["platform"] = sum(model.posted[f"platform:{kind}", "CNY"] for kind in ("fees", "debt"))
    for who in {*earned, *has}:
        require(has[who] == earned[who], "what one has, got and owes is what one earned")


def _check_offers(world: World, model: Model) -> None:
    """Of each offer what is not paid is in its own fund again, whoever gave beside it."""
    season: Season = world.story
    left = Counter(season.deposits)
    for settlement in world.documents.books.settlements.by_id.values():
        if settlement.subsidy_paid:
            left.subtract(season.gave[settlement.claim_id])
    for offer in season.deposits:
        fund = model.posted[f"offer:{offer}:fund", "CNY"]
        require(fund == left[offer], "a subsidy is of its own offer's fund, there and back")


def _check_told(world: World) -> None:
    facts = [fact for shelf in world.documents.shelves for fact in shelf.events]
    swallowed = [fact.type for fact in facts if repr(fact) not in world.peer.heard]
    require(not swallowed, f"what is so was told and taken in: {swallowed[:1]}")
