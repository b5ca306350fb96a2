"""The files of a package besides its manifest: texts and pictures, each listed with its hash."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from cartridges.problems import Problem, problem
from cartridges.rules import text_problems

MOST_BYTES = 1_048_576  # of one file
WIDEST = 4000  # pixels

# As the pattern of `files` in the schema.
ALLOWED = re.compile(
    r"texts/[a-z0-9]+([.-][a-z0-9]+)*\.md|pictures/[a-z0-9]+([.-][a-z0-9]+)*\.(png|jpg|webp)"
)
_FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}


def file_problems(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[Problem]:
    """Files and the list in the manifest agree, and every file is what its name says."""
    listed = {each["path"]: (place, each) for place, each in enumerate(manifest.get("files", ()))}
    for path, (place, _) in listed.items():
        if path not in files:
            yield problem(f"/files/{place}", "file-missing", f"{path} is not in the package")
    for path, content in files.items():
        if not ALLOWED.fullmatch(path):
            yield problem("/files", "file-refused", f"{path[:80]!r} has no place in a package")
        elif path not in listed:
            yield problem("/files", "file-unlisted", f"{path} is not in the list")
        else:
            place, entry = listed[path]
            yield from _content_problems(f"/files/{place}", entry, content)


def _content_problems(where: str, entry: Mapping[str, Any], content: bytes) -> Iterator[Problem]:
    path = str(entry["path"])
    changed = hashlib.sha256(content).hexdigest() != entry["sha256"]
    if changed or len(content) != entry["bytes"]:
        yield problem(where, "file-changed", f"{path} is another than the list says")
    if len(content) > MOST_BYTES:
        reason = f"{path} has {len(content)} bytes, the limit is {MOST_BYTES}"
        yield problem(where, "file-too-large", reason)
    elif path.endswith(".md"):
        yield from _words_problems(where, path, content)
    elif reason := _picture_fault(path, content):
        yield problem(where, "picture-refused", f"{path}: {reason}")


def _words_problems(where: str, path: str, content: bytes) -> Iterator[Problem]:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        yield problem(where, "not-utf-8", f"{path}: byte {error.start} is not UTF-8")
        return
    yield from text_problems(text, where)


def _picture_fault(path: str, content: bytes) -> str:
    """Why it is no picture to show, or nothing. Reads the header alone, decodes no pixel."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - few cartridges have pictures

    wanted = _FORMATS[path.rpartition(".")[2]]
    try:
        with Image.open(io.BytesIO(content), formats=[wanted]) as picture:
            width, height = picture.size
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        SyntaxError,
        ValueError,
    ):
        return f"not a {wanted} that can be read"
    return "" if max(width, height) <= WIDEST else f"{width} by {height} pixels"
