"""How names and addresses are compared: folding for search in any script, the script of a name, sort keys, e-mail keys.

Folding follows Unicode's compatibility caseless matching (Unicode 15, section 3.13, D147) and goes further where a
searcher would: marks are dropped from alphabets whose readers type without them (Latin, Greek, Cyrillic, Arabic), and
kept where they are the vowels (Khmer, Indic scripts, Thai, Lao, Burmese, Tibetan, Thaana, kana).
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

import idna

# first words of Unicode character names, and the script's code in ISO 15924
SCRIPTS = {
    "LATIN": "Latn", "FULLWIDTH": "Latn", "GREEK": "Grek", "CYRILLIC": "Cyrl", "ARMENIAN": "Armn", "GEORGIAN": "Geor",
    "HEBREW": "Hebr", "ARABIC": "Arab", "SYRIAC": "Syrc", "THAANA": "Thaa", "DEVANAGARI": "Deva", "BENGALI": "Beng",
    "GURMUKHI": "Guru", "GUJARATI": "Gujr", "ORIYA": "Orya", "TAMIL": "Taml", "TELUGU": "Telu", "KANNADA": "Knda",
    "MALAYALAM": "Mlym", "SINHALA": "Sinh", "THAI": "Thai", "LAO": "Laoo", "TIBETAN": "Tibt", "MYANMAR": "Mymr",
    "KHMER": "Khmr", "MONGOLIAN": "Mong", "HANGUL": "Kore", "HIRAGANA": "Jpan", "KATAKANA": "Jpan",
    "HALFWIDTH": "Jpan", "CJK": "Hani", "ETHIOPIC": "Ethi",
}  # fmt: skip
_UNMARKED = ("LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW")
_LETTERS = str.maketrans(
    {
        "đ": "d", "ð": "d", "ø": "o", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŋ": "ng",
        "ي": "ی", "ى": "ی", "ك": "ک", "ہ": "ه", "ۀ": "ه", "ة": "ه", "ـ": "",
        "'": "", "’": "", "‘": "", "ʼ": "", "ʻ": "", "ʾ": "", "ʿ": "", "`": "",
    }
)  # fmt: skip
_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """A name as it is compared and searched: no case, no width, no punctuation, no marks where they may be left out.

    Empty when no letter or digit is left. Folding twice equals folding once.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept: list[str] = []
    base = ""
    for char in folded.translate(_LETTERS):
        category = unicodedata.category(char)
        if category[0] == "M":
            if base in _UNMARKED:
                continue
            kept.append(char)
        elif category[0] in "LN":
            base = unicodedata.name(char, "").split(" ")[0]
            kept.append(char)
        elif category not in ("Cf", "Cs", "Cn", "Co"):  # joiners and direction marks go without a trace
            base = ""
            kept.append(" ")
    return unicodedata.normalize("NFC", _SPACES.sub(" ", "".join(kept)).strip())


def script_of(text: str) -> str:
    """The ISO 15924 code of a text's main script, such as "Khmr"; "" when it has no letters.

    Any script wins over Latin, since a name with both is of the other one; kana makes a text Japanese.
    """
    seen = Counter(
        SCRIPTS.get(unicodedata.name(char, "").split(" ")[0], "Zyyy")
        for char in text[:500]
        if unicodedata.category(char)[0] in "LM"
    )
    if seen["Jpan"]:
        return "Jpan"
    if set(+seen) - {"Latn", "Zyyy"}:
        del seen["Latn"], seen["Zyyy"]
    return max(seen, key=lambda code: seen[code]) if +seen else ""


def sort_key(full_name: str, latin_name: str = "") -> str:
    """Where a name stands in a list: by its Latin letters where there are any, then the other scripts."""
    return fold(latin_name) or fold(full_name)


def email_key(email: str) -> str:
    """An address as it is compared: folded case, the domain in its ASCII form (IDNA). "" for none."""
    text = unicodedata.normalize("NFKC", email).strip().casefold()
    local, at, domain = text.rpartition("@")
    if not at:
        return text[:255]
    return f"{local}@{_ascii_domain(domain)}"[:255]


@lru_cache(1024)  # a handful of domains has most of the addresses
def _ascii_domain(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):  # not a domain of today's rules: compare it as it is
        return domain.strip(".")
