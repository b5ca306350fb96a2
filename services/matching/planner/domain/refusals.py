"""Why something cannot be part of a plan, beyond the rules of claims and of gatherings."""

from __future__ import annotations

from chassis.kernel.errors import Forbidden, RuleBroken


class PlansOfAnotherHost(Forbidden):
    """What a gathering would cost a host is for that host to read."""

    code = "plans-of-another-host"
    hint = "Act for that host's organisation to search for its plans."
    chinese = "只有该主理人可以查看自己的活动方案。"


class TooFewPlanned(RuleBroken):
    """The subsidy is earned by more guests than are planned."""

    code = "too-few-planned"
    hint = "Plan for as many people as the offer asks for, or claim with another offer."
    chinese = "计划人数少于补贴方案要求的签到人数。"


class PacksNotFree(RuleBroken):
    """So many packs of the lot cannot be had by you now."""

    code = "packs-not-free"
    hint = "Ask for fewer packs, or for another lot."
    chinese = "该批次目前没有足够的包可供您认领。"


class SlotNotFree(RuleBroken):
    """The slot is taken or held, or its venue wants to agree to a hold first."""

    code = "slot-not-free"
    hint = "Hold the slot and wait until the venue accepts, or choose another."
    chinese = "该时段已被占用或预占，或场地需先同意预占。"


class RoomTooSmall(RuleBroken):
    """The room holds fewer people than are planned."""

    code = "room-too-small"
    hint = "Plan for as many as the largest of these rooms holds (most), or on other days."
    chinese = "场地容纳人数少于计划人数；请按其中最大场地的容量（most）减少人数，或更换日期。"


class DaysPassed(RuleBroken):
    """The days that were asked for have passed."""

    code = "days-passed"
    hint = "Ask for today or a day to come."
    chinese = "所查询的日期已经过去，请选择今天或以后的日期。"


class ContributionOfNobody(RuleBroken):
    """A contribution is given by co-hosts, and none are named."""

    code = "contribution-of-nobody"
    hint = "Name who gives it in co_host_ids, or leave contribution out."
    chinese = "未指定由谁分担：请在 co_host_ids 中填写联合主理人，或去掉 contribution。"


class OtherCurrency(RuleBroken):
    """The rent or the subsidy is in another currency than the search."""

    code = "other-currency"
    hint = "Search in the currency of the market."
    chinese = "租金或补贴的币种与搜索不同。"
