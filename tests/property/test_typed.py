"""Whatever terms can be signed and whatever was named: the gathering is settled and refunded."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.payments.settlements.domain import RefundState, SettlementState
from sharing.check import problems_of
from sharing.dividing import Heads
from tests.builders.contracts import a_contract_text
from tests.builders.payments import an_id
from tests.unit.payments.settlements.evenings import an_evening_of, refund, settle

# Each has an answer at both ends and may have none for some gathering between them.
CONDITIONS = (
    "heads == {} ? heads : true",
    "takings == {} ? takings : heads >= 12",
    'heads >= {0} && heads <= {0} + 5 ? "tea" : false',
    "heads < 2 || heads > 99999 ? true : [true, false][heads]",
    "takings < 2 || takings > 999999999999 ? true : takings * 99999999999 > {}",
    "heads >= {}",
)
conditions = st.builds(str.format, st.sampled_from(CONDITIONS), st.integers(2, 40))
minors = st.integers(1, 10**6)


def a_text(condition, refunds):
    steps = a_contract_text()["steps"]
    steps[0]["when"] = condition
    examples = [{"name": "none", "sales": [], "expect": {}}]
    return a_contract_text(steps=steps, refunds=refunds, examples=examples)


@given(
    condition=conditions,
    refunding=st.sampled_from(["pro-rata", "platform-first", "host-debt"]),
    sales=st.lists(minors, min_size=1, max_size=4),
    came=st.integers(0, 45),
    part=st.fractions(0, 1),
    is_named=st.booleans(),
)
def test_the_gathering_is_settled_and_refunded(condition, refunding, sales, came, part, is_named):
    text = a_text(condition, refunding)
    assert problems_of(text) == []
    kept, command, _, sold = an_evening_of(text, sales, Heads(came, 12))
    named = an_id("nam") if is_named else None

    settlement = settle(kept, replace(command, naming_rights_id=named))
    back = max(1, int(sales[0] * part))
    refunded = refund(kept, command.gathering_id, sold[0].id, back)

    assert kept.settlements.get(settlement.id).state is SettlementState.COMPLETED
    assert sum(settlement.shares) == sum(sales)
    assert any(note.path == ("naming",) for note in settlement.notes) == is_named
    assert refunded.state is RefundState.BOOKED
    assert sum(refunded.shares) == -back
    assert kept.ledger.balances[f"gathering:{command.gathering_id}:takings"] == 0
