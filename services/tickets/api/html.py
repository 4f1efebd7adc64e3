"""What agents write as HTML: what is allowed through, and the text that it says.

An allow-list (nh3, which is ammonia), as anything an agent's browser sends may come from a page that it
was pasted from. Styles and classes fall away; the reader's own surface decides how it looks.
"""

from __future__ import annotations

from html.parser import HTMLParser

import nh3

_TAGS = {
    *("p", "br", "div", "span", "strong", "b", "em", "i", "u", "s", "sub", "sup", "mark"),
    *("a", "ul", "ol", "li", "blockquote", "pre", "code", "hr", "h1", "h2", "h3", "h4", "img"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "span": {"data-type", "data-id", "data-label"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}

_BLOCKS = {"p", "div", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "h4", "table", "tr", "hr"}


def clean(html: str) -> str:
    """The HTML with only what is allowed. An empty editor's `<p></p>` becomes nothing."""
    safe = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        clean_content_tags={"script", "style", "title"},
        link_rel="noopener noreferrer",
        strip_comments=True,
    ).strip()
    return safe if to_text(safe) or "<img" in safe else ""


def to_text(html: str) -> str:
    """The same as plain text: blocks on lines of their own, `- ` before items, links with where they go."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    lines = [line.rstrip() for line in "".join(reader.parts).split("\n")]
    text = "\n".join(lines)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._link: tuple[str, int] | None = None
        self._pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in _BLOCKS:
            # A paragraph within an item goes on in the item's line.
            if not (self.parts and self.parts[-1].endswith("- ")):
                self.parts.append("\n")
            self._pre += tag == "pre"
        elif tag in ("td", "th"):
            self.parts.append("\t")
        elif tag == "a":
            self._link = (dict(attrs).get("href") or "", len(self.parts))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link:
            href, start = self._link
            said = "".join(self.parts[start:]).strip()
            if href and href.removeprefix("mailto:").removeprefix("tel:") != said:
                self.parts.append(f" ({href})")
            self._link = None
        elif tag in _BLOCKS:
            self.parts.append("\n")
            self._pre -= tag == "pre" and self._pre > 0

    def handle_data(self, data: str) -> None:
        if self._pre:
            self.parts.append(data)
            return
        line = " ".join(data.split())
        if not line:
            line = " " if data and self.parts and not self.parts[-1].endswith(("\n", " ")) else ""
        else:
            line = (" " if data[0].isspace() else "") + line + (" " if data[-1].isspace() else "")
        if line.startswith(" ") and (not self.parts or self.parts[-1].endswith(("\n", " "))):
            line = line[1:]
        if line:
            self.parts.append(line)
