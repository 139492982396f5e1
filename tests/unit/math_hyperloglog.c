/* HyperLogLog beside exact numbers of different values: its error over many sizes and sets, its joins, its text. */
#include "base/hash.h"
#include "check.h"
#include "math/hyperloglog.h"
#include <stdlib.h>

static void fill(struct weir_hyperloglog *sketch, uint64_t set, uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++)
        CHECK(weir_hyperloglog_add(sketch, weir_mix(set << 40 | i)) == 0);
}

/* The registers as Flajolet and others say, straight from the hashes. */
static void check_registers(uint64_t count)
{
    uint8_t registers[WEIR_HYPERLOGLOG_REGISTERS] = { 0 };
    struct weir_hyperloglog sketch = { 0 };
    fill(&sketch, 7, 0, count);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t hash = weir_mix((uint64_t)7 << 40 | i), place = hash >> (64 - WEIR_HYPERLOGLOG_BITS);
        uint8_t rank = 1;
        while (rank <= 64 - WEIR_HYPERLOGLOG_BITS && !(hash >> (64 - WEIR_HYPERLOGLOG_BITS - rank) & 1))
            rank++;
        registers[place] = rank > registers[place] ? rank : registers[place];
    }
    CHECK(sketch.registers && memcmp(sketch.registers, registers, sizeof registers) == 0);
    weir_hyperloglog_release(&sketch);
}

/* Over 40 sets of each size: no error above 5 standard errors, their mean square as it should be, their mean near 0. */
static void test_error(void)
{
    enum { SETS = 40 };
    const double standard = 1.04 / 128; /* of 2^14 registers */
    for (uint64_t size = 1; size <= 400000; size = size * 5 / 2 + 1) {
        double sum = 0, squares = 0;
        for (uint64_t set = 0; set < SETS; set++) {
            struct weir_hyperloglog sketch = { 0 };
            fill(&sketch, set, 0, size);
            double error = weir_hyperloglog_estimate(&sketch) / (double)size - 1;
            sum += error;
            squares += error * error;
            CHECK(fabs(error) < 5 * standard);
            if (size <= 100)
                CHECK_INT(llround(weir_hyperloglog_estimate(&sketch)), (long long)size);
            weir_hyperloglog_release(&sketch);
        }
        CHECK(sqrt(squares / SETS) < 1.5 * standard);
        CHECK(fabs(sum / SETS) < 4 * standard / sqrt(SETS));
    }
}

static void check_same(const struct weir_hyperloglog *a, const struct weir_hyperloglog *b)
{
    struct weir_buffer texts[2] = { { 0 }, { 0 } };
    weir_hyperloglog_text(a, &texts[0]);
    weir_hyperloglog_text(b, &texts[1]);
    CHECK_TEXT(texts[0].bytes, texts[1].bytes);
    weir_buffer_release(&texts[0]);
    weir_buffer_release(&texts[1]);
}

/* Parts that overlap, of all sizes: their join is the sketch of the whole, whatever the order; and so is its text. */
static void test_merge(void)
{
    const uint64_t sizes[] = { 0, 1, 500, 2000, 3072, 3073, 20000 };
    for (size_t a = 0; a < 7; a++)
        for (size_t b = 0; b < 7; b++) {
            struct weir_hyperloglog parts[2] = { { 0 }, { 0 } }, whole = { 0 }, read = { 0 };
            struct weir_buffer text = { 0 };
            fill(&parts[0], 1, 0, sizes[a]);
            fill(&parts[1], 1, sizes[a] / 2, sizes[b]);
            fill(&whole, 1, sizes[a] / 2, sizes[b]);
            fill(&whole, 1, 0, sizes[a]);
            CHECK(weir_hyperloglog_merge(&parts[0], &parts[1]) == 0);
            check_same(&parts[0], &whole);
            weir_hyperloglog_text(&whole, &text);
            CHECK(weir_hyperloglog_parse(&read, text.bytes, text.size, NULL) == 0);
            check_same(&read, &whole);
            CHECK(weir_hyperloglog_estimate(&read) == weir_hyperloglog_estimate(&whole));
            weir_buffer_release(&text);
            weir_hyperloglog_release(&read);
            weir_hyperloglog_release(&whole);
            weir_hyperloglog_release(&parts[0]);
            weir_hyperloglog_release(&parts[1]);
        }
}

static void refuse(const char *text, const char *why)
{
    struct weir_hyperloglog sketch = { 0 };
    struct weir_error error = { 0 };
    CHECK(weir_hyperloglog_parse(&sketch, text, strlen(text), &error) < 0);
    CHECK_TEXT(error.text, why);
    CHECK(!sketch.registers && !sketch.set);
}

static void test_text(void)
{
    static char registers[WEIR_HYPERLOGLOG_REGISTERS + 2];
    struct weir_hyperloglog empty = { 0 };
    struct weir_buffer text = { 0 };
    weir_hyperloglog_text(&empty, &text);
    CHECK_TEXT(text.bytes, "s");
    CHECK(weir_hyperloglog_estimate(&empty) == 0);
    weir_buffer_release(&text);
    refuse("", "not a sketch of different values");
    refuse("x", "not a sketch of different values");
    refuse("s0000000", "a sketch of different values of 7 digits");
    refuse("s0000000g", "value 0 of a sketch of different values is none");
    refuse("s00000000", "value 0 of a sketch of different values is none");
    refuse("s00000029", "value 0 of a sketch of different values is none");
    refuse("s80000001", "value 0 of a sketch of different values is none");
    refuse("s0000004100000042", "value 1 of a sketch of different values is none");
    refuse("d#", "a sketch of different values has 16384 registers, not 1");
    memset(registers, '#', sizeof registers - 1);
    registers[0] = 'd';
    registers[100] = 'W';
    refuse(registers, "register 99 of a sketch of different values is none");
}

int main(void)
{
    check_registers(5000);
    check_registers(300000);
    test_error();
    test_merge();
    test_text();
    return check_result();
}
