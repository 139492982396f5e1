/* The tables of the bench, as CSV on standard output; the same bytes on every machine.
 *   users [ROWS [REPEATS]]   ROWS users (1,000,000), a fiftieth of them twice, shuffled: user_id, f0 to f15 (numbers,
 *                            3 % missing), city and plan (text categories, some not in ASCII), churned (0 or 1, which
 *                            depends on some of them); the rows REPEATS times over
 *   users wide ROWS COLUMNS  an id, COLUMNS numbers, a label
 * A row is drawn from its own sequence of random numbers, so that a duplicate is only drawn again. Normal numbers are
 * sums of uniform ones: exact arithmetic, whatever the mathematics library. */
#include "base/random.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 16, SEED = 4 };
static const char *const cities[] = { "Paris", "Berlin", "北京", "上海", "New York", "Lagos", "Lima", "Zürich" };

static double normal(struct weir_random *random) /* Irwin and Hall: twelve uniform numbers less their mean */
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += weir_random_u32(random) * 0x1p-32;
    return sum;
}

/* Five decimals without the zeros at the end, but one: -0.125, 85.0; written by hand, printf takes half a minute. */
static char *put_number(char *out, double value)
{
    int64_t scaled = (int64_t)(value * 1e5 + (value < 0 ? -0.5 : 0.5));
    if (scaled < 0)
        *out++ = '-', scaled = -scaled;
    char whole[24];
    int count = 0;
    int64_t left = scaled / 100000, part = scaled % 100000;
    do
        whole[count++] = (char)('0' + left % 10);
    while (left /= 10);
    while (count)
        *out++ = whole[--count];
    *out++ = '.';
    int64_t unit = 10000;
    do {
        *out++ = (char)('0' + part / unit);
        part %= unit;
        unit /= 10;
    } while (part);
    return out;
}

static char *put_text(char *out, const char *text)
{
    size_t length = strlen(text);
    memcpy(out, text, length);
    return out + length;
}

static char *put_user(char *out, int64_t id)
{
    struct weir_random random;
    weir_random_init(&random, SEED, (uint64_t)id + 1);
    double f[NUMBERS];
    for (int i = 0; i < NUMBERS; i++)
        f[i] = normal(&random);
    f[3] = 50 / (0.02 + weir_random_uniform(&random)); /* a long tail */
    f[5] = (double)weir_random_below(&random, 100);
    const char *city = cities[weir_random_below(&random, sizeof cities / sizeof *cities)];
    uint64_t ten = weir_random_below(&random, 10);
    const char *plan = ten < 7 ? "free" : ten < 9 ? "pro" : "team";
    double bend = f[4] < 0 ? -1 : 1;
    double logit = 1.2 * f[0] - f[1] * f[2] + 0.02 * f[5] + (ten < 7 ? 0.8 : 0) + 0.7 * bend + 1.8 * normal(&random);
    out += snprintf(out, 24, "%lld", (long long)id);
    for (int i = 0; i < NUMBERS; i++) {
        *out++ = ',';
        if (weir_random_below(&random, 100) >= 3)
            out = put_number(out, f[i]);
    }
    *out++ = ',', out = put_text(out, city);
    *out++ = ',', out = put_text(out, plan);
    return put_text(out, logit > 1.2 ? ",1\n" : ",0\n");
}

static int users(int64_t rows, int64_t repeats)
{
    int64_t total = rows + rows / 50;
    int64_t *order = malloc((size_t)total * sizeof *order);
    if (!order)
        return 71;
    struct weir_random random;
    weir_random_init(&random, SEED, 0);
    for (int64_t i = 0; i < total; i++)
        order[i] = i < rows ? i : (int64_t)weir_random_below(&random, (uint64_t)rows);
    for (int64_t i = total - 1; i > 0; i--) {
        int64_t j = (int64_t)weir_random_below(&random, (uint64_t)i + 1), swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
    printf("user_id");
    for (int i = 0; i < NUMBERS; i++)
        printf(",f%d", i);
    printf(",city,plan,churned\n");
    char line[1024];
    for (int64_t i = 0; i < total * repeats; i++)
        fwrite(line, 1, (size_t)(put_user(line, order[i % total]) - line), stdout);
    free(order);
    return 0;
}

static int wide(int64_t rows, int64_t columns)
{
    struct weir_random random;
    weir_random_init(&random, SEED, 0);
    printf("id");
    for (int64_t c = 0; c < columns; c++)
        printf(",x%lld", (long long)c);
    printf(",label\n");
    for (int64_t r = 0; r < rows; r++) {
        printf("%lld,", (long long)r);
        double sum = 0;
        char number[32];
        for (int64_t c = 0; c < columns; c++) {
            double value = normal(&random);
            sum += value;
            char *end = weir_random_below(&random, 100) < 3 ? number : put_number(number, value);
            *end++ = ',';
            fwrite(number, 1, (size_t)(end - number), stdout);
        }
        printf("%d\n", sum > 0);
    }
    return 0;
}

int main(int argc, char **argv)
{
    bool is_wide = argc == 4 && strcmp(argv[1], "wide") == 0;
    int64_t first = argc > 1 + is_wide ? strtoll(argv[1 + is_wide], NULL, 10) : 1000000;
    int64_t second = argc > 2 + is_wide ? strtoll(argv[2 + is_wide], NULL, 10) : 1;
    if (first < 1 || second < 1) {
        fprintf(stderr, "usage: users [ROWS [REPEATS]] | wide ROWS COLUMNS\n");
        return 64;
    }
    int status = is_wide ? wide(first, second) : users(first, second);
    return status ? status : fflush(stdout) != 0 ? 74 : 0;
}
