/* Near-duplicate images: the hash beside the formula in full, the pairs beside all pairs. */
#include "math/perceptual.h"
#include "near_sample.h"

enum { SIDE = 24, ROWS = 6000 };
static const int column[] = { 0 };

/* A picture of soft waves; `strength` is how much noise lies on it. */
static void paint(uint8_t *pixels, int side, uint64_t which, uint64_t copy, double strength)
{
    struct weir_random random, noise;
    weir_random_init(&random, 9, which);
    weir_random_init(&noise, 10 + which, copy);
    double u[6], v[6], phase[6];
    for (int k = 0; k < 6; k++) {
        u[k] = 12 * weir_random_uniform(&random);
        v[k] = 12 * weir_random_uniform(&random);
        phase[k] = 6.28 * weir_random_uniform(&random);
    }
    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
            double sum = 128 + strength * weir_random_normal(&noise);
            for (int k = 0; k < 6; k++)
                sum += 18 * sin(u[k] * x / side + v[k] * y / side + phase[k]);
            pixels[y * side + x] = sum < 0 ? 0 : sum > 255 ? 255 : (uint8_t)sum;
        }
    }
}

/* The formula by four loops, for an image that is 32 by 32 already. */
static uint64_t plain_hash(const uint8_t *pixels)
{
    double waves[64], sorted[64];
    uint64_t hash = 0;
    for (int v = 1; v <= 8; v++) {
        for (int u = 1; u <= 8; u++) {
            double sum = 0;
            for (int y = 0; y < 32; y++)
                for (int x = 0; x < 32; x++)
                    sum += pixels[y * 32 + x] * cos(M_PI * (2 * x + 1) * u / 64) * cos(M_PI * (2 * y + 1) * v / 64);
            waves[(v - 1) * 8 + u - 1] = sum;
        }
    }
    for (int i = 0; i < 64; i++) {
        int at = i;
        for (; at > 0 && sorted[at - 1] > waves[i]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = waves[i];
    }
    for (int i = 0; i < 64; i++)
        hash |= (uint64_t)(waves[i] > (sorted[31] + sorted[32]) / 2) << i;
    return hash;
}

static void check_hash(void)
{
    struct weir_perceptual perceptual;
    uint8_t small[32 * 32], large[96 * 96], color[32 * 32 * 4];
    weir_perceptual_init(&perceptual);
    for (uint64_t which = 0; which < 20; which++) {
        uint64_t hash = 0, other = 1;
        paint(small, 32, which, 0, 0);
        CHECK(weir_perceptual_hash(&perceptual, small, 32, 32, 1, &hash));
        CHECK(hash == plain_hash(small));
        for (int i = 0; i < 32 * 32; i++) {
            memset(color + i * 4, small[i], 3);
            color[i * 4 + 3] = (uint8_t)i;
        }
        CHECK(weir_perceptual_hash(&perceptual, color, 32, 32, 4, &other) && __builtin_popcountll(hash ^ other) <= 2);
        for (int y = 0; y < 96; y++) /* each pixel nine times */
            for (int x = 0; x < 96; x++)
                large[y * 96 + x] = small[y / 3 * 32 + x / 3];
        CHECK(weir_perceptual_hash(&perceptual, large, 96, 96, 1, &other) && __builtin_popcountll(hash ^ other) <= 2);
    }
    uint64_t hash;
    memset(small, 200, sizeof small);
    CHECK(!weir_perceptual_hash(&perceptual, small, 32, 32, 1, &hash));
    CHECK(!weir_perceptual_hash(&perceptual, small, 1, 7, 3, &hash));
    small[3] = 0;
    CHECK(!weir_perceptual_hash(&perceptual, small, 1, 7, 1, &hash)); /* all its lines are the same */
    CHECK(weir_perceptual_hash(&perceptual, small, 2, 7, 1, &hash));
}

static void make_images(struct weir_schema *schema, struct weir_batch *table)
{
    const int64_t shape[] = { SIDE, SIDE };
    struct weir_block *block = weir_block_new((size_t)ROWS * SIDE * SIDE);
    struct weir_column *images;
    weir_schema_add(schema, "image", WEIR_UINT8);
    CHECK(weir_field_make_tensor(&schema->fields[0], WEIR_UINT8, SIDE * SIDE, 2, shape) == 0);
    weir_batch_init(table, 1, ROWS);
    images = &table->columns[0];
    images->rows = ROWS;
    weir_column_add_children(images, 1);
    images->children[0].rows = (int64_t)ROWS * SIDE * SIDE;
    images->children[0].values = (struct weir_slice){ block, block->bytes, (size_t)ROWS * SIDE * SIDE };
    for (int row = 0; row < ROWS; row++) {
        uint8_t *pixels = block->bytes + (size_t)row * SIDE * SIDE;
        if (row % 500 == 499)
            memset(pixels, row / 500 * 9, SIDE * SIDE); /* of one gray: like nothing */
        else
            paint(pixels, SIDE, (uint64_t)(row % 4000), (uint64_t)row, row >= 4000 ? 1 : 0);
    }
}

static void check_pairs(const struct weir_schema *schema, const struct weir_batch *table, double threshold)
{
    struct weir_near_options options = { .kind = WEIR_NEAR_IMAGE, .thresholds = &threshold, .memory = 1 << 20 };
    struct weir_perceptual perceptual;
    static int64_t told[ROWS], again[ROWS], expected[ROWS];
    static uint64_t hashes[ROWS];
    int dropped = 0;
    near_all(schema, table, column, 1, &options, 500, NULL, told);
    options.pool = weir_pool_new(3);
    options.memory = 0;
    near_all(schema, table, column, 1, &options, 999, NULL, again);
    weir_pool_free(options.pool);
    CHECK(memcmp(told, again, sizeof told) == 0);
    weir_perceptual_init(&perceptual);
    for (int row = 0; row < ROWS; row++) {
        const uint8_t *pixels = table->columns[0].children[0].values.bytes + (size_t)row * SIDE * SIDE;
        bool there = weir_perceptual_hash(&perceptual, pixels, SIDE, SIDE, 1, &hashes[row]);
        CHECK_INT(there, row % 500 != 499);
        expected[row] = there ? -1 : -2;
        for (int other = 0; there && other < row && expected[row] < 0; other++)
            if (expected[other] == -1 && 1 - __builtin_popcountll(hashes[row] ^ hashes[other]) / 64.0 >= threshold)
                expected[row] = other;
        dropped += expected[row] >= 0;
        CHECK_INT(told[row], expected[row] < 0 ? -1 : expected[row]);
    }
    CHECK(dropped > 100);
}

/* An index of yesterday's images, and one that lies about a row's size. */
static void check_index(const struct weir_schema *schema, const struct weir_batch *table)
{
    double threshold = 0.9;
    struct weir_near_options options = { .kind = WEIR_NEAR_IMAGE, .thresholds = &threshold, .memory = 1 << 20 };
    struct weir_error error = { 0 };
    struct weir_batch days[2] = { { 0 }, { 0 } };
    struct memory_file file = { 0 };
    struct weir_near *near = NULL;
    static int64_t whole[ROWS], told[ROWS];
    near_all(schema, table, column, 1, &options, ROWS, NULL, whole);
    weir_batch_slice(&days[0], table, schema, 0, 4500);
    weir_batch_slice(&days[1], table, schema, 4500, ROWS - 4500);
    CHECK(weir_near_new(&near, schema, column, 1, &options, &error) == 0);
    CHECK(near_add_all(near, schema, &days[0], 800, &error) == 0 && weir_near_finish(near, NULL, told, &error) == 0);
    CHECK(weir_near_save(near, memory_write, &file, &error) == 0);
    weir_near_free(near);
    CHECK(weir_near_new(&near, schema, column, 1, &options, &error) == 0);
    CHECK(weir_near_restore(near, 4500, file.bytes.size, memory_read, &file, &error) == 0);
    CHECK(near_add_all(near, schema, &days[1], 800, &error) == 0);
    CHECK(weir_near_finish(near, NULL, told + 4500, &error) == 0);
    CHECK_TEXT(error.text, "");
    CHECK(memcmp(whole, told, sizeof whole) == 0);
    weir_near_free(near);
    file.at = 0;
    file.bytes.bytes[48 + 8 + 8] = 7; /* the first row's size, behind the head and one threshold */
    CHECK(weir_near_new(&near, schema, column, 1, &options, &error) == 0);
    CHECK(weir_near_restore(near, 4500, file.bytes.size, memory_read, &file, &error) < 0);
    CHECK_TEXT(error.text, "the index is damaged: row 0");
    weir_near_free(near);
    weir_buffer_release(&file.bytes);
    weir_batch_release(&days[0]);
    weir_batch_release(&days[1]);
}

int main(void)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    check_hash();
    make_images(&schema, &table);
    check_pairs(&schema, &table, 0.95); /* quarters are looked up */
    check_pairs(&schema, &table, 0.8);  /* all are gone through */
    check_index(&schema, &table);
    weir_batch_release(&table);
    weir_schema_release(&schema);
    return check_result();
}
