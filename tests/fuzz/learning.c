/* A log of training: whatever the bytes, a message or a drawing whose every format can be written. */
#include "eval/learning.h"
#include "base/svg.h"
#include "eval/cells_private.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_learning learning;
    struct weir_error error = { 0 };
    if (size == 0)
        return 0;
    unsigned how = data[0]; /* which axes are logarithmic, and what is drawn on */
    const struct weir_plot_style style = { .log_x = how & 1, .log_y = how & 2 };
    if (weir_learning_read(&learning, (const char *)data + 1, size - 1, &error) == 0) {
        struct weir_drawing drawing;
        struct weir_buffer out = { 0 };
        weir_drawing_init(&drawing, 320, 240, how & 4);
        for (size_t i = 1; i < learning.count; i++)
            if (!(learning.epochs[i] > learning.epochs[i - 1]))
                abort();
        if (weir_plot_learning(&drawing, &learning, &style, &error) == 0 &&
            (how & 4 ? weir_cells_write(&drawing, 256, &out, &error) : weir_svg_file(&drawing, &out, &error)))
            abort();
        weir_buffer_release(&out);
        weir_drawing_release(&drawing);
    }
    weir_learning_release(&learning);
    return 0;
}
