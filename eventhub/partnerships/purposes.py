"""What donors ask for: the OECD-DAC purposes that follow from a partnership's themes."""

from eventhub.partnerships.models import Partnership
from eventhub.themes.codes import Code, find_code
from eventhub.themes.states import ThemeScheme


def dac_purposes(partnership: Partnership) -> list[Code]:
    """The OECD-DAC purposes of a partnership: those it was given, else the one that follows from its main theme.

    None of the purposes is about violence against children, so the CRC cluster is the main theme and this follows.
    """
    said = [row for row in partnership.themes if row.scheme is ThemeScheme.DAC]
    given = [found for row in said if (found := find_code(ThemeScheme.DAC, row.code)) is not None]
    if given:
        return given
    main = next((row for row in partnership.themes if row.primary and row.scheme is ThemeScheme.CRC_CLUSTER), None)
    known = find_code(main.scheme, main.code) if main is not None else None
    purpose = find_code(ThemeScheme.DAC, known.dac) if known is not None else None
    return [purpose] if purpose is not None else []
