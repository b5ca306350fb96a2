"""Whom the catalog would give a slot to."""

from __future__ import annotations

from datetime import timedelta

from services.matching.supply.domain import SlotHold
from tests.builders.matching import CO_HOST, HOST, NOW, an_id, an_open_slot

LATER = NOW + timedelta(hours=1)


class TestOpenTo:
    def test_anybody_while_nobody_has_it(self):
        assert an_open_slot().is_open_to(HOST, NOW)

    def test_nobody_once_a_gathering_has_it(self):
        assert not an_open_slot(gathering_id=an_id("gth")).is_open_to(HOST, NOW)

    def test_its_holder_alone_until_the_hold_is_over(self):
        slot = an_open_slot(hold=SlotHold(CO_HOST, LATER, is_accepted=True))

        assert slot.is_open_to(CO_HOST, NOW)
        assert not slot.is_open_to(HOST, NOW)
        assert slot.is_open_to(HOST, LATER)

    def test_only_whom_the_venue_accepted_where_it_wants_to_be_asked(self):
        asked = SlotHold(HOST, LATER, is_accepted=False)
        accepted = SlotHold(HOST, LATER, is_accepted=True)

        assert not an_open_slot(accepts_at_once=False).is_open_to(HOST, NOW)
        assert not an_open_slot(accepts_at_once=False, hold=asked).is_open_to(HOST, NOW)
        assert an_open_slot(accepts_at_once=False, hold=accepted).is_open_to(HOST, NOW)
