"""A picture that stands where a network's own photographs would: a river in the morning, drawn, with nobody on it.

It is computed, so that the demo shows no real place and no real person, and no picture of somebody else's is needed.
"""

import struct
import zlib

WIDTH, HEIGHT = 640, 346  # as wide as the column: the whole page weighs less than 100 KB


def river(seed: int) -> bytes:
    """The picture as PNG; each seed has other hills and another hour."""
    import numpy as np

    x, y = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
    shore = 0.58
    dusk = np.array([[226, 178, 128], [214, 190, 170]][seed % 2])
    high = np.array([[70, 120, 140], [86, 110, 150]][seed % 2])
    mirrored = np.where(y < shore, y, shore - (y - shore) * 1.3)  # the water shows the sky upside down
    glow = np.clip(mirrored / shore, 0, 1)[..., None]
    picture = high * (1 - glow) + dusk * glow
    sun = np.hypot((x - 0.3 - 0.35 * (seed % 2)) * WIDTH / HEIGHT, mirrored - 0.38)
    picture += np.clip(1 - sun / 0.5, 0, 1)[..., None] ** 2 * np.array([60, 50, 30])
    picture = np.where((sun < 0.055)[..., None], [250, 232, 190], picture)
    for layer, shade in enumerate(((96, 122, 116), (62, 94, 88), (34, 64, 60))):
        line = 0.40 + 0.055 * layer
        for wave in range(1, 5):
            line = line + 0.045 / wave * np.sin(
                2 * np.pi * (x * wave * (1 + 0.3 * layer) + 0.37 * seed + 0.29 * layer * wave)
            )
        line = np.minimum(line, shore - 0.01)
        picture = np.where(((mirrored > line) & (mirrored <= shore))[..., None], shade, picture)
    ripple = 0.05 * np.sin(220 * (y - shore) / (0.25 + y - shore + 1e-6) + 9 * np.sin(6 * x)) * (y > shore)
    picture = np.where((y > shore)[..., None], picture * 0.82 + 10, picture) * (1 + ripple[..., None])
    return _png((np.clip(picture, 0, 251).astype(np.uint8) // 4) * 4 + 2)  # fewer shades: half the bytes


def _png(pixels) -> bytes:  # type: ignore[no-untyped-def]  # numpy is imported where it is needed
    """Rows of RGB as a PNG file."""
    rows = b"".join(
        b"\x02" + (row - above).tobytes() for row, above in zip(pixels, [pixels[0] * 0, *pixels[:-1]], strict=True)
    )

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 6)) + chunk(b"IEND", b"")
