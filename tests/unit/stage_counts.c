/* Counts beside a plain table: exact while they fit, low by at most the slack beyond, and as fast for values that were
 * made to meet. */
#include "base/hash.h"
#include "base/random.h"
#include "check.h"
#include "stage/counts.h"
#include <stdlib.h>
#include <string.h>

enum { DRAWS = 200000 };

/* Numbers up to 2^bits, small ones more often, beside an array. */
static void compare(int bits)
{
    struct weir_counts counts = { 0 };
    struct weir_random random;
    uint64_t values = (uint64_t)1 << bits;
    int64_t *plain = calloc(values, sizeof *plain);
    weir_random_init(&random, 3, (uint64_t)bits);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t value = weir_random_below(&random, weir_random_below(&random, values) + 1);
        plain[value]++;
        CHECK(weir_counts_add(&counts, &value, sizeof value, 1) == 0);
    }
    CHECK((counts.slack == 0) == (bits <= 14));
    CHECK(counts.count <= WEIR_COUNTS_VALUES);
    int wrong = 0;
    for (uint64_t value = 0; value < values; value++) {
        int64_t found = weir_counts_find(&counts, &value, sizeof value);
        int64_t count = found < 0 ? 0 : counts.items[found].count;
        wrong += count > plain[value] || count < plain[value] - counts.slack;
    }
    CHECK_INT(wrong, 0);
    weir_counts_release(&counts);
    free(plain);
}

/* What a state says is checked. */
static void read_back(const char *text, bool good)
{
    struct weir_counts counts = { 0 };
    struct weir_error error = { 0 };
    json_t *json = json_loads(text, 0, NULL), *again;
    if (!CHECK(json && (weir_counts_from_json(&counts, json, &error) == 0) == good))
        fprintf(stderr, "    %s: %s\n", text, error.text);
    again = good ? weir_counts_to_json(&counts) : NULL;
    CHECK(json_equal(json, again) == good);
    weir_counts_release(&counts);
    json_decref(json);
    json_decref(again);
}

int main(void)
{
    read_back("{\"slack\": 1, \"values\": [[\"\", 3], [\"free\", 140737488355327]]}", true);
    read_back("{\"slack\": 1, \"values\": [[\"free\", 3], [\"free\", 2]]}", false);
    read_back("{\"slack\": 1, \"values\": [[\"free\", 0]]}", false);
    read_back("{\"slack\": 1, \"values\": [[\"free\", 140737488355328]]}", false);
    read_back("{\"slack\": 140737488355328, \"values\": []}", false);
    read_back("{\"slack\": 1, \"values\": [[3, 3]]}", false);
    for (int bits = 4; bits <= 18; bits += 2)
        compare(bits);
    return check_result();
}
