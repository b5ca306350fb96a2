"""A host's record, the same for herself and for brands, and how she betters it."""

from __future__ import annotations

import pytest

from services.matching.pictures.domain import HostRecord


class TestReliability:
    @pytest.mark.parametrize(
        ("record", "per_mille"),
        [
            (HostRecord(), 800),
            (HostRecord(approved=10), 900),
            (HostRecord(approved=90), 980),
            (HostRecord(approved=1, disputed=1), 750),
            (HostRecord(called_off=10), 400),
        ],
    )
    def test_is_the_share_that_ended_as_agreed_with_ten_believed_before(self, record, per_mille):
        assert record.reliability == per_mille

    @pytest.mark.parametrize("disputed", [0, 1, 3])
    def test_says_exactly_how_many_more_approvals_make_it_good(self, disputed):
        record = HostRecord(approved=3, disputed=disputed, called_off=2)
        more = record.approvals_to_good

        enough = HostRecord(approved=3 + more, disputed=disputed, called_off=2)
        short = HostRecord(approved=2 + more, disputed=disputed, called_off=2)
        assert enough.reliability >= 900 > short.reliability
        assert enough.approvals_to_good == 0

    def test_takes_fair_returns_for_nobodys_fault(self):
        assert HostRecord(approved=5, fair_returns=9).reliability == 866


class TestLines:
    def test_tell_every_figure_and_offer_a_repair_where_something_went_wrong(self):
        lines = {each.name: each for each in HostRecord(held=3, approved=1, disputed=1).lines()}

        assert {name: line.number for name, line in lines.items()} == {
            "held": 3,
            "approved": 1,
            "settled": 0,
            "disputed": 1,
            "called-off": 0,
            "fair-returns": 0,
            "ratings": 0,
            "stars": 0,
            "reliability": 750,
        }
        repairable = [name for name, line in lines.items() if line.repair]
        assert repairable == ["disputed", "reliability"]
        assert lines["reliability"].repair.english == (
            "18 more approved gatherings without a new dispute or cancellation "
            "make it 900 per mille."
        )
        assert lines["reliability"].repair.chinese == (
            "再有 18 场获批且没有新的异议或取消，即可达到千分之 900。"
        )

    def test_ask_nothing_more_of_a_good_record(self):
        assert [line for line in HostRecord(approved=10).lines() if line.repair] == []
