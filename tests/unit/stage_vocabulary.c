/* Vocabularies against plain counting: which terms there are, in how many documents, which are kept and where they
 * stand; merged, saved and restored; and rows read again, whether learning remembered them or not. */
#include "base/random.h"
#include "check.h"
#include "stage/text_columns.h"
#include <stdlib.h>

enum { TERMS = 3000, DOCUMENTS = 900, MOST_WORDS = 60 };

/* Terms of all lengths about those that are stored apart; some begin alike. */
struct sample {
    char names[TERMS][48];
    int words[DOCUMENTS][MOST_WORDS], count[DOCUMENTS];
    int documents[TERMS], occurrences[TERMS];
};

static void draw(struct sample *sample)
{
    struct weir_random random;
    weir_random_init(&random, 3, 0);
    memset(sample, 0, sizeof *sample);
    for (int t = 0; t < TERMS; t++) {
        size_t length = (size_t)snprintf(sample->names[t], 48, "%.*s%d", t % 3 * 8, "prefix-of-many-terms-in", t);
        size_t longer = length + weir_random_below(&random, t % 7 == 0 ? 24 : 4);
        while (length < longer && length < 47)
            sample->names[t][length++] = "xyz"[weir_random_below(&random, 3)];
    }
    for (int d = 0; d < DOCUMENTS; d++) {
        sample->count[d] = (int)weir_random_below(&random, MOST_WORDS);
        for (int w = 0; w < sample->count[d]; w++) {
            int t = (int)(weir_random_below(&random, TERMS) * weir_random_below(&random, TERMS) / TERMS);
            sample->words[d][w] = t;
            sample->occurrences[t]++;
            bool before = false;
            for (int e = 0; e < w; e++)
                before |= sample->words[d][e] == t;
            sample->documents[t] += !before;
        }
    }
}

static void count(struct weir_vocabulary *vocabulary, const struct sample *sample, int first, int end)
{
    static char bytes[MOST_WORDS * 48 + 8];
    CHECK(weir_vocabulary_begin(vocabulary, NULL) == 0);
    for (int d = first; d < end; d++) {
        struct weir_term items[MOST_WORDS];
        size_t at = 0;
        for (int w = 0; w < sample->count[d]; w++) {
            const char *name = sample->names[sample->words[d][w]];
            items[w] = (struct weir_term){ at, strlen(name) };
            memcpy(bytes + at, name, strlen(name));
            at += strlen(name);
        }
        vocabulary->documents++;
        CHECK(weir_vocabulary_count(vocabulary, &(struct weir_terms){ bytes, items, (size_t)sample->count[d] }, NULL,
                                    NULL) == 0);
    }
}

struct ranked {
    const char *name;
    int documents, occurrences;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct ranked *)a)->name, ((const struct ranked *)b)->name);
}

static int by_occurrences(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return x->occurrences != y->occurrences ? y->occurrences - x->occurrences : by_name(a, b);
}

/* What is kept, by sorting all. */
static void check_selection(const struct weir_vocabulary *vocabulary, const struct sample *sample,
                            const struct weir_selection *selection)
{
    static struct ranked ranked[TERMS];
    size_t kept = 0;
    for (int t = 0; t < TERMS; t++)
        if (sample->documents[t] >= 1 && sample->documents[t] >= selection->least &&
            sample->documents[t] <= selection->most * DOCUMENTS)
            ranked[kept++] = (struct ranked){ sample->names[t], sample->documents[t], sample->occurrences[t] };
    if (selection->features > 0 && (size_t)selection->features < kept) {
        qsort(ranked, kept, sizeof *ranked, by_occurrences);
        kept = (size_t)selection->features;
    }
    qsort(ranked, kept, sizeof *ranked, by_name);
    if (!CHECK_INT((long long)vocabulary->kept_count, (long long)kept))
        return;
    for (size_t i = 0; i < kept; i++) {
        size_t size;
        char padded[56] = { 0 };
        const char *bytes = weir_vocabulary_term(vocabulary, i, &size);
        uint32_t place;
        CHECK(size == strlen(ranked[i].name) && memcmp(bytes, ranked[i].name, size) == 0);
        CHECK_INT(weir_vocabulary_term_documents(vocabulary, i), ranked[i].documents);
        memcpy(padded, ranked[i].name, size);
        weir_vocabulary_find(vocabulary, &(struct weir_terms){ padded, &(struct weir_term){ 0, size }, 1 }, &place);
        CHECK_INT(place, (long long)i);
        padded[size] = '!';
        weir_vocabulary_find(vocabulary, &(struct weir_terms){ padded, &(struct weir_term){ 0, size + 1 }, 1 }, &place);
        CHECK(place == WEIR_NO_TERM);
    }
}

static void test_counting(const struct sample *sample)
{
    static const struct weir_selection selections[] = {
        { 1, 1, 0 }, { 3, 1, 0 }, { 1, 0.01, 0 }, { 2, 0.02, 100 }, { 1, 1, 7 }, { 1, 1, 100000 },
    };
    for (size_t s = 0; s < sizeof selections / sizeof *selections; s++) {
        struct weir_vocabulary whole = { 0 }, parts[2] = { { 0 }, { 0 } }, restored = { 0 };
        struct weir_blobs blobs = { 0 };
        count(&whole, sample, 0, DOCUMENTS);
        CHECK(weir_vocabulary_select(&whole, &selections[s], NULL) == 0);
        check_selection(&whole, sample, &selections[s]);
        count(&parts[0], sample, 0, 300);
        count(&parts[1], sample, 300, DOCUMENTS);
        CHECK(weir_vocabulary_merge(&parts[0], &parts[1], NULL) == 0);
        CHECK_INT(parts[0].documents, DOCUMENTS);
        CHECK(weir_vocabulary_select(&parts[0], &selections[s], NULL) == 0);
        check_selection(&parts[0], sample, &selections[s]);
        /* the kept ones, and from all of them selected anew */
        for (int all = 0; all < 2; all++) {
            json_t *json = weir_vocabulary_save(&whole, all, &blobs, NULL);
            CHECK(weir_vocabulary_restore(&restored, json, &blobs, DOCUMENTS, all ? &selections[s] : NULL, NULL) == 0);
            check_selection(&restored, sample, &selections[s]);
            json_decref(json);
        }
        weir_blobs_release(&blobs);
        weir_vocabulary_release(&whole);
        weir_vocabulary_release(&restored);
        for (int p = 0; p < 2; p++)
            weir_vocabulary_release(&parts[p]);
    }
}

/* ---- Rows ---------------------------------------------------------------------------------------------------------
 */

static void make_column(const struct sample *sample, struct weir_column *column)
{
    struct weir_builder builder;
    struct weir_type type = { .kind = WEIR_UTF8 };
    struct weir_buffer text = { 0 };
    weir_builder_init(&builder, &type);
    for (int d = 0; d < DOCUMENTS; d++) {
        weir_buffer_clear(&text);
        for (int w = 0; w < sample->count[d]; w++)
            weir_buffer_format(&text, "%s ", sample->names[sample->words[d][w]]);
        if (d % 11 == 0)
            weir_builder_null(&builder);
        else
            weir_builder_text(&builder, text.bytes ? text.bytes : "", text.size);
    }
    CHECK(weir_builder_finish(&builder, column, NULL) == 0);
    weir_builder_release(&builder);
    weir_buffer_release(&text);
}

/* The codes of all rows, one behind the other, with their number in front. */
static void read_rows(const struct weir_text_columns *columns, const struct weir_column *column, enum weir_mode mode,
                      struct weir_buffer *out)
{
    struct weir_text_reader reader = { 0 };
    struct weir_type type = { .kind = WEIR_UTF8 };
    CHECK(weir_text_reader_begin(&reader, columns, mode, NULL) == 0);
    for (int64_t row = 0; row < column->rows; row++) {
        size_t found, unknown;
        CHECK(weir_text_reader_codes(&reader, columns, 0, &type, column, row, &found, &unknown, NULL) == 0);
        weir_buffer_append(out, &found, sizeof found);
        weir_buffer_append(out, &unknown, sizeof unknown);
        weir_buffer_append(out, reader.codes, found * sizeof *reader.codes);
    }
    weir_text_reader_release(&reader);
}

/* `full_at`: the row from which on nothing more is remembered. */
static void test_rows(const struct sample *sample, int full_at)
{
    struct weir_text_columns columns = { .stage = "tokenize", .learns = true };
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    struct weir_buffer learned = { 0 }, anew = { 0 };
    json_t *options = json_pack("{s:s}", "min-documents", "3");
    weir_schema_add(&schema, "text", WEIR_UTF8);
    CHECK(weir_batch_init(&table, 1, DOCUMENTS) == 0);
    make_column(sample, &table.columns[0]);
    CHECK(weir_text_columns_create(&columns, options, NULL) == 0);
    CHECK_INT(weir_text_columns_learn_begin(&columns, options, &schema, NULL), 1);
    for (int64_t row = 0; row < DOCUMENTS; row += 100) {
        struct weir_batch batch = { 0 };
        columns.full |= row >= full_at;
        CHECK(weir_batch_slice(&batch, &table, &schema, row, 100) == 0);
        CHECK(weir_text_columns_learn(&columns, &batch, NULL) == 0);
        weir_batch_release(&batch);
    }
    CHECK(weir_text_columns_learn_end(&columns, false, NULL) == 0);
    CHECK_INT((long long)columns.items[0].remembered.rows, full_at < DOCUMENTS ? full_at : DOCUMENTS);
    read_rows(&columns, &table.columns[0], WEIR_AS_LEARNED, &learned);
    read_rows(&columns, &table.columns[0], WEIR_AS_REPLAY, &anew);
    CHECK(learned.size > DOCUMENTS * sizeof(size_t) && learned.size == anew.size &&
          memcmp(learned.bytes, anew.bytes, anew.size) == 0);
    weir_buffer_release(&learned);
    weir_buffer_release(&anew);
    weir_text_columns_release(&columns);
    weir_batch_release(&table);
    weir_schema_release(&schema);
    json_decref(options);
}

/* ---- What is refused ----------------------------------------------------------------------------------------------
 */

static void refuse(const char *bytes, size_t size, const char *message)
{
    struct weir_vocabulary vocabulary = { 0 };
    struct weir_blobs blobs = { 0 };
    struct weir_error error = { 0 };
    json_t *json = weir_blobs_add(&blobs, bytes, size);
    CHECK(weir_vocabulary_restore(&vocabulary, json, &blobs, 10, NULL, &error) < 0);
    CHECK_INT(error.status, WEIR_BAD_DATA);
    CHECK_TEXT(error.text, message);
    json_decref(json);
    weir_blobs_release(&blobs);
    weir_vocabulary_release(&vocabulary);
}

static void test_refusals(void)
{
    refuse("\0\1b\1\1\0\1a\1\1", 10, "term 1 of its vocabulary is none");   /* not ascending */
    refuse("\0\1a\1\1\1\0\1\1", 9, "term 1 of its vocabulary is none");     /* the same again */
    refuse("\0\2ab\1\1\0\2ac\1\1", 12, "term 1 of its vocabulary is none"); /* shares more than it says */
    refuse("\1\1a\1\1", 5, "term 0 of its vocabulary is none");             /* shares with none */
    refuse("\0\5ab", 4, "term 0 of its vocabulary is none");                /* cut */
    refuse("\0\1a\1", 4, "term 0 of its vocabulary is none");
    refuse("\0\1a\0\1", 5, "term 0 of its vocabulary is none");     /* in no document */
    refuse("\0\1a\13\13", 5, "term 0 of its vocabulary is none");   /* in more than there are */
    refuse("\0\1a\2\1", 5, "term 0 of its vocabulary is none");     /* in more than it occurs */
    refuse("\0\1a\x81\0\1", 6, "term 0 of its vocabulary is none"); /* a number longer than it must be */
    refuse("\0\1\xC3\1\1", 5, "term 0 of its vocabulary is no UTF-8");
}

/* A part of the data may have none of the terms that are wanted, and yet count for the whole. */
static void test_none_kept(const struct sample *sample)
{
    static const struct weir_selection selection = { 31, 1, 0 };
    struct weir_vocabulary whole = { 0 }, parts[3] = { { 0 }, { 0 }, { 0 } };
    struct weir_blobs blobs = { 0 };
    struct weir_error error = { 0 };
    count(&whole, sample, 0, DOCUMENTS);
    CHECK(weir_vocabulary_select(&whole, &selection, NULL) == 0);
    CHECK(whole.kept_count > 0 && weir_vocabulary_check(&whole, "text", NULL) == 0);
    for (int p = 0; p < 2; p++)
        count(&parts[p], sample, p * 30, p ? DOCUMENTS : 30);
    CHECK(weir_vocabulary_begin(&parts[2], NULL) == 0); /* of no document at all */
    for (int p = 0; p < 3; p += 2) {
        CHECK(weir_vocabulary_select(&parts[p], &selection, NULL) == 0);
        CHECK(parts[p].kept_count == 0 && weir_vocabulary_check(&parts[p], "text", &error) < 0);
        CHECK_TEXT(error.text, p ? "column 'text': an empty vocabulary: its 0 texts hold no word, or stop words alone"
                                 : "column 'text': no term is left of its 30 texts: --min-documents is too high, or "
                                   "--max-documents too low");
        struct weir_vocabulary restored = { 0 };
        json_t *json = weir_vocabulary_save(&parts[p], true, &blobs, NULL);
        CHECK(weir_vocabulary_restore(&restored, json, &blobs, parts[p].documents, &selection, NULL) == 0);
        CHECK(restored.kept_count == 0 && restored.count == parts[p].count);
        CHECK(weir_vocabulary_merge(&parts[1], &restored, NULL) == 0);
        weir_vocabulary_release(&restored);
        json_decref(json);
    }
    CHECK(weir_vocabulary_select(&parts[1], &selection, NULL) == 0);
    check_selection(&parts[1], sample, &selection);
    weir_blobs_release(&blobs);
    weir_vocabulary_release(&whole);
    for (int p = 0; p < 3; p++)
        weir_vocabulary_release(&parts[p]);
}

int main(void)
{
    static struct sample sample;
    draw(&sample);
    test_counting(&sample);
    test_rows(&sample, DOCUMENTS);
    test_rows(&sample, 300);
    test_rows(&sample, 0);
    test_refusals();
    test_none_kept(&sample);
    return check_result();
}
