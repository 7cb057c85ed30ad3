"""A photograph as it is kept: upright, no larger than a page needs, without what a camera writes into it.

A phone's picture carries where and when it was taken, and on which device. Of a meeting with children, or with people
at risk, that must not be kept, far less sent to a reader. So nothing of the file that came stays but its pixels.
"""

import io
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from eventhub.errors import InvalidError

LONGEST = 1600  # pixels of the longer side: sharp on a sheet of A4, and a signature can still be read
SMALL = 800  # of the rendition for a page, whose column is 680 wide
SMALL_BYTES = 50_000  # of it at most: a first visit of a page is to cost less than 100 KB
MOST_PIXELS = 60_000_000  # a small file can be a picture that fills the memory
QUALITY = 82


@dataclass(frozen=True)
class Photograph:
    """What is kept of a picture: the picture, and a small one for pages (WebP)."""

    media_type: str
    content: bytes
    small: bytes


def read(content: bytes) -> Photograph:
    """The picture of a PNG or JPEG file, made anew. Raises InvalidError for one that cannot be read, or is too large."""
    import warnings

    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the next lines say the same, sooner
            image = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
            if image.width * image.height > MOST_PIXELS:
                raise InvalidError(_("The picture has more than 60 million pixels. Send a smaller one."), field="file")
            image.draft("RGB", (2 * LONGEST, 2 * LONGEST))  # a large JPEG is read at half its size or less
            image = _plain(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:  # what decoders say of odd bytes
        raise InvalidError(
            _("This picture cannot be read. Open it, save it again, and send that."), field="file"
        ) from error
    image.thumbnail((LONGEST, LONGEST))
    jpeg, png = _encoded(image, "JPEG", quality=QUALITY, progressive=True), _encoded(image, "PNG", optimize=True)
    media_type, kept = ("image/png", png) if len(png) < len(jpeg) else ("image/jpeg", jpeg)  # drawings and screens
    return Photograph(media_type, kept, _small(image))


def pixels(content: bytes) -> int:
    """How many pixels the head of a PNG or JPEG file says that it has, without drawing any; 0 when it cannot be read."""
    import warnings

    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
    except Image.DecompressionBombError:
        return MOST_PIXELS + 1
    except (OSError, SyntaxError, ValueError):
        return 0
    return image.width * image.height


def _plain(image: Any) -> Any:
    """Its pixels alone: upright, in sRGB, on white where it is clear."""
    from PIL import Image, ImageOps

    profile = image.info.get("icc_profile")
    image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        image = Image.new("RGB", clear.size, "white")
        image.paste(clear, mask=clear.getchannel("A"))
    elif profile:
        image = _in_srgb(image, profile)
    plain = image.convert("RGB")
    plain.info = {}
    return plain


def _in_srgb(image: Any, profile: bytes) -> Any:
    """The colours as most screens show them; a profile that cannot be read changes nothing."""
    from PIL import ImageCms

    try:
        theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, theirs, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image


def _small(image: Any) -> bytes:
    """As good as fits: less quality first, then fewer pixels."""
    made = b""
    for longest in (SMALL, 640, 480, 320):
        small = image.copy()
        small.thumbnail((longest, longest))
        for quality in (78, 60, 42):
            made = _encoded(small, "WEBP", quality=quality, method=4)
            if len(made) <= SMALL_BYTES:
                return made
    return made


def _encoded(image: Any, kind: str, **how: Any) -> bytes:
    made = io.BytesIO()
    image.save(made, kind, **how)
    return made.getvalue()
