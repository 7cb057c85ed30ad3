"""What changed between two issued reports, and why: by comparing what each of them knew. Pure.

A count moves because a record was added, is no longer listed, was confirmed, corrected or disputed, or because an
organisation was merged. Each is named, so that nobody has to guess.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext


def since(before: dict[str, Any], after: dict[str, Any], merged: Mapping[str, str]) -> dict[str, Any]:
    """{"headline": [{label, before, after}], "records": [{ref, title, why}], "figures": [{title, words}],
    "definitions": [{title, before, after}]} between two contents; ``merged`` says of records that were joined to another
    which one that is, by reference."""
    old = {row["label"]: row["n"] for row in before["headline"]}
    headline = [
        {"label": row["label"], "before": old[row["label"]], "after": row["n"]}
        for row in after["headline"]
        if row["label"] in old
    ]
    earlier, later = ({row["ref"]: row for row in one["partnerships"]} for one in (before, after))
    records = []
    for ref in sorted(earlier.keys() | later.keys()):
        reasons = _reasons(earlier.get(ref), later.get(ref), merged.get(ref))
        if reasons:
            records.append({"ref": ref, "title": (later.get(ref) or earlier[ref])["title"], "why": reasons})
    definitions = {row["key"]: row["definition"] for row in before["figures"]}
    moved = [
        {"title": row["title"], "before": definitions[row["key"]], "after": row["definition"]}
        for row in after["figures"]
        if row["key"] in definitions and definitions[row["key"]] != row["definition"]
    ]
    return {"headline": headline, "records": records, "figures": _figures(before, after), "definitions": moved}


def _figures(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, str]]:
    """The figures whose base or whose table is another, in words: those of people and commitments move without any
    partnership's record."""
    earlier, found = {row["key"]: row for row in before["figures"]}, []
    for row in after["figures"]:
        old = earlier.get(row["key"])
        if old is None:
            found.append({"title": row["title"], "words": _("was not in the report before")})
            continue
        lines = [line for line in row["table"]["rows"] if line not in old["table"]["rows"]]
        words = []
        if old["n"] != row["n"]:
            words.append(_("n was %(before)s, is %(after)s", before=_known(old["n"]), after=_known(row["n"])))
        if lines:
            words.append(ngettext("%(num)d line of its table is new or another", "%(num)d lines of its table are new or others", len(lines)))  # fmt: skip
        if words:
            found.append({"title": row["title"], "words": "; ".join(words)})
    return found


def _known(n: int | None) -> str:
    return _("unknown") if n is None else str(n)


def _reasons(one: dict[str, Any] | None, other: dict[str, Any] | None, kept: str | None) -> list[str]:
    if one is None:
        return [_("added since")]
    if other is None:
        return [_("the same as %(ref)s, and joined to it", ref=kept) if kept else _("no longer listed here")]
    found = []
    if one["evidence"] != other["evidence"]:
        found.append(
            _("was %(before)s, is %(after)s", before=one["evidence_word"].lower(), after=other["evidence_word"].lower())
        )
    words, now = set(one["words"]), set(other["words"])
    if "disputed" in now - words:
        found.append(_("a party disputes it"))
    if "corrected" in now - words:
        found.append(_("a party corrected it"))
    if "changed" in now - words:
        found.append(_("the record was changed after a party had confirmed it"))
    if "disputed" in words - now:
        found.append(_("no party disputes it any more"))
    if one["stage"] != other["stage"]:
        known = [_("unknown") if stage is None else str(stage) for stage in (one["stage"], other["stage"])]
        found.append(_("stage %(before)s, now %(after)s", before=known[0], after=known[1]))
    if (one["activities"], one["activities_all"]) != (other["activities"], other["activities_all"]):
        found.append(
            _("activities confirmed %(before)s, now %(after)s",
              before=f"{one['activities']}/{one['activities_all']}", after=f"{other['activities']}/{other['activities_all']}")
        )  # fmt: skip
    if one["party_ids"] != other["party_ids"]:
        found.append(_("its parties changed, or an organisation was merged with another"))
    if one["title"] != other["title"]:
        found.append(_("it has another title"))
    return found
