"""Files as agents name them in what they write. ingest made the label safe when the file came; a client may have
written another one since. Pure."""

from __future__ import annotations

import re

from shared.contracts.common import Attachment
from shared.file_labels import last_part, media_type

NAME_LENGTH = 200
_CONTENT_ID = re.compile(r"[!-~]{1,200}")


def plain_label(file: Attachment) -> Attachment:
    """The file with a name on one line, without a path or characters that hide or turn others, and a media type that
    is one: both stand in mails and on other agents' screens."""
    name = " ".join(last_part(file.name).split())[:NAME_LENGTH]
    known_id = file.content_id is not None and _CONTENT_ID.fullmatch(file.content_id)
    return file.model_copy(
        update={
            "name": name or "file",
            "content_type": media_type(file.content_type.lower()),
            "size_bytes": max(file.size_bytes, 0),
            "content_id": file.content_id if known_id else None,
        }
    )
