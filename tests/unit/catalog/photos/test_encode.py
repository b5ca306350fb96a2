"""Photos are read with distrust, and only their pixels go on."""

from __future__ import annotations

import io
import random
import tracemalloc

import pytest
from PIL import Image

from services.catalog.photos.engine.encode import (
    FORMATS,
    LONGEST_SIDE,
    PhotoTooLarge,
    PhotoUnreadable,
    encode,
)
from tests.unit.catalog.photos.files import (
    HTML,
    SVG,
    a_photo,
    a_photo_that_tells,
    a_png_that_claims,
    a_webp_that_claims,
)

TYPES = pytest.mark.parametrize("media_type", FORMATS)


def opened(body: bytes) -> Image.Image:
    return Image.open(io.BytesIO(body))


class TestEncode:
    @TYPES
    def test_writes_every_type_as_webp(self, media_type):
        picture = encode(a_photo(kind=FORMATS[media_type]), media_type)

        image = opened(picture.body)
        assert (image.format, image.size) == ("WEBP", (40, 30))
        assert (picture.width, picture.height) == (40, 30)

    def test_scales_down_and_never_up(self):
        wide = encode(a_photo(width=4_000, height=2_000), "image/jpeg")
        small = encode(a_photo(width=7, height=5), "image/jpeg")

        assert (wide.width, wide.height) == (LONGEST_SIDE, LONGEST_SIDE // 2)
        assert (small.width, small.height) == (7, 5)

    def test_turns_a_photo_upright(self):
        picture = encode(a_photo_that_tells(), "image/jpeg")

        image = opened(picture.body).convert("RGB")
        assert image.size == (30, 40)
        white, red = image.getpixel((28, 2)), image.getpixel((2, 2))
        assert min(white) > 200
        assert max(red[1:]) < 60

    def test_leaves_place_maker_and_words_behind(self):
        sent = a_photo_that_tells()
        assert b"Secret Camera" in sent
        assert opened(sent).getexif().get_ifd(0x8825)

        picture = encode(sent, "image/jpeg")

        image = opened(picture.body)
        assert not image.getexif()
        assert not {"exif", "xmp", "comment", "icc_profile"} & image.info.keys()
        assert b"ecret" not in picture.body

    @pytest.mark.parametrize(
        ("kind", "media_type"), [("PNG", "image/png"), ("WEBP", "image/webp")]
    )
    def test_leaves_them_behind_whatever_the_type(self, kind, media_type):
        exif = Image.Exif()
        exif[0x010F] = "Secret Camera"

        picture = encode(a_photo(kind=kind, exif=exif), media_type)

        assert b"ecret" not in picture.body

    def test_leaves_behind_what_was_appended(self):
        picture = encode(a_photo() + HTML, "image/jpeg")

        assert b"script" not in picture.body
        assert opened(picture.body).size == (40, 30)

    @pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
    def test_takes_every_kind_of_colour(self, mode):
        written = io.BytesIO()
        kind = "JPEG" if mode == "CMYK" else "PNG"
        Image.new(mode, (20, 10)).save(written, kind)

        picture = encode(written.getvalue(), f"image/{kind.lower()}")

        assert opened(picture.body).size == (20, 10)

    def test_keeps_what_can_be_seen_through(self):
        written = io.BytesIO()
        Image.new("RGBA", (20, 10), (255, 0, 0, 0)).save(written, "PNG")

        picture = encode(written.getvalue(), "image/png")

        assert opened(picture.body).getpixel((5, 5))[3] == 0


class TestHostileFiles:
    @pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
    @pytest.mark.parametrize(
        ("sent", "media_type"),
        [
            (a_png_that_claims(50_000, 50_000), "image/png"),
            (a_png_that_claims(2**31 - 1, 2**31 - 1), "image/png"),
            (a_png_that_claims(40_000_001, 1), "image/png"),
            (a_png_that_claims(8_000, 6_000), "image/png"),
            (a_webp_that_claims(16_000, 16_000), "image/webp"),
        ],
    )
    def test_that_claim_too_many_pixels_are_refused_before_they_are_read(self, sent, media_type):
        tracemalloc.start()
        try:
            with pytest.raises(PhotoTooLarge):
                encode(sent, media_type)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert most < 4_000_000

    @TYPES
    @pytest.mark.parametrize(
        "sent", [b"", b"\0", SVG, HTML, b"GIF89a" + b"\0" * 50, b"%PDF-1.7", b"PK\3\4" * 9]
    )
    def test_that_are_no_photos_are_refused(self, media_type, sent):
        with pytest.raises(PhotoUnreadable):
            encode(sent, media_type)

    @pytest.mark.parametrize(
        ("kind", "media_type"),
        [("PNG", "image/jpeg"), ("JPEG", "image/webp"), ("GIF", "image/png")],
    )
    def test_of_another_type_than_they_say_are_refused(self, kind, media_type):
        with pytest.raises(PhotoUnreadable):
            encode(a_photo(kind=kind), media_type)

    @TYPES
    @pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
    def test_that_break_off_are_refused(self, media_type, part):
        whole = a_photo(width=400, height=300, kind=FORMATS[media_type])

        with pytest.raises(PhotoUnreadable):
            encode(whole[: int(len(whole) * part)], media_type)

    @TYPES
    def test_that_are_damaged_anywhere_are_a_photo_or_refused(self, media_type):
        chance = random.Random(20_260_301)
        whole = a_photo(width=60, height=40, kind=FORMATS[media_type])

        for _ in range(300):
            damaged = bytearray(whole)
            for _ in range(chance.randint(1, 6)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            try:
                picture = encode(bytes(damaged), media_type)
            except (PhotoUnreadable, PhotoTooLarge):
                continue
            assert opened(picture.body).format == "WEBP"
