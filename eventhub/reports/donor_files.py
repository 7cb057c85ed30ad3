"""The files of a donor's report: PDF, HTML, workbook, IATI, GraphML. Each is made from the report's content alone, and from
the pictures that were drawn with it; none of them counts anything."""

import io
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from eventhub.badges.sheet import drawn_band, plain
from eventhub.band import band_svg
from eventhub.reports.charts import WIDTH
from eventhub.reports.donor import Content
from eventhub.reports.network import Network
from eventhub.reports.picture import Picture
from eventhub.typeset import typeset

TEMPLATE = "reports/donor.typ"
ROWS, FEW = 12, 8  # of a table in print: whole up to so many, else its first; the workbook has all
LOW = 330  # a map that is no higher needs no page of its own
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Photographs = Mapping[int, tuple[str, bytes]]  # of a stored file: its media type, its bytes
Head = Mapping[str, str]  # title, funder, number, secretariat, issued


@dataclass(frozen=True)
class Look:
    """Whose band stands on top (a series' slug), and its colour."""

    slug: str = "eventhub"
    accent: str = "#0b6e6e"


def pdf(head: Head, content: Content, pictures: Mapping[str, Picture], photographs: Photographs, look: Look) -> bytes:
    """The typeset report. Raises TypesetError."""
    accent = look.accent
    drawn = {f"{key}.svg": picture.svg() for key, picture in pictures.items()}
    drawn |= {_photo_name(ident): bytes_ for ident, (_type, bytes_) in photographs.items()}
    band = drawn_band(band_svg(look.slug, accent, 840, 104).encode())
    firm = [row for row in content["partnerships"] if row["evidence"] != "reported"]
    data = {
        "head": {key: plain(value) for key, value in head.items()} | {"accent": accent},
        "about": content["about"],
        "as_of": content["as_of_words"],
        "day": date.fromisoformat(content["as_of"]).timetuple()[:3],
        "meetings": [
            " · ".join(part for part in (m["title"], m["when"], m["place"]) if part) for m in content["meetings"]
        ],
        "headline": [{**row, "n": str(row["n"])} for row in content["headline"]],
        "narrative": content["narrative"],
        "example": _plain(content["example"]),
        "ladder": [{**step, "n": str(step["n"])} for step in content["ladder"]],
        "notes": content["notes"],
        "removed": content.get("removed", []),
        "stories": [_with_photo(story, photographs) for story in content["stories"] if not story.get("removed")],
        "removed_stories": [story["removed"] for story in content["stories"] if story.get("removed")],
        "more_stories": _plain(content["more_stories"]),
        "told": [_card(card, photographs) for card in content["told"]],
        "figures": [_for_print(figure, pictures.get(figure["key"])) for figure in content["figures"]],
        "network": [_table(table) for table in content["network"]],
        "maps": [name for name in ("network", "network_without") if f"{name}.svg" in drawn],
        "low": all(pictures[name].height < LOW for name in ("network", "network_without") if name in pictures),
        "untold": [row["ref"] for row in firm if row["named"]][len(content["told"]) :],
        "unnamed": sum(not row["named"] for row in firm),
        "reported": sum(row["evidence"] == "reported" for row in content["partnerships"]),
        "changes": _changes(content.get("changes")),
    }
    return typeset(TEMPLATE, data, {**drawn, "band": band}, apart=True)


def _photo_name(ident: int) -> str:
    return f"photo-{ident}"


def _with_photo(told: dict[str, Any], photographs: Photographs) -> dict[str, Any]:
    """What is told, as plain text, with its photograph's name where there is one in the files."""
    there = told["photo"] in photographs
    kept = {"removed": "", "photo_removed": "", **_plain(told)}
    return {**kept, "photo": _photo_name(told["photo"]) if there else ""}


def _card(card: dict[str, Any], photographs: Photographs) -> dict[str, Any]:
    stage = _("stage %(n)d", n=card["stage"]) if card["stage"] is not None else _("stage unknown")
    facts = [card["ref"], card["evidence_word"].lower(), stage, card["meeting"], *card["themes"][:2]]
    return {**_with_photo(card, photographs), "facts": plain(" · ".join(part for part in facts if part))}


def _plain(value: Any) -> Any:
    """The same with every text as it may be printed."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value


def _for_print(figure: dict[str, Any], picture: Picture | None) -> dict[str, Any]:
    asked, answered = figure["asked"], figure["answered"]
    base = _("n = %(n)s %(base)s", n=_("unknown") if figure["n"] is None else figure["n"], base=figure["base"])
    rate = _("response: %(answered)d of %(asked)d parties asked", answered=answered, asked=asked) if asked else ""
    return {
        "key": figure["key"],
        "chapter": figure["chapter"],
        "title": figure["title"],
        "meta": " · ".join(part for part in (base, rate) if part),
        "definition": figure["definition"],
        "has_picture": picture is not None,
        "wide": min(1.0, picture.width / WIDTH) if picture is not None else 1.0,  # of the page
        "table": _table(figure["table"]),
    }


def _table(table: dict[str, Any]) -> dict[str, Any]:
    """A table in words; the last column of the funnel, its definitions, is too wide for print and stands in the files."""
    wide = len(table["header"]) - 1 if table["key"] == "funnel" else len(table["header"])
    rows = [[plain(_word(cell)) for cell in row[:wide]] for row in table["rows"]]
    most = len(rows) if len(rows) <= ROWS else FEW
    return {
        "header": table["header"][:wide],
        "rows": rows[:most],
        "left": len(rows) - most,
        "numeric": table["numeric"],
        "weights": [max(6, min(34, max(len(row[k]) for row in rows))) if rows else 6 for k in range(wide)],
        "note": table["note"],
    }


def _word(cell: str | int | None) -> str:
    return _("unknown") if cell is None else str(cell)


def _changes(changes: dict[str, Any] | None) -> dict[str, Any] | None:
    if changes is None:
        return None
    return {
        "since": changes["since"],
        "headline": [f"{row['label']}: {row['before']} → {row['after']}" for row in changes["headline"]],
        "records": [
            {"title": plain(f"{row['ref']} {row['title']}"), "why": "; ".join(row["why"])}
            for row in changes["records"][: 3 * ROWS]
        ],
        "left": max(0, len(changes["records"]) - 3 * ROWS),
        "figures": [f"{row['title']}: {row['words']}" for row in changes["figures"]],
        "definitions": [row["title"] for row in changes["definitions"]],
    }


def html(head: Head, content: Content, pictures: Mapping[str, Picture], photographs: Photographs, look: Look) -> bytes:
    """The same as one page that opens anywhere, without this software: its photographs are in it."""
    template = current_app.jinja_env.get_template("reports/donor_file.html")
    inline = {
        ident: f"data:{media_type};base64,{b64encode(bytes_).decode()}"
        for ident, (media_type, bytes_) in photographs.items()
    }
    return template.render(
        head=head,
        content=content,
        pictures=pictures,
        photographs=inline,
        accent=look.accent,
        drawn=band_svg(look.slug, look.accent, 840, 52),
    ).encode()


def xlsx(head: Head, content: Content) -> bytes:
    """A workbook: what it is about, every table on a sheet of its own, the partnerships, what changed. Raises nothing
    for odd text: it is written as text, never as a formula."""
    import xlsxwriter

    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    # made again it is the same file, byte for byte
    book.set_properties({"created": datetime.fromisoformat(content["as_of"])})
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    about: list[list[Any]] = [[key, value] for key, value in _about(head, content)]
    about += [[row["label"], row["n"], row["of"]] for row in content["headline"]]
    about += [["", ""], *([paragraph] for paragraph in content["narrative"])]
    _sheet(book, _("About"), [_("What"), _("Value"), _("of")], about, bold, wrap, (44, 40, 30))
    for figure in content["figures"]:
        table = figure["table"]
        below = [
            [],
            [_("How this is counted"), figure["definition"]],
            [_("n"), figure["n"]],
            [_("as of"), figure["as_of"]],
        ]
        if figure["asked"] is not None:
            below.append([_("response"), figure["answered"], figure["asked"]])
        below += [[table["note"]]] if table["note"] else []
        _sheet(book, figure["key"], table["header"], [*table["rows"], *below], bold, wrap)
    for table in content["network"]:
        _sheet(book, "network", table["header"], [*table["rows"], [], [table["note"]]], bold, wrap)
    _sheet(book, "partnership_list", *_list(content), bold, wrap)
    notes = [[note["head"], note["text"]] for note in content["notes"]]
    notes += [[_("Removed since"), words] for words in content.get("removed", ())]
    steps = [[step["label"], step["means"], step["n"]] for step in content["ladder"]]
    _sheet(book, "method", [_("Note"), _("Words"), _("Partnerships")], [*steps, *notes], bold, wrap, (34, 110, 14))
    if any(not story.get("removed") for story in content["stories"]):
        _sheet(book, "stories", *_stories(content), bold, wrap, (14, 44, 100, 60))
    if content.get("changes"):
        rows = [[row["ref"], row["title"], "; ".join(row["why"])] for row in content["changes"]["records"]]
        rows += [["", row["title"], row["words"]] for row in content["changes"]["figures"]]
        _sheet(
            book, "changes", [_("Reference"), _("Partnership or figure"), _("What changed, and why")], rows, bold, wrap
        )
    book.close()
    return made.getvalue()


def _about(head: Head, content: Content) -> list[tuple[str, Any]]:
    return [
        (_("Report"), head["title"]),
        (_("Number"), head["number"]),
        (_("For"), head["funder"]),
        (_("About"), content["about"]),
        (_("As of"), content["as_of"]),
    ]


def _list(content: Content) -> tuple[list[str], list[list[Any]]]:
    header = [
        _("Reference"), _("Partnership"), _("Parties"), _("Countries or territories"), _("Meeting"), _("Evidence"),
        _("Stage 0–4"), _("Activities, confirmed"), _("Activities, all"), _("Themes"),
    ]  # fmt: skip
    rows = [
        [
            row["ref"], row["title"], "; ".join(row["parties"]), "; ".join(row["countries"]), row["meeting"],
            row["evidence_word"], row["stage"], row["activities"], row["activities_all"], "; ".join(row["themes"]),
        ]
        for row in content["partnerships"]
    ]  # fmt: skip
    return header, rows


def _stories(content: Content) -> tuple[list[str], list[list[Any]]]:
    """A line each sentence of the stories, with the record that it rests on."""
    rows = [
        [story["ref"], story["title"], claim["text"], sources[claim["source"]]]
        for story in content["stories"]
        if not story.get("removed")
        for sources in [{one["n"]: one["label"] for one in story["sources"]}]
        for part in story["parts"]
        for paragraph in part["paragraphs"]
        for claim in paragraph
    ]
    return [_("Reference"), _("Story"), _("Sentence"), _("Rests on")], rows


def _sheet(
    book: Any, name: str, header: list[str], rows: list[list[Any]], bold: Any, wrap: Any, widths: tuple[int, ...] = ()
) -> None:
    sheet = book.add_worksheet(name[:31])
    for column, label in enumerate(header):
        sheet.write_string(0, column, label, bold)
        sheet.set_column(column, column, widths[column] if column < len(widths) else 34 if column == 0 else 18)
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(number, column, cell)
            else:
                sheet.write_string(number, column, plain(_word(cell)), wrap)
    sheet.freeze_panes(1, 1)


def graphml(network: Network, sectors: Mapping[int, str]) -> bytes:
    """The network for programs that draw and measure: nodes with country and sector (by its id in ``sectors``), ties with
    stage and evidence."""
    import networkx as nx

    graph = nx.Graph()
    for node in network.nodes:
        graph.add_node(
            node.id, name=plain(node.name), country=node.country, sector=plain(sectors.get(node.sector_id or 0, "")),
            since=node.since, secretariat=node.secretariat,
        )  # fmt: skip
    for tie in network.ties:
        evidence = "substantiated" if tie.substantiated else "confirmed" if tie.confirmed else "reported"
        more = {} if tie.stage is None else {"stage": tie.stage}
        graph.add_edge(
            tie.a, tie.b, evidence=evidence, disputed=tie.disputed, no_reply=tie.silent, since=tie.since,
            partnerships=len(tie.partnerships), **more,
        )  # fmt: skip
    return "\n".join(nx.generate_graphml(graph)).encode()
