/* Records that are nearly the same: every chosen column alike by its own threshold. Texts are compared by Jaro and
 * Winkler, numbers by their relative difference, all else by equality.
 *
 * Candidates are neighbours (Hernandez and Stolfo, "The merge/purge problem for large databases", SIGMOD 1995): the
 * rows are sorted by each column in turn, texts by their first letters and once more by their last, ties by the columns
 * that follow, and each row is compared with the nearest rows kept on either side. A pair is found for sure when in
 * one of these orders fewer than NEIGHBOURS kept rows lie between the two; otherwise it is a matter of luck, of which
 * dedup(1) gives measured figures. */
#include "base/hash.h"
#include "math/similarity.h"
#include "math/sort.h"
#include "stage/near_private.h"
#include <stdlib.h>

/* NEIGHBOURS: kept rows on either side. FIRST: letters of the column that a pass sorts by, AFTER: of the next ones. */
enum { MOST_COLUMNS = 16, NEIGHBOURS = 10, FIRST = 8, AFTER = 4, MOST_PASSES = 2 * MOST_COLUMNS };

enum form { TEXT, BYTES, NUMBER, INTEGER };

/* One order of the rows, and which of them are kept. */
struct pass {
    int column;
    bool backward;
    uint32_t *places;    /* [count] in this order */
    uint32_t *positions; /* [rows] of a place */
    uint64_t *kept;      /* a bit a position */
    uint64_t *words;     /* a bit for each word of `kept` that is not 0 */
    size_t count;
};

/* One column's value. */
struct part {
    const uint8_t *bytes;
    size_t size;
};

struct record_scratch {
    struct weir_buffer mine, other;
    struct part parts[MOST_COLUMNS];
    uint32_t codes[MOST_COLUMNS][WEIR_SIMILARITY_LENGTH + 1];
    size_t lengths[MOST_COLUMNS];
    uint64_t places[2 * MOST_PASSES * 2 * NEIGHBOURS];
};

struct record_state {
    enum form forms[MOST_COLUMNS];
    struct pass passes[MOST_PASSES];
    int pass_count;
    struct record_scratch *scratch; /* [threads] */
};

static const struct weir_type *value_type(const struct weir_near *near, int c)
{
    const struct weir_type *type = &near->schema->fields[near->columns[c]].type;
    return type->kind == WEIR_DICTIONARY ? &type->children[0].type : type;
}

static int record_begin(struct weir_near *near, struct weir_error *error)
{
    struct record_state *state = weir_allocate_zero(1, sizeof *state);
    if (!state)
        return weir_fail_memory(error);
    near->state = state;
    if (near->count > MOST_COLUMNS)
        return weir_fail(error, WEIR_USAGE, "at most %d columns are compared together, not %d", MOST_COLUMNS,
                         near->count);
    for (int c = 0; c < near->count; c++) {
        enum weir_kind kind = value_type(near, c)->kind;
        state->forms[c] = kind == WEIR_UTF8           ? TEXT
                          : kind == WEIR_BINARY       ? BYTES
                          : weir_kind_is_number(kind) ? NUMBER
                                                      : INTEGER;
        state->passes[state->pass_count++] = (struct pass){ .column = c };
        if (state->forms[c] == TEXT)
            state->passes[state->pass_count++] = (struct pass){ .column = c, .backward = true };
    }
    state->scratch = weir_allocate_zero((size_t)near->threads, sizeof *state->scratch);
    return state->scratch ? 0 : weir_fail_memory(error);
}

static void record_describe(const struct weir_near *near, struct weir_buffer *out)
{
    const struct record_state *state = near->state;
    weir_buffer_format(out, "%d orders, %d neighbours on either side, thresholds", state->pass_count, NEIGHBOURS);
    for (int c = 0; c < near->count; c++) {
        const char *name = near->schema->fields[near->columns[c]].name;
        weir_buffer_byte(out, ' ');
        weir_buffer_escaped(out, name, strlen(name));
        weir_buffer_format(out, "=%g", near->thresholds[c]);
    }
}

/* A record's bytes: for each column 8 bytes of a number, or the length as 4 bytes and the text. false: it has a null.
 */
static bool pack(const struct weir_near *near, const struct weir_batch *batch, int64_t row, struct weir_buffer *out)
{
    const struct record_state *state = near->state;
    for (int c = 0; c < near->count; c++) {
        const struct weir_column *column = &batch->columns[near->columns[c]];
        enum weir_kind kind = value_type(near, c)->kind;
        int64_t at = row;
        uint8_t bytes[8] = { 0 };
        if (!weir_valid(column, at))
            return false;
        if (near->schema->fields[near->columns[c]].type.kind == WEIR_DICTIONARY) {
            at = weir_codes(column)[row];
            column = &column->children[0];
            if (!weir_valid(column, at))
                return false;
        }
        if (state->forms[c] == TEXT || state->forms[c] == BYTES) {
            size_t size;
            const char *text = weir_text(column, at, &size);
            weir_store_u32(bytes, (uint32_t)size);
            weir_buffer_append(out, bytes, 4);
            weir_buffer_append(out, text, size);
            continue;
        }
        if (state->forms[c] == NUMBER) {
            double number = weir_number(column, kind, at);
            uint64_t bits;
            memcpy(&bits, &number, sizeof bits);
            weir_store_u64(bytes, bits);
        } else {
            size_t width = (size_t)weir_kind_width(kind);
            memcpy(bytes, column->values.bytes + (size_t)at * width, width);
        }
        weir_buffer_append(out, bytes, sizeof bytes);
    }
    return true;
}

static int record_take(struct weir_near *near, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_buffer bytes = { 0 };
    int result = 0;
    for (int64_t row = 0; result == 0 && row < batch->rows; row++) {
        weir_buffer_clear(&bytes);
        bool present = pack(near, batch, row, &bytes);
        result = weir_buffer_check(&bytes, error);
        if (result == 0)
            result = weir_near_store_add(&near->store, bytes.bytes, present ? bytes.size : 0, present, error);
    }
    weir_buffer_release(&bytes);
    return result;
}

/* Where each column's value lies. false: this is no record. */
static bool unpack(const struct weir_near *near, const uint8_t *bytes, size_t size, struct part *parts)
{
    const struct record_state *state = near->state;
    for (int c = 0; c < near->count; c++) {
        bool text = state->forms[c] == TEXT || state->forms[c] == BYTES;
        size_t head = text ? 4 : 0, length = 8;
        if (size < head)
            return false;
        if (text)
            length = weir_load_u32(bytes);
        if (size - head < length)
            return false;
        parts[c] = (struct part){ bytes + head, length };
        bytes += head + length;
        size -= head + length;
    }
    return size == 0;
}

static bool record_check(const struct weir_near *near, const uint8_t *bytes, size_t size)
{
    struct part parts[MOST_COLUMNS];
    return unpack(near, bytes, size, parts);
}

/* The code point that begins at `at`, which moves behind it. What is no UTF-8 gives some number, within the bytes. */
static uint32_t next_code(const uint8_t *bytes, size_t size, size_t *at)
{
    uint32_t code = bytes[(*at)++];
    if (code < 0xC0)
        return code;
    int more = code < 0xE0 ? 1 : code < 0xF0 ? 2 : 3;
    code &= 0x3Fu >> more;
    for (; more > 0 && *at < size; more--)
        code = code << 6 | (bytes[(*at)++] & 0x3F);
    return code;
}

/* The first code points of the text, one more than can be compared at most. */
static size_t decode(const struct part *part, uint32_t *codes)
{
    size_t count = 0, at = 0;
    while (at < part->size && count <= WEIR_SIMILARITY_LENGTH)
        codes[count++] = next_code(part->bytes, part->size, &at);
    return count;
}

/* `letters` bytes of a key, highest first: the low bits of code points, which tell letters of one script apart, ASCII's
 * in lower case. From the end: from the last code point on, backwards. */
static uint64_t text_key(const struct part *part, int letters, bool backward)
{
    uint64_t key = 0;
    size_t at = backward ? part->size : 0;
    for (int i = 0; i < letters; i++) {
        uint32_t code = 0;
        if (backward && at > 0) {
            size_t begin = at - 1;
            while (begin > 0 && at - begin < 4 && (part->bytes[begin] & 0xC0) == 0x80)
                begin--;
            at = begin;
            code = next_code(part->bytes, part->size, &begin);
        } else if (!backward && at < part->size) {
            code = next_code(part->bytes, part->size, &at);
        }
        if (code >= 'A' && code <= 'Z')
            code += 'a' - 'A';
        key = key << 8 | (code & 0xFF);
    }
    return key;
}

static double number_of(const struct part *part)
{
    return weir_load_f64(part->bytes);
}

static uint64_t key_of(enum form form, const struct part *part, int letters, bool backward)
{
    uint64_t key;
    if (form == TEXT)
        return text_key(part, letters, backward);
    if (form == BYTES)
        key = weir_hash(part->bytes, part->size, 0);
    else if (form == NUMBER)
        key = number_of(part) == number_of(part) ? weir_key(number_of(part)) : 0;
    else
        key = weir_load_u64(part->bytes) * UINT64_C(0x9E3779B97F4A7C15); /* so that its upper half tells, too */
    return key >> (64 - 8 * letters);
}

static void free_pass(struct pass *pass)
{
    free(pass->places);
    free(pass->positions);
    free(pass->kept);
    free(pass->words);
    pass->places = pass->positions = NULL;
    pass->kept = pass->words = NULL;
}

/* Sorts the rows for one pass: by the second key, then, stably, by the first. */
static int sort_pass(void *context, size_t index, int thread, struct weir_error *error)
{
    struct weir_near *near = context;
    struct record_state *state = near->state;
    struct pass *pass = &state->passes[index];
    struct part parts[MOST_COLUMNS];
    struct weir_buffer *bytes = &state->scratch[thread].mine;
    size_t rows = near->store.rows, words = rows / 64 + 1;
    int result = -1;
    struct weir_keyed *items = weir_allocate(rows, sizeof *items), *scratch = weir_allocate(rows, sizeof *scratch);
    uint64_t *first = weir_allocate(rows, sizeof *first);
    pass->places = weir_allocate(rows, sizeof *pass->places);
    pass->positions = weir_allocate(rows, sizeof *pass->positions);
    pass->kept = weir_allocate_zero(words, sizeof *pass->kept);
    pass->words = weir_allocate_zero(words / 64 + 1, sizeof *pass->words);
    if (!items || !scratch || !first || !pass->places || !pass->positions || !pass->kept || !pass->words) {
        weir_fail_memory(error);
        goto cleanup;
    }
    for (size_t place = 0; place < rows; place++) {
        const uint8_t *record;
        size_t size, row = near->order[place];
        uint64_t second = 0;
        if (!weir_near_store_present(&near->store, row))
            continue;
        if (weir_near_store_get(&near->store, row, bytes, &record, &size, error) < 0)
            goto cleanup;
        unpack(near, record, size, parts);
        first[place] = key_of(state->forms[pass->column], &parts[pass->column], FIRST, pass->backward);
        for (int i = 1; i <= 2 && i < near->count; i++) {
            int c = (pass->column + i) % near->count;
            second |= key_of(state->forms[c], &parts[c], AFTER, pass->backward) << (i == 1 ? 8 * AFTER : 0);
        }
        items[pass->count++] = (struct weir_keyed){ second, place };
    }
    weir_sort_keyed(items, scratch, pass->count);
    for (size_t i = 0; i < pass->count; i++)
        items[i].key = first[items[i].item];
    weir_sort_keyed(items, scratch, pass->count);
    for (size_t i = 0; i < pass->count; i++) {
        pass->places[i] = (uint32_t)items[i].item;
        pass->positions[items[i].item] = (uint32_t)i;
    }
    result = 0;
cleanup:
    free(items);
    free(scratch);
    free(first);
    return result;
}

static int record_prepare(struct weir_near *near, struct weir_error *error)
{
    struct record_state *state = near->state;
    return weir_near_run(near, (size_t)state->pass_count, sort_pass, near, error);
}

/* The nearest kept position below / above `position`; SIZE_MAX: there is none. */
static size_t kept_below(const struct pass *pass, size_t position)
{
    size_t word = position / 64, upper = word / 64;
    uint64_t bits = pass->kept[word] & (((uint64_t)1 << position % 64) - 1);
    if (!bits) {
        uint64_t filled = pass->words[upper] & (((uint64_t)1 << word % 64) - 1);
        while (!filled && upper > 0)
            filled = pass->words[--upper];
        if (!filled)
            return SIZE_MAX;
        word = upper * 64 + 63 - (size_t)__builtin_clzll(filled);
        bits = pass->kept[word];
    }
    return word * 64 + 63 - (size_t)__builtin_clzll(bits);
}

static size_t kept_above(const struct pass *pass, size_t position)
{
    size_t word = position / 64, upper = word / 64, last = pass->count / 64 / 64;
    uint64_t bits = pass->kept[word] & ~(((uint64_t)2 << position % 64) - 1);
    if (!bits) {
        uint64_t filled = pass->words[upper] & ~(((uint64_t)2 << word % 64) - 1);
        while (!filled && upper < last)
            filled = pass->words[++upper];
        if (!filled)
            return SIZE_MAX;
        word = upper * 64 + (size_t)__builtin_ctzll(filled);
        bits = pass->kept[word];
    }
    return word * 64 + (size_t)__builtin_ctzll(bits);
}

/* The row's kept neighbours in [from, to), in the order of places, each once. */
static size_t gather(const struct record_state *state, uint32_t place, uint32_t from, uint32_t to, uint64_t *places)
{
    size_t found = 0, unique = 0;
    for (int p = 0; p < state->pass_count; p++) {
        const struct pass *pass = &state->passes[p];
        for (int above = 0; above < 2; above++) {
            size_t position = pass->positions[place];
            for (int i = 0; i < NEIGHBOURS; i++) {
                position = above ? kept_above(pass, position) : kept_below(pass, position);
                if (position == SIZE_MAX)
                    break;
                if (pass->places[position] >= from && pass->places[position] < to)
                    places[found++] = pass->places[position];
            }
        }
    }
    if (found > 0)
        weir_sort_keys(places, places + found, found);
    for (size_t i = 0; i < found; i++)
        if (i == 0 || places[i] != places[i - 1])
            places[unique++] = places[i];
    return unique;
}

/* Texts too long to be compared letter by letter must be equal. */
static bool texts_alike(const struct record_scratch *scratch, int c, const struct part *other, double threshold)
{
    const struct part *mine = &scratch->parts[c];
    uint32_t codes[WEIR_SIMILARITY_LENGTH + 1];
    if (mine->size == other->size && memcmp(mine->bytes, other->bytes, mine->size) == 0)
        return true;
    size_t length = scratch->lengths[c], count = decode(other, codes);
    if (length > WEIR_SIMILARITY_LENGTH || count > WEIR_SIMILARITY_LENGTH)
        return false;
    return weir_jaro_winkler(scratch->codes[c], length, codes, count) >= threshold;
}

static bool alike(const struct weir_near *near, const struct record_scratch *scratch, const struct part *others)
{
    const struct record_state *state = near->state;
    const struct part *mine = scratch->parts;
    for (int c = 0; c < near->count; c++) { /* what is quickly told first */
        if (state->forms[c] == NUMBER &&
            !(weir_relative_similarity(number_of(&mine[c]), number_of(&others[c])) >= near->thresholds[c]))
            return false;
        if ((state->forms[c] == INTEGER || state->forms[c] == BYTES) &&
            (mine[c].size != others[c].size || memcmp(mine[c].bytes, others[c].bytes, mine[c].size) != 0))
            return false;
    }
    for (int c = 0; c < near->count; c++)
        if (state->forms[c] == TEXT && !texts_alike(scratch, c, &others[c], near->thresholds[c]))
            return false;
    return true;
}

static int64_t record_find(struct weir_near *near, uint32_t place, uint32_t from, uint32_t to, int thread,
                           struct weir_error *error)
{
    struct record_state *state = near->state;
    struct record_scratch *scratch = &state->scratch[thread];
    struct part others[MOST_COLUMNS];
    const uint8_t *bytes;
    size_t size, row = near->order[place];
    if (!weir_near_store_present(&near->store, row))
        return -1;
    size_t count = gather(state, place, from, to, scratch->places);
    if (count == 0)
        return -1;
    if (weir_near_store_get(&near->store, row, &scratch->mine, &bytes, &size, error) < 0)
        return -2;
    unpack(near, bytes, size, scratch->parts);
    for (int c = 0; c < near->count; c++)
        if (state->forms[c] == TEXT)
            scratch->lengths[c] = decode(&scratch->parts[c], scratch->codes[c]);
    for (size_t i = 0; i < count; i++) {
        if (weir_near_store_get(&near->store, near->order[scratch->places[i]], &scratch->other, &bytes, &size, error) <
            0)
            return -2;
        unpack(near, bytes, size, others);
        if (alike(near, scratch, others))
            return (int64_t)scratch->places[i];
    }
    return -1;
}

static void record_keep(struct weir_near *near, uint32_t place)
{
    struct record_state *state = near->state;
    for (int p = 0; p < state->pass_count; p++) {
        struct pass *pass = &state->passes[p];
        size_t position = pass->positions[place];
        pass->kept[position / 64] |= (uint64_t)1 << position % 64;
        pass->words[position / 64 / 64] |= (uint64_t)1 << position / 64 % 64;
    }
}

static void record_release(struct weir_near *near)
{
    struct record_state *state = near->state;
    if (!state)
        return;
    for (int p = 0; p < state->pass_count; p++)
        free_pass(&state->passes[p]);
    for (int thread = 0; state->scratch && thread < near->threads; thread++) {
        weir_buffer_release(&state->scratch[thread].mine);
        weir_buffer_release(&state->scratch[thread].other);
    }
    free(state->scratch);
    free(state);
}

const struct near_kind weir_near_record = {
    .begin = record_begin,
    .describe = record_describe,
    .take = record_take,
    .check = record_check,
    .prepare = record_prepare,
    .find = record_find,
    .keep = record_keep,
    .release = record_release,
};
