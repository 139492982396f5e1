"""Makes features_text.csv and what scikit-learn makes of it (features_text-*.txt): python3 tests/golden/features_text.py

Sentences of several languages whose accents are part of their letters, with rows that hold no word. A line a row:
INDEX:VALUE ..., ascending. words.txt has the words of each text as CountVectorizer's analyzer gives them.
"""
import csv
import pathlib

from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

here = pathlib.Path(__file__).parent
texts = """
The quick brown fox jumps over the lazy dog; the dog sleeps, and the fox runs on.
A dog is a dog is a DOG, said the man_with_the_hat, at 10:45 on 3 May 2021.
Prices rose 3.5% to $12.40 -- don't panic!
Die Straße ist groß und die Häuser sind größer als die Brücke.
Der Hund schläft, der Fuchs läuft; Übermut tut selten gut.
Ein großer Hund und ein kleiner Hund laufen über die Straße.
L'été dernier, nous étions à Nîmes: où étiez-vous, chère élève?
Le chien dort et le renard court; le chien s'éveille.
Съешь ещё этих мягких французских булок, да выпей чаю.
Собака спит, а ЛИСА бежит; собака проснулась.
Ο ΣΚΎΛΟΣ κοιμάται, ο ΔΡΌΜΟΣ είναι μακρύς. ΟΔΥΣΣΕΎΣ!
O cão dorme; a raposa corre até à estação de São João.
El perro duerme, ¿y el zorro? ¡El niño corrió mañana!
Köpek uyuyor, tilki koşuyor; ışık, çiçek, öğretmen.
Pes spí, liška běží přes žlutou louku, čtyři kočky.
개가 자고 여우가 달린다. 개가 일어났다.
الكلب ينام والثعلب يجري في الحقل
הכלב ישן והשועל רץ בשדה
... !? -- ;

x y z 1 2
e-mail: someone@example.com, https://example.com/a_b?c=1
tab	separated, "quoted", and 'single' words (in brackets) [again]
well-known well-known well-known state-of-the-art
ﬁne ﬂow Ⅷ ² ½ x² 10³ ㎏ café naïve
😀 smile 👍🏽 thumbs ❤ heart
""".strip("\n").split("\n")
with open(here / "features_text.csv", "w", encoding="utf-8", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["number", "text"])
    writer.writerows((i + 1, text) for i, text in enumerate(texts))

texts = ["" if t is None else t for t in texts]
present = [t for t in texts if t != ""]  # an empty cell is missing, and no document
cases = {
    "tfidf": TfidfVectorizer(),
    "bigrams": TfidfVectorizer(ngram_range=(1, 2)),
    "sublinear": TfidfVectorizer(sublinear_tf=True, norm="l1"),
    "plain": TfidfVectorizer(smooth_idf=False, norm=None, binary=True, min_df=2),
    "documents": TfidfVectorizer(use_idf=False, max_df=0.1, lowercase=False),
    "stop": TfidfVectorizer(stop_words=["the", "and", "die", "der", "собака"], ngram_range=(2, 2)),
    "counts": CountVectorizer(),
    "frequent": CountVectorizer(max_features=8),
}
for name, vectorizer in cases.items():
    matrix = vectorizer.fit_transform(present)
    matrix.sort_indices()
    rows = iter(matrix)
    with open(here / f"features_text-{name}.txt", "w") as file:
        for text in texts:
            if text == "":
                print("missing", file=file)
                continue
            row = next(rows)
            print(*(f"{i}:{v:.9g}" for i, v in zip(row.indices, row.data)), file=file)
analyze = CountVectorizer().build_analyzer()
with open(here / "features_text-words.txt", "w", encoding="utf-8") as file:
    for text in texts:
        print("missing" if text == "" else " ".join(analyze(text)), file=file)
