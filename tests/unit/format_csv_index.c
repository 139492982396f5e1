/* The index of a CSV text, and where its records end, against a plain automaton that looks at each byte. */
#include "base/random.h"
#include "check.h"
#include "format/csv_private.h"
#include <stdlib.h>

enum { SIZE = 300 };

/* Where fields and records end; the number of fields. */
static size_t plainly(const char *text, size_t size, struct weir_csv_marks marks, size_t *ends, size_t *whole,
                      bool *open)
{
    enum { START, BARE, QUOTED, QUOTE } state = START;
    size_t fields = 0;
    *whole = 0;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        bool quote = marks.quote && c == marks.quote;
        if (state == QUOTED) {
            state = quote ? QUOTE : QUOTED;
        } else if (state == QUOTE && quote) {
            state = QUOTED;
        } else if (c == marks.delimiter || c == '\n') {
            ends[fields++] = i;
            if (c == '\n')
                *whole = i + 1;
            state = START;
        } else if (state == START && quote) {
            state = QUOTED;
        } else if (!(state == START && (c == ' ' || (c == '\t' && marks.delimiter != '\t')))) {
            state = BARE;
        }
    }
    *open = state == QUOTED;
    return fields;
}

int main(void)
{
    struct weir_random random;
    weir_random_init(&random, 2, 0);
    struct weir_csv_index index = { 0 };
    for (int round = 0; round < 84000; round++) {
        static const struct {
            const char *alphabet;
            struct weir_csv_marks marks;
        } cases[] = {
            { "a,\n", { ',', '"' } },
            { "a,\n\"", { ',', '"' } },
            { "ab ,\n\"\"\"", { ',', '"' } },
            { "a\t \n\",", { '\t', '"' } },
            { "abcdefghijkl,\n\"", { ',', '"' } },
            { "a',\n\"", { ',', '\'' } },
            { "a \",\n", { ',', 0 } },
        };
        const char *alphabet = cases[round % 7].alphabet;
        struct weir_csv_marks marks = cases[round % 7].marks;
        char text[SIZE + WEIR_TEXT_PADDING] = { 0 };
        size_t ends[SIZE], whole, size = 1 + weir_random_u32(&random) % (SIZE - 1);
        bool open;
        for (size_t i = 0; i < size; i++)
            text[i] = alphabet[weir_random_below(&random, strlen(alphabet))];
        text[size - 1] = '\n';
        size_t fields = plainly(text, size, marks, ends, &whole, &open);
        bool right = true;
        /* The last byte may turn out to be within quotes: a whole text is never asked beyond its records. */
        size_t found = weir_csv_whole(text, size, marks);
        right &= CHECK(found == whole);
        if (open)
            continue;
        right &= CHECK_INT(weir_csv_index(&index, text, size, marks, 2), 0);
        right &= CHECK(index.fields == fields);
        for (size_t i = 0; i < fields && right; i++)
            right &= CHECK(index.starts[i + 1] == ends[i] + 1);
        int64_t rows = 0, lines = 0, in_row = 0;
        bool ragged = false;
        for (size_t i = 0; i < fields; i++) {
            in_row++;
            if (text[ends[i]] == '\n') {
                ragged |= in_row != 2;
                rows++;
                in_row = 0;
            }
        }
        for (size_t i = 0; i < size; i++)
            lines += text[i] == '\n';
        right &= CHECK(index.rows == rows) & CHECK(index.lines == lines) & CHECK(index.ragged == ragged);
        if (!right) {
            fprintf(stderr, "    '%s'\n", text);
            break;
        }
    }
    weir_csv_index_release(&index);
    return check_result();
}
