"""Why a slot cannot be opened, held or booked."""

from __future__ import annotations

from chassis.kernel.errors import NotFound, RuleBroken


class SlotNotFound(NotFound):
    """The venue has no such slot."""

    code = "slot-not-found"
    hint = "Choose one of the venue's slots."
    chinese = "该场地没有这个时段，请选择其他时段。"


class HoldNotFound(NotFound):
    """There is no such hold."""

    code = "hold-not-found"
    hint = "Check the hold's identifier and that your organisation is a party to it."
    chinese = "没有这个预占，请核对编号，并确认贵组织是其中一方。"


class BookingNotFound(NotFound):
    """The slot has no booking of yours."""

    code = "booking-not-found"
    hint = "Name a slot that a gathering of your organisation, or at your venue, has booked."
    chinese = "该时段没有与贵组织相关的预订。"


class SlotTimesWrong(RuleBroken):
    """The slot's times cannot be kept."""

    code = "slot-times-wrong"
    hint = "Start in the future, end after the start, and last 24 hours at most."
    chinese = "时段须在未来开始，结束晚于开始，且不超过 24 小时。"


class SlotsOverlap(RuleBroken):
    """The venue has a slot in these hours already."""

    code = "slots-overlap"
    hint = "Choose hours that touch no other slot of the venue."
    chinese = "与该场地已有时段重叠，请选择其他时间。"


class SlotTaken(RuleBroken):
    """Another gathering has the slot."""

    code = "slot-taken"
    hint = "Choose another slot."
    chinese = "该时段已被其他活动预订，请选择其他时段。"


class SlotHeldAlready(RuleBroken):
    """Another host holds the slot."""

    code = "slot-held"
    hint = "Choose another slot, or ask again when the hold has expired."
    chinese = "该时段已被其他主理人预占，请选择其他时段，或待预占到期后再试。"


class SlotStarted(RuleBroken):
    """The slot has begun already."""

    code = "slot-started"
    hint = "Choose a slot in the future."
    chinese = "该时段已经开始，请选择未来的时段。"


class VenueTooSmall(RuleBroken):
    """More people would come than the venue holds."""

    code = "venue-too-small"
    hint = "Choose a larger venue, or invite fewer people."
    chinese = "人数超过场地容量，请选择更大的场地。"


class BookingReleased(RuleBroken):
    """The gathering gave the slot up before."""

    code = "booking-released"
    hint = "Plan a new gathering."
    chinese = "该活动已放弃此时段，请重新安排活动。"


class HoldTimesWrong(RuleBroken):
    """The hold cannot last until then."""

    code = "hold-times-wrong"
    hint = "Let it expire in the future, within seven days and before the slot begins."
    chinese = "预占须在未来七天之内、且在时段开始之前到期。"


class HoldEnded(RuleBroken):
    """The hold has ended already."""

    code = "hold-ended"
    hint = "Read the hold to see what became of it; hold the slot anew if it is free."
    chinese = "该预占已经结束，请查看其结果；若时段空闲可重新预占。"


class HoldNotAccepted(RuleBroken):
    """The venue has not agreed to lend the slot to this host."""

    code = "hold-not-accepted"
    hint = "Hold the slot first and wait until the venue's owner accepts."
    chinese = "场地尚未同意，请先预占时段并等待场地方接受。"
