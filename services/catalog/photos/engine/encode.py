"""A photo read with distrust and written anew: only its pixels go on."""

from __future__ import annotations

import io
import struct
import threading
from typing import TYPE_CHECKING, NamedTuple

from chassis.kernel.errors import RuleBroken

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1600
QUALITY = 80
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}

_SEAT = threading.BoundedSemaphore(1)
_PALETTES = frozenset({"1", "P"})
# What Pillow raises for a broken file differs by format and by where it is broken.
_BROKEN = (OSError, SyntaxError, ValueError, OverflowError, EOFError, struct.error)


class PhotoUnreadable(RuleBroken):
    """The file is no photo of the type it was sent as."""

    code = "photo-unreadable"
    hint = "Send a whole JPEG, PNG or WebP file with the Content-Type it has."
    chinese = "无法读取照片，请上传完整的 JPEG、PNG 或 WebP 文件，并使用正确的 Content-Type。"


class PhotoTooLarge(RuleBroken):
    """The photo has more pixels than are taken."""

    code = "photo-too-large"
    hint = f"Scale it down to at most {MOST_PIXELS // 1_000_000} megapixels."
    chinese = f"照片像素过多，请缩小到 {MOST_PIXELS // 10_000} 万像素以内。"


class Picture(NamedTuple):
    """A photo as it is kept: WebP, and its size in pixels."""

    body: bytes
    width: int
    height: int


def encode(body: bytes, media_type: str) -> Picture:
    """Turn a photo upright, scale it down and write it as WebP.

    Its size is read from its head before any pixel is decoded. What else the file holds
    (place and time of the shot, thumbnails, further frames, anything appended) is left
    behind. One at a time in a process: the largest WebP takes 600 MB for about a second.
    Raises ``PhotoUnreadable`` or ``PhotoTooLarge``.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415 - most processes never see a photo

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with _SEAT, Image.open(io.BytesIO(body), formats=[FORMATS[media_type]]) as sent:
            _must_be_small(sent)
            # Colours of a palette cannot be mixed, which scaling down does.
            whole = sent.convert("RGBA") if sent.mode in _PALETTES else sent
            whole.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _written(ImageOps.exif_transpose(whole))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise PhotoTooLarge(str(bomb), most=MOST_PIXELS) from None
    except _BROKEN as broken:
        raise PhotoUnreadable(f"not a whole {FORMATS[media_type]} file") from broken


def _must_be_small(image: Image.Image) -> None:
    pixels = image.width * image.height
    if pixels > MOST_PIXELS:
        raise PhotoTooLarge(f"{image.width} by {image.height} pixels", most=MOST_PIXELS)


def _written(image: Image.Image) -> Picture:
    plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain.info.clear()  # what the file said beside its pixels would be written again
    written = io.BytesIO()
    plain.save(written, "WEBP", quality=QUALITY)
    return Picture(written.getvalue(), plain.width, plain.height)
