"""A copy claim as a page for both authors, in English and Chinese."""

from __future__ import annotations

from flask import Response

from chassis.kernel.time import to_rfc3339
from chassis.web.sheets import sheet, table, words
from services.catalog.copies.domain import ClaimState, CopyClaim, Outcome, Version
from services.catalog.similarity.adapters import section

_STATES = {
    ClaimState.OPENED: "opened, the accused may answer · 已提出，待被申诉方答辩",
    ClaimState.ANSWERED: "a reviewer will rule · 待审查员裁定",
    ClaimState.RULED: "ruled, who lost may appeal · 已裁定，不利一方可上诉",
    ClaimState.APPEALED: "appealed, another reviewer will rule · 已上诉，待另一位审查员裁定",
    ClaimState.CLOSED: "closed · 已结案",
}
_OUTCOMES = {Outcome.UPHELD: "upheld · 成立", Outcome.REJECTED: "rejected · 不成立"}


def page(claim: CopyClaim) -> Response:
    """Everything that was said and decided, and what happens next."""
    facts = [
        ("The original · 原作", _named(claim.original)),
        ("Called a copy · 被指抄袭", _named(claim.accused)),
        ("State · 状态", _STATES[claim.state]),
        ("By · 截止", to_rfc3339(claim.due_at) if claim.due_at else "–"),
        ("Outcome · 结果", _OUTCOMES[claim.outcome] if claim.outcome else "–"),
        ("Statement · 申诉理由", claim.statement),
        ("Answer · 答辩", claim.answer or "–"),
        ("Appeal · 上诉理由", claim.appeal or "–"),
    ]
    rulings = [
        (_OUTCOMES[each.outcome], each.reasons, each.reviewer_name, to_rfc3339(each.ruled_at))
        for each in claim.rulings
    ]
    columns = ("Ruling · 裁定", "Reasons · 理由", "Reviewer · 审查员", "When · 时间")
    parts = [table("The claim · 申诉", (), facts), table("Rulings · 裁定", columns, rulings)]
    if claim.silence is not None:
        parts.insert(1, words(*claim.silence))
    return sheet(f"Copy claim · 抄袭申诉 · {claim.id}", [*parts, section(claim.evidence)])


def _named(version: Version) -> str:
    return f"{version.cartridge_id} {version.version}, {to_rfc3339(version.published_at)}"
