"""A plain recount of every figure: from the statements that were made about each record, the answers that were given,
the rows of who came. It knows nothing of the ladder, of the ledger, of what reports read, nor of how they count."""

from calendar import monthrange
from collections import Counter, defaultdict
from datetime import date
from itertools import combinations

from eventhub import clock
from eventhub.checkin.models import Checkpoint, FirstEntry
from eventhub.db import db
from eventhub.directory.models import Organisation, Person
from eventhub.directory.places import country_name
from eventhub.invitations.models import Invitation, Nomination, Quota
from eventhub.networking.models import Introduction
from eventhub.partnerships import statements
from eventhub.partnerships.models import FollowUp, Party, Verification
from eventhub.partnerships.models_commit import Commitment, CommitmentTelling
from eventhub.partnerships.models_import import PastAttendance
from eventhub.partnerships.states import FieldGroup, LevelKind, OriginKind, Rung
from eventhub.registration.models import Registration
from eventhub.states import label_of
from tests.partnerships.test_truth import recount

UNKNOWN = None


class Plain:
    """Everything counted anew; ``meetings`` are those in question, oldest first."""

    def __init__(self, meetings):
        self.meetings = meetings
        self.land = {row.id: row.country for row in db.session.query(Organisation)}
        self.sector = {row.id: row.sector_id for row in db.session.query(Organisation)}
        self.into = {row.id: row.merged_into_id for row in db.session.query(Organisation)}
        self.person_into = {row.id: row.merged_into_id for row in db.session.query(Person)}
        risky = {row.id for row in db.session.query(Person).filter_by(at_risk=True)}
        ids = {meeting.id for meeting in meetings}
        self.records = {}
        for ident, (rung, _confirmed, _all) in recount().items():
            said = statements.as_of(ident, clock.now())
            focal = {item["focal_person_id"] for key, item in said.items() if key.startswith("party:")}
            if said["origin"]["meeting_id"] in ids and not focal & risky:
                self.records[ident] = self._record(ident, rung, said)
        self.counted = [row for row in self.records.values() if row["rung"] is not Rung.REPORTED]
        self.reported = [row for row in self.records.values() if row["rung"] is Rung.REPORTED]

    def _end(self, ident, into):
        while into[ident] is not None:
            ident = into[ident]
        return ident

    def one(self, home):
        """The organisation that stands for this one, after merges."""
        return self._end(home, self.into)

    def _record(self, ident, rung, said):
        of = lambda kind: {int(key.split(":")[1]): value for key, value in said.items() if key.startswith(f"{kind}:")}  # noqa: E731
        rows = db.session.query(Verification).filter_by(partnership_id=ident, field_group=FieldGroup.FACTS).all()
        told = {row.party_id for row in rows if row.answered_at is not None}
        last = {row.party_id: row for row in sorted(rows, key=lambda row: row.round) if row.answered_at is not None}
        origin = said["origin"]
        meeting = next(m for m in self.meetings if m.id == origin["meeting_id"])
        agreed = self._agreed(ident, said, last)
        acts = of("activity")
        shown = [act for key, act in acts.items() if rung is Rung.REPORTED or key in agreed]
        start = self._contact(origin, meeting)
        stages = sorted(of("stage").items(), key=lambda item: (item[1]["stated_on"], item[0]))
        return {
            "id": ident, "rung": rung, "meeting": meeting, "origin": origin, "said": said,
            "homes": sorted({self._end(p["organisation_id"], self.into) for p in of("party").values()}),
            "disputed": any(row.state.value == "disputed" for party, row in last.items() if party in of("party")),
            "asked": len({row.party_id for row in rows}), "answered": len(told & set(of("party"))),
            "acts": len(acts), "agreed": len(agreed), "start": start, "time": self._time(start, shown),
            "stage": self._steps(stages[-1][1]) if stages else UNKNOWN,
            "levels": {row["level"] for row in of("level").values()},
            "themes": {self._theme(row) for row in of("theme").values()},
        }  # fmt: skip

    @staticmethod
    def _agreed(ident, said, last):
        """The activities that every party saw as they stand, and confirmed."""
        from eventhub.partnerships import facts
        from eventhub.partnerships.models import Partnership

        stands = facts.facts(db.session.get(Partnership, ident))
        parties = [int(key.split(":")[1]) for key in said if key.startswith("party:")]
        if not all(party in last and last[party].state.value == "confirmed" for party in parties):
            return set()
        return {
            int(key.split(":")[1])
            for key in said
            if key.startswith("activity:") and all(last[p].old_value.get(key) == stands[key] for p in parties)
        }

    @staticmethod
    def _theme(row):
        return row["label"] if not row["code"] else f"SDG target {row['code']}: {row['label']}"

    def _contact(self, origin, meeting):
        start = (meeting.starts, meeting.ends)
        told = []
        if origin["introduction_id"] is not None:
            row = db.session.get(Introduction, origin["introduction_id"])
            told.append(_days(row.met_on, row.met_precision.value))
        told.append(_days(origin["first_contact"], origin["first_contact_precision"]))
        for days in told:
            if days is not None:
                both = (max(days[0], start[0]), min(days[1], start[1]))
                start = both if both[0] <= both[1] else days
        return start

    @staticmethod
    def _time(start, acts):
        spans = []
        for act in acts:
            when = _days(act["start"], act["start_precision"])
            if when is not None and when[1] >= start[0]:
                spans.append((max(0, (when[0] - start[1]).days), (when[1] - start[0]).days))
        return (min(s[0] for s in spans), min(s[1] for s in spans)) if spans else UNKNOWN

    @staticmethod
    def _steps(row):
        answers = [
            row[name]
            for name in ("exchanges_information", "alters_activities", "shares_resources", "enhances_capacity")
        ]
        if answers == [None] * 4:
            return UNKNOWN
        return next((n for n, answer in enumerate(answers) if answer is not True), 4)

    # each figure: {label: numbers}, as its table should have them

    def both(self, chosen):
        return sum(map(chosen, self.counted)), sum(map(chosen, self.reported))

    def stages(self):
        names = ("0 none", "1 networking", "2 coordinating", "3 cooperating", "4 collaborating")
        found = {(name,): self.both(lambda r, n=n: r["stage"] == n) for n, name in enumerate(names)}
        return found | {("nobody said",): self.both(lambda r: r["stage"] is UNKNOWN)}

    def levels(self):
        found = {(label_of(kind),): self.both(lambda r, k=kind: k.value in r["levels"]) for kind in LevelKind}
        return found | {("no level noted",): self.both(lambda r: not r["levels"])}

    def _lands(self, row):
        return {self.land[home] for home in row["homes"]}

    def country_pairs(self):
        found = defaultdict(lambda: [0, 0])
        for row in self.records.values():
            lands = sorted(self._lands(row))
            for pair in list(combinations(lands, 2)) or [(lands[0], lands[0])]:
                found[(" – ".join(map(_land, pair)),)][row in self.reported] += 1
        return {key: tuple(value) for key, value in found.items()}

    def themes(self):
        found = defaultdict(lambda: [0, 0])
        for row in self.records.values():
            for theme in row["themes"] or {"no theme noted"}:
                for land in self._lands(row):
                    found[theme, _land(land)][row in self.reported] += 1
        return {key: tuple(value) for key, value in found.items()}

    def crossing(self):
        found = {}
        for label, of in (("Between countries", self.land), ("Between sectors", self.sector)):
            told = {row["id"]: [of[home] or None for home in row["homes"]] for row in self.records.values()}
            across = {ident for ident, values in told.items() if len(set(values) - {None}) > 1}
            known = across | {ident for ident, values in told.items() if None not in values}
            n = sum(row["id"] in across for row in self.counted)
            base = sum(row["id"] in known for row in self.counted)
            found[label,] = (n, base, _share(n, base), sum(row["id"] in across for row in self.reported))
        return found

    def origins(self):
        found = defaultdict(lambda: [0, 0])
        for row in self.records.values():
            intro = row["origin"]["introduction_id"]
            by = db.session.get(Introduction, intro).introduced_by if intro is not None else None
            name = (
                "nobody, or not known" if by is None else "somebody who is not listed" if by.at_risk else by.full_name
            )
            found[label_of(OriginKind(row["origin"]["kind"])), "Session or occasion"][row in self.reported] += 1
            found[name, "Introduced by"][row in self.reported] += 1
        return {key: tuple(value) for key, value in found.items()}

    def evidence(self):
        found = {}
        lines = [(m.title, [r for r in self.records.values() if r["meeting"] is m]) for m in self.meetings]
        lines = [line for line in lines if line[1]]
        for title, rows in [*lines, *([("Together", list(self.records.values()))] if len(lines) > 1 else [])]:
            counted = sum(r["rung"] is not Rung.REPORTED for r in rows)
            firm, disputed = sum(r["rung"] is Rung.SUBSTANTIATED for r in rows), sum(r["disputed"] for r in rows)
            asked, answered = sum(r["asked"] for r in rows), sum(r["answered"] for r in rows)
            found[title,] = (
                len(rows),
                counted,
                firm,
                disputed,
                _share(counted, len(rows)),
                asked,
                answered,
                _share(answered, asked),
            )
        return found

    def replies(self):
        found = {}
        for months in (3, 6, 12, 24):
            rows = [
                row
                for row in db.session.query(FollowUp).filter_by(months=months)
                if row.partnership_id in self.records and row.state.value in ("sent", "answered", "overdue")
            ]
            told = [row for row in rows if row.state.value == "answered"]
            said = [
                len({r.partnership_id for r in told if r.answer["what"] == w})
                for w in ("activity", "in_touch", "nothing")
            ]
            found[f"{months} months",] = (len(rows), len(told), _share(len(told), len(rows)), *said)
        return found

    def cohorts(self, today):
        found = {}
        for meeting in self.meetings:
            here = [row for row in self.counted if row["meeting"] is meeting]
            cells = [len(here)]
            for months in (3, 6, 12, 24):
                days = months * 365.25 / 12
                sure = sum(row["time"] is not None and row["time"][1] <= days for row in here)
                maybe = sum(row["time"][0] <= days if row["time"] else row["agreed"] > 0 for row in here)
                late = (today - meeting.ends).days < days
                cells.append("not yet" if late else str(sure) if sure == maybe else f"{sure}–{maybe}")
            if here:
                found[meeting.title,] = tuple(cells)
        return found

    def first_activity(self, today):
        """At least and at most: the share with an activity by so many months, by the product of what was left."""
        early, late = [], []
        for row in self.counted:
            if row["time"] is not None:
                early.append((row["time"][0], True)), late.append((row["time"][1], True))
            elif row["agreed"]:
                early.append((0, True)), late.append(((today - row["start"][0]).days, True))
            else:
                early.append(((today - row["start"][1]).days, False)), late.append(early[-1])
        found = {}
        for months in (3, 6, 12, 18, 24, 36, 48, 60):
            days = months * 365.25 / 12
            cells = sum(day >= days for day, _ in late), _by(late, days), _by(early, days)
            found[f"{months} months",] = cells
        return found

    def commitments(self):
        found, rows = {}, db.session.query(Commitment).all()
        told = {row.commitment_id for row in db.session.query(CommitmentTelling)}
        for title, here in [
            *((m.title, [r for r in rows if r.meeting_id == m.id]) for m in self.meetings),
            ("Together", rows),
        ]:
            n = Counter(row.state.value for row in here)
            still = [row for row in here if row.state.value == "open"]
            silent = sum(row.id not in told for row in still)
            made = len(here) - n["withdrawn"]
            share = _share(n["kept"], n["kept"] + n["partly"] + n["not_kept"])
            if here:
                found[title,] = (made, n["kept"], n["partly"], n["not_kept"], len(still) - silent, silent, 0, share)
        return found

    # people

    def came(self, meeting):
        """{person: (state, organisation, sector, country)} of the adults, each once, as they registered."""
        found = {}
        rows = db.session.query(Registration).filter_by(meeting_id=meeting.id).all()
        # of two registrations of a person who was merged the confirmed one counts, else the first
        for row in sorted(rows, key=lambda row: (row.state.value != "confirmed", row.id)):
            home = row.organisation
            sector = row.sector_id if row.sector_id is not None else home.sector_id if home else None
            land = row.country or (home.country if home else "")
            facts = (row.state.value, self._end(home.id, self.into) if home else None, sector, land)
            found.setdefault(self._end(row.person_id, self.person_into), facts)
        return found

    def _confirmed(self, meeting):
        return {who: facts for who, facts in self.came(meeting).items() if facts[0] == "confirmed"}

    def _listed(self, meeting):
        """The organisations that lists of the time name."""
        rows = db.session.query(PastAttendance).filter_by(meeting_id=meeting.id)
        return {self._end(row.organisation_id, self.into) for row in rows}

    def funnel(self):
        held = [meeting for meeting in self.meetings if self.came(meeting)]
        named, sent, seats = defaultdict(set), [], 0
        for row in db.session.query(Invitation):
            sent.append(row)
            seats += row.seats
        for row in db.session.query(Nomination).filter(Nomination.role != "alternate"):
            named[row.invitation.meeting_id].add(self._end(row.person_id, self.person_into))
        gates = {row.id for row in db.session.query(Checkpoint)}
        in_ = defaultdict(set)
        for row in db.session.query(FirstEntry):
            assert row.checkpoint_id in gates
            in_[row.meeting_id].add(self._end(int(row.person_key[1:]), self.person_into))
        met = defaultdict(set)
        for row in db.session.query(Introduction):
            met[row.meeting_id] |= {self._end(who, self.person_into) for who in (row.a_id, row.b_id)}
        registered = {m.id: set(self.came(m)) for m in held}
        confirmed = sum(len(self._confirmed(m)) for m in held)
        contact = [r for r in db.session.query(FollowUp).filter_by(months=3) if r.partnership_id in self.records]
        asked = {r.partnership_id for r in contact if r.state.value in ("sent", "answered", "overdue")}
        yes = {r.partnership_id for r in contact if r.state.value == "answered" and r.answer["what"] != "nothing"}
        staged = [row for row in self.counted if row["stage"] is not UNKNOWN]
        people = {
            ("Organisations invited",): (len(sent), len(sent)),
            ("People nominated",): (sum(map(len, named.values())), seats),
            ("Registered",): (
                sum(map(len, registered.values())),
                sum(len(registered[m.id] | named[m.id]) for m in held),
            ),
            ("Attended",): (sum(len(in_[m.id]) for m in held), confirmed),
            ("Introduced to somebody",): (sum(map(len, met.values())), sum(len(in_[m.id] | met[m.id]) for m in held)),
        }
        return people | {
            ("Partnerships, confirmed",): (len(self.counted), len(self.records)),
            ("Contact at 3 months",): (len(yes), len(asked)),
            ("An activity",): (sum(row["agreed"] > 0 for row in self.counted), len(self.counted)),
            ("Stage 3 or 4",): (sum(row["stage"] >= 3 for row in staged), len(staged)),
        }

    def growth(self):
        found = {}
        for year in range(self.meetings[0].year, self.meetings[-1].year + 1):
            here = [m for m in self.meetings if m.year == year]
            came = {who: facts for m in here for who, facts in self._confirmed(m).items()}
            counts = self.both(lambda row, y=year: row["meeting"].year == y) if here else (None, None)
            known = bool(here) and any(self.came(m) for m in here)
            homes = {facts[1] for facts in came.values() if facts[1] is not None}
            listed = set().union(*map(self._listed, here))
            told = len(homes | listed) if known or listed else None
            found[str(year),] = (told, len(came) if known else None, *counts)
        return found

    def sectors(self, names):
        people, homes = defaultdict(set), defaultdict(set)
        for meeting in self.meetings:
            for who, (_state, home, sector, _) in self._confirmed(meeting).items():
                people[sector].add(who), homes[sector].add(home)
        every = len(set().union(*people.values())) if people else 0
        return {
            (names.get(sector, "no sector noted"),): (len(homes[sector] - {None}), len(who), _share(len(who), every))
            for sector, who in people.items()
        }

    def returning(self):
        found, seen = {}, set()
        for meeting in self.meetings:
            homes = {facts[1] for facts in self._confirmed(meeting).values()} - {None} | self._listed(meeting)
            if not self.came(meeting) and not homes:
                found[meeting.title,] = (None,) * 4
                continue
            back = (
                (len(homes - seen), len(homes & seen), _share(len(homes & seen), len(homes))) if seen else (None,) * 3
            )
            found[meeting.title,] = (len(homes), *back)
            seen |= homes
        return found

    def quotas(self, names):
        found = {}
        for row in db.session.query(Quota):
            meeting = next(m for m in self.meetings if m.id == row.meeting_id)
            n = sum(
                sector == row.sector_id and row.country in ("", land)
                for _state, _home, sector, land in self._confirmed(meeting).values()
            )
            words = names[row.sector_id] + (f", {country_name(row.country)}" if row.country else "")
            found[meeting.title, words] = (row.seats, n, _share(n, row.seats))
        return found

    # the network

    def ties(self):
        """{(a, b): (best rung, nobody replied, stage)} of every two organisations with a partnership."""
        rows = defaultdict(list)
        for row in self.records.values():
            for pair in combinations(row["homes"], 2):
                rows[pair].append(row)
        found = {}
        for pair, here in rows.items():
            firm = [row for row in here if row["rung"] is not Rung.REPORTED]
            best = (
                "substantiated"
                if any(r["rung"] is Rung.SUBSTANTIATED for r in here)
                else "confirmed"
                if firm
                else "reported"
            )
            stages = [row["stage"] for row in firm or here if row["stage"] is not UNKNOWN]
            silent = not firm and all(row["asked"] and not row["answered"] for row in here)
            found[pair] = (best, silent, max(stages, default=None))
        return found

    def parties(self):
        return {ident: db.session.query(Party).filter_by(partnership_id=ident).count() for ident in self.records}


def _days(value, precision):
    """The first and the last day that a remembered date allows."""
    if value is None or precision == "unknown":
        return None
    day = value if isinstance(value, date) else date.fromisoformat(value)
    first = {"day": day.month, "month": day.month, "quarter": 1 + (day.month - 1) // 3 * 3, "year": 1}[precision]
    if precision == "day":
        return day, day
    last = first + {"month": 0, "quarter": 2, "year": 11}[precision]
    return date(day.year, first, 1), date(day.year, last, monthrange(day.year, last)[1])


def _by(watched, days):
    """Kaplan and Meier: what is left of everybody after each day on which something happened."""
    left = 1.0
    for when in sorted({day for day, happened in watched if happened and day <= days}):
        at_risk = sum(day >= when for day, _ in watched)
        left *= 1 - sum(day == when and happened for day, happened in watched) / at_risk
    return f"{round(100 * (1 - left))}%"


def _share(n, of):
    return f"{round(100 * n / of)}%" if of else None


def _land(code):
    return country_name(code) if code else "no country noted"
