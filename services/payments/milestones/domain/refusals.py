"""What can be wrong with what is asked of a milestone."""

from __future__ import annotations

from chassis.kernel.errors import Forbidden, NotFound, RuleBroken


class MilestonesNotFound(NotFound):
    """No subsidy of that claim is released by milestones."""

    code = "milestones-not-found"
    hint = "Check the claim; only its host, its brands and the platform see its milestones."
    chinese = "该认领没有按里程碑拨付的补贴，请核对编号；只有主理人、品牌方与平台可以查看。"


class MilestoneNotFound(NotFound):
    """The contract states no milestone of that name."""

    code = "milestone-not-found"
    hint = "Take the name from the list of the claim's milestones."
    chinese = "合约中没有这个里程碑，请从该认领的里程碑列表中选取。"


class NothingToObjectTo(RuleBroken):
    """There is nothing of this milestone that this side can object to now."""

    code = "nothing-to-object-to"
    hint = "A brand objects to what was proven, a host to what would go back; each once."
    chinese = (
        "当前没有可由您提出异议的事项：品牌方可对已证明的提出，主理人可对将退回的提出，各一次。"
    )


class NotTheOtherSide(Forbidden):
    """Only the side that did not object answers an objection."""

    code = "not-the-other-side"
    hint = "Wait for the ruling; your own reasons are in the objection."
    chinese = "只有未提出异议的一方可以答辩。"


class NotUnderObjection(RuleBroken):
    """Nobody has objected to the milestone, or it is over."""

    code = "milestone-not-objected"
    hint = "Read the milestone; its state says what it waits for."
    chinese = "该里程碑没有待处理的异议。"


class RuledByHeads(RuleBroken):
    """The contract leaves this decision to the count of those who were checked in."""

    code = "milestone-ruled-by-heads"
    hint = "Nobody rules here: the count decides, or the default when its time is over."
    chinese = "合约约定由签到人数裁定，任何人不得另行裁定。"


class OtherSideUnheard(RuleBroken):
    """The other side has not answered yet, and still has time to."""

    code = "other-side-unheard"
    hint = "Rule once the other side has answered, or when its two days are over."
    chinese = "另一方尚未答辩且仍在两天答辩期内，请稍后裁定。"
