#include "math/hyperloglog.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A hash is place (FINE bits), then the bits whose leading zeros are counted. */
enum { BITS = WEIR_HYPERLOGLOG_BITS, REGISTERS = WEIR_HYPERLOGLOG_REGISTERS, FINE = 25, FIRST_SLOTS = 64 };
enum { MOST_RANK = 64 - BITS + 1, MOST_FINE_RANK = 64 - FINE + 1 };
enum { FIRST_CHARACTER = '#' }; /* of rank 0; that of the greatest rank is 'V', and none between is escaped in JSON */

void weir_hyperloglog_release(struct weir_hyperloglog *sketch)
{
    free(sketch->registers);
    free(sketch->set);
    *sketch = (struct weir_hyperloglog){ 0 };
}

static uint32_t fine_entry(uint64_t hash)
{
    uint64_t rest = hash << FINE;
    uint32_t rank = rest ? (uint32_t)__builtin_clzll(rest) + 1 : MOST_FINE_RANK;
    return (uint32_t)(hash >> (64 - FINE)) << 6 | rank;
}

static void take_entry(uint8_t *registers, uint32_t entry)
{
    uint32_t place = entry >> 6, below = place & ((1u << (FINE - BITS)) - 1);
    uint8_t rank = (uint8_t)(below ? (uint32_t)__builtin_clz(below) - (32 - (FINE - BITS)) + 1
                                   : (uint32_t)(FINE - BITS) + (entry & 63));
    uint8_t *target = &registers[place >> (FINE - BITS)];
    *target = rank > *target ? rank : *target;
}

static inline void take_hash(uint8_t *registers, uint64_t hash)
{
    uint64_t rest = hash << BITS | (uint64_t)1 << (BITS - 1); /* a rank of MOST_RANK when all are zeros */
    uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
    uint8_t *target = &registers[hash >> (64 - BITS)];
    *target = rank > *target ? rank : *target;
}

static int make_dense(struct weir_hyperloglog *sketch)
{
    uint8_t *registers = weir_allocate_zero(REGISTERS, 1);
    if (!registers)
        return -1;
    for (uint32_t i = 0; i < sketch->slots; i++)
        if (sketch->set[i])
            take_entry(registers, sketch->set[i]);
    weir_hyperloglog_release(sketch);
    sketch->registers = registers;
    return 0;
}

/* Where the entry's place stands, or the free slot where it belongs. */
static uint32_t *find_slot(uint32_t *set, uint32_t slots, uint32_t entry)
{
    uint32_t at = (entry >> 6) * 0x9e3779b1u >> 7 & (slots - 1);
    while (set[at] && set[at] >> 6 != entry >> 6)
        at = (at + 1) & (slots - 1);
    return &set[at];
}

static int widen(struct weir_hyperloglog *sketch)
{
    uint32_t slots = sketch->slots ? 2 * sketch->slots : FIRST_SLOTS;
    uint32_t *set = weir_allocate_zero(slots, sizeof *set);
    if (!set)
        return -1;
    for (uint32_t i = 0; i < sketch->slots; i++)
        if (sketch->set[i])
            *find_slot(set, slots, sketch->set[i]) = sketch->set[i];
    free(sketch->set);
    sketch->set = set;
    sketch->slots = slots;
    return 0;
}

static int add_entry(struct weir_hyperloglog *sketch, uint32_t entry)
{
    if (4 * sketch->count >= 3 * sketch->slots && widen(sketch))
        return -1;
    uint32_t *slot = find_slot(sketch->set, sketch->slots, entry);
    sketch->count += *slot == 0;
    *slot = entry > *slot ? entry : *slot;
    return sketch->count > WEIR_HYPERLOGLOG_SPARSE ? make_dense(sketch) : 0;
}

int weir_hyperloglog_add(struct weir_hyperloglog *sketch, uint64_t hash)
{
    if (!sketch->registers)
        return add_entry(sketch, fine_entry(hash));
    take_hash(sketch->registers, hash);
    return 0;
}

int weir_hyperloglog_add_all(struct weir_hyperloglog *sketch, const uint64_t *hashes, size_t count)
{
    size_t i = 0;
    for (; i < count && !sketch->registers; i++)
        if (add_entry(sketch, fine_entry(hashes[i])))
            return -1;
    for (; i < count; i++)
        take_hash(sketch->registers, hashes[i]);
    return 0;
}

int weir_hyperloglog_merge(struct weir_hyperloglog *into, const struct weir_hyperloglog *from)
{
    if (from->registers && !into->registers && make_dense(into))
        return -1;
    for (uint32_t i = 0; from->registers && i < REGISTERS; i++)
        into->registers[i] = from->registers[i] > into->registers[i] ? from->registers[i] : into->registers[i];
    for (uint32_t i = 0; i < from->slots; i++) {
        if (!from->set[i])
            continue;
        if (into->registers)
            take_entry(into->registers, from->set[i]);
        else if (add_entry(into, from->set[i]))
            return -1;
    }
    return 0;
}

/* ---- The estimate --------------------------------------------------------------------------------------------- */

/* Ertl, equations 39 and 40: what registers of rank 0, and those of the greatest rank, stand for. */
static double sigma(double x)
{
    double y = 1, z = x, before;
    if (x == 1)
        return (double)INFINITY;
    do {
        x *= x;
        before = z;
        z += x * y;
        y += y;
    } while (z != before);
    return z;
}

static double tau(double x)
{
    double y = 1, z = 1 - x, before;
    if (x == 0 || x == 1)
        return 0;
    do {
        x = sqrt(x);
        before = z;
        y *= 0.5;
        z -= (1 - x) * (1 - x) * y;
    } while (z != before);
    return z / 3;
}

double weir_hyperloglog_estimate(const struct weir_hyperloglog *sketch)
{
    if (!sketch->registers)
        return -0x1p25 * log1p(-(double)sketch->count * 0x1p-25);
    double histogram[MOST_RANK + 1] = { 0 };
    for (int i = 0; i < REGISTERS; i++)
        histogram[sketch->registers[i]]++;
    double z = REGISTERS * tau(1 - histogram[MOST_RANK] / REGISTERS);
    for (int rank = MOST_RANK - 1; rank >= 1; rank--)
        z = 0.5 * (z + histogram[rank]);
    z += REGISTERS * sigma(histogram[0] / REGISTERS);
    return (double)REGISTERS * REGISTERS / (2 * log(2)) / z;
}

/* ---- Text ----------------------------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void weir_hyperloglog_text(const struct weir_hyperloglog *sketch, struct weir_buffer *out)
{
    if (sketch->registers) {
        weir_buffer_byte(out, 'd');
        for (int i = 0; i < REGISTERS; i++)
            weir_buffer_byte(out, (uint8_t)(FIRST_CHARACTER + sketch->registers[i]));
        return;
    }
    uint32_t *sorted = weir_allocate(sketch->count, sizeof *sorted), count = 0;
    if (!sorted) {
        out->failed = true;
        return;
    }
    for (uint32_t i = 0; i < sketch->slots; i++)
        if (sketch->set[i])
            sorted[count++] = sketch->set[i];
    qsort(sorted, count, sizeof *sorted, ascending);
    weir_buffer_byte(out, 's');
    for (uint32_t i = 0; i < count; i++)
        weir_buffer_format(out, "%08x", (unsigned)sorted[i]);
    free(sorted);
}

static int digit(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

static int parse_dense(struct weir_hyperloglog *sketch, const char *text, size_t length, struct weir_error *error)
{
    if (length != REGISTERS)
        return weir_fail(error, WEIR_BAD_DATA, "a sketch of different values has %d registers, not %zu", REGISTERS,
                         length);
    sketch->registers = weir_allocate_zero(REGISTERS, 1);
    if (!sketch->registers)
        return weir_fail_memory(error);
    for (size_t i = 0; i < length; i++) {
        int rank = text[i] - FIRST_CHARACTER;
        if (rank < 0 || rank > MOST_RANK)
            return weir_fail(error, WEIR_BAD_DATA, "register %zu of a sketch of different values is none", i);
        sketch->registers[i] = (uint8_t)rank;
    }
    return 0;
}

static int parse_set(struct weir_hyperloglog *sketch, const char *text, size_t length, struct weir_error *error)
{
    uint32_t before = 0;
    if (length % 8 || length / 8 > WEIR_HYPERLOGLOG_SPARSE)
        return weir_fail(error, WEIR_BAD_DATA, "a sketch of different values of %zu digits", length);
    for (size_t i = 0; i < length; i += 8) {
        uint32_t entry = 0;
        bool valid = true;
        for (size_t j = i; j < i + 8; j++) {
            valid &= digit(text[j]) >= 0;
            entry = entry << 4 | (uint32_t)(digit(text[j]) & 15);
        }
        uint32_t rank = entry & 63;
        if (!valid || entry >> (FINE + 6) || rank < 1 || rank > MOST_FINE_RANK || (i && entry >> 6 <= before >> 6))
            return weir_fail(error, WEIR_BAD_DATA, "value %zu of a sketch of different values is none", i / 8);
        if (add_entry(sketch, entry))
            return weir_fail_memory(error);
        before = entry;
    }
    return 0;
}

int weir_hyperloglog_parse(struct weir_hyperloglog *sketch, const char *text, size_t length, struct weir_error *error)
{
    if (length < 1 || (text[0] != 'd' && text[0] != 's'))
        return weir_fail(error, WEIR_BAD_DATA, "not a sketch of different values");
    int result = text[0] == 'd' ? parse_dense(sketch, text + 1, length - 1, error)
                                : parse_set(sketch, text + 1, length - 1, error);
    if (result)
        weir_hyperloglog_release(sketch);
    return result;
}
