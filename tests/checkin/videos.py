"""Badges of our own, printed and held before a camera, as a video for Chromium's fake one."""

from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

WIDTH, HEIGHT, RATE = 640, 480, 10  # pixels, and frames a second
BADGE = 560  # pixels of a badge's width before the camera
HELD, AWAY = 14, 4  # frames that a badge is in sight, and that nothing is

Picture = Image.Image


def sharp(badge: Picture) -> Picture:
    return badge


def tilted(badge: Picture) -> Picture:
    """Turned by 24 degrees and leaning away."""
    turned = badge.rotate(24, expand=True, fillcolor=150, resample=Image.Resampling.BICUBIC)
    w, h = turned.size
    lean = (0, 0, w * 0.04, h, w * 0.96, h, w, 0)  # corners: left top, left bottom, right bottom, right top
    return turned.transform((w, h), Image.Transform.QUAD, lean, Image.Resampling.BICUBIC)


def dim(badge: Picture) -> Picture:
    return ImageEnhance.Brightness(badge).enhance(0.22)


def blurred(badge: Picture) -> Picture:
    return badge.filter(ImageFilter.GaussianBlur(1.6))


def with_a_thumb(badge: Picture, code: tuple[int, int, int, int]) -> Picture:
    """A thumb over the edge of the code, where no finder pattern is."""
    left, _top, right, bottom = code
    side = right - left
    held = badge.copy()
    over = (right - side * 0.16, bottom - side * 0.2, right + side, bottom + side)
    ImageDraw.Draw(held).ellipse(over, fill=170)
    return held


def half_covered(badge: Picture, code: tuple[int, int, int, int]) -> Picture:
    left, top, right, bottom = code
    held = badge.copy()
    ImageDraw.Draw(held).rectangle((left - 20, (top + bottom) // 2, right + 20, bottom + 40), fill=170)
    return held


def frame(badge: Picture | None, middle: tuple[int, int] = (0, 0)) -> bytes:
    """One frame with the badge's point ``middle`` in the middle of the picture, as YUV 4:2:0 without colour."""
    picture = Image.new("L", (WIDTH, HEIGHT), 150)
    if badge is not None:
        picture.paste(badge, (WIDTH // 2 - middle[0], HEIGHT // 2 - middle[1]))
    return b"FRAME\n" + picture.tobytes() + bytes([128]) * (WIDTH * HEIGHT // 2)


def write(path: Path, shown: Iterable[tuple[Picture, tuple[int, int]]]) -> Path:
    """A YUV4MPEG2 file in which one badge after the other is held before the camera."""
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode()
    with path.open("wb") as file:
        file.write(head)
        for badge, middle in shown:
            file.write(frame(badge, middle) * HELD + frame(None) * AWAY)
    return path
