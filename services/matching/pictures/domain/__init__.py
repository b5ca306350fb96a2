"""A host's picture: what she says of her people, what they showed, and her record."""

from __future__ import annotations

from services.matching.pictures.domain.interests import (
    HEAVIEST_UNSAID,
    INDIFFERENCE,
    Interest,
    Signs,
    interests,
)
from services.matching.pictures.domain.picture import (
    NOTHING_CLAIMED,
    NOTHING_DONE,
    Claimed,
    Conduct,
    Evening,
    People,
    Picture,
    PictureOfAnother,
    Trade,
    draw,
    people_of,
)
from services.matching.pictures.domain.record import HostRecord, RecordLine
from services.matching.pictures.domain.rhythm import LATELY, Rhythm, rhythm_of
from services.matching.pictures.domain.sentences import Sentence, clock_time, count, yuan

__all__ = [
    "HEAVIEST_UNSAID",
    "INDIFFERENCE",
    "LATELY",
    "NOTHING_CLAIMED",
    "NOTHING_DONE",
    "Claimed",
    "Conduct",
    "Evening",
    "HostRecord",
    "Interest",
    "People",
    "Picture",
    "PictureOfAnother",
    "RecordLine",
    "Rhythm",
    "Sentence",
    "Signs",
    "Trade",
    "clock_time",
    "count",
    "draw",
    "interests",
    "people_of",
    "rhythm_of",
    "yuan",
]
