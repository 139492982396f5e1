"""A page that a program wrote: python3 html_page.py FILE checks it and prints its text, a line each for a heading, a
paragraph, a list item, a caption, a figure and a row of a table (its cells between bars). Marks stand in braces,
what was taken away between [- and -], what was put in between [+ and +].

What is checked: it is well-formed XML; it has no script and asks for nothing outside itself; headings go down one level
at a time; each table has a caption and heads with a scope; each link leads to a place of the page; ids are unique; what
is coloured on a ground is readable there (WCAG 2.1, contrast 4.5 to 1), in the light and in the dark."""
import re
import sys
import xml.etree.ElementTree as tree

path = sys.argv[1]
with open(path, encoding="utf-8", newline="") as file:
    source = file.read()
root = tree.fromstring(source)
problems = []


def name(element):
    return element.tag.split("}")[1]


def is_among(element, names):
    return name(element) in names.split()


ids = [e.get("id") for e in root.iter() if e.get("id")]
if len(ids) != len(set(ids)):
    problems.append("an id stands twice")
level = 0
for element in root.iter():
    tag = name(element)
    if is_among(element, "script link img iframe object embed form base audio video image use foreignObject"):
        problems.append(f"an element {tag}")
    for attribute, value in element.attrib.items():
        if attribute.startswith("on") or attribute in ("src", "style", "action", "background"):
            problems.append(f"an attribute {attribute}")
        if attribute == "href" and not (value.startswith("#") and value[1:] in ids):
            problems.append(f"a link to {value}")
    if re.fullmatch("h[1-6]", tag):
        if int(tag[1]) > level + 1:
            problems.append(f"{tag} behind h{level}")
        level = int(tag[1])
    if tag == "table":
        if not [e for e in element if name(e) == "caption"]:
            problems.append("a table without a caption")
        if [e for e in element.iter() if name(e) == "th" and not e.get("scope")]:
            problems.append("a head of a table without a scope")
    if tag == "svg" and not (element.get("role") == "img" and name(element[0]) == "title" and element[0].text):
        problems.append("a picture without a title")
if root.get("lang") != "en" or root.find(".//{*}title").text is None:
    problems.append("no language or no title")
style = root.find(".//{*}style").text
if re.search(r"url\(|@import|expression|://", style):
    problems.append("a style that asks for something")
if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", source):
    problems.append("a character that is not seen")


def luminance(colour):
    colour = colour if len(colour) == 6 else "".join(c * 2 for c in colour)
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


schemes = [dict(re.findall(r"--([a-z-]+):#([0-9a-f]{3,6})\b", s)) for s in re.findall(r":root\{(.*?)\}", style)]
if len(schemes) != 3:
    problems.append(f"{len(schemes)} schemes of colours, wanted light, dark and paper")
pairs = [("text", "ground"), ("quiet", "ground"), ("text", "band"), ("quiet", "band"), ("old-text", "old"),
         ("new-text", "new"), ("mark-text", "mark")]
for scheme in schemes:
    for ink, ground in pairs:
        light, dark = sorted((luminance(scheme[ink]), luminance(scheme[ground])), reverse=True)
        if (light + 0.05) / (dark + 0.05) < 4.5:
            problems.append(f"{ink} on {ground}: #{scheme[ink]} on #{scheme[ground]}")


def text(element):
    tag, inner = name(element), element.text or ""
    for child in element:
        inner += text(child) + (child.tail or "")
    if tag == "i":
        return "{" + inner + "}"
    if tag == "li":
        return inner + "; "
    return {"del": f"[-{inner}-]", "ins": f"[+{inner}+]"}.get(tag, inner)


def walk(element):
    if is_among(element, "style title"):
        return
    if is_among(element, "h1 h2 h3 p li caption figcaption svg"):
        bars = len([e for e in element.iter() if name(e) == "rect"])
        print(text(element).strip(" ;") + (f" ({bars} bars)" if bars else ""))
    elif is_among(element, "tr"):
        print(" | ".join(text(cell).strip(" ;") for cell in element))
    elif is_among(element, "div") and element.find("{*}dt") is not None:
        print(": ".join(text(e) for e in element))
    else:
        for child in element:
            walk(child)


walk(root)
for problem in problems:
    print(f"{path}: {problem}", file=sys.stderr)
sys.exit(1 if problems else 0)
