"""What is linked and what is over, in a call of many lines."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from services.payments.ledger.adapters import by_requests, to_json
from services.payments.ledger.domain import BadChain, Leg, hold
from services.payments.ledger.engine.expiry import MOST
from services.payments.ledger.repositories.sequencer import Sequencer
from services.payments.ledger.repositories.writer import Writer
from tests.unit.payments.ledger.books import MARKET, OUTSIDE, MovableClock, a_writer
from tests.unit.payments.ledger.test_bulk import FUND, IDS, lines, log, sequencer, statuses

__all__ = ["log", "sequencer"]  # fixtures, asked for by their names


class TestChains:
    @pytest.mark.parametrize(
        "text",
        ['"linked": true', '"linked":1', '"linked" : "yes"', '"linke\\u0064":true'],
    )
    def test_a_linked_line_refuses_the_call_and_no_other(self, sequencer, log, text):
        good, bad = lines(1), lines(2)
        row = json.loads(bad[0])
        del row["linked"]
        bad[0] = f"{json.dumps(row)[:-1]},{text}}}".encode()
        assert sequencer.submit_lines(good)

        with pytest.raises(BadChain) as refused:
            sequencer.submit_lines(bad)
        with pytest.raises(BadChain):
            by_requests(sequencer, bad)

        assert refused.value.members["entry_id"] == row["id"]
        assert [segment.entry_count for segment in log.segments] == [1]

    @pytest.mark.parametrize("value", [False, 0, "no", None, [], "banana"])
    def test_any_other_is_a_line_like_others(self, sequencer, value):
        row = json.loads(lines(1)[0]) | {"linked": value}
        told = "entry-malformed" if value in (None, [], "banana") else "posted"

        rounds = sequencer.submit_lines([json.dumps(row).encode(), b"{linked", *lines(1)])

        assert statuses(rounds) == [told, "entry-malformed", "posted"]


class TestExpiries:
    def test_so_many_that_a_segment_is_full_of_them_hold_nobody_up(self, log):
        clock = MovableClock()
        sequencer = Sequencer(lambda: Writer(MARKET, log, clock))
        over = clock() + timedelta(minutes=1)
        legs = [Leg(OUTSIDE, -1, "CNY"), Leg(FUND, 1, "CNY")]
        held = [hold(IDS("ent"), legs, "escrow", expires_at=over) for _ in range(2 * MOST + 5)]
        sequencer.submit_lines([json.dumps(to_json(entry)).encode() for entry in held])
        clock.forward(minutes=2)
        before = len(log.segments)

        rounds = sequencer.submit_lines([b"{", *lines(3)])

        sequencer.close()
        assert statuses(rounds) == ["entry-malformed", *["posted"] * 3]
        assert [segment.entry_count for segment in log.segments[before:]] == [MOST, MOST, 8]
        assert len(a_writer(log, clock).books.holds) == 0
