"""Files that people send as photos, good and bad."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

SHANGHAI = {1: "N", 2: (31.0, 13.0, 49.0), 3: "E", 4: (121.0, 28.0, 25.0)}


def a_photo(
    width: int = 40, height: int = 30, kind: str = "JPEG", colour: str = "red", **save
) -> bytes:
    """A plain picture of one colour; its upper left corner is white."""
    image = Image.new("RGB", (width, height), colour)
    image.paste("white", (0, 0, width // 4, height // 4))
    written = io.BytesIO()
    image.save(written, kind, **save)
    return written.getvalue()


def a_photo_that_tells() -> bytes:
    """Shot lying on its side, with its place, its maker and words in it."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it to the right to see it upright
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825).update(SHANGHAI)
    return a_photo(exif=exif, comment=b"secret words", xmp=b"<x:xmpmeta>secret place</x:xmpmeta>")


def a_png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of this size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    parts = ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )


def a_webp_that_claims(width: int, height: int) -> bytes:
    """The same as WebP: the canvas is large, the picture on it is not."""
    frame = a_photo(kind="WEBP")[12:]
    canvas = struct.pack("<I", 0) + (width - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + canvas + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body + frame)) + body + frame


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><script>alert(1)</script>"
