"""What every letter of an agent is made of: recipients, text, and files of their own."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import Field, field_validator

from services.tickets.api.context import Tickets
from services.tickets.model.draft import ACTIONS_MAX, FILES_MAX, LETTER_CHARS
from services.tickets.model.files import plain_label
from shared.access import Viewer
from shared.contracts.common import Address, Attachment
from shared.contracts.directory import MacroAction
from shared.errors import FieldError, Invalid
from shared.http import Body

Html = Annotated[str, Field(max_length=LETTER_CHARS)]
_MAILBOX = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,255}")


class AddressBody(Body):
    """A mailbox. Anything that could end a mail header is refused."""

    address: Annotated[str, Field(max_length=320)]
    name: Annotated[str, Field(max_length=200)] = ""

    @field_validator("address")
    @classmethod
    def _one_mailbox(cls, value: str) -> str:
        value = value.strip().lower()
        if not _MAILBOX.fullmatch(value) or not value.isprintable():
            raise ValueError("is not an email address")
        return value

    @field_validator("name")
    @classmethod
    def _one_line(cls, value: str) -> str:
        return "".join(one for one in value if unicodedata.category(one) not in ("Cc", "Zl", "Zp")).strip()

    def value(self) -> Address:
        return Address(address=self.address, name=self.name)


Recipients = Annotated[tuple[AddressBody, ...], Field(max_length=100)]
Files = Annotated[
    tuple[Attachment | Annotated[str, Field(min_length=1, max_length=200)], ...], Field(max_length=FILES_MAX)
]
"""As ingest answered the upload; an id alone will do, the file is then shown without its name."""
Actions = Annotated[tuple[MacroAction, ...], Field(max_length=ACTIONS_MAX)]
"""Those of the macros that it was written with; they are carried out with the sending."""


def addresses(given: tuple[AddressBody, ...]) -> tuple[Address, ...]:
    """Each mailbox once."""
    return tuple({one.address: one.value() for one in given}.values())


def own_files(tickets: Tickets, viewer: Viewer, given: tuple[Attachment | str, ...]) -> tuple[Attachment, ...]:
    """Files that the viewer uploaded. Raises Invalid for any other: its id may be of another brand's conversation."""
    files = tuple(
        Attachment(id=one, name="attachment", content_type="application/octet-stream", size_bytes=0)
        if isinstance(one, str)
        else plain_label(one)
        for one in given
    )
    for index, one in enumerate(files):
        if not tickets.signer.uploaded_by(one.id, viewer.agent_id):
            field = FieldError(f"body.attachments.{index}", "upload the file first and use the answer")
            raise Invalid("unknown_file", "One of the files was not uploaded by you.", (field,))
    return files
