"""Why something may not happen to a shipment."""

from __future__ import annotations

from datetime import timedelta

from chassis.kernel.errors import NotFound, RuleBroken

RETURN_WITHIN = timedelta(days=7)
ANSWER_WITHIN = timedelta(hours=72)


class ShipmentNotFound(NotFound):
    """There is no such shipment."""

    code = "shipment-not-found"
    hint = "Check the shipment's identifier and that it is of your organisation."
    chinese = "没有这个发货单，请核对编号及其所属组织。"


class StillWaiting(RuleBroken):
    """Too few gatherings are committed for the goods to leave."""

    code = "shipment-waiting"
    hint = "Keep the goods until enough claims of the lot are confirmed, or the lot has closed."
    chinese = "已确认的活动数量不足，货物须暂留品牌方，达到数量或批次关闭后方可发出。"


class NotToBeSent(RuleBroken):
    """The shipment was sent already, or called off."""

    code = "not-to-be-sent"
    hint = "Read the shipment; only one in preparation can be sent."
    chinese = "该发货单已发出或已取消，无法再次发货。"


class PackingListWrong(RuleBroken):
    """The packing list does not fit the packs and the lot's manifest."""

    code = "packing-list-wrong"
    hint = "List each line of the manifest once at most; the units together must fill the packs."
    chinese = "装箱单与包数或批次清单不符，每行至多列一次，件数合计须等于应发件数。"


class NotOnItsWay(RuleBroken):
    """The shipment has not left yet, or was received already."""

    code = "not-on-its-way"
    hint = "Read the shipment; goods are counted once, after they have left the brand."
    chinese = "该发货单尚未发出或已签收，无法清点。"


class CountIncomplete(RuleBroken):
    """The count does not name every line of the packing list once."""

    code = "count-incomplete"
    hint = "Count each line of the packing list, and no other; what did not come counts 0."
    chinese = "请逐行清点装箱单中的每一行，未到货的填 0。"


class NotReceived(RuleBroken):
    """The goods have not been received."""

    code = "shipment-not-received"
    hint = "Count the goods first; then they can be returned or exchanged."
    chinese = "货物尚未签收，请先清点签收。"


class ReturnTooLate(RuleBroken):
    """The time for returns and exchanges is over."""

    code = "return-too-late"
    hint = f"Goods go back within {RETURN_WITHIN.days} days of their receipt."
    chinese = f"已超过签收后 {RETURN_WITHIN.days} 天的退换期限。"


class MoreThanReceived(RuleBroken):
    """More packs would go back than are left of the shipment."""

    code = "more-than-received"
    hint = "Give back no more packs than came and have not gone back; what was credited is paid."
    chinese = "退换数量超过实际到货且尚未退换的包数；已抵扣的货物不能再换。"


class PastItsDate(RuleBroken):
    """The goods are past their best-before date and stay with the brand."""

    code = "goods-past-date"
    hint = "Say that the goods come back to you; the claim then ends and gives all else back."
    chinese = "货物已过最佳食用期，不得发出，请选择留回品牌方。"


class NothingAsked(RuleBroken):
    """Nobody asked what is to become of these goods, or it is settled."""

    code = "nothing-asked"
    hint = "Only goods of a lot that closed too early wait for the brand's word, for 72 hours."
    chinese = "该发货单不在等待品牌方决定，或已有决定。"
