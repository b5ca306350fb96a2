"""Every rule that a claim can be refused by."""

from __future__ import annotations

from chassis.kernel.errors import Conflict, Forbidden, NotFound, RuleBroken


class ClaimNotFound(NotFound):
    """No claim of yours has that identifier."""

    code = "claim-not-found"
    hint = "List your claims and take the identifier from there."
    chinese = "您的组织没有这个编号的认领。"


class HostsOnly(Forbidden):
    """Only an organisation of the kind host may claim."""

    code = "hosts-only"
    hint = "Subsidy is for the small business that gathers people: act for a host organisation."
    chinese = "补贴只给予组织活动的小商家，请以主理人身份认领。"


class LotClosed(RuleBroken):
    """The lot takes no more claims."""

    code = "lot-closed"
    hint = "Choose another lot from the host's list of offers."
    chinese = "该批次已停止认领。"


class OfferNotOpen(RuleBroken):
    """The subsidy offer takes no claims now."""

    code = "offer-not-open"
    hint = "Choose an offer that is open now."
    chinese = "该补贴方案当前未开放。"


class NotEligible(RuleBroken):
    """The claim does not meet the conditions of the subsidy offer."""

    code = "not-eligible"
    hint = "Read what each clause in the answer asks for, or claim with another offer."
    chinese = "该认领不符合补贴方案的条件；请查看返回中的各项条件，或选择其他方案。"


class OfferOfAnotherBrand(RuleBroken):
    """The subsidy offer is not of the brand that owns the lot."""

    code = "offer-of-another-brand"
    hint = "Name an offer of the lot's own brand."
    chinese = "补贴方案与货品不属于同一品牌。"


class CommunityTooSmall(RuleBroken):
    """The community has fewer people than the lot asks for."""

    code = "community-too-small"
    hint = "Claim for a larger community, or choose another lot."
    chinese = "社群人数少于该批次的要求。"


class HostCapReached(RuleBroken):
    """The host would hold more packs of the lot than one host may."""

    code = "host-cap-reached"
    hint = "Ask for fewer packs, or another lot; what was just given back needs a moment."
    chinese = "超过该批次每位主理人的上限；请减少数量或选择其他批次，刚退回的包需稍候片刻。"


class RegionNotAllowed(RuleBroken):
    """The brand does not let the lot's goods go to the community's region."""

    code = "region-not-allowed"
    hint = "Claim for a community in one of the lot's regions, or choose another lot."
    chinese = "品牌不允许该批次进入该社群所在地区。"


class ChannelNotAllowed(RuleBroken):
    """The brand does not let the lot's goods go through that channel."""

    code = "channel-not-allowed"
    hint = "Claim for one of the lot's channels, or choose another lot."
    chinese = "品牌不允许该批次通过此渠道流通。"


class ClaimNotConfirmed(RuleBroken):
    """The claim is not confirmed."""

    code = "claim-not-confirmed"
    hint = "Wait until the claim is confirmed; a rejected or cancelled one stays so."
    chinese = "该认领尚未确认或已结束。"


class ClaimTaken(Conflict):
    """A gathering is planned on this claim already."""

    code = "claim-taken"
    hint = "Cancel that gathering, or make another claim: one gathering for each claim."
    chinese = "该认领已用于一场活动，每次认领只能举办一场。"


class KitNotFound(NotFound):
    """No published kit has that identifier."""

    code = "kit-not-found"
    hint = "Take the kit from the catalog's list; one just published needs a moment."
    chinese = "没有这个编号的组合；刚发布的组合需要稍候片刻。"


class KitClosed(RuleBroken):
    """The kit takes no more claims."""

    code = "kit-closed"
    hint = "Choose another kit; what was claimed before it was withdrawn stands."
    chinese = "该组合已撤回，不再接受认领；此前的认领仍然有效。"


class KitThemeYanked(RuleBroken):
    """The kit's cartridge version was yanked: no new gathering can be planned with it."""

    code = "kit-theme-yanked"
    hint = "Choose another kit; what was claimed before stands, and what was planned is held."
    chinese = "该组合的卡带版本已被撤下，请选择其他组合；此前的认领和已策划的活动不受影响。"


class OtherTermsAgreed(Conflict):
    """The kit says something else than what the host agrees to."""

    code = "other-terms-agreed"
    hint = "Read the kit again and send the terms_digest that it has."
    chinese = "您同意的条款与组合不符，请重新读取组合并发送其 terms_digest。"


class OfferNotOfKit(RuleBroken):
    """A kit takes one subsidy offer at most of each of its brands, in its currency."""

    code = "offer-not-of-kit"
    hint = "Name open offers of the kit's brands, one of each at most; none is fine too."
    chinese = "组合中每个品牌最多使用一个补贴方案，且币种须与组合一致；也可不使用补贴。"
