"""The schemes by which themes are named, and the levels on which people work: of profiles and of partnerships."""

from enum import StrEnum


class ThemeScheme(StrEnum):
    OWN = "own"
    CRC_CLUSTER = "crc_cluster"
    CRC_ARTICLE = "crc_article"
    GENERAL_COMMENT = "general_comment"
    SDG = "sdg"
    DAC = "dac"
    UPR = "upr"


class LevelKind(StrEnum):
    COMMUNE = "commune"
    DISTRICT = "district"
    PROVINCE = "province"
    NATIONAL = "national"
    SUB_REGIONAL = "sub_regional"
    REGIONAL = "regional"
    GLOBAL = "global"
