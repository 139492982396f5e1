"""Seconds in which a library cleans the texts of a file as the case text does: tags and entities of HTML, NFC, control
characters, addresses, repeated characters, white space, case. Without start, import and reading.

text_peers.py python|pandas|ftfy FILE
"""

import csv
import html
import re
import sys
import time
import unicodedata

library, file = sys.argv[1:]
with open(file, encoding="utf8") as lines:
    texts = [row["text"] for row in csv.DictReader(lines)]

TAG = r"(?s)<!--.*?-->|</?[A-Za-z][^>]*>"
CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
URL = r"\b(?:https?://|www\.)[^\s<>\"]+"
EMAIL = r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)+"
REPEAT = r"([^\d\s])\1{2,}"
BLANK = r"\s+"


def python():
    tag, control, url, email, repeat, blank = map(re.compile, (TAG, CONTROL, URL, EMAIL, REPEAT, BLANK))
    for i, text in enumerate(texts):
        text = unicodedata.normalize("NFC", html.unescape(tag.sub(" ", text)))
        text = email.sub("<email>", url.sub("<url>", control.sub("", text)))
        texts[i] = blank.sub(" ", repeat.sub(r"\1\1", text)).casefold().strip()


def pandas():
    import pandas

    global texts
    series = pandas.Series(texts, dtype="str")
    yield
    series = series.str.replace(TAG, " ", regex=True).map(html.unescape).str.normalize("NFC")
    for pattern, text in (CONTROL, ""), (URL, "<url>"), (EMAIL, "<email>"), (REPEAT, r"\1\1"), (BLANK, " "):
        series = series.str.replace(pattern, text, regex=True)
    series.str.casefold().str.strip()


def ftfy():
    """Its own cleaning: entities, NFC, control characters, encodings put right; no tags, addresses, repeats, case."""
    from ftfy import fix_text

    yield
    for text in texts:
        fix_text(text)


def steps():
    if library == "python":
        yield
        python()
    else:
        yield from {"pandas": pandas, "ftfy": ftfy}[library]()
    yield


work = steps()
next(work)
begin = time.perf_counter()
next(work)
print(time.perf_counter() - begin)
