"""Why a movement was: the reason that was booked, or what its code means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Why(NamedTuple):
    """One reason in both languages."""

    en: str
    zh: str


_CODES = {
    "deposit": Why("Money that arrived at the provider", "支付机构已收到的款项"),
    "hold-expired": Why("The time of a hold was over", "冻结到期"),
    "naming-ended": Why("Naming rights ended", "冠名权终止"),
    "refund": Why("Returned to a guest", "退还客人"),
    "sale": Why("Paid by a guest", "客人付款"),
    "settlement": Why("Settlement of a gathering", "活动结算"),
    "subsidy-escrowed": Why("Subsidy into escrow", "补贴转入托管"),
    "subsidy-returned": Why("Subsidy returned", "补贴退回"),
}


def why(reason: Mapping[str, Any] | None, code: str, *, leg: int, legs: int) -> Why:
    """Why a leg is what it is.

    A reason gives ``legs``, one text a leg, or ``why`` for the whole entry; without either
    the code of the entry says it, in English at least.
    """
    reason = reason or {}
    texts = reason.get("legs")
    if isinstance(texts, list) and len(texts) == legs and (found := _text(texts[leg])):
        return found
    said = _text(reason.get("why")) or _text(reason)
    return said or _CODES.get(code) or Why(code.replace("-", " ").capitalize(), f"业务：{code}")


def subjects(reason: Mapping[str, Any] | None, reference: str | None) -> dict[str, str]:
    """The ids a reason names, such as ``contract_id``, and what the entry itself is about."""
    found = {
        name: value
        for name, value in (reason or {}).items()
        if name.endswith("_id") and isinstance(value, str)
    }
    return found | ({"reference": reference} if reference else {})


def _text(value: object) -> Why | None:
    if not isinstance(value, Mapping):
        return None
    english, chinese = value.get("en"), value.get("zh")
    if not isinstance(english, str) or not isinstance(chinese, str):
        return None
    return Why(english, chinese)
