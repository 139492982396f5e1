#!/usr/bin/env python3
"""Writes html_entities.c: the named character references of the HTML standard, which html_entities.h explains.

Source: HTML standard, section 13.5, "Named character references", as python's html.entities has it. Each of the 106
names that stand without a semicolon stands with one too.

usage: python3 lib/stage/html_entities.py > lib/stage/html_entities.c
"""

from html.entities import html5

WIDTH = 112
SECONDS = sorted({ord(text[1]) for text in html5.values() if len(text) == 2})


def value(name):
    text = html5[name + ";"]
    second = SECONDS.index(ord(text[1])) + 1 if len(text) == 2 else 0
    assert len(text) <= 2 and ord(text[0]) < 1 << 17 and second < 16
    assert html5.get(name, text) == text
    return ord(text[0]) | second << 17 | (name in html5) << 21


def rows(items):
    row = ""
    for item in items:
        if len(row) + len(item) > WIDTH:
            yield row
            row = ""
        row += item
    yield row


names = sorted(name[:-1] for name in html5 if name.endswith(";"))
letters = "".join(names)
starts = [0]
for name in names:
    starts.append(starts[-1] + len(name))
assert starts[-1] < 1 << 16 and {name for name in html5 if not name.endswith(";")} <= set(names)

print("/* Made by html_entities.py; not to be edited. */")
print('#include "stage/html_entities_private.h"\n')
print("/* clang-format off */")
print("const uint16_t weir_html_entity_seconds[] = { 0, %s };" % ", ".join("0x%X" % code for code in SECONDS))
print("const char weir_html_entity_names[] =")
print("\n".join('    "%s"' % letters[i : i + WIDTH] for i in range(0, len(letters), WIDTH)) + ";")
print("const uint16_t weir_html_entity_starts[WEIR_HTML_ENTITIES + 1] = {")
print("\n".join("    " + row for row in rows("%d," % start for start in starts)))
print("};")
print("const uint32_t weir_html_entity_values[WEIR_HTML_ENTITIES] = {")
print("\n".join("    " + row for row in rows("0x%X," % value(name) for name in names)))
print("};")
print("/* clang-format on */")
