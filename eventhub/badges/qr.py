"""QR codes for badges and tickets.

Decides their shape: alphanumeric mode (the content is upper case, so the symbol stays small), error correction M (a
scuffed badge still reads), and one fixed mask. Choosing the best of eight masks takes eight times as long and reads
no better with today's decoders; every mask is allowed by ISO/IEC 18004.
"""

import re
import struct
import zlib

QUIET = 4  # modules of white around the symbol, as the standard asks
_MASK = 3
_ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+\-./:]+\Z")


def qr_matrix(text: str) -> list[list[bool]]:
    """The symbol for `text` as rows of modules, True is dark, without the quiet zone.

    Raises ValueError for text that is empty, holds anything but digits, capitals and ` $%*+-./:`, or is too long.
    """
    import qrcode  # with the imaging library that it loads, memory that a process at rest need not hold
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.exceptions import DataOverflowError
    from qrcode.util import MODE_ALPHA_NUM, QRData

    if not _ALPHANUMERIC.match(text):
        raise ValueError("A QR code of a badge holds digits, capitals and $%*+-./: only.")
    symbol = qrcode.QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=_MASK)
    symbol.add_data(QRData(text, mode=MODE_ALPHA_NUM))
    try:
        symbol.make(fit=True)
    except (DataOverflowError, ValueError) as error:
        raise ValueError("This is too long for a QR code.") from error
    return symbol.modules


def qr_png(text: str, scale: int = 1) -> bytes:
    """A black and white PNG of the symbol with its quiet zone, `scale` pixels a module (one is enough for print)."""
    modules = qr_matrix(text)
    side = (len(modules) + 2 * QUIET) * scale
    row_bytes = (side + 7) // 8
    white = b"\0" + b"\xff" * row_bytes
    rows = [white * (QUIET * scale)]
    for module_row in modules:
        bits = QUIET * scale * "1" + "".join("0" * scale if dark else "1" * scale for dark in module_row)
        packed = int(bits.ljust(row_bytes * 8, "1"), 2).to_bytes(row_bytes, "big")
        rows.append((b"\0" + packed) * scale)
    rows.append(white * (QUIET * scale))
    # one bit a pixel, grey: the smallest PNG there is
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def qr_svg(text: str) -> str:
    """An SVG of the symbol with its quiet zone, one path, sized by whoever places it; dark on white in any theme."""
    modules = qr_matrix(text)
    side = len(modules) + 2 * QUIET
    path = []
    for y, row in enumerate(modules, start=QUIET):
        line = "".join("1" if dark else "0" for dark in row)
        path += [f"M{m.start() + QUIET} {y}h{len(m[0])}v1h-{len(m[0])}z" for m in re.finditer("1+", line)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{"".join(path)}"/></svg>'
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
