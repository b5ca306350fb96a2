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


class CeilingBroken(RuleBroken):
    """An account would rise above its ceiling."""

    code = "ceiling-broken"
    hint = "Move less, or raise the ceiling first; what holds would bring in counts as there."
    chinese = "账户余额将超过上限；待入账的冻结金额也计算在内。"


class FlowForbidden(RuleBroken):
    """The chart of accounts forbids money to go this way."""

    code = "flow-forbidden"
    hint = "Take the way that docs/money.md describes between these kinds of accounts."
    chinese = "科目表禁止资金在这两类账户之间流动。"


class ChainRefused(RuleBroken):
    """Another entry of its chain was refused, so none of them stands."""

    code = "chain-refused"
    hint = "See which entry of the chain has another code; correct that and submit all again."
    chinese = "同组分录中有一笔被拒绝，整组均未入账。"


class BadChain(RuleBroken):
    """The chain has no end, uses an id twice, is too large, or closes a period."""

    code = "bad-chain"
    hint = "Leave the last entry of a chain unlinked, and give each entry an id of its own."
    chinese = "分录组缺少结尾、编号重复、过大或包含结账分录。"


class PeriodClosed(RuleBroken):
    """The period in which the entry would take effect is closed."""

    code = "period-closed"
    hint = "Let it take effect in the open period that the detail names, or now."
    chinese = "该生效时间所属期间已结账，请使用未结账期间。"


class EffectiveTooLate(RuleBroken):
    """An entry takes effect at the latest when it is booked, a period ends before it closes."""

    code = "effective-too-late"
    hint = "Leave the effective time out, or wait until it has come."
    chinese = "生效时间不能晚于入账时间。"


class OriginalNotFound(NotFound):
    """No entry has the id that is to be reversed."""

    code = "original-not-found"
    hint = "Book the entry first; entries of the same chain cannot reverse each other."
    chinese = "没有找到要冲销的分录。"


class NotReversible(RuleBroken):
    """Only entries that moved money for the first time can be reversed."""

    code = "not-reversible"
    hint = "Void a hold instead of reversing it; book a reversed entry anew."
    chinese = "该类分录不可冲销：冻结请撤销，冲销分录请重新入账。"


class ExceedsOriginal(RuleBroken):
    """More would be taken back than is left of the entry."""

    code = "exceeds-original"
    hint = "Take back at most what the entry moved, less what earlier reversals took."
    chinese = "冲销金额超过原分录的剩余金额。"


class LegsDifferFromOriginal(RuleBroken):
    """A reversal in part names the accounts of its original, leg by leg, the other way."""

    code = "legs-differ-from-original"
    hint = "Repeat the original's legs in their order with opposite signs, or give an amount."
    chinese = "部分冲销的分录行必须与原分录逐行对应且方向相反。"


class HoldTooLong(RuleBroken):
    """A hold lasts at most 366 days from its placing, extensions included."""

    code = "hold-too-long"
    hint = "Let it end earlier, and place a new hold then."
    chinese = "冻结最长为366天（含延期）。"


class NotAnExtension(RuleBroken):
    """The new end is not later than the old one, or the hold has no end."""

    code = "not-an-extension"
    hint = "Name a later end than the hold has; void it to end it early."
    chinese = "延期后的到期时间必须晚于原到期时间。"


class LimitsStale(RuleBroken):
    """The limits of the account were changed meanwhile."""

    code = "limits-stale"
    hint = "Read the account, decide again, and name the version after the one it has."
    chinese = "账户限额已被更改，请重新读取后再提交。"


class BadLimits(RuleBroken):
    """The limits contradict each other, or all accounts together could owe too much."""

    code = "bad-limits"
    hint = "Keep the floor below the ceiling, both within what one entry can move."
    chinese = "限额互相矛盾或超出允许范围。"


class HoldNotFound(NotFound):
    """No hold has that entry id."""

    code = "hold-not-found"
    hint = "Place the hold first; a refused hold leaves no trace."
    chinese = "没有找到该冻结记录。"


class HoldResolved(RuleBroken):
    """The hold was posted or voided before."""

    code = "hold-resolved"
    hint = "A hold ends once; read the entry that ended it."
    chinese = "该冻结已被入账或撤销。"


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


class ClockApart(LedgerUnavailable):
    """The clock of the machine that books is seconds away from the database's; nothing is booked.

    Submitting again with the same ids is always safe.
    """

    code = "ledger-clock-apart"
    hint = "Set the clocks of the payments and database machines by NTP, then submit it again."
    chinese = "本机与数据库的时钟相差过大，未记账；请用 NTP 校准时钟，再用相同编号重试。"


REFUSALS: Mapping[str, type[DomainError]] = {
    error.code: error
    for error in (
        *(AccountNotInChart, EntryMalformed, IdConflict),
        *(BadLegs, NotBalanced, FlowForbidden, FloorBroken, CeilingBroken),
        *(HoldNotFound, HoldResolved, HoldExpired, HoldNotExpired, HoldTooLong),
        *(ExceedsHold, LegsDifferFromHold, NotAnExtension),
        *(OriginalNotFound, NotReversible, ExceedsOriginal, LegsDifferFromOriginal),
        *(ChainRefused, BadChain, PeriodClosed, EffectiveTooLate, LimitsStale, BadLimits),
    )
}
"""Every code an outcome can be refused with, and the error that says it."""
