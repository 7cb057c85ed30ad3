"""Pictures as a phone would send them, made by Pillow."""

import io
import random

from PIL import Image


def a_picture(
    width: int = 40,
    height: int = 30,
    kind: str = "JPEG",
    *,
    noisy: bool = False,
    turned: bool = False,
    mode: str = "RGB",
) -> bytes:
    """A file of this kind; ``noisy`` is as heavy as can be. A JPEG says where and with what it was taken; ``turned`` ones
    lie on their side, as phones write them."""
    # the same noise each time: in another one any short word may stand by chance
    noise = random.Random(1).randbytes(width * height * 3) if noisy else b""
    image = Image.frombytes("RGB", (width, height), noise) if noisy else Image.new(mode, (width, height))
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker"
    exif[0x0112] = 6 if turned else 1  # orientation: 6 is a quarter to the left
    exif.get_ifd(0x8825).update({1: "N", 2: (11.0, 5.0, 12.5), 3: "E", 4: (105.0, 47.0, 59.0)})  # GPS
    made = io.BytesIO()
    image.save(made, kind, exif=exif.tobytes())
    return made.getvalue()
