"""What may be sold at a gathering, and what may go back."""

from dataclasses import replace

import pytest

from chassis.kernel.money import Money
from services.matching.gatherings.domain import Actor, GatheringNotOpen, NotTheHost, Status
from services.matching.offers.domain import Restrictions
from services.matching.sales.domain import (
    PacksExceedClaim,
    PriceTooLow,
    Refund,
    RefundExceedsSale,
    RefundState,
    ResaleNotAllowed,
    packs_of,
    request_refund,
    sell,
)
from services.matching.sales.events import GatheringSold, RefundRequested
from tests.builders.matching import (
    BRAND,
    CO_HOST,
    HOST,
    PLATFORM_ORG,
    STARTS_AT,
    STRANGER,
    a_gathering,
    a_sale,
    an_id,
)

WHOLE = Money(31_250, "CNY")
CLOSED = {Status.PLANNED, Status.REFUSED, Status.CANCELLED}


def sold(gathering=None, by=HOST, **changes):
    given = {"ticket_id": an_id("tkt"), "units": 2, "amount": WHOLE, "now": STARTS_AT}
    return sell(gathering or a_gathering(), an_id("sal"), by=by, **given | changes)


def refunded(sale=None, gathering=None, by=HOST, amount=31_250, packs=0, number=1):
    return request_refund(
        gathering or a_gathering(),
        sale or a_sale(),
        an_id("rfd", number),
        by=Actor(by),
        amount=Money(amount, "CNY"),
        packs_returned=packs,
        now=STARTS_AT,
    )


def a_refund(**changes):
    given = {
        "id": an_id("rfd"),
        "amount": WHOLE,
        "packs_returned": 1,
        "requested_at": STARTS_AT,
    }
    return Refund(**given | changes)


class TestRestrictions:
    def test_keep_gifts_from_being_sold(self):
        with pytest.raises(ResaleNotAllowed):
            sold(restrictions=[Restrictions(resale_allowed=False)])

    def test_name_the_lowest_price_of_each_unit(self):
        lowest = Restrictions(lowest_resale_price=Money(15_625, "CNY"))

        with pytest.raises(PriceTooLow, match="31249 asked for 2") as refused:
            sold(amount=Money(31_249, "CNY"), restrictions=[lowest])

        assert refused.value.members == {"lowest": 15_625}
        sold(amount=Money(31_250, "CNY"), restrictions=[lowest])


class TestSell:
    @pytest.mark.parametrize("by", [HOST, CO_HOST])
    def test_notes_what_was_bought(self, by):
        (gathering, (event,), _), (sale, _, _) = sold(by=by)

        assert gathering == a_gathering()
        assert sale == a_sale(ticket_id=an_id("tkt"), sold_by=by)
        assert event == GatheringSold(
            gathering_id=an_id("gth"),
            sale_id=an_id("sal"),
            ticket_id=an_id("tkt"),
            units=2,
            amount=WHOLE,
            occurred_at=STARTS_AT,
        )

    @pytest.mark.parametrize("status", set(Status) - {Status.OPENED})
    def test_ends_when_the_gathering_was_held(self, status):
        with pytest.raises(GatheringNotOpen):
            sold(a_gathering(status=status))

    @pytest.mark.parametrize("by", [BRAND, STRANGER])
    def test_is_for_host_and_co_host(self, by):
        with pytest.raises(NotTheHost):
            sold(by=by)


class TestRefund:
    def test_is_asked_for_in_part(self):
        (gathering, (event,), _), (sale, _, _) = refunded(amount=10_000, packs=1)

        assert gathering.packs_returned == 1
        assert sale.rest == Money(21_250, "CNY")
        assert sale.refunds[0].state is RefundState.REQUESTED
        assert event == RefundRequested(
            gathering_id=an_id("gth"),
            sale_id=an_id("sal"),
            refund_id=an_id("rfd"),
            amount=Money(10_000, "CNY"),
            packs_returned=1,
            occurred_at=STARTS_AT,
        )

    def test_never_adds_up_to_more_than_the_sale(self):
        part = refunded(amount=31_249).sale.state

        with pytest.raises(RefundExceedsSale, match="2 asked, 1 left"):
            refunded(part, amount=2, number=2)
        whole = refunded(part, amount=1, number=2).sale.state
        with pytest.raises(RefundExceedsSale) as refused:
            refunded(whole, amount=1, number=3)

        assert refused.value.members == {"rest": 0}

    def test_that_was_refused_frees_its_amount(self):
        whole = refunded().sale.state

        freed = whole.decide_refund(an_id("rfd"), code="not-enough-funds", detail="empty")

        assert freed.rest == WHOLE
        assert (freed.refunds[0].state, freed.refunds[0].code) == (
            RefundState.REFUSED,
            "not-enough-funds",
        )

    def test_is_decided_once(self):
        paid = refunded().sale.state.decide_refund(an_id("rfd"))

        assert paid.decide_refund(an_id("rfd"), code="late") == paid

    def test_brings_back_no_more_packs_than_were_claimed(self):
        with pytest.raises(PacksExceedClaim, match="2 asked, 1 left"):
            refunded(gathering=a_gathering(returned={an_id("lot"): 1}), packs=2)

    @pytest.mark.parametrize("status", set(Status) - CLOSED)
    def test_is_possible_before_and_after_the_settlement(self, status):
        assert refunded(gathering=a_gathering(status=status)).sale.state.rest == Money(0, "CNY")

    def test_is_not_needed_once_all_is_refunded(self):
        with pytest.raises(GatheringNotOpen):
            refunded(gathering=a_gathering(status=Status.CANCELLED))

    @pytest.mark.parametrize("by", [BRAND, STRANGER])
    def test_is_for_the_hosts(self, by):
        with pytest.raises(NotTheHost):
            refunded(by=by)

    def test_is_for_the_platform_too(self):
        platform = Actor(PLATFORM_ORG, is_platform=True)

        requested = request_refund(
            a_gathering(),
            a_sale(),
            an_id("rfd"),
            by=platform,
            amount=WHOLE,
            packs_returned=0,
            now=STARTS_AT,
        )

        assert requested.sale.state.rest == Money(0, "CNY")


class TestPacks:
    def test_go_back_once_the_refund_was_paid(self):
        (told,) = packs_of(a_refund(state=RefundState.REFUNDED), a_gathering(), now=STARTS_AT)

        assert (told.key, told.claim_id, told.packs) == (an_id("lot"), an_id("clm"), 1)
        (again,) = packs_of(a_refund(state=RefundState.REFUNDED), a_gathering(), now=STARTS_AT)
        assert told.id == again.id

    @pytest.mark.parametrize(
        "unpaid",
        [
            {"state": RefundState.REQUESTED},
            {"state": RefundState.REFUSED},
            {"state": RefundState.REFUNDED, "packs_returned": 0},
        ],
    )
    def test_stay_away_otherwise(self, unpaid):
        assert packs_of(replace(a_refund(), **unpaid), a_gathering(), now=STARTS_AT) == ()
