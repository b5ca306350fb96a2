"""How a gathering's money is shared out, and given back. Figures of PAYMENTS are real ones."""

from __future__ import annotations

import pytest

from chassis.kernel.decisions import NotYet
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.escrow.domain import EscrowState
from services.payments.settlements.domain import SettlementNotFound
from services.payments.settlements.use_cases import (
    CancelGathering,
    RefundSale,
    SettleGathering,
    book_cancelling,
    book_refund,
    book_settling,
    plan_cancelling,
    plan_refund,
    plan_settling,
    record_cancelling,
    record_refund,
    record_settling,
    settlement_seen,
)
from tests.builders.contracts import a_contract_text
from tests.builders.payments import (
    AUTHOR,
    BRAND,
    CO_HOST,
    HOST,
    NOW,
    PARTIES,
    VENUE,
    FakeLedger,
    a_contract,
    a_sale,
    an_escrow,
    an_id,
    books,
    naming_rights,
    yuan,
)
from tests.unit.payments.settlements.evenings import an_evening_of, in_force

GATHERING = an_id("gth")
CO_AUTHOR, GRANDPARENT = an_id("org"), an_id("org")
TAKINGS = f"gathering:{GATHERING}:takings"


def pending(organization_id):
    return f"org:{organization_id}:pending"


def an_evening(*amounts, naming=None, subsidy=800, **command):
    """A gathering with these sales in yuan, closed and ready to settle."""
    contract = a_contract()
    escrow = an_escrow(contract, amount=yuan(subsidy))
    sales = [a_sale(GATHERING, yuan(amount)) for amount in amounts]
    balances = {TAKINGS: sum(sale.amount.minor for sale in sales)}
    balances |= {escrow.account: escrow.amount.minor}
    if naming is not None:
        balances[naming.account] = naming.booked.minor
    ledger = FakeLedger(balances)
    kept = books(ledger, contract, escrow, *sales, *([naming] if naming else []))
    kept.sales.close(GATHERING)
    given = {"parties": PARTIES, "checked_in": 16, "min_checked_in": 12} | command
    settle = SettleGathering(
        message_id=an_id("msg"),
        saga_id=an_id("sag"),
        gathering_id=GATHERING,
        claim_id=contract.claim_id,
        naming_rights_id=naming.id if naming else None,
        **given,
    )
    return kept, settle


def settle(kept, command):
    planned = plan_settling(command, books=kept, now=NOW)
    book_settling(planned, books=kept)
    record_settling(planned, books=kept, now=NOW)
    return planned


def refund(kept, sale_id, amount, refund_id=None):
    command = RefundSale(
        message_id=an_id("msg"),
        saga_id=an_id("sag"),
        gathering_id=GATHERING,
        sale_id=sale_id,
        refund_id=refund_id or an_id("rfd"),
        amount=yuan(amount),
    )
    planned = plan_refund(command, books=kept)
    book_refund(planned, books=kept)
    record_refund(planned, books=kept, now=NOW)
    return kept.refunds.find(command.refund_id)


class TestSettle:
    def test_divides_the_authors_share_as_they_have_signed(self):
        royalties = {AUTHOR: 7_000, CO_AUTHOR: 2_999, GRANDPARENT: 1}
        parties = PARTIES | {"author": tuple(royalties)}
        kept, command = an_evening(*[312.50] * 16, parties=parties, royalties=royalties)

        settle(kept, command)

        balances = kept.ledger.balances
        assert balances[pending(AUTHOR)] == 7_000
        assert balances[pending(CO_AUTHOR)] == 2_999
        assert balances[pending(GRANDPARENT)] == 1
        assert balances[pending(BRAND)] == 300_000
        assert balances[TAKINGS] == 0

    def test_pays_the_sixteen_guests_evening_to_the_fen(self):
        kept, command = an_evening(*[312.50] * 16, naming=naming_rights())

        settle(kept, command)

        balances = kept.ledger.balances
        assert balances[pending(BRAND)] == 300_000
        assert balances[pending(HOST)] == 100_000 + 80_000 + 90_000
        assert balances[pending(VENUE)] == 40_000
        assert balances[pending(CO_HOST)] == 25_000
        assert balances[pending(AUTHOR)] == 10_000
        assert balances["platform:fees"] == 25_000 + 10_000
        assert balances[TAKINGS] == 0

    def test_gives_the_fen_left_over_to_the_largest_remainders(self):
        kept, command = an_evening(312.55)

        planned = settle(kept, command)

        shares = {
            party.role: share for party, share in zip(planned.parties, planned.shares, strict=True)
        }
        assert shares == {
            "brand": 18_753,
            "host": 6_251,
            "venue": 2_500,
            "co_host": 1_563,
            "platform": 1_563,
            "author": 625,
        }

    def test_returns_the_subsidy_when_too_few_were_there(self):
        kept, command = an_evening(100, checked_in=11)

        planned = settle(kept, command)

        assert planned.subsidy_paid == Money(0, "CNY")
        assert kept.ledger.balances[planned.escrow.parts[0].fund] == 80_000
        assert kept.ledger.balances[pending(HOST)] == 2_000

    @pytest.mark.parametrize(("came", "earned"), [(7, 0), (9, 40_000), (12, 80_000)])
    def test_pays_the_band_of_the_subsidy_that_so_many_reach(self, came, earned):
        kept, command = an_evening(100, checked_in=came)
        bands = [{"heads": 8, "points": 5_000}, {"heads": 12, "points": 10_000}]
        contract = kept.contracts.get(derived_id("ctr", command.claim_id))
        text = dict(contract.current.terms.data) | {"subsidy": {"bands": bands}}
        kept.contracts.by_id[contract.id] = in_force(contract, text)

        planned = settle(kept, command)

        assert planned.subsidy_paid == Money(earned, "CNY")
        assert kept.ledger.balances[planned.escrow.parts[0].fund] == 80_000 - earned
        assert kept.ledger.balances[pending(HOST)] == 2_000 + earned
        assert kept.ledger.balances[planned.escrow.account] == 0

    def test_lets_the_share_of_an_absent_role_fall_to_the_host(self):
        present = {role: who for role, who in PARTIES.items() if role != "co_host"}
        kept, command = an_evening(100, subsidy=0, parties=present)

        settle(kept, command)

        assert kept.ledger.balances[pending(HOST)] == 2_500

    def test_shares_equally_among_several_co_hosts(self):
        second = an_id("org")
        kept, command = an_evening(
            100, subsidy=0, parties=PARTIES | {"co_host": [CO_HOST, second]}
        )

        settle(kept, command)

        assert kept.ledger.balances[pending(CO_HOST)] == 250
        assert kept.ledger.balances[pending(second)] == 250

    def test_books_nothing_twice_when_everything_arrives_twice(self):
        kept, command = an_evening(*[312.50] * 16, naming=naming_rights())
        settle(kept, command)
        before = dict(kept.ledger.balances)

        settle(kept, command)

        assert dict(kept.ledger.balances) == before
        assert len(kept.settlements.events) == 1
        assert len(kept.naming.by_id[command.naming_rights_id].earned) == 1

    def test_waits_until_every_sale_is_known(self):
        kept, command = an_evening(100)
        kept.sales.closed = frozenset()

        with pytest.raises(NotYet):
            plan_settling(command, books=kept, now=NOW)

        assert not kept.settlements.by_id

    def test_explains_every_fen_in_both_languages(self):
        kept, command = an_evening(312.55, naming=naming_rights())

        lines = settle(kept, command).lines()

        assert sum(line.minor for line in lines) == 0
        assert all(line.minor and line.why.en and line.why.zh for line in lines)
        assert any("20 % of 31255 fen" in line.why.en for line in lines)

    def test_is_seen_by_whom_its_terms_bind_whatever_they_got_and_by_no_others(self):
        why = {"en": "fee", "zh": "平台费"}
        fee_alone = [{"id": "fee", "why": why, "to": {"platform": 1}, "take": {"rest": True}}]
        kept, command, _, _ = an_evening_of(a_contract_text(steps=fee_alone), [10_000])
        planned = plan_settling(command, books=kept, now=NOW)
        assert BRAND not in {party.organization_id for party in planned.parties}

        for who in (BRAND, HOST, VENUE, None):
            assert settlement_seen(planned.id, who, settlements=kept.settlements) == planned
        with pytest.raises(SettlementNotFound):
            settlement_seen(planned.id, an_id("org"), settlements=kept.settlements)

    def test_tells_what_everybody_got(self):
        kept, command = an_evening(*[312.50] * 16)

        settle(kept, command)

        (fact,) = kept.settlements.events
        assert sum(share.amount.minor for share in fact.shares) == fact.total.minor == 500_000
        assert fact.subsidy_paid == yuan(800)
        assert kept.escrows.by_id[command.claim_id].state is EscrowState.PAID


class TestNamingRights:
    def test_pay_a_hundredth_for_each_of_a_hundred_gatherings(self):
        kept, command = an_evening(100, naming=naming_rights(price=yuan(100_000)))

        settle(kept, command)

        rights = kept.naming.by_id[command.naming_rights_id]
        assert rights.earned_amount == yuan(1_000)
        assert rights.unearned == yuan(99_000)

    def test_pay_nothing_until_they_are_paid_for(self):
        kept, command = an_evening(100, naming=naming_rights(booked=yuan(0)))

        planned = settle(kept, command)

        assert planned.earning is None


class TestRefund:
    def test_reverses_every_share_and_minds_who_is_ahead(self):
        kept, command = an_evening(*[312.50] * 16)
        settle(kept, command)
        before = dict(kept.ledger.balances)

        done = refund(kept, next(iter(kept.sales.by_id)), 312.50)

        given = {
            name: kept.ledger.balances[pending(who)] - before[pending(who)]
            for name, who in (
                ("brand", BRAND),
                ("host", HOST),
                ("venue", VENUE),
                ("author", AUTHOR),
            )
        }
        assert given == {"brand": -18_750, "host": -6_250, "venue": -2_500, "author": -625}
        halves = sorted(done.shares)[2:4]
        assert sum(done.shares) == -31_250
        assert kept.ledger.balances["external:provider"] == 31_250
        assert {kept.ledger.balances["platform:fees"], kept.ledger.balances[pending(CO_HOST)]} == {
            25_000 - 1_563,
            25_000 - 1_562,
        }, halves

    def test_of_every_sale_brings_every_account_back(self):
        kept, command = an_evening(*[312.55, 99.99, 0.01, 7.77, 230_000], subsidy=0)
        settle(kept, command)

        for sale_id, sale in list(kept.sales.by_id.items()):
            refund(kept, sale_id, sale.amount.minor / 100)

        assert {
            minor for name, minor in kept.ledger.balances.items() if name.startswith("org")
        } == {0}
        assert kept.ledger.balances["platform:fees"] == 0

    def test_before_the_settlement_comes_out_of_the_takings(self):
        kept, command = an_evening(312.50, 100)
        sale_id = next(iter(kept.sales.by_id))

        refund(kept, sale_id, 12.50)
        planned = settle(kept, command)

        assert planned.takings == yuan(400)
        assert kept.ledger.balances["external:provider"] == 1_250
        assert kept.ledger.balances[TAKINGS] == 0

    def test_refuses_more_than_the_rest_and_books_nothing(self):
        kept, _ = an_evening(100)
        sale_id = next(iter(kept.sales.by_id))
        refund(kept, sale_id, 60)
        before = dict(kept.ledger.balances)

        refused = refund(kept, sale_id, 40.01)

        assert (refused.state, refused.code) == ("refused", "refund-too-large")
        assert dict(kept.ledger.balances) == before
        assert kept.refunds.messages[-1].type == "payments.reply.refund-refused.v1"

    def test_is_booked_once_however_often_it_is_asked_for(self):
        kept, command = an_evening(100, subsidy=0)
        settle(kept, command)
        sale_id, refund_id = next(iter(kept.sales.by_id)), an_id("rfd")
        refund(kept, sale_id, 10, refund_id)
        before = dict(kept.ledger.balances)

        refund(kept, sale_id, 10, refund_id)

        assert dict(kept.ledger.balances) == before


class TestCancel:
    def test_gives_everybody_their_money_back(self):
        kept, command = an_evening(100, 20.5)
        cancel = CancelGathering(
            message_id=an_id("msg"),
            saga_id=an_id("sag"),
            gathering_id=GATHERING,
            claim_id=command.claim_id,
        )

        planned = plan_cancelling(cancel, books=kept)
        book_cancelling(planned, books=kept)
        record_cancelling(planned, books=kept, now=NOW)

        escrow = kept.escrows.by_id[command.claim_id]
        assert escrow.state is EscrowState.RELEASED
        assert kept.ledger.balances[escrow.parts[0].fund] == 80_000
        assert kept.ledger.balances["external:provider"] == 12_050
        assert kept.ledger.balances[TAKINGS] == 0
        assert [message.type for message in kept.replies.sent] == [
            "payments.reply.gathering-cancelled.v1"
        ]

    def test_submits_the_same_again_when_it_died_before_recording(self):
        kept, command = an_evening(100, 20.5)
        cancel = CancelGathering(
            message_id=an_id("msg"),
            saga_id=an_id("sag"),
            gathering_id=GATHERING,
            claim_id=command.claim_id,
        )
        book_cancelling(plan_cancelling(cancel, books=kept), books=kept)
        late = refund(kept, next(iter(kept.sales.by_id)), 5)

        planned = plan_cancelling(cancel, books=kept)
        book_cancelling(planned, books=kept)
        record_cancelling(planned, books=kept, now=NOW)

        assert late.code == "refund-too-large"
        assert kept.ledger.balances["external:provider"] == 12_050
        assert {one.state for one in kept.refunds.by_id.values()} == {"booked", "refused"}
