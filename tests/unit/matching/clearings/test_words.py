"""What a clearing came to is a sentence that nobody takes for a fault of the program."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.matching.clearings.domain import Stage, evidence_of, summary_of
from services.matching.clearings.engine.clear import Rule
from tests.unit.matching.clearings.builders import (
    a_clearing,
    a_result,
    an_order,
    an_outcome,
)


def told(order=None, **figures):
    result = a_result()
    result = replace(result, figures=replace(result.figures, **figures))
    return summary_of(a_clearing(order=order or an_order(), result=result, held=2))


class TestTheSummary:
    def test_says_what_it_gives_and_what_first_come_first_served_would_lose(self):
        words = told()

        assert words.english == (
            "This clearing gives 2 lots to 2 hosts, worth 1.500 points; 2 are held for 48 hours. "
            "First-come-first-served would lose 20.00 % of it."
        )
        assert words.chinese == (
            "本次清算向 2 位主理人分配 2 份，价值 1.500 分，其中 2 份预留 48 小时。"
            "先到先得将损失其中的 20.00 %。"
        )

    @pytest.mark.parametrize(
        ("order", "why"),
        [
            ({"first_brand_bonus": 100}, "bonuses for first gatherings trade a little value"),
            ({"rule": Rule.NO_ENVY, "first_host_bonus": 100}, "so that nobody is passed over"),
            ({}, "it is within the gap of the best"),
        ],
    )
    def test_tells_a_loss_below_zero_as_more_value_and_what_it_was_given_for(self, order, why):
        words = told(an_order(**order), first_come=an_outcome(value=1_501))

        assert "would be worth 0.07 % more: " in words.english
        assert why in words.english
        assert "先到先得的价值会高出 0.07 %：" in words.chinese

    @pytest.mark.parametrize(("full", "says"), [(1, "1 more host is"), (15, "15 more hosts are")])
    def test_says_how_many_can_take_on_no_more(self, full, says):
        words = told(hosts_full=full)

        assert f"{says} not in it" in words.english
        assert f"另有 {full} 位主理人未参与" in words.chinese

    def test_holds_nothing_of_a_dry_run_and_compares_nothing_with_nothing(self):
        nothing = an_outcome(value=0, assignments=0)

        words = told(an_order(dry_run=True), hosts=0, cleared=nothing, first_come=nothing)

        assert words.english == (
            "This dry run gives 0 lots to 0 hosts, worth 0.000 points; nothing is held."
        )

    def test_says_what_lists_leave_out_only_where_that_was_asked_for(self):
        doubtful = evidence_of("built-in", [], counted={}, found={})
        sure = replace(
            doubtful,
            take_up=replace(doubtful.take_up, hosts=90, error=0.05, bound=0.09, blind=0.3),
            prices=40,
            prices_off=0.1,
        )

        def said(evidence, **order):
            result = replace(a_result(), evidence=evidence)
            return summary_of(a_clearing(order=an_order(**order), result=result)).english

        assert said(sure, reserve=True).endswith(
            "For a week a host's list leaves out lots that are worth to others more than 120 % "
            "of what they are worth to her."
        )
        assert "list would leave out" in said(sure, reserve=True, dry_run=True)
        assert "It keeps no reserve: it takes ended holds" in said(doubtful, reserve=True)
        assert "list" not in said(sure)
        assert "reserve" not in said(doubtful)

    def test_says_why_there_is_none(self):
        waiting, failed = a_clearing(), a_clearing(stage=Stage.FAILED, failure="out of memory")

        assert summary_of(waiting).english == "No result: waiting."
        assert summary_of(failed).chinese == "尚无结果：out of memory。"
