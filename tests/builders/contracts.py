"""Share contracts as data to start a test from."""

from __future__ import annotations

import copy
from typing import Any

from sharing.terms import FORMAT, Terms
from tests.builders.payments import BRAND, HOST, VENUE


def a_contract_text(**changes: Any) -> dict[str, Any]:
    """A waterfall: the hall's fee, a fee with floor and cap, tiers for the host, the rest."""
    given: dict[str, Any] = {
        "format": FORMAT,
        "title": {"en": "Tea house evenings", "zh": "茶馆之夜"},
        "currency": "CNY",
        "parties": {"brand": {BRAND: 1}, "host": {HOST: 1}, "venue": {VENUE: 1}},
        "absent": "host",
        "steps": [
            {
                "id": "hall",
                "why": {"en": "hall", "zh": "场地费"},
                "to": {"venue": 1},
                "take": {"fixed": 20_000},
                "when": "heads >= 12",
            },
            {
                "id": "fee",
                "why": {"en": "fee", "zh": "平台费"},
                "to": {"platform": 1},
                "take": {"points": 500, "floor": 1_000, "cap": 5_000},
            },
            {
                "id": "success",
                "why": {"en": "success", "zh": "业绩分成"},
                "to": {"host": 1},
                "take": {
                    "tiers": [{"above": 0, "points": 1000}, {"above": 100_000, "points": 2000}],
                    "of": "left",
                },
            },
            {
                "id": "rest",
                "why": {"en": "rest", "zh": "其余"},
                "to": {"brand": 3, "host": 1},
                "take": {"rest": True},
            },
        ],
        "rounding": "largest-remainder",
        "refunds": "pro-rata",
        "examples": [
            {
                "name": "a good evening",
                "sales": [100_000, 60_000],
                "heads": 16,
                # 20,000 to the hall; 5 % is 8,000, capped; of 135,000 left 10,000 + 7,000.
                "expect": {"venue": 20_000, "platform": 5_000, "host": 46_500, "brand": 88_500},
            },
            {
                "name": "a quiet one",
                "sales": [10_001],
                "expect": {"platform": 1_000, "host": 2_925, "brand": 6_076},
            },
        ],
    }
    return copy.deepcopy(given | changes)


def terms_of(**changes: Any) -> Terms:
    return Terms(a_contract_text(**changes))


def a_plain_text(percent: dict[str, int], **changes: Any) -> dict[str, Any]:
    """One step that shares all between roles by percents; only brand and host are bound."""
    rest = a_contract_text()["steps"][-1] | {"to": percent}
    examples = [{"name": "a hundred fen", "sales": [100], "expect": percent}]
    parties = {"brand": {BRAND: 1}, "host": {HOST: 1}}
    given: dict[str, Any] = {"parties": parties, "steps": [rest], "examples": examples}
    return a_contract_text(**given | changes)
