"""What contacts' conversations come to (`model.talks`), kept on their documents within one transaction of a `Work`.

A document has `talks`, of the contact and all that it stands for; `own_talks`, what was written as this very contact,
where it stands for others; and `talked`, as which segments find it. A conversation says as whom it was written, so two
contacts that are one person add up, and taken apart again they have what each had (`docs/decisions/033`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from services.tickets.model.talks import CONVERSATIONS, UNCLOSED, Facts, Talks, brings_nothing, joined
from shared.contracts.contacts import Contact
from shared.mongo import Collection, Document

FIELDS = ("talks", "own_talks", "talked")
DAYS = ("first_wrote", "last_wrote", "last_answered")
_NUMBERS = (CONVERSATIONS, UNCLOSED)
"""How many is asked of these; of the others whether there is one."""


@dataclass(slots=True)
class _Row:
    own: Facts = field(default_factory=dict)
    all: Facts = field(default_factory=dict)
    merged_ids: tuple[str, ...] = ()
    is_merged: bool = False
    changed: bool = False


class TalkWork:
    """The facts of the contacts that one `Work` is about."""

    def __init__(self, contacts: Collection, session: AsyncClientSession) -> None:
        self._contacts = contacts
        self._session = session
        self._rows: dict[str, _Row] = {}

    def read(self, document: Document) -> None:
        """A contact's document as it was before."""
        all_ = read_facts(document.get("talks", ()))
        own = read_facts(document["own_talks"]) if "own_talks" in document else all_
        merged_ids = tuple(document.get("merged_ids", ()))
        self._rows[document["_id"]] = _Row(own, all_, merged_ids, document.get("merged_into") is not None)

    async def settle(
        self, changes: Mapping[str, Facts], before: Mapping[str, Contact], after: Mapping[str, Contact]
    ) -> None:
        """Take in `changes`, by the contact as whom they were written, and whom contacts stand for now."""
        regrouped = [one for one in after.values() if one.id in before and before[one.id].merged_ids != one.merged_ids]
        alone = {id_ for id_, row in self._rows.items() if not row.is_merged} | (after.keys() - before.keys())
        # Whoever stands for a duplicate is known by the duplicate's id alone.
        unknown = [id_ for id_ in changes if id_ not in alone]
        parts = [id_ for one in regrouped for id_ in one.merged_ids if id_ not in self._rows]
        if unknown or parts:
            either: Document = {"$or": [{"_id": {"$in": [*unknown, *parts]}}, {"merged_ids": {"$in": unknown}}]}
            shown = dict.fromkeys((*FIELDS, "merged_ids", "merged_into"), True)
            for document in await self._contacts.find(either, shown, session=self._session).to_list(None):
                if document["_id"] not in self._rows:
                    self.read(document)
        self._now(after)
        for id_, change in changes.items():
            self._add(id_, change)
        for one in regrouped:
            row = self._rows[one.id]
            row.all = joined(row.own, *(self._rows[id_].own for id_ in one.merged_ids))
            row.changed = True

    def _now(self, after: Mapping[str, Contact]) -> None:
        for one in after.values():
            row = self._rows.setdefault(one.id, _Row())
            row.merged_ids, row.is_merged = one.merged_ids, one.merged_into is not None

    def _add(self, contact_id: str, change: Facts) -> None:
        own = self._rows.get(contact_id)
        if own is None or (not own.is_merged and brings_nothing(own.own, change)):
            return
        mine = joined(own.own, change)
        # What somebody else of the same person wrote may be all that there is to see of it in `all`.
        own.changed = own.changed or mine != own.own
        own.own = mine
        holders = [row for row in self._rows.values() if contact_id in row.merged_ids] if own.is_merged else []
        for row in (own, *holders):
            total = joined(row.all, change)
            row.changed = row.changed or total != row.all
            row.all = total

    def fields(self, contact_id: str) -> Document:
        """What a contact's document says of it."""
        row = self._rows[contact_id]
        found: Document = {"talks": _documents(row.all), "talked": [] if row.is_merged else _talked(row.all)}
        return {**found, "own_talks": _documents(row.own)} if row.merged_ids else found

    def writes(self, but: Iterable[str]) -> list[UpdateOne]:
        """Of every document that changed, except those that are written whole."""
        ids = [id_ for id_, row in self._rows.items() if row.changed and id_ not in set(but)]
        return [UpdateOne({"_id": id_}, {"$set": self.fields(id_)}) for id_ in ids]


def read_facts(rows: Iterable[Document]) -> Facts:
    return {
        row["place"]: Talks(
            {one["key"]: one["n"] for one in row["counts"]},
            row["first_wrote"],
            row["last_wrote"],
            row["last_answered"],
            {one["name"]: one["day"] for one in row.get("did", ())},
        )
        for row in rows
    }


def _documents(facts: Facts) -> list[Document]:
    """`conversations` and `unclosed` stand beside `counts` once more, to be compared."""
    return [
        {
            "place": place,
            **{name: talks.counts.get(name, 0) for name in _NUMBERS},
            **{name: getattr(talks, name) for name in DAYS},
            "counts": [{"key": key, "n": n} for key, n in sorted(talks.counts.items())],
            # Only where there is any: the index of it has no entry for the others.
            **({"did": [{"name": name, "day": day} for name, day in sorted(talks.did.items())]} if talks.did else {}),
        }
        for place, talks in sorted(facts.items())
    ]


def _talked(facts: Facts) -> list[str]:
    """One entry of the index for each thing that is so of at least one conversation."""
    keys = ((place, key) for place, talks in facts.items() for key in talks.counts if key != CONVERSATIONS)
    return sorted(talked_key(place, key) for place, key in keys)


def talked_key(place: str, key: str) -> str:
    return f"{place}|{key}"
