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
    """A gathering carries twenty pieces of evidence at most."""

    code = "enough-evidence"
    hint = "Choose the best; the digest of an archive counts as one piece."
    chinese = "每场活动最多提交二十份凭证。"
