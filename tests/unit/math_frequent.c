/* The most frequent values beside a plain table: every count within the slack that is said, the slack within its bound,
 * and the same of lists that are joined. */
#include "base/hash.h"
#include "base/random.h"
#include "check.h"
#include "math/frequent.h"
#include <stdlib.h>

enum { DRAWS = 100000, VALUES = 1 << 16 };

/* Small numbers are more frequent; `spread` different ones at most. */
static uint64_t draw(struct weir_random *random, uint64_t spread)
{
    uint64_t range = weir_random_below(random, spread) + 1;
    return weir_random_below(random, weir_random_below(random, range) + 1);
}

/* A value's text, of 1 to 8 bytes. */
static size_t text_of(uint64_t value, char text[24])
{
    return (size_t)snprintf(text, 24, "v%llu", (unsigned long long)value);
}

static void add(struct weir_frequent *frequent, uint64_t value, bool texts)
{
    char text[24];
    size_t size = text_of(value, text);
    CHECK(texts ? weir_frequent_add_text(frequent, weir_hash(text, size, 0), text, size, 1) == 0
                : weir_frequent_add_number(frequent, value, 1) == 0);
}

static uint64_t value_of(const struct weir_frequent_item *item)
{
    char text[24] = "";
    if (!item->text)
        return item->key;
    memcpy(text, item->text + 1, item->size - 1);
    return strtoull(text, NULL, 10);
}

/* The list is right about the plain counts. */
static void check_list(const struct weir_frequent_list *list, const int64_t *plain, int64_t least)
{
    bool listed[VALUES] = { false };
    int64_t before = INT64_MAX;
    int wrong = 0;
    for (size_t i = 0; i < list->count; i++) {
        int64_t count = list->items[i].count;
        uint64_t value = value_of(&list->items[i]);
        listed[value] = true;
        wrong += count > plain[value] || count + list->slack < plain[value] || count < least || count > before;
        before = count;
    }
    for (size_t value = 0; value < VALUES; value++)
        wrong += !listed[value] && plain[value] > list->rest;
    CHECK_INT(wrong, 0);
}

static void test_bounds(uint64_t spread, bool texts)
{
    static int64_t plain[3][VALUES];
    struct weir_frequent_list lists[2] = { { .count = 0 } };
    memset(plain, 0, sizeof plain);
    for (int half = 0; half < 2; half++) {
        struct weir_frequent frequent = { 0 };
        struct weir_random random;
        weir_random_init(&random, 5, spread + (uint64_t)half);
        for (int i = 0; i < DRAWS; i++) {
            uint64_t value = draw(&random, spread) + (uint64_t)half;
            plain[half][value]++;
            plain[2][value]++;
            add(&frequent, value, texts);
        }
        CHECK((frequent.slack == 0) == (spread < WEIR_FREQUENT_COUNTERS));
        CHECK(frequent.slack <= 2 * DRAWS / WEIR_FREQUENT_COUNTERS);
        CHECK(weir_frequent_list_take(&lists[half], &frequent, 5) == 0);
        check_list(&lists[half], plain[half], 5);
        weir_frequent_release(&frequent);
    }
    CHECK(weir_frequent_list_merge(&lists[0], &lists[1]) == 0);
    check_list(&lists[0], plain[2], 5);
    CHECK(spread > 4 || lists[0].slack == 0);
    weir_frequent_list_release(&lists[0]);
    weir_frequent_list_release(&lists[1]);
}

static void test_texts(void)
{
    struct weir_frequent frequent = { 0 };
    struct weir_frequent_list list;
    char longer[WEIR_FREQUENT_TEXT + 1];
    memset(longer, 'x', sizeof longer);
    /* Two texts of one hash are two values; an empty one is a value; a long one is none. */
    CHECK(weir_frequent_add_text(&frequent, 1, "a", 1, 2) == 0);
    CHECK(weir_frequent_add_text(&frequent, 1, "b", 1, 3) == 0);
    CHECK(weir_frequent_add_text(&frequent, 1, "a", 1, 1) == 0);
    CHECK(weir_frequent_add_text(&frequent, 2, "", 0, 7) == 0);
    CHECK(weir_frequent_add_text(&frequent, 3, longer, sizeof longer, 4) == 0);
    CHECK(weir_frequent_list_take(&list, &frequent, 1) == 0);
    weir_frequent_release(&frequent);
    CHECK_INT((long long)list.count, 3);
    CHECK_INT(list.items[0].size, 0);
    CHECK(list.items[1].count == 3 && list.items[1].text[0] == 'a');
    CHECK(list.items[2].count == 3 && list.items[2].text[0] == 'b');
    CHECK_INT(list.longer, 4);
    weir_frequent_list_release(&list);
}

int main(void)
{
    for (uint64_t spread = 4; spread <= VALUES / 2; spread *= 8) {
        test_bounds(spread, false);
        test_bounds(spread, true);
    }
    test_texts();
    return check_result();
}
