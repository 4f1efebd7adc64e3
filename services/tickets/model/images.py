"""The images of the web that a message shows. Pure."""

from __future__ import annotations

from html.parser import HTMLParser

MOST_IMAGES = 200
URL_LENGTH = 2000


def remote_images(html: str) -> list[str]:
    """Their addresses as they stand in sanitised HTML, each once, in order; what is longer than any address that we
    call is left out. In a customer's message they are in `data-remote-src`, in ours in `src`."""
    reader = _Images()
    reader.feed(html)
    reader.close()
    return list(dict.fromkeys(reader.found))[:MOST_IMAGES]


class _Images(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "img":
            return
        given = dict(attrs)
        url = given.get("data-remote-src") or given.get("src") or ""
        if url[:8].lower().startswith(("http://", "https://")) and len(url) <= URL_LENGTH:
            self.found.append(url)
