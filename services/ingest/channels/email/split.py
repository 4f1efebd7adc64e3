"""Where the new text ends and what it quotes begins; and the signature between them. Linear in the text.

Line by line rather than by one large expression: the kept parsers for this took minutes on a hostile mail, and
lost a customer's own line that began with a dash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MAX_LINES = 20_000
_MAX_LINE_CHARS = 600

# "On …, X wrote:" as mail programs of the larger languages write it, on one line or folded onto up to three.
_WROTE_START = re.compile(
    r"^(?:On|Am|Le|El|Il|Op|Em|W dniu|Den|Dne|På|Pe data|Dnia|Vào|Tanggal|Pada|"
    r"\d{4}[-年/.]|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|"
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Mo|Di|Mi|Do|Fr|Sa|So)[., ])",
)
_WROTE_FIRST = frozenset("OALEIWDPVTMFS0123456789")
"""What such a line begins with, as far as it is ASCII: few do, and only those are worth a look."""
_WROTE_END = re.compile(
    r"(?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|schreef|napisał(?:\(a\))?|skrev|napsal(?:\(a\))?|kirjoitti|"
    r"a scris|yazdı|написал(?:\(а\))?|пишет|写道|寫道|のメール|さんが書きました|님이 작성)"
    r"(?:[^:：]{0,80})?\s*[:：]\s*$",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"^[-_ ]{2,}\s*(?:Original Message|Original-Nachricht|Ursprüngliche Nachricht|Message d'origine|Mensaje original|"
    r"Mensagem original|Messaggio originale|Oorspronkelijk bericht|Oprindelig meddelelse|Ursprungligt meddelande|"
    r"Wiadomość oryginalna|Исходное сообщение|原始邮件|Forwarded message|Weitergeleitete Nachricht|"
    r"Message transféré|Mensaje reenviado|Begin forwarded message)\b",
    re.IGNORECASE,
)
_FORWARD = re.compile(r"^(?:Begin forwarded message|Anfang der weitergeleiteten Nachricht)\s*:", re.IGNORECASE)
_FROM = re.compile(
    r"^\W{0,3}(?:From|Von|De|Da|Van|Från|Fra|Od|От|发件人|差出人|보낸 사람)\s*\W{0,2}[:：]\W{0,3}\S", re.IGNORECASE
)
_OTHER = re.compile(
    r"^\W{0,3}(?:Sent|Date|To|Subject|Cc|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado(?: el)?|Fecha|Para|Asunto|"
    r"Assunto|Data|Inviato|A|Oggetto|Verzonden|Aan|Onderwerp|Skickat|Till|Ämne|Sendt|Til|Emne|Wysłano|Do|Temat|"
    r"Отправлено|Кому|Тема|发送时间|收件人|主题|送信日時|宛先|件名)\s*\W{0,2}[:：]",
    re.IGNORECASE,
)
_RULE = re.compile(r"^[_-]{20,}\s*$")
_DELIMITER = re.compile(r"^--\s?$")
_SENT_FROM = re.compile(
    r"^(?:Sent from (?:my|Mail|Outlook|Yahoo|Proton|AOL|Samsung)|Get Outlook for|Sent via|Von meinem .{1,40} gesendet|"
    r"Gesendet (?:von|mit)|Envoyé (?:de mon|à partir)|Enviado desde|Enviado do meu|Inviato da|Verzonden (?:vanaf|met)|"
    r"Skickat från|Sendt fra|Wysłane z|Отправлено (?:с|из)|发自我的|iPhoneから送信)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Split:
    """`text` + `signature` + `quoted` hold every line of the body, in this order in the common case."""

    text: str
    signature: str
    quoted: str


def split(body: str) -> Split:
    """Split a plain text body. When everything seems quoted, as in a forward without a word, all of it is the text."""
    lines = body.split("\n", _MAX_LINES)
    below = _answer_below(lines)
    if below:
        answer = split("\n".join(lines[below:]))
        return Split(answer.text, answer.signature, _joined([*lines[:below], *answer.quoted.split("\n")]))
    at = _quote_start(lines)
    own, quoted = lines[:at], lines[at:]
    sign_at = _signature_start(own)
    text = _joined(own[:sign_at])
    signature = _joined(own[sign_at:])
    if not text and quoted:
        return Split(_joined(lines), "", "")
    if not text:
        return Split(signature, "", "")
    return Split(text, signature, _joined(quoted))


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n").rstrip()


def _answer_below(lines: list[str]) -> int:
    """Where the answer begins when it stands below one quoted block at the top; 0 when it does not."""
    at = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if _WROTE_START.match(lines[at].strip()[:_MAX_LINE_CHARS]):
        end = _wrote_end(lines, at)
        at = 0 if end is None else end + 1
    while at < len(lines) and not lines[at].strip():
        at += 1
    first = at
    while at < len(lines) and (lines[at].lstrip().startswith(">") or (at > first and not lines[at].strip())):
        at += 1
    rest = [line for line in lines[at:] if line.strip()]
    answered = at > first and rest and not any(line.lstrip().startswith(">") for line in rest)
    return at if answered and not _signature_like(rest) else 0


def _quote_start(lines: list[str]) -> int:
    """The first line of the quoted tail, or len(lines). Answers between quoted lines stay in the text."""
    for at, line in enumerate(lines):
        short = line[:_MAX_LINE_CHARS].strip()
        if not short or short[0] == ">":
            continue
        names = ":" in short or "：" in short  # a field, perhaps; most lines are not worth a look
        if (short[0] in "-_" and _SEPARATOR.match(short)) or (names and _FORWARD.match(short)):
            return _with_rule(lines, at)
        if (short[0] in _WROTE_FIRST or short[0] > "\x7f") and _WROTE_START.match(short):
            end = _wrote_end(lines, at)
            if end is not None and _all_quoted_or_plain(lines, end + 1):
                return at
        elif names and _FROM.match(short) and _header_block(lines, at):
            return _with_rule(lines, at)
    return _trailing_quote(lines)


def _wrote_end(lines: list[str], at: int) -> int | None:
    joined = ""
    for n in range(at, min(at + 3, len(lines))):
        joined = f"{joined} {lines[n][:_MAX_LINE_CHARS].strip()}".strip()
        if _WROTE_END.search(joined[-200:]):
            return n
        if not lines[n].strip():
            return None
    return None


def _all_quoted_or_plain(lines: list[str], start: int) -> bool:
    """After "X wrote:": either nobody marks quotes with >, or no new text follows the quoted block."""
    rest = [line for line in lines[start:] if line.strip()]
    if not rest or not rest[0].lstrip().startswith(">"):
        return True
    after = len(rest)
    while after and not rest[after - 1].lstrip().startswith(">"):
        after -= 1
    return len(rest) - after <= 3 or _signature_like(rest[after:])


def _signature_like(lines: list[str]) -> bool:
    first = lines[0].strip()
    return bool(_DELIMITER.match(lines[0]) or _SENT_FROM.match(first) or _RULE.match(first))


def _header_block(lines: list[str], at: int) -> bool:
    """Outlook's From/Sent/To/Subject block: at least two more such lines within the next six."""
    return sum(1 for line in lines[at + 1 : at + 7] if _OTHER.match(line[:_MAX_LINE_CHARS].strip())) >= 2


def _with_rule(lines: list[str], at: int) -> int:
    before = at - 1
    while before >= 0 and not lines[before].strip():
        before -= 1
    return before if before >= 0 and _RULE.match(lines[before].strip()) else at


def _trailing_quote(lines: list[str]) -> int:
    at = len(lines)
    while at and (not lines[at - 1].strip() or lines[at - 1].lstrip().startswith(">")):
        at -= 1
    has_quote = any(line.lstrip().startswith(">") for line in lines[at:])
    return at if has_quote else len(lines)


def _signature_start(lines: list[str]) -> int:
    for at in range(len(lines) - 1, max(-1, len(lines) - 31), -1):
        if lines[at].startswith("--") and _DELIMITER.match(lines[at]):
            return at
    filled = [at for at, line in enumerate(lines) if line.strip()]
    for at in filled[-4:]:
        if _SENT_FROM.match(lines[at].strip()):
            return at
    return len(lines)


# What the larger mail programs put before a quotation in HTML.
_HTML_QUOTE = re.compile(
    r"<(?:div|blockquote|span|hr|table)\b[^<>]{0,300}?"
    r"(?:class\s*=\s*[\"']?[^\"'<>]{0,100}?(?:gmail_quote|gmail_extra|yahoo_quoted|moz-cite-prefix|protonmail_quote|"
    r"zmail_extra|tutanota_quote|cite-prefix)"
    r"|id\s*=\s*[\"']?(?:x_)*(?:divRplyFwdMsg|appendonsend|stopSpelling|mail-editor-reference-message-container|"
    r"reply-intro|isForwardContent|replySplit)"
    r"|type\s*=\s*[\"']?cite)",
    re.IGNORECASE,
)
# Outlook for Windows: a paragraph with a top border that begins with "From:".
_OUTLOOK = re.compile(
    r"<div[^<>]{0,200}border-top:\s?solid[^<>]{0,200}>\s{0,20}<p\b[^<>]{0,200}>\s{0,20}(?:<b>)?\s{0,9}(?:<span[^<>]{0,200}>)?"
    r"(?:<b>)?\s{0,9}(?:From|Von|De|Da|Van|Från|Fra|Od)\s?:",
    re.IGNORECASE,
)
# Older programs: a separator line. Both begin with what cannot be left out, as only that is looked for quickly.
_SEPARATED = re.compile(
    r"---[-]{0,7}\s?(?:Original Message|Ursprüngliche Nachricht|Message d'origine|Mensaje original|Messaggio originale)"
    r"\s?-{3,10}",
    re.IGNORECASE,
)
# Or a bold "From:" with "Sent:" or "Date:" soon after it.
_BOLD = re.compile(
    r"<b>\s{0,9}(?:<span[^<>]{0,200}>)?(?:From|Von|De|Da)\s?:(?=.{0,600}?"
    r"\b(?:Sent|Date|Gesendet|Datum|Envoyé|Enviado|Fecha|Inviato|Data)\s?:)",
    re.IGNORECASE | re.DOTALL,
)
_OPENING = re.compile(r"(?:<(?:div|p|font|span|b|hr)\b[^<>]{0,200}>\s{0,9}){1,4}\Z", re.IGNORECASE)
"""What opens just before one of these two, and belongs to it."""
_OPENING_CHARS = 900


def split_html(html: str) -> tuple[str, str]:
    """(new part, quoted part) of unsanitised HTML; both are fragments that the sanitiser closes."""
    starts = [found.start() for one in (_HTML_QUOTE, _OUTLOOK) if (found := one.search(html))]
    starts += [_opening(html, found.start()) for one in (_SEPARATED, _BOLD) if (found := one.search(html))]
    if not starts:
        return html, ""
    at = min(starts)
    return html[:at], html[at:]


def _opening(html: str, at: int) -> int:
    found = _OPENING.search(html, max(0, at - _OPENING_CHARS), at)
    return found.start() if found else at
