"""HTML of strangers made harmless (nh3, an allow-list), with remote images held back until asked for.

In the result, an image from the web has `data-remote-src` instead of `src`; an image of the mail itself keeps
`src="cid:…"` and is found among the attachments by its content id.
"""

from __future__ import annotations

import html as entities
import re

import nh3

from services.ingest.channels.email.words import clean_text, cut

MAX_INPUT_CHARS = 2 * 1024 * 1024
MAX_TAGS = 20_000
"""An HTML parser takes quadratic time in the depth: 80,000 nested blocks took 20 s, and 20,000 take about one."""
_MAX_DATA_URL_CHARS = 20_000

_TAG_NAMES = (
    "a abbr address b bdi big blockquote br caption center cite code col colgroup dd del details dfn div dl dt "
    "em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike "
    "strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
_ATTRIBUTES = {
    "*": {"style", "dir", "lang", "title", "align", "valign"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "face", "size"},
    "table": {"width", "border", "cellpadding", "cellspacing", "bgcolor"},
    "td": {"width", "height", "colspan", "rowspan", "bgcolor", "nowrap"},
    "th": {"width", "height", "colspan", "rowspan", "bgcolor", "nowrap"},
    "tr": {"bgcolor", "height"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
    "blockquote": {"type"},
    "time": {"datetime"},
}
# Nothing here can load a file or place an element over the page around it.
_STYLE_NAMES = (
    "color background-color font-family font-size font-style font-weight line-height letter-spacing text-align "
    "text-decoration text-indent text-transform vertical-align white-space word-break border border-top "
    "border-right border-bottom border-left border-color border-style border-width border-collapse border- "
    "spacing border-radius padding padding-top padding-right padding-bottom padding-left margin-top margin- "
    "bottom width max-width direction list-style-type"
)
_DROPPED = {"script", "style", "title", "noscript", "template", "svg", "math", "iframe", "object", "textarea", "select"}
_CALLED = re.compile(r"([^\s:,(]*)\(")
_COLOURS = {"rgb", "rgba", "hsl", "hsla"}
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE)

_IMAGE = re.compile(r'<img((?:\s+[a-z-]+="[^"]*")*)\s*/?>')
_REMOTE = re.compile(r'\ssrc="(https?:)', re.IGNORECASE)
_TAG = re.compile(r"<(/?[a-z0-9]*+)[^<>]*+>")
_BREAKING = "br hr p div ul ol pre /p /div /tr /h1 /h2 /h3 /h4 /h5 /h6 /blockquote /pre /table /ul /ol /dd /dt"
_SHOWN_AS = {**dict.fromkeys(_BREAKING.split(), "\n"), "li": "\n- ", "/td": " ", "/th": " "}
"""What a tag is in a text; the others are nothing."""
_BLANKS = re.compile(r"[ \t]{2,}|\t")
_MANY_BREAKS = re.compile(r" ?\n ?(?:\n ?)+")


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "style":
        return _plain_style(value) if "(" in value or "\\" in value else value
    if name == "src" and value[:5].lower() == "data:":
        return value if len(value) <= _MAX_DATA_URL_CHARS and _DATA_IMAGE.fullmatch(value) else None
    if name == "href" and tag == "a":
        return None if value[:4].lower() in ("data", "cid:") else value
    return value


def _plain_style(style: str) -> str:
    """Without declarations that call anything but a colour. What is left of one that was cut within a string is the
    cleaner's to drop, which reads the style after this."""
    return ";".join(
        one for one in style.split(";") if "\\" not in one and _COLOURS.issuperset(_CALLED.findall(one.lower()))
    )


_CLEANER = nh3.Cleaner(
    tags=set(_TAG_NAMES.split()),
    clean_content_tags=_DROPPED,
    attributes=_ATTRIBUTES,
    attribute_filter=_attribute,
    url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
    set_tag_attribute_values={"a": {"target": "_blank"}},
    link_rel="noopener noreferrer nofollow",
    filter_style_properties=set(_STYLE_NAMES.split()),
    url_relative="deny",
)


def sanitised(html: str, limit_bytes: int) -> str:
    """Safe HTML of at most about `limit_bytes`; "" when nothing readable is left."""
    safe = _CLEANER.clean(clean_text(bounded(html)))
    if len(safe) * 4 > limit_bytes:
        shorter = cut(safe, limit_bytes)
        safe = safe if shorter == safe else _CLEANER.clean(shorter)
    return _IMAGE.sub(_held_back, safe).strip()


def bounded(html: str) -> str:
    """As much of it as is parsed: the first 2 MiB, and the first 20,000 tags."""
    html = html[:MAX_INPUT_CHARS]
    if html.count("<") <= MAX_TAGS:
        return html
    at = -1
    for _ in range(MAX_TAGS):
        at = html.find("<", at + 1)
    return html[:at]


def _held_back(image: re.Match[str]) -> str:
    return _REMOTE.sub(r' data-remote-src="\1', image.group())


def as_text(safe_html: str) -> str:
    """Readable plain text of sanitised HTML: blocks become lines, list items get a dash. Linear time: the input is
    the sanitiser's own output, where every < in a text is escaped."""
    pieces = _TAG.split(safe_html.replace("\n", " "))
    pieces[1::2] = [_SHOWN_AS.get(tag, "") for tag in pieces[1::2]]
    text = entities.unescape(_BLANKS.sub(" ", "".join(pieces))).replace("\xa0", " ")
    return _MANY_BREAKS.sub("\n\n", text).strip()


def has_content(safe_html: str) -> bool:
    return "<img" in safe_html or bool(as_text(safe_html))
