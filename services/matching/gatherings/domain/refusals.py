"""Every rule that a gathering can be refused by."""

from __future__ import annotations

from chassis.kernel.errors import Conflict, Forbidden, NotFound, RuleBroken


class GatheringNotFound(NotFound):
    """No gathering of yours has that identifier."""

    code = "gathering-not-found"
    hint = "List your gatherings and take the identifier from there."
    chinese = "您的组织没有这个编号的活动。"


class CartridgeNotFound(NotFound):
    """No published cartridge has that digest."""

    code = "cartridge-not-found"
    hint = "Take the digest of a version from the cartridge registry."
    chinese = "没有这个摘要的活动卡带版本。"


class CartridgeYanked(RuleBroken):
    """Its author wants nothing new planned with this version."""

    code = "cartridge-yanked"
    hint = "Choose another version of the cartridge, or another cartridge."
    chinese = "作者已撤下该卡带版本，不能用于新的活动，请选择其他版本或卡带。"


class SlotNotFound(NotFound):
    """That venue has no such slot."""

    code = "slot-not-found"
    hint = "Take the slot from the venue's list; one just opened needs a moment."
    chinese = "该场地没有这个时段。"


class SlotPast(RuleBroken):
    """The slot has begun already."""

    code = "slot-past"
    hint = "Choose a slot that is still to come."
    chinese = "该时段已经开始，请选择以后的时段。"


class VenueTooSmall(RuleBroken):
    """The venue holds fewer people than the cartridge needs."""

    code = "venue-too-small"
    hint = "Choose a larger venue or a cartridge for fewer people."
    chinese = "场地容纳人数少于活动卡带的最低要求。"


class VenueUnsuitable(RuleBroken):
    """The venue lacks what the cartridge or the kit needs."""

    code = "venue-unsuitable"
    hint = "Choose a venue that has what misfits lists; the catalog can search for such."
    chinese = "场地不满足卡带或组合的要求，请按 misfits 所列另选场地。"


class VenueShareTooSmall(RuleBroken):
    """The claim's terms leave the venue a smaller share than it asks for the slot."""

    code = "venue-share-too-small"
    hint = "Choose a slot that asks for less, or claim with an offer that leaves the venue more."
    chinese = "认领条款留给场地的份额低于该时段的要求，请选择其他时段或补贴方案。"


class PeopleUnfit(RuleBroken):
    """The cartridge and the venue are not for so many people."""

    code = "people-unfit"
    hint = "Plan for a number between least and most."
    chinese = "计划人数不在卡带与场地允许的范围内，请按 least 与 most 调整。"


class ConditionNotMet(RuleBroken):
    """The plan does not meet a condition of the cartridge."""

    code = "condition-not-met"
    hint = "Change the plan as the author's words under conditions say, or choose another theme."
    chinese = "计划不满足卡带作者设定的条件，请按 conditions 中的说明调整或更换卡带。"


class OtherTheme(RuleBroken):
    """A kit is planned with the cartridge that its brands signed."""

    code = "kit-other-theme"
    hint = "Leave cartridge_digest out, or send the kit's."
    chinese = "组合须使用其品牌方签署的卡带，请省略 cartridge_digest 或填写组合所用的摘要。"


class ThemeMissing(RuleBroken):
    """A gathering needs a cartridge."""

    code = "theme-missing"
    hint = "Send the cartridge_digest of a published version; only a kit brings its own."
    chinese = "请提供已发布卡带版本的 cartridge_digest；只有组合自带卡带。"


class NotACoHost(RuleBroken):
    """A co-host must be another organisation of the kind host."""

    code = "not-a-co-host"
    hint = "Name organisations of the kind host, other than your own, each once."
    chinese = "联合主理人必须是其他主理人组织，且不得重复。"


class NotTheHost(Forbidden):
    """Only the gathering's own host may do this."""

    code = "not-the-host"
    hint = "Ask the host; co-hosts may invite, check in, sell and add evidence."
    chinese = "只有该活动的主理人可以执行此操作。"


class NotTheBrand(Forbidden):
    """Only the brand that subsidises the gathering may do this."""

    code = "not-the-brand"
    hint = "The brand decides within 72 hours; after that silence is consent."
    chinese = "只有补贴该活动的品牌可以执行此操作。"


class GatheringNotOpen(RuleBroken):
    """The gathering is not open."""

    code = "gathering-not-open"
    hint = "It must have its slot, and be neither held nor cancelled."
    chinese = "该活动当前不在开放状态。"


class NotBegun(RuleBroken):
    """The gathering has not begun."""

    code = "not-begun"
    hint = "Wait for the time at which its slot begins."
    chinese = "活动尚未开始。"


class NothingToShow(RuleBroken):
    """A gathering counts as held only with evidence and at least one guest."""

    code = "nothing-to-show"
    hint = "Check a guest in and add a photo or a note first."
    chinese = "活动须至少有一位签到者和一份凭证，方可标记为已举办。"


class NoSuchStep(RuleBroken):
    """The cartridge has no such step, point or evidence for this plan."""

    code = "no-such-step"
    hint = "Take the path from what the gathering lists under wanted."
    chinese = "该活动的卡带没有这一步骤或凭证要求，请从 wanted 中选取 path。"


class EvidenceUnfit(RuleBroken):
    """A piece of another kind is wanted there."""

    code = "evidence-unfit"
    hint = "Send a piece of one of the kinds that the answer names."
    chinese = "此处需要其他类型的凭证，请按 kinds 所列提交。"


class EvidenceMissing(RuleBroken):
    """The cartridge requires evidence that is not there yet."""

    code = "evidence-missing"
    hint = "Add a piece for each path under missing, then say again that it was held."
    chinese = "尚缺卡带要求的凭证，请按 missing 逐项补充后再标记为已举办。"


class NotUnderReview(RuleBroken):
    """There is nothing to decide on this gathering now."""

    code = "not-under-review"
    hint = "The brand decides once it was held, the platform once it is disputed."
    chinese = "该活动当前没有待审批的事项。"


class CannotCancel(Conflict):
    """The gathering can no longer be cancelled."""

    code = "cannot-cancel"
    hint = "A gathering is cancelled before it is held; afterwards refund its sales."
    chinese = "活动已举办或已结束，无法取消。"


class EnoughEvidence(RuleBroken):
    """A gathering carries forty pieces of evidence at most."""

    code = "enough-evidence"
    hint = "Choose the best; the digest of an archive counts as one piece."
    chinese = "每场活动最多提交四十份凭证。"
