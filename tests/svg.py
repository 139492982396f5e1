"""A drawing that plot wrote: python3 svg.py FILE checks it and prints its texts, a line each, then a line for each kind
of shape with how many there are.

What is checked: it is well-formed XML in the namespace of SVG; it has a title; it asks for nothing outside itself; there
is no script; all that is drawn lies on the drawing; every class has its colour, in light, in dark and on paper; no
character that is not seen."""
import collections
import re
import sys
import xml.etree.ElementTree as tree

path = sys.argv[1]
with open(path, encoding="utf-8", newline="") as file:
    source = file.read()
root = tree.fromstring(source)
problems = []
assert root.tag == "{http://www.w3.org/2000/svg}svg"


def name(element):
    return element.tag.split("}")[1]


def number(element, attribute):
    return float(element.get(attribute, 0))


if not (root.get("role") == "img" and name(root[0]) == "title" and root[0].text):
    problems.append("no title")
left, top, width, height = map(float, root.get("viewBox").split())
style = root.find("{*}style").text
if re.search(r"url\(|@import|://", style):
    problems.append("a style that asks for something")
known = [set(re.findall(r"\.plot \.([a-z]\d*)\{", part)) for part in re.split("@media", style)]
if len(known) != 3:
    problems.append("no colours for dark or for paper")
counts, texts = collections.Counter(), []


def inside(x, y):
    if not (-0.01 <= x <= width + 0.01 and -0.01 <= y <= height + 0.01):
        problems.append(f"drawn at {x} {y}, beyond {width} {height}")


for element in root.iter():
    tag = name(element)
    if tag not in "svg title style rect polyline polygon path text image".split():
        problems.append(f"an element {tag}")
    for attribute, value in element.attrib.items():
        if attribute.startswith("on") or "href" in attribute and not re.match("data:image/png;base64,[A-Za-z0-9+/=]+$", value):
            problems.append(f"an attribute {attribute}")
    for word in element.get("class", "").split():
        if word != "plot" and not (word in known[0] and (word[0] not in "fs" or all(word in k for k in known))):
            problems.append(f"a class without rules: {word}")
    if tag in ("rect", "image") and "%" not in element.get("width"):
        inside(number(element, "x"), number(element, "y"))
        inside(number(element, "x") + number(element, "width"), number(element, "y") + number(element, "height"))
    if tag in ("polyline", "polygon"):
        values = [float(v) for v in element.get("points").split()]
        for x, y in zip(values[::2], values[1::2]):
            inside(x, y)
    if tag == "path":
        for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", element.get("d")):
            inside(float(x), float(y))
        counts["mark"] += element.get("d").count("M")
    if tag == "text":
        inside(number(element, "x"), number(element, "y"))
        texts.append(element.text or "")
    if tag in ("rect", "polyline", "polygon", "image") and "%" not in element.get("width", ""):
        counts[tag] += 1
if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", source):
    problems.append("a character that is not seen")
for text in texts:
    print(text)
for tag in sorted(counts):
    print(f"{tag}: {counts[tag]}")
for problem in problems:
    print(f"{path}: {problem}", file=sys.stderr)
sys.exit(1 if problems else 0)
