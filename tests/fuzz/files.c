/* Archives, and pictures by themselves and in archives, under hostile bytes. The first byte chooses the options: two
 * bits what becomes of bad values, one whether pictures are gray, two how they fit, one whether a size is wanted. */
#include "table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_format_options options = { .format = "files", .threads = 1 };
    int64_t rows, again;
    (void)fuzz_table;
    if (size == 0 || size > 1 << 16)
        return 0;
    options.bad = (enum weir_bad)(data[0] & 3);
    options.image.gray = data[0] & 4;
    options.image.fit = (enum weir_fit)((data[0] >> 3 & 3) % 3);
    if (data[0] & 32)
        options.image.width = 5, options.image.height = 3;
    uint64_t first = read_table(&options, data + 1, size - 1, &rows);
    if (first != read_table(&options, data + 1, size - 1, &again) || (first && rows != again))
        abort();
    return 0;
}
