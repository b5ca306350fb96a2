"""Sales and refunds are told, and what is refused changes nothing."""

import pytest

from chassis.kernel.errors import DomainError
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from chassis.testing.clock import FakeClock
from services.matching.attendance.domain import Ticket
from services.matching.gatherings.domain import Actor, Status
from services.matching.offers.domain import Restrictions
from services.matching.sales.domain import RefundState, ResaleNotAllowed
from services.matching.sales.handlers import refund_plan
from services.matching.sales.use_cases import (
    RecordSale,
    RefundOutcome,
    RequestRefund,
    decide_refunds,
    record_sale,
    refund_sale,
)
from tests.builders.matching import (
    HOST,
    OTHER_BRAND,
    STARTS_AT,
    STRANGER,
    a_gathering,
    a_kit_claim,
    a_lot,
    a_sale,
    an_id,
    counting_ids,
)
from tests.unit.matching.fakes import (
    FakeBehaviour,
    FakeBook,
    FakeGatherings,
    FakeSagas,
    FakeSales,
    FakeTickets,
)
from tests.unit.matching.sagas import Walk

GATHERING, SALE = an_id("gth"), an_id("sal")
GIFTS = Restrictions(resale_allowed=False)
DEAR = Restrictions(lowest_resale_price=Money(15_626, "CNY"))


def a_ticket(gathering_id=GATHERING):
    return Ticket(
        id=an_id("tkt"),
        gathering_id=gathering_id,
        community_id=None,
        invitation_id=an_id("inv"),
        brought_by=HOST,
        checked_in_at=STARTS_AT,
    )


class Scene:
    def __init__(self, *sales, gathering=None, ticket=None, lots=None) -> None:
        self.gatherings = FakeGatherings(gathering or a_gathering())
        self.sales = FakeSales(*sales)
        self.tickets = FakeTickets(*[ticket] if ticket else [])
        self.sagas, self.behaviour = FakeSagas(), FakeBehaviour()
        self.book = FakeBook(lots or [a_lot()])

    def sell(self, by=HOST, ticket_id=None, lot_id=None):
        command = RecordSale(
            gathering_id=GATHERING,
            organization_id=by,
            ticket_id=ticket_id,
            units=2,
            amount=Money(31_250, "CNY"),
            lot_id=lot_id,
        )
        return record_sale(
            command,
            gatherings=self.gatherings,
            tickets=self.tickets,
            sales=self.sales,
            book=self.book,
            ids=counting_ids(),
            now=STARTS_AT,
        )

    def refund(self, amount=10_000, packs=0, by=HOST, sale_id=SALE, start=2000):
        command = RequestRefund(
            gathering_id=GATHERING,
            sale_id=sale_id,
            by=Actor(by),
            amount=Money(amount, "CNY"),
            packs_returned=packs,
        )
        return refund_sale(
            command,
            gatherings=self.gatherings,
            sales=self.sales,
            sagas=self.sagas,
            ids=counting_ids(start),
            now=STARTS_AT,
        )

    def decide(self, *outcomes):
        decide_refunds(
            [RefundOutcome(GATHERING, SALE, *outcome) for outcome in outcomes],
            gatherings=self.gatherings,
            sales=self.sales,
            behaviour=self.behaviour,
            now=STARTS_AT,
        )

    @property
    def gathering(self):
        return self.gatherings.get(GATHERING)

    @property
    def is_untouched(self):
        return not (self.gatherings.writes or self.sales.writes or self.sagas.started)


class TestRecordSale:
    def test_is_told_by_the_gathering(self):
        scene = Scene(ticket=a_ticket())

        sale = scene.sell(ticket_id=an_id("tkt"))

        assert scene.sales.get(GATHERING, sale.id).amount == Money(31_250, "CNY")
        assert scene.gatherings.told == ["matching.gathering.sold.v1"]

    @pytest.mark.parametrize("ticket", [None, a_ticket(an_id("gth", 2))])
    def test_knows_only_guests_who_came(self, ticket):
        scene = Scene(ticket=ticket)

        with pytest.raises(DomainError) as refused:
            scene.sell(ticket_id=an_id("tkt"))

        assert refused.value.code == "ticket-not-found"
        assert scene.is_untouched

    def test_hides_the_gathering_from_strangers(self):
        scene = Scene()

        with pytest.raises(DomainError) as refused:
            scene.sell(by=STRANGER)

        assert refused.value.code == "gathering-not-found"
        assert scene.is_untouched

    def test_of_goods_that_are_gifts_is_refused(self):
        scene = Scene(lots=[a_lot(restrictions=GIFTS)])

        with pytest.raises(ResaleNotAllowed):
            scene.sell()

        assert scene.is_untouched


class TestRecordSaleOfKit:
    def of(self, first, second):
        lots = [
            a_lot(restrictions=first),
            a_lot(id=an_id("lot", 2), brand_id=OTHER_BRAND, restrictions=second),
        ]
        kit = a_kit_claim()
        return Scene(lots=lots, gathering=a_gathering(goods=kit.goods, kit_id=kit.kit_id))

    @pytest.mark.parametrize(
        ("limits", "code"),
        [
            ((GIFTS, Restrictions()), "resale-not-allowed"),
            ((Restrictions(), GIFTS), "resale-not-allowed"),
            ((Restrictions(), DEAR), "price-too-low"),
        ],
    )
    def test_that_names_no_goods_is_as_every_brand_allows(self, limits, code):
        scene = self.of(*limits)

        with pytest.raises(DomainError) as refused:
            scene.sell()

        assert refused.value.code == code
        assert scene.is_untouched

    def test_that_names_its_goods_is_as_their_brand_allows(self):
        scene = self.of(GIFTS, Restrictions())

        with pytest.raises(ResaleNotAllowed):
            scene.sell(lot_id=an_id("lot"))
        sale = scene.sell(lot_id=an_id("lot", 2))

        assert sale.units == 2


class TestRefundSale:
    def test_asks_payments(self):
        scene = Scene(a_sale())

        scene.refund(packs=1)

        refund_id = an_id("rfd", 2000)
        ((kind, saga_id, data),) = scene.sagas.started
        assert (kind, saga_id) == ("refund", derived_id("sag", refund_id))
        assert data == {
            "gathering_id": GATHERING,
            "claim_id": an_id("clm"),
            "offer_id": an_id("off"),
            "sale_id": SALE,
            "refund_id": refund_id,
            "amount": {"minor": 10_000, "currency": "CNY"},
        }
        assert scene.gatherings.told == ["matching.gathering.refund-requested.v1"]

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"amount": 31_251}, "refund-exceeds-sale"),
            ({"packs": 3}, "packs-exceed-claim"),
            ({"sale_id": an_id("sal", 2)}, "sale-not-found"),
            ({"by": STRANGER}, "gathering-not-found"),
        ],
    )
    def test_refuses_and_changes_nothing(self, wrong, code):
        scene = Scene(a_sale())

        with pytest.raises(DomainError) as refused:
            scene.refund(**wrong)

        assert refused.value.code == code
        assert scene.is_untouched


class TestDecideRefunds:
    def test_returns_packs_and_is_remembered(self):
        scene = Scene(a_sale())
        scene.refund(packs=2)

        scene.decide((an_id("rfd", 2000),))

        assert scene.sales.get(GATHERING, SALE).refunds[0].state is RefundState.REFUNDED
        (told,) = scene.sales.messages
        assert (told.type, told.packs) == ("catalog.command.return-packs.v1", 2)
        assert scene.behaviour.deeds == [("returned-fairly", HOST, 1)]
        told = scene.gatherings.events[-1]
        assert (told.type, told.packs_returned) == ("matching.gathering.refunded.v1", 2)

    def test_frees_amount_and_packs_of_a_refused_one(self):
        scene = Scene(a_sale())
        scene.refund(packs=2)

        scene.decide((an_id("rfd", 2000), "not-enough-funds", "empty"))

        assert scene.gathering.packs_returned == 0
        assert scene.sales.get(GATHERING, SALE).rest == Money(31_250, "CNY")
        assert (scene.sales.messages, scene.behaviour.records) == ([], [])
        assert scene.gatherings.told == ["matching.gathering.refund-requested.v1"]

    def test_takes_several_of_one_sale_in_one_run(self):
        scene = Scene(a_sale())
        for number, packs in ((2000, 1), (2001, 1), (2002, 0)):
            scene.refund(packs=packs, start=number)
        writes = scene.sales.writes

        scene.decide(
            (an_id("rfd", 2000),),
            (an_id("rfd", 2001), "not-enough-funds"),
            (an_id("rfd", 2002),),
        )

        sale = scene.sales.get(GATHERING, SALE)
        assert [refund.state for refund in sale.refunds] == ["refunded", "refused", "refunded"]
        assert sale.rest == Money(11_250, "CNY")
        assert scene.gathering.packs_returned == 1
        assert [message.packs for message in scene.sales.messages] == [1]
        told = scene.gatherings.events[-2:]
        assert [each.refund_id for each in told] == [an_id("rfd", 2000), an_id("rfd", 2002)]
        assert scene.sales.writes == writes + 1


class TestRefundSaga:
    REFUNDED = "payments.reply.sale-refunded.v1"
    REFUSED = "payments.reply.refund-refused.v1"

    def walk(self, scene):
        scene.refund(packs=1)
        ((_, saga_id, data),) = scene.sagas.started
        plan = refund_plan(scene.gatherings, scene.sales, scene.behaviour, FakeClock(STARTS_AT))
        return Walk(plan, data, saga_id)

    def test_asks_until_it_is_paid(self):
        scene = Scene(a_sale(), gathering=a_gathering(status=Status.SETTLED))
        walk = self.walk(scene)
        for _ in range(20):
            walk.wait()

        walk.hear(self.REFUNDED).hear(self.REFUNDED)

        (asked,) = walk.sent
        assert (asked.key, asked.amount) == (an_id("off"), Money(10_000, "CNY"))
        assert scene.sales.get(GATHERING, SALE).refunds[0].state is RefundState.REFUNDED
        assert len(scene.behaviour.records) == 1

    def test_keeps_why_it_was_refused(self):
        scene = Scene(a_sale())
        walk = self.walk(scene)

        walk.hear(self.REFUSED, code="sale-unknown", detail="never heard of")

        assert scene.sales.get(GATHERING, SALE).refunds[0].code == "sale-unknown"
        assert scene.gathering.packs_returned == 0
