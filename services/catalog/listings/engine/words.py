"""Which text a search finds, and the keys an index needs to find just that.

A text, in compatibility form (NFKC) and without case, falls into *tokens*: runs of Han
characters, and words of any other letters and digits. What a search asks for falls into
*terms* the same way. A term of Han matches where a run contains it; any other term where a
word begins with it, or where the characters of a run begin with its letters in pinyin:
``cy`` finds 茶叶. A text is found when every term matches somewhere in it.

Every piece of a run and every word is a *key* of the text, cut to a few characters, so
that a term is looked up as the beginning of a key. What was cut off is checked in the
*trail*: a line for each field of the text, with all its tokens, each after a blank, each run
with its initials behind it.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from services.catalog.listings.engine.initials import initials_of

LONGEST_TEXT = 1_000
HAN_KEY, WORD_KEY, INITIALS_KEY = 4, 8, 3

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_TOKEN = re.compile(f"[{_HAN}]+|[^\\W_{_HAN}]+")
_PLAIN_TOKEN = re.compile("[0-9a-z]+")  # of text without other letters, in half the time
_IS_HAN = re.compile(f"[{_HAN}]")
# No syllable of pinyin begins with i, u or v.
_MAY_BE_INITIALS = re.compile("[a-hj-tw-z]+")


def pieces_of(text: str) -> list[str]:
    """The runs and words of a text, in order."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).casefold()
    token = _PLAIN_TOKEN if plain.isascii() else _TOKEN
    return token.findall(plain)


def tokens_of(text: str) -> tuple[str, ...]:
    """The runs and words of a text, each once, in the order they first come."""
    return tuple(dict.fromkeys(pieces_of(text)))


def fields_of(texts: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The tokens of each field of a text, of which together the first 1,000 characters count."""
    fields, room = [], LONGEST_TEXT
    for text in texts:
        fields.append(tokens_of(text[: max(room, 0)]))
        room -= len(text) + 1
    return tuple(fields)


def matches(term: str, tokens: Iterable[str]) -> bool:
    """Whether a term matches a text of these tokens: the rule that index and trail obey."""
    if is_han(term):
        return any(term in token for token in tokens)
    return any(
        _has_initials(token, term) if is_han(token) else token.startswith(term) for token in tokens
    )


def is_han(token: str) -> bool:
    """Whether it is a run of Han characters rather than a word."""
    return not token.isascii() and _IS_HAN.match(token) is not None


def keys_of(tokens: Iterable[str]) -> list[str]:
    """The keys of a text, each once."""
    keys: set[str] = set()
    for token in tokens:
        if is_han(token):
            keys.update(token[place : place + HAN_KEY] for place in range(len(token)))
            keys.update(_initials_keys(token))
        else:
            keys.add(token[:WORD_KEY])
    return sorted(keys)


def trail_of(fields: Iterable[Iterable[str]]) -> str:
    """The tokens of each field in a line, behind a run a comma and each character's initials."""
    return "\n".join("".join(map(_in_trail, tokens)) for tokens in fields)


def lookups_of(term: str) -> tuple[str, ...]:
    """What a key begins with, one or the other, of every text that the term matches."""
    if is_han(term):
        return (term[:HAN_KEY],)
    if len(term) > INITIALS_KEY and _MAY_BE_INITIALS.fullmatch(term):
        return (term[:WORD_KEY], term[:INITIALS_KEY])
    return (term[:WORD_KEY],)


def is_settled(term: str) -> bool:
    """Whether the term matches every text that its lookup finds."""
    (first, *others) = lookups_of(term)
    return first == term and not others


def pattern_of(term: str) -> str:
    """The regular expression that is found in the trail of what the term matches."""
    if is_han(term):
        return term
    if not _MAY_BE_INITIALS.fullmatch(term):
        return f" {term}"
    initials = "".join(f"[a-z]*{letter}[a-z]*," for letter in term)
    return f" {term}|,{initials}"


def pattern_in(place: int, term: str) -> str:
    """The same for what the term matches in one field, counted from 0."""
    return rf"^(?:[^\n]*\n){{{place}}}[^\n]*(?:{pattern_of(term)})"


def _in_trail(token: str) -> str:
    if not is_han(token):
        return f" {token}"
    return f" {token},{''.join(f'{initials_of(character)},' for character in token)}"


def _has_initials(run: str, letters: str) -> bool:
    places = range(len(run) - len(letters) + 1)
    return any(
        all(
            letter in initials_of(character)
            for letter, character in zip(letters, run[place:], strict=False)
        )
        for place in places
    )


def _initials_keys(run: str) -> Iterator[str]:
    initials = [initials_of(character) for character in run]
    for place in range(len(run)):
        window: Sequence[str] = initials[place : place + INITIALS_KEY]
        known = itertools.takewhile(bool, window)
        yield from map("".join, itertools.product(*known))
