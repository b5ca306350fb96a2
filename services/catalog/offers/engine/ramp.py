"""A subsidy that rises as goods near their best-before date."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from chassis.kernel.errors import RuleBroken
from chassis.kernel.money import Money


class RampUneven(RuleBroken):
    """The steps of a ramp do not rise towards the best-before date."""

    code = "ramp-uneven"
    hint = "List the steps from far to near: each with fewer days_before and a larger extra."
    chinese = "阶梯须由远及近排列：天数逐级减少，加成逐级提高。"


class RampBelowSubsidy(RuleBroken):
    """The most a ramp may pay is less than the subsidy itself."""

    code = "ramp-below-subsidy"
    hint = "Raise the ramp's most to at least the subsidy, or leave the ramp out."
    chinese = "阶梯补贴的上限低于基础补贴，请提高上限或去掉阶梯。"


@dataclass(frozen=True, slots=True)
class RampStep:
    """From so many days before the best-before date, so much more, of the subsidy itself."""

    days_before: int
    extra_basis_points: int


@dataclass(frozen=True, slots=True)
class Ramp:
    """Steps from far to near; of those reached the last counts. Never pays over ``most``.

    Raises ``RampUneven``.
    """

    steps: tuple[RampStep, ...]
    most: Money

    def __post_init__(self) -> None:
        for far, near in pairwise(self.steps):
            nearer = far.days_before > near.days_before
            if not nearer or far.extra_basis_points >= near.extra_basis_points:
                raise RampUneven(
                    f"{far.extra_basis_points} from {far.days_before} days, then "
                    f"{near.extra_basis_points} from {near.days_before} days"
                )
