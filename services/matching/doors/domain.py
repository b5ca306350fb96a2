"""Door codes: signed words that let one guest into one gathering."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.kernel.errors import RuleBroken


class DoorCodeInvalid(RuleBroken):
    """The code was not signed here."""

    code = "door-code-invalid"
    hint = "Scan the whole code again, or invite the guest anew."
    chinese = "签到码无效，请重新扫描或重新邀请。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A place for one guest, and by whom and in which community she was invited."""

    id: str
    gathering_id: str
    community_id: str | None
    organization_id: str
