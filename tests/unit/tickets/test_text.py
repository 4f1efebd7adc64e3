"""Short lines for the list, agents' HTML made safe, and its plain text."""

from __future__ import annotations

import pytest

from services.tickets.api.html import clean, to_text
from services.tickets.model.text import answer_subject, shorten, summary
from shared.contracts.common import Attachment


@pytest.mark.parametrize(
    ("text", "limit", "line"),
    [
        ("one  two\n\nthree", 50, "one two three"),
        ("one two three", 9, "one two…"),
        ("abcdefghijklmnop", 8, "abcdefg…"),
        ("", 5, ""),
        ("שלום עולם 👋", 50, "שלום עולם 👋"),
    ],
)
def test_shorten(text: str, limit: int, line: str) -> None:
    assert shorten(text, limit) == line
    assert len(line) <= limit


def test_files_without_words_are_named() -> None:
    file = Attachment(id="a", name="receipt.pdf", content_type="application/pdf", size_bytes=1)
    assert summary(" ", (file, file), 100) == "Attachment: receipt.pdf and 1 more"
    assert summary("Hi", (file,), 100) == "Hi"


@pytest.mark.parametrize(("subject", "answer"), [("Pan", "Re: Pan"), ("RE: Pan", "RE: Pan"), ("", "Re:")])
def test_answer_subject(subject: str, answer: str) -> None:
    assert answer_subject(subject) == answer


@pytest.mark.parametrize(
    ("html", "safe"),
    [
        ("<p>Hi <script>alert(1)</script><b onclick=x()>you</b></p>", "<p>Hi <b>you</b></p>"),
        ('<a href="javascript:alert(1)">x</a>', '<a rel="noopener noreferrer">x</a>'),
        ('<p style="position:fixed">x</p>', "<p>x</p>"),
        ('<img src="data:image/svg+xml,x" onerror="x">', "<img>"),
        ("<svg><animate onbegin=alert(1)></svg>x", "x"),
        ("<p></p>", ""),
        ("<!-- x --><style>p{}</style>", ""),
    ],
)
def test_agents_html_is_made_safe(html: str, safe: str) -> None:
    assert clean(html) == safe


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hi Ada,</p><p>your pan<br>ships today.</p>", "Hi Ada,\n\nyour pan\nships today."),
        ("<ul><li><p>one</p></li><li>two</li></ul>", "- one\n\n- two"),
        ('<p>See <a href="https://x.example/a">the page</a>.</p>', "See the page (https://x.example/a)."),
        ('<a href="https://x.example">https://x.example</a>', "https://x.example"),
        ("<p>a &amp; b&nbsp;&lt;c&gt;</p>", "a & b <c>"),
        ("<pre>a\n  b</pre>", "a\n  b"),
    ],
)
def test_html_to_text(html: str, text: str) -> None:
    assert to_text(html) == text
