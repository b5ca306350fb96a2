"""Every rule that a question about fits can be refused by."""

from __future__ import annotations

from chassis.kernel.errors import Forbidden, RuleBroken


class FitsOfAnotherBrand(Forbidden):
    """Which hosts fit a brand is for that brand to read."""

    code = "fits-of-another-brand"
    hint = "Act for that brand's organisation."
    chinese = "只有该品牌可以查看与其匹配的主理人。"


class ThresholdInvalid(RuleBroken):
    """A clause of the thresholds cannot be used."""

    code = "threshold-invalid"
    hint = "Mend the clause that the answer names; its reason says what is wrong."
    chinese = "门槛条款无法使用，请按返回中指出的条款与原因修改。"
