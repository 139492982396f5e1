/* A profile's file as anyone may write it. What is read is shown in all its forms, is written as what reads back to the
 * same text, and is joined with itself. */
#include "eval/profile.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(const struct weir_profile *profile)
{
    struct weir_buffer out = { 0 };
    for (int hidden = 0; hidden < 2; hidden++) {
        weir_profile_text(profile, 64, hidden, &out);
        weir_profile_page(profile, 64, hidden, &out);
    }
    weir_buffer_release(&out);
}

/* The profile reads back from its own text. */
static struct weir_profile *again(const struct weir_profile *profile, bool no_values)
{
    struct weir_buffer first = { 0 }, second = { 0 };
    struct weir_profile *read;
    weir_profile_write(profile, no_values, &first);
    if (weir_profile_read(&read, first.bytes, first.size, NULL) < 0)
        abort();
    weir_profile_write(read, false, &second);
    if (first.size != second.size || memcmp(first.bytes, second.bytes, first.size) != 0)
        abort();
    weir_buffer_release(&first);
    weir_buffer_release(&second);
    return read;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_profile *profile, *other;
    struct weir_error error = { 0 };
    if (weir_profile_read(&profile, (const char *)data, size, &error) < 0) {
        if (error.status != WEIR_BAD_DATA || !error.text[0])
            abort();
        return 0;
    }
    show(profile);
    weir_profile_free(again(profile, true));
    other = again(profile, false);
    if (weir_profile_merge(profile, other, &error) == 0) {
        show(profile);
        weir_profile_free(again(profile, false));
    } else if (error.status != WEIR_BAD_DATA) {
        abort();
    }
    weir_profile_free(profile);
    weir_profile_free(other);
    return 0;
}
