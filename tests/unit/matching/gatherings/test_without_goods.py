"""What becomes of claims and gatherings whose brand keeps the goods."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.envelope import Event
from services.matching.claims.domain import Status as ClaimStatus
from services.matching.claims.use_cases import CLAIM_RETURN
from services.matching.gatherings.domain import Status
from services.matching.gatherings.handlers import shipment_handlers
from services.matching.gatherings.use_cases import CANCELLATION
from tests.builders.matching import NOW, a_gathering, an_id
from tests.unit.matching.gatherings.test_use_cases import Scene


def hear(scene, *reasons, now=NOW):
    """Tell matching that the claim's shipments were called off, for these reasons."""
    handlers = shipment_handlers(scene.gatherings, scene.claims, scene.sagas, lambda: now)
    told = [
        Event(
            id=f"evt_{number}",
            type="catalog.shipment.called-off.v1",
            source="/catalog/1",
            subject=an_id("shp"),
            time=datetime(2026, 3, 1, tzinfo=UTC),
            key=an_id("shp"),
            data={"claim_id": an_id("clm")} | ({"reason": reason} if reason else {}),
        )
        for number, reason in enumerate(reasons)
    ]
    handlers["catalog.shipment.called-off.v1"](told)


class TestGoodsThatStay:
    @pytest.mark.parametrize("reason", ["kept-by-brand", "past-best-before"])
    def test_end_a_claim_that_is_still_free_and_give_its_subsidy_back(self, reason):
        scene = Scene()

        hear(scene, reason, reason)
        hear(scene, reason)

        assert scene.claims.get(an_id("clm")).status is ClaimStatus.CANCELLED
        ((kind, _, data),) = scene.sagas.started
        assert (kind, data["reason"]) == (CLAIM_RETURN, "goods-kept")

    @pytest.mark.parametrize("status", [Status.PLANNED, Status.OPENED])
    def test_cancel_what_is_planned_on_it(self, status):
        scene = Scene(a_gathering(status=status))

        hear(scene, "kept-by-brand")
        hear(scene, "kept-by-brand")

        gathering = scene.gatherings.get(an_id("gth"))
        assert (gathering.status, gathering.why) == (Status.CANCELLED, "goods-kept")
        assert scene.claims.get(an_id("clm")).status is ClaimStatus.CANCELLED
        assert [kind for kind, _, _ in scene.sagas.started] == [CANCELLATION]
        assert scene.behaviour.records == []

    @pytest.mark.parametrize(
        ("checked_in", "after"),
        [(0, timedelta()), (1, -timedelta(hours=1)), (9, timedelta(hours=1)), (0, timedelta(1))],
    )
    def test_leave_an_evening_that_has_begun_or_let_anybody_in(self, checked_in, after):
        scene = Scene(a_gathering(status=Status.OPENED, checked_in=checked_in))
        begins = scene.gatherings.get(an_id("gth")).slot.starts_at

        hear(scene, "past-best-before", now=begins + after)

        assert scene.gatherings.get(an_id("gth")).status is Status.OPENED
        assert scene.claims.get(an_id("clm")).status is ClaimStatus.CONFIRMED
        assert scene.sagas.started == []

    @pytest.mark.parametrize("status", [Status.HELD, Status.DISPUTED, Status.APPROVED])
    def test_leave_what_took_place(self, status):
        scene = Scene(a_gathering(status=status))

        hear(scene, "kept-by-brand")

        assert scene.gatherings.get(an_id("gth")).status is status
        assert scene.sagas.started == []

    @pytest.mark.parametrize("reason", ["claim-ended", None])
    def test_are_not_those_of_a_claim_that_had_ended(self, reason):
        scene = Scene()

        hear(scene, reason)

        assert scene.claims.get(an_id("clm")).status is ClaimStatus.CONFIRMED
        assert scene.sagas.started == []
