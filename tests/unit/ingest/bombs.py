"""Mails made to keep a reader busy, by what they do; each of about 200 kB, and some of 40 MiB."""

from __future__ import annotations

KIB = 1024
MIB = KIB * KIB
HEAD = b"From: eve@evil.example\r\nSubject: bomb\r\n"
HTML = HEAD + b"Content-Type: text/html\r\n\r\n"


def field(name: bytes, value: bytes, body: bytes = b"hi") -> bytes:
    return HEAD + name + b": " + value + b"\r\n\r\n" + body


def text(body: bytes) -> bytes:
    return HEAD + b"\r\n" + body


def nested(depth: int, body: bytes) -> bytes:
    """Parts within parts, and lines in the innermost, each of which is looked at for the end of all of them."""
    around = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return HEAD + around + b"\r\n" + body


def parts(count: int) -> bytes:
    return field(b"Content-Type", b"multipart/mixed; boundary=b", b"--b\r\n\r\n\r\n" * count)


SMALL = {
    "parameters of one field": field(b"Content-Type", b'text/plain; x="' + b";" * 200 * KIB),
    "parameters of a multipart": field(b"Content-Type", b'multipart/mixed; x="' + b";" * 200 * KIB + b'"; boundary=b'),
    "a name in a thousand pieces": field(
        b"Content-Type", b"a/b;" + b"".join(b" name*%d=a;" % n for n in range(18_000))
    ),
    "fields": HEAD + b"X: y\r\n" * 40 * KIB + b"\r\nhi",
    "a field in many lines": field(b"X", b"\r\n a" * 60 * KIB),
    "addresses": field(b"To", b"a@b.example, " * 16 * KIB),
    "groups of addresses": field(b"To", b"a:" * 100 * KIB),
    "comments in addresses": field(b"To", b"(" * 200 * KIB),
    "quotes in addresses": field(b"From", b'"' * 200 * KIB),
    "backslashes in addresses": field(b"Cc", b"\\" * 200 * KIB),
    "encoded words": field(b"Subject", b"=?utf-8?b?YQ==?= " * 12 * KIB),
    "spaces between encoded words": field(b"Subject", b"?=" + b" " * 200 * KIB),
    "beginnings of encoded words": field(b"Subject", b"=?" * 100 * KIB),
    "references": field(b"References", b"<a@b> " * 35 * KIB),
    "beginnings of references": field(b"References", b"<" * 200 * KIB),
    "a reference without end": field(b"In-Reply-To", b"a@" * 100 * KIB),
    "dates": field(b"Date", b"1 " * 100 * KIB),
    "verdicts": field(b"Authentication-Results", b"dmarc " * 30 * KIB),
    "depth": nested(200, b"\r\n" * 100 * KIB),
    "depth of forwards": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 300 + b"hi",
    "parts": parts(20 * KIB),
    "quotes": text(b">\r\n" * 60 * KIB),
    "a quote as one line": text(b">" * 200 * KIB),
    "answers between quotes": text(b"> a\r\nb\r\n" * 25 * KIB),
    "wrote": text(b"On x wrote:\r\n> a\r\nb\r\nb\r\nb\r\nb\r\n" * 7 * KIB),
    "wrote in long lines": text((b"On " + b"wrote" * 100 + b"\r\n") * 400),
    "blocks of From": text(b"From: a\r\n" * 22 * KIB),
    "rules": text((b"_" * 599 + b"x\r\n") * 400),
    "spaces": text(b" " * 200 * KIB + b"x"),
    "open tags": HTML + b"<" * 200 * KIB,
    "tags without end": HTML + b"<div " * 40 * KIB,
    "tags in tags": HTML + b"<b>" * 19 * KIB,
    "tables": HTML + b"<table>" * 20 * KIB,
    "formatting that is adopted": HTML + b"<a href=x><b><p>" * 7 * KIB,
    "attributes": HTML + b"<div" + b"".join(b" a%d=1" % n for n in range(20_000)) + b">",
    "styles": HTML + b'<div style="' + b"color:red;" * 20 * KIB + b'">',
    "quotes in HTML": HTML + b"<b>From: " * 19 * KIB,
    "separators in HTML": HTML + b"<div><div><div><div>-----" * 5 * KIB,
    "entities": HTML + b"&amp" * 50 * KIB,
    "base64 of nothing": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"!" * 200 * KIB,
    "quoted-printable of nothing": HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=" * 200 * KIB,
    "uuencode without end": HEAD + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\r\n" + b"M" * 200 * KIB,
    "idna": field(b"Content-Type", b"text/plain; charset=idna", b"a." * 100 * KIB),
    "punycode": field(b"Content-Type", b"text/plain; charset=punycode", b"a-" + b"9" * 200 * KIB),
    "iso-2022-jp": field(b"Content-Type", b"text/plain; charset=iso-2022-jp", b"\x1b$B" * 60 * KIB),
    "hz": field(b"Content-Type", b"text/plain; charset=hz", b"~{" * 100 * KIB),
    "utf-7": field(b"Content-Type", b"text/plain; charset=utf-7", b"+ADw-" * 40 * KIB),
    "zlib as a charset": field(b"Content-Type", b"text/plain; charset=zlib_codec", b"x\x9c" * 100 * KIB),
    "returned mails": field(
        b"Content-Type",
        b"multipart/report; report-type=delivery-status; boundary=b",
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\n" + b"Final-Recipient: a;b\r\n\r\n" * 8 * KIB,
    ),
}


def large() -> dict[str, bytes]:
    """Near the limit of 40 MiB. Made when asked for."""
    return {
        "millions of lines": nested(1, b"\r\n" * (19 * MIB)),
        "a million parts": parts(4 * MIB),
        "lines in the depth": nested(39, b"\r\n" * (15 * MIB)),
    }
