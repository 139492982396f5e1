#!/usr/bin/env python3
"""Writes clean_text.tsv, what python makes of texts: a line each of step, text and result, escaped as in C strings.

  nfc, nfkc  unicodedata.normalize: some of the characters that either form changes, sequences drawn from those that
             move or join, and all pairs that compose but for most of the many alike
  fold       str.casefold of every character that it changes
  entity     html.unescape, put right where it leaves the HTML standard: it drops control and other characters that the
             standard keeps

usage: python3 tests/golden/clean_text.py > tests/golden/clean_text.tsv
"""

import html
import random
import re
import sys
import unicodedata
from html.entities import html5

draw = random.Random(5)


def escape(text):
    shown = ""
    for c in text:
        shown += c if c not in "\\\t\n\r\0" else "\\x%02x" % ord(c)
    return shown


def put(step, text, result):
    print("%s\t%s\t%s" % (step, escape(text), escape(result)))


def unescape(text):
    def keep(match):
        digits = match[1].rstrip(";")
        number = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
        legal = 0 < number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
        return chr(number) if legal and not 0x80 <= number <= 0x9F else html.unescape(match[0])

    return "".join(
        re.sub(r"&#([0-9]+;?|[xX][0-9a-fA-F]+;?)", keep, part) if part.startswith("&#") else html.unescape(part)
        for part in re.split(r"(&#(?:[0-9]+;?|[xX][0-9a-fA-F]+;?))", text)
    )


sys.stdout.reconfigure(encoding="utf-8", newline="\n")
characters = [chr(c) for c in range(1, 0x110000) if not 0xD800 <= c <= 0xDFFF and unicodedata.category(chr(c)) != "Cn"]

alike = re.compile("[\uac00-\ud7a3\uf900-\ufaff\U0002f800-\U0002fa1f\U0001d400-\U0001d7ff]")
for form in "NFC", "NFKC":
    for c in characters:
        if unicodedata.normalize(form, c) != c and draw.random() < (0.05 if alike.match(c) else 0.4):
            put(form.lower(), c, unicodedata.normalize(form, c))

pairs = set()
for c in characters:
    parts = unicodedata.normalize("NFD", c)
    if len(parts) > 1 and unicodedata.normalize("NFC", parts) == c and (not alike.match(c) or draw.random() < 0.01):
        pairs.add(parts)
for text in sorted(pairs):
    put("nfc", text, unicodedata.normalize("NFC", text))

moving = [c for c in characters if unicodedata.combining(c)]
joining = sorted({parts[-1] for parts in pairs} | set("\u1161\u11a8\u0bd7\u0f71"))
others = list("ae\u0391\u1100\uac00\u0928\u05d0\u0627\u30ab\uff76\uff9e\ufb01\u212b\u1e9b\u0344\u0f73\U0001d15e ")
for form in "NFC", "NFKC":
    for _ in range(600):
        pools = [draw.choice([moving, joining, others]) for _ in range(draw.randrange(1, 24))]
        text = "".join(draw.choice(pool) for pool in pools)
        put(form.lower(), text, unicodedata.normalize(form, text))

for c in characters:
    if c.casefold() != c:
        put("fold", c, c.casefold())

for name in sorted(html5):
    put("entity", "&" + name, unescape("&" + name))
for text in (
    "&notit; &notin; &notin &amp;lt; &ampamp; &AMP &Amp; &nosuch; & &; && &&&& &#38;#38; &#x26;lt;",
    "&#0; &#128; &#x80; &#129; &#150; &#xD800; &#x110000; &#99999999999999999999; &#13;|&#11;|&#x1F; &#xFFFE; &#x1FFFF;",
    "&# &#; &#x; &#x &#xg; &#65 &#65A &#x41Z &#X41; &#0000000000065; &CounterClockwiseContourIntegral; &ThickSpace;|",
    "&copy2; &copy= &copya &times &timesb; &timesbar; &gtcc; &gtc; &LT&GT &quot;&QUOT; &fjlig; &NotEqualTilde;",
):
    put("entity", text, unescape(text))
