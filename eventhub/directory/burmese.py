"""Burmese text in the Zawgyi font's encoding looks right in that font only: it is recognised and converted at import.

Recognised by Google's myanmar-tools model; converted by the Rabbit rules. Both give the right answer for sentences;
a short name may be either, and is then only converted when the list as a whole is Zawgyi.
"""

import re
import warnings
from functools import lru_cache
from typing import Any

from para.convert import zg_to_unicode

_BURMESE = re.compile(r"[\u1000-\u109f]")
CERTAIN = 0.95  # probability


@lru_cache(1)
def _detector() -> Any:
    with warnings.catch_warnings():  # it reads its model by a function that Python 3.11 calls old, and 3.13 does not
        warnings.simplefilter("ignore", DeprecationWarning)
        from myanmartools import ZawgyiDetector

        return ZawgyiDetector()


def is_zawgyi(text: str) -> bool:
    """Whether a text is Zawgyi for certain."""
    return bool(_BURMESE.search(text)) and _detector().get_zawgyi_probability(text) >= CERTAIN


def to_unicode(text: str, *, list_is_zawgyi: bool = False) -> tuple[str, bool]:
    """The text in Unicode, and whether it is still in doubt (short, and it would read differently as Zawgyi)."""
    if not _BURMESE.search(text):
        return text, False
    probability = _detector().get_zawgyi_probability(text)
    if probability >= CERTAIN or (list_is_zawgyi and probability > 1 - CERTAIN):
        return str(zg_to_unicode(text, force=True)), False
    return text, probability > 1 - CERTAIN and zg_to_unicode(text, force=True) != text
