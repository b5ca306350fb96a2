"""The JSON of pictures, and our own facts read for whose picture they change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import fields, post_load

from chassis.kernel.money import Money
from chassis.web.schemas import CURRENCIES, EventSchema, IdField, MoneySchema, Reply
from services.matching.pictures.domain import (
    Claimed,
    Interest,
    Picture,
    RecordLine,
    Rhythm,
    Sentence,
    Trade,
)


class InterestSchema(Reply):
    """How much her people care about a tag: ``weight`` counts, people times 1 to 100.

    ``stated`` is what her communities say; what was shown multiplies it by ``factor`` per mille.
    """

    tag = fields.String(required=True)
    weight = fields.Integer(required=True)
    stated = fields.Integer(required=True)
    factor = fields.Integer(required=True)
    gatherings = fields.Integer(required=True)
    came = fields.Integer(required=True)
    missed = fields.Integer(required=True)
    kept = fields.Integer(required=True)
    returned = fields.Integer(required=True)
    why_en = fields.String(required=True)
    why_zh = fields.String(required=True)


class CityReachSchema(Reply):
    """The size of her largest community in a city, in its tidy form."""

    city = fields.String(required=True)
    largest = fields.Integer(required=True)


class PeopleSchema(Reply):
    """Her communities together, as she describes them."""

    communities = fields.Integer(required=True)
    largest = fields.Integer(required=True)
    cities = fields.List(fields.Nested(CityReachSchema), required=True)
    why_en = fields.String(required=True)
    why_zh = fields.String(required=True)


class RhythmSchema(Reply):
    """How often she gathers them; ``steadiness`` is per mille, 0 before there is a rhythm."""

    lately = fields.Integer(required=True)
    days_between = fields.Integer(required=True, allow_none=True)
    steadiness = fields.Integer(required=True)
    why_en = fields.String(required=True)
    why_zh = fields.String(required=True)


class TradeSchema(Reply):
    """What her guests bought and gave back, over the gatherings that are counted."""

    gatherings = fields.Integer(required=True)
    guests = fields.Integer(required=True)
    units_sold = fields.Integer(required=True)
    sold = fields.Nested(MoneySchema, required=True)
    units_returned = fields.Integer(required=True)
    refunded = fields.Nested(MoneySchema, required=True)
    why_en = fields.String(required=True)
    why_zh = fields.String(required=True)


class ClaimedSchema(Reply):
    """Of which brands and categories she claimed goods; categories in their tidy form."""

    brands = fields.List(IdField("org"), required=True)
    categories = fields.List(fields.String(), required=True)
    why_en = fields.String(required=True)
    why_zh = fields.String(required=True)


class RecordLineSchema(Reply):
    """One figure of a host's record, as brands see it too."""

    name = fields.String(required=True)
    number = fields.Integer(required=True)
    why_en = fields.String(required=True)
    why_zh = fields.String(required=True)


class RepairableLineSchema(RecordLineSchema):
    """The same, with how she can better it where she can."""

    repair_en = fields.String(required=True, allow_none=True)
    repair_zh = fields.String(required=True, allow_none=True)


class PictureSchema(Reply):
    """A host's picture, every figure with where it comes from; the strongest interest first."""

    host_id = IdField("org", required=True)
    interests = fields.List(fields.Nested(InterestSchema), required=True)
    people = fields.Nested(PeopleSchema, required=True)
    rhythm = fields.Nested(RhythmSchema, required=True)
    trade = fields.Nested(TradeSchema, required=True)
    claimed = fields.Nested(ClaimedSchema, required=True)
    record = fields.List(fields.Nested(RepairableLineSchema), required=True)


def picture_reply(picture: Picture, now: datetime) -> dict[str, Any]:
    """What ``PictureSchema`` dumps."""
    strongest = sorted(picture.interests.values(), key=lambda each: (-each.weight, each.tag))
    return {
        "host_id": picture.host_id,
        "interests": [_interest(each) for each in strongest],
        "people": _people(picture),
        "rhythm": _rhythm(picture.rhythm(now)),
        "trade": _trade(picture.trade, picture.gatherings),
        "claimed": _claimed(picture.claimed),
        "record": [repairable_line(line) for line in picture.record.lines()],
    }


def record_line(line: RecordLine) -> dict[str, Any]:
    """What ``RecordLineSchema`` dumps."""
    return {"name": line.name, "number": line.number, **_why(line.why)}


def repairable_line(line: RecordLine) -> dict[str, Any]:
    """What ``RepairableLineSchema`` dumps."""
    english, chinese = line.repair or (None, None)
    return record_line(line) | {"repair_en": english, "repair_zh": chinese}


def _interest(interest: Interest) -> dict[str, Any]:
    shown = interest.shown
    return {
        "tag": interest.tag,
        "weight": interest.weight,
        "stated": interest.stated,
        "factor": shown.factor,
        **shown._asdict(),
        **_why(interest.why),
    }


def _people(picture: Picture) -> dict[str, Any]:
    reach = sorted(picture.reach.items(), key=lambda each: (-each[1], each[0]))
    return {
        "communities": len(picture.people),
        "largest": picture.largest,
        "cities": [{"city": city, "largest": size} for city, size in reach],
        **_why(_FROM_COMMUNITIES),
    }


def _rhythm(rhythm: Rhythm) -> dict[str, Any]:
    return {**rhythm._asdict(), **_why(rhythm.why)}


def _trade(trade: Trade, gatherings: int) -> dict[str, Any]:
    currency = CURRENCIES[0]
    return {
        "gatherings": gatherings,
        "guests": trade.guests,
        "units_sold": trade.units,
        "sold": Money(trade.sold, currency),
        "units_returned": trade.returned,
        "refunded": Money(trade.refunded, currency),
        **_why(_FROM_EVENINGS),
    }


def _claimed(claimed: Claimed) -> dict[str, Any]:
    named = {name: sorted(each) for name, each in claimed._asdict().items()}
    return {**named, **_why(_FROM_CLAIMS)}


def _why(why: Sentence) -> dict[str, str]:
    return {"why_en": why.english, "why_zh": why.chinese}


_FROM_COMMUNITIES = Sentence("From what you say of your communities.", "来自您对社群的描述。")
_FROM_CLAIMS = Sentence(
    "From your latest 200 claims that were confirmed and not given back; what hosts who claimed "
    "the same claimed besides may count a little more in your list of offers.",
    "来自您最近最多 200 次已确认且未退回的认领；"
    "与您认领相同的主理人还认领过的，可能在您的货品列表中略微加分。",
)
_FROM_EVENINGS = Sentence(
    "From the door and the till of the gatherings you hosted, the latest 200 at most; "
    "of refunds those that were paid.",
    "来自您主办活动的签到与销售记录（最近最多 200 场）；退款只计已支付的。",
)


class OfHostRead(EventSchema):
    """Any fact about a community or claim; loads to its host's id."""

    host_id = fields.String(required=True)

    @post_load
    def to_id(self, values: dict[str, Any], **_: object) -> str:
        """Take the id alone."""
        return str(values["host_id"])


class OfGatheringRead(EventSchema):
    """Any fact about a gathering; loads to the gathering's id."""

    gathering_id = fields.String(required=True)

    @post_load
    def to_id(self, values: dict[str, Any], **_: object) -> str:
        """Take the id alone."""
        return str(values["gathering_id"])
