"""What a subsidy and a rent come to together, in whole minor units."""

from __future__ import annotations

from typing import NamedTuple


class Cash(NamedTuple):
    """The money of one plan: what is owed for the room, and what comes in for it.

    ``contribution`` is what co-hosts give towards the rent; more than the rent is not counted.
    """

    rent: int
    contribution: int
    subsidy: int

    @property
    def given(self) -> int:
        """What of the co-hosts' money the rent can use."""
        return min(self.rent, self.contribution)

    @property
    def owed(self) -> int:
        """What the host owes from booking on, whoever comes: the worst case."""
        return self.rent - self.given

    @property
    def cost(self) -> int:
        """What she is out of pocket once all is settled; 0 when the subsidy pays for it."""
        return max(0, self.owed - self.subsidy)

    @property
    def rank(self) -> tuple[int, int, int]:
        """How it stands among others: by cost, then by the worst case, then by what is left."""
        return self.cost, self.owed, -self.left_over

    @property
    def left_over(self) -> int:
        """What of the subsidy is hers once the room is paid."""
        return max(0, self.subsidy - self.owed)
