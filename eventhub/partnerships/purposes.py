"""What donors ask for, derived from the record: OECD-DAC purposes from the themes, IATI's activity status from the
state, IATI's activity scope from the levels (codelists ActivityStatus and ActivityScope of the standard 2.03)."""

from eventhub.partnerships.models import Partnership
from eventhub.partnerships.states import PartnershipState
from eventhub.themes.codes import Code, find_code
from eventhub.themes.states import LevelKind, ThemeScheme

Coded = tuple[str, str]  # code, the list's own words
STATUS: dict[PartnershipState, Coded] = {
    PartnershipState.PROPOSED: ("1", "Pipeline/identification"),
    PartnershipState.ACTIVE: ("2", "Implementation"),
    PartnershipState.DORMANT: ("6", "Suspended"),
    PartnershipState.ENDED: ("4", "Closed"),
    PartnershipState.CANCELLED: ("5", "Cancelled"),
}
# from the widest to the narrowest: the widest level of a partnership is its scope
SCOPES: tuple[tuple[LevelKind, Coded], ...] = (
    (LevelKind.GLOBAL, ("1", "Global")),
    (LevelKind.REGIONAL, ("2", "Regional")),
    (LevelKind.SUB_REGIONAL, ("3", "Multi-national")),
    (LevelKind.NATIONAL, ("4", "National")),
    (LevelKind.PROVINCE, ("6", "Sub-national: Single first-level administrative area")),
    (LevelKind.DISTRICT, ("7", "Sub-national: Single second-level administrative area")),
    (LevelKind.COMMUNE, ("8", "Single location")),
)
SEVERAL: Coded = ("5", "Sub-national: Multi-first-level administrative areas")


def iati_status(partnership: Partnership) -> Coded:
    """IATI's activity status; "3 Finalisation" is no state of ours."""
    return STATUS[partnership.state]


def iati_scope(partnership: Partnership) -> Coded | None:
    """IATI's activity scope: the widest level; several provinces where its places lie in more than one. None: unknown."""
    levels = {row.level for row in partnership.levels}
    found = next((coded for level, coded in SCOPES if level in levels), None)
    paths = [[part.strip() for part in row.path.split("/")] for row in partnership.places]
    provinces = {tuple(path[:2]) for path in paths if len(path) > 1}
    below_national = found is not None and int(found[0]) > 4
    return SEVERAL if below_national and len(provinces) > 1 else found


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
