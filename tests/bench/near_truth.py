"""How many of the planted pairs (column like) were found, and how many rows were marked wrongly, by their sets of
character 5-grams: FOUND PLANTED MARKED WRONG.

near_truth.py MARKED_CSV
"""

import csv
import sys

with open(sys.argv[1], encoding="utf8") as lines:
    rows = {row["doc_id"]: row for row in csv.DictReader(lines)}


def shingles(row):
    return {row["text"][k : k + 5] for k in range(len(row["text"]) - 4)}


def kept(number):
    return rows[number]["duplicate_of"] or number


planted = [number for number, row in rows.items() if row["like"]]
found = sum(kept(number) == kept(rows[number]["like"]) for number in planted)
marked = wrong = 0
for number, row in rows.items():
    if row["duplicate_of"]:
        a, b = shingles(row), shingles(rows[row["duplicate_of"]])
        marked += 1
        wrong += number == row["duplicate_of"] or len(a & b) < 0.8 * len(a | b)
print(found, len(planted), marked, wrong)
