"""The host has subsidy and naming fee, whether or not a contract gives her of the takings."""

from __future__ import annotations

from services.payments.settlements.domain import RefundState
from tests.builders.contracts import a_contract_text
from tests.builders.payments import HOST
from tests.unit.payments.settlements.evenings import an_evening_of, refund, settle

STEPS = [
    {
        "id": "rest",
        "why": {"en": "takings", "zh": "收入"},
        "to": {"brand": 9, "platform": 1},
        "take": {"rest": True},
    }
]


def test_a_host_without_a_share_is_there_all_the_same():
    text = a_contract_text(absent="platform", steps=STEPS)
    kept, command, _, (sale,) = an_evening_of(text, [100_000])

    settlement = settle(kept, command)
    back = refund(kept, command.gathering_id, sale.id, 100_000)

    assert settlement.host.organization_id == HOST
    assert [line.role for line in settlement.lines() if line.minor > 0] == ["brand", "platform"]
    assert back.state is RefundState.BOOKED
