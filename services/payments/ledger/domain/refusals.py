"""Why an entry is not booked: one named error for each code."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.kernel.errors import Conflict, DomainError, NotFound, RuleBroken
from services.payments.ledger.engine.columns import MAX_AMOUNT, MAX_LEGS


class EntryMalformed(RuleBroken):
    """The entry cannot be read as one."""

    code = "entry-malformed"
    hint = "Correct the field that the detail names."
    chinese = "分录格式不正确，请按详情修改。"


class AccountNotInChart(RuleBroken):
    """The chart of accounts has no such account."""

    code = "account-not-in-chart"
    hint = "Use a path of the chart of accounts, such as org:<id>:available."
    chinese = "科目表中没有此账户，请使用科目表中的路径。"


class NotBalanced(RuleBroken):
    """The legs of each currency must add up to zero."""

    code = "not-balanced"
    hint = "Make what goes out of some accounts equal what comes into others."
    chinese = "每个币种的借贷之和必须为零。"


class BadLegs(RuleBroken):
    """The legs are missing, empty, too many or too large."""

    code = "bad-legs"
    hint = f"Give 2 to {MAX_LEGS} legs, none of them zero or beyond {MAX_AMOUNT} minor units."
    chinese = "分录行缺失、为零、过多或金额过大。"


class FloorBroken(RuleBroken):
    """An account would fall below its floor."""

    code = "floor-broken"
    hint = "Fund the account first or move less; money on hold does not count as there."
    chinese = "账户余额不足；冻结金额不可动用。"


class HoldNotFound(NotFound):
    """No hold has that entry id."""

    code = "hold-not-found"
    hint = "Place the hold first; a refused hold leaves no trace."
    chinese = "没有找到该冻结记录。"


class HoldResolved(RuleBroken):
    """The hold was posted, voided or has expired before."""

    code = "hold-resolved"
    hint = "A hold ends once; read the entry that ended it."
    chinese = "该冻结已被入账、撤销或过期。"


class HoldExpired(RuleBroken):
    """The hold's time is over."""

    code = "hold-expired"
    hint = "Place a new hold."
    chinese = "冻结已过期，请重新冻结。"


class HoldNotExpired(RuleBroken):
    """The hold's time is not over yet, or it has no end."""

    code = "hold-not-expired"
    hint = "Void the hold to end it early."
    chinese = "冻结尚未到期，如需提前结束请撤销。"


class ExceedsHold(RuleBroken):
    """More would be posted than was held."""

    code = "exceeds-hold"
    hint = "Post at most the held amount of each leg."
    chinese = "入账金额超过冻结金额。"


class LegsDifferFromHold(RuleBroken):
    """A partial post names the accounts of its hold, leg by leg."""

    code = "legs-differ-from-hold"
    hint = "Repeat the hold's legs in their order with the same signs, or give none for all of it."
    chinese = "部分入账的分录行必须与冻结逐行对应。"


class IdConflict(Conflict):
    """That entry id was used before for something else."""

    code = "id-conflict"
    hint = "Compare the members stored and asked; use a new id for a new entry."
    chinese = "该分录编号已用于另一笔不同的分录。"


class LedgerUnavailable(DomainError, ConnectionError):
    """The books could not confirm the entry in time; its outcome is unknown.

    Submitting again with the same ids is always safe.
    """

    code = "ledger-unavailable"
    hint = "Submit the same entries again with the same ids."
    chinese = "账本暂时无法确认，请用相同编号重试。"


REFUSALS: Mapping[str, type[DomainError]] = {
    error.code: error
    for error in (
        AccountNotInChart,
        BadLegs,
        EntryMalformed,
        ExceedsHold,
        FloorBroken,
        HoldExpired,
        HoldNotExpired,
        HoldNotFound,
        HoldResolved,
        IdConflict,
        LegsDifferFromHold,
        NotBalanced,
    )
}
"""Every code an outcome can be refused with, and the error that says it."""
