"""What a gathering needs of a room, and why a room will not do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol


class Room(Protocol):
    """What is known of a room: the people it holds, what it has, whether it has a roof."""

    @property
    def capacity(self) -> int:
        """People."""
        ...

    @property
    def equipment(self) -> tuple[str, ...]:
        """Words."""
        ...

    @property
    def indoor(self) -> bool:
        """Whether it has a roof."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a gathering wants of a room: for so many people, with this equipment."""

    people: int = 1
    equipment: tuple[str, ...] = ()
    indoor: bool | None = None

    def and_of(self, manifest: Mapping[str, Any]) -> Needs:
        """These and what a cartridge's manifest wants: at least its fewest people."""
        wanted = manifest.get("venue", {})
        return Needs(
            people=max(self.people, manifest["people"]["min"]),
            equipment=tuple(dict.fromkeys((*self.equipment, *wanted.get("equipment", ())))),
            indoor=wanted.get("indoor") if self.indoor is None else self.indoor,
        )


class Misfit(NamedTuple):
    """Why a room will not do: the code of the reason, what was wanted, what there is."""

    code: str
    wanted: object
    found: object


def misfits(needs: Needs, room: Room) -> tuple[Misfit, ...]:
    """Every reason why the room will not do; none when it fits."""
    found = []
    if needs.people > room.capacity:
        found.append(Misfit("too-small", needs.people, room.capacity))
    found += [
        Misfit("equipment-missing", thing, sorted(room.equipment))
        for thing in needs.equipment
        if thing not in room.equipment
    ]
    if needs.indoor is not None and needs.indoor != room.indoor:
        found.append(Misfit("outdoors" if needs.indoor else "indoors", needs.indoor, room.indoor))
    return tuple(found)
