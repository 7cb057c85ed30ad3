"""A person's card for an address book: vCard 4.0 (RFC 6350), in UTF-8, with what people write escaped."""

LONGEST = 75  # octets of a line, its end not counted (RFC 6350, section 3.2)


def card(name: str, *, organisation: str = "", email: str = "", note: str = "") -> bytes:
    """One card. A name is one name: nobody's is cut into a first and a last one."""
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"FN:{_text(name)}", f"N:;{_text(name)};;;"]
    lines += [
        f"{key}:{_text(value)}" for key, value in (("ORG", organisation), ("EMAIL", email), ("NOTE", note)) if value
    ]
    return b"".join(_folded(line) + b"\r\n" for line in [*lines, "END:VCARD"])


def _text(value: str) -> str:
    """A value as the standard escapes it (section 3.4); a control character would end the line, so it goes."""
    value = value.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    value = value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(char for char in value if char >= " " and char != "\x7f")


def _folded(line: str) -> bytes:
    """A long line goes on in the next after a space; no character is cut in two."""
    parts, part = [], b""
    for char in line:
        octets = char.encode()
        if len(part) + len(octets) > LONGEST:
            parts.append(part)
            part = b" "
        part += octets
    return b"\r\n".join([*parts, part])
