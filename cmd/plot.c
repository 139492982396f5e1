/* plot: pictures of a log of training, of predictions and of columns. */
#include "base/descriptor.h"
#include "cli/stream_io.h"
#include "cli/terminal.h"
#include "eval/learning.h"
#include "eval/plot_stream.h"
#include "eval/rendering.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    struct weir_strings columns;
    const char *by, *title, *log_scale, *format;
    int64_t points, rows, width, height;
    bool dark;
};
static const struct options defaults = {
    .log_scale = "none", .format = "auto", .points = WEIR_PLOT_POINTS, .rows = 25
};

static const char *const axes[] = { "none", "x", "y", "xy", NULL };
static const struct weir_option table[] = { { .name = "columns",
                                              .kind = WEIR_OPTION_LIST,
                                              .offset = offsetof(struct options, columns),
                                              .argument = "COLUMN,...",
                                              .help = "what is drawn by histogram, scatter and images" },
                                            { .name = "by",
                                              .kind = WEIR_OPTION_TEXT,
                                              .offset = offsetof(struct options, by),
                                              .argument = "COLUMN",
                                              .help = "tell the values of COLUMN apart by colour" },
                                            { .name = "points",
                                              .kind = WEIR_OPTION_INTEGER,
                                              .offset = offsetof(struct options, points),
                                              .argument = "N",
                                              .help = "draw at most N points of a scatter, chosen by chance",
                                              .minimum = 1,
                                              .maximum = 100000 },
                                            { .name = "rows",
                                              .kind = WEIR_OPTION_INTEGER,
                                              .offset = offsetof(struct options, rows),
                                              .argument = "N",
                                              .help = "draw the pictures of the first N rows",
                                              .minimum = 1,
                                              .maximum = 400 },
                                            { .name = "title",
                                              .kind = WEIR_OPTION_TEXT,
                                              .offset = offsetof(struct options, title),
                                              .argument = "TEXT",
                                              .help = "what stands above the plot" },
                                            { .name = "width",
                                              .kind = WEIR_OPTION_INTEGER,
                                              .offset = offsetof(struct options, width),
                                              .argument = "PIXELS",
                                              .help = "how wide the plot is",
                                              .minimum = 160,
                                              .maximum = 8000 },
                                            { .name = "height",
                                              .kind = WEIR_OPTION_INTEGER,
                                              .offset = offsetof(struct options, height),
                                              .argument = "PIXELS",
                                              .help = "how high the plot is",
                                              .minimum = 120,
                                              .maximum = 8000 },
                                            { .name = "log-scale",
                                              .kind = WEIR_OPTION_CHOICE,
                                              .offset = offsetof(struct options, log_scale),
                                              .argument = "AXES",
                                              .help = "make axes logarithmic",
                                              .choices = axes },
                                            { .name = "format",
                                              .kind = WEIR_OPTION_CHOICE,
                                              .offset = offsetof(struct options, format),
                                              .argument = "FORMAT",
                                              .help = "what is written",
                                              .choices = weir_render_names },
                                            { .name = "dark",
                                              .kind = WEIR_OPTION_FLAG,
                                              .offset = offsetof(struct options, dark),
                                              .help = "pixels for a dark ground" },
                                            WEIR_OPTIONS_END };

/* ---- What is asked for ------------------------------------------------------------------------------------------ */

/* Options that only some kinds take. */
static int check_given(const struct weir_run *run, enum weir_plot_kind kind, struct weir_error *error)
{
    enum {
        COLUMNS = 1 << WEIR_PLOT_HISTOGRAM | 1 << WEIR_PLOT_SCATTER,
        LOGARITHMS = COLUMNS | 1 << WEIR_PLOT_LEARNING | 1 << WEIR_PLOT_CALIBRATION | 1 << WEIR_PLOT_PREDICTED |
                     1 << WEIR_PLOT_RESIDUALS
    };
    static const struct {
        const char *name;
        unsigned kinds;
    } bound[] = { { "columns", COLUMNS | 1 << WEIR_PLOT_IMAGES },
                  { "by", COLUMNS },
                  { "points", 1 << WEIR_PLOT_SCATTER },
                  { "rows", 1 << WEIR_PLOT_IMAGES },
                  { "log-scale", LOGARITHMS } };
    for (size_t i = 0; i < sizeof bound / sizeof *bound; i++)
        if (!(bound[i].kinds >> kind & 1) && weir_strings_contain(&run->given, bound[i].name))
            return weir_fail(error, WEIR_USAGE, "--%s is not for a plot of the kind '%s'", bound[i].name,
                             weir_plot_kind_name(kind));
    return 0;
}

/* ---- What is written -------------------------------------------------------------------------------------------- */

struct page {
    struct weir_rendering rendering;
    struct weir_drawing drawing;
};

/* Settles the format, and begins a drawing of the size that fits it; shape: its height to its width. */
static void begin_page(struct weir_run *run, double shape, struct page *page)
{
    const struct options *options = run->options;
    struct weir_rendering *rendering = &page->rendering;
    struct weir_terminal terminal;
    struct weir_render_window window = { 0 };
    weir_terminal_look(STDOUT_FILENO, &terminal);
    *rendering = (struct weir_rendering){ .format = weir_render_parse(options->format), .dark = options->dark };
    bool seen = terminal.is && !run->output;
    if (seen) {
        window = (struct weir_render_window){ terminal.columns, terminal.rows, terminal.width, terminal.height };
        rendering->colours = terminal.colours;
    }
    if (rendering->format == WEIR_RENDER_AUTO && !seen)
        rendering->format = weir_render_of_path(run->output);
    else if (rendering->format == WEIR_RENDER_AUTO)
        rendering->format = terminal.pictures == WEIR_PICTURES_SIXEL    ? WEIR_RENDER_SIXEL
                            : terminal.pictures == WEIR_PICTURES_KITTY  ? WEIR_RENDER_KITTY
                            : terminal.pictures == WEIR_PICTURES_ITERM2 ? WEIR_RENDER_ITERM2
                                                                        : WEIR_RENDER_TEXT;
    weir_rendering_size(rendering, (int)options->width, (int)options->height, shape, &window);
    weir_drawing_init(&page->drawing, rendering->width, rendering->height, rendering->format == WEIR_RENDER_TEXT);
}

static int write_page(struct weir_run *run, const struct page *page, struct weir_error *error)
{
    struct weir_buffer out = { 0 };
    int result = weir_render(&page->drawing, &page->rendering, &out, error);
    if (result == 0)
        result = weir_bytes_write(run, out.bytes, out.size, error);
    weir_buffer_release(&out);
    return result;
}

/* ---- What is drawn ---------------------------------------------------------------------------------------------- */

static int draw_log(struct weir_run *run, const struct weir_plot_options *plot, struct page *page,
                    struct weir_error *error)
{
    struct weir_learning learning = { 0 };
    const char *operand = run->operands.count > 1 ? run->operands.items[1] : "-";
    char *bytes = NULL;
    size_t size = 0;
    int result = -1;
    if (run->operands.count > 2)
        return weir_fail(error, WEIR_USAGE, "learning curves are drawn of one log");
    int descriptor = weir_operand_open(operand, error);
    if (descriptor < 0)
        return -1;
    const char *name = strcmp(operand, "-") == 0 ? "standard input" : operand;
    result = weir_read_whole(descriptor, name, WEIR_LEARNING_BYTES, &bytes, &size, error);
    close(descriptor);
    if (result)
        return -1;
    result = -1;
    if (weir_learning_read(&learning, bytes, size, error))
        weir_fail_in(error, "'%s'", name);
    else {
        if (learning.cut)
            weir_warn(run, "the last line of the log is not complete, and is left out");
        begin_page(run, 0.75, page);
        result = weir_plot_learning(&page->drawing, &learning, &plot->style, error);
    }
    weir_learning_release(&learning);
    free(bytes);
    return result;
}

static int draw_stream(struct weir_run *run, const struct weir_plot_options *options, struct page *page,
                       struct weir_error *error)
{
    struct weir_input *input = NULL;
    struct weir_batch batch = { 0 };
    struct weir_plot *plot = NULL;
    struct weir_progress *progress = NULL;
    int result = -1, got = 0;
    if (weir_input_open(&input, run, &(struct weir_input_options){ .first_operand = 1 }, error))
        return -1;
    if (weir_plot_begin(&plot, weir_input_schema(input), options, error))
        goto cleanup;
    progress = weir_progress_new(run, "rows", -1);
    while (!weir_plot_full(plot) && (got = weir_input_next(input, &batch, error)) > 0) {
        if (weir_plot_add(plot, &batch, error))
            goto cleanup;
        weir_input_step(input, progress, NULL);
    }
    if (weir_plot_full(plot))
        weir_input_leave(input);
    if (got >= 0) {
        begin_page(run, weir_plot_shape(plot), page);
        result = weir_plot_draw(plot, &page->drawing, error);
    }
    if (result == 0)
        weir_note(run, "%" PRId64 " rows in", weir_input_rows(input));
cleanup:
    weir_progress_free(progress);
    weir_plot_free(plot);
    weir_batch_release(&batch);
    if (weir_input_close(input, result ? NULL : error))
        result = -1;
    return result;
}

static int run_plot(struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_plot_options plot = {
        .columns = { .columns = options->columns.items,
                     .column_count = options->columns.count,
                     .by = options->by,
                     .points = options->points,
                     .seed = run->seed,
                     .log_x = strchr(options->log_scale, 'x') != NULL },
        .rows = options->rows,
        .style = { .title = options->title,
                   .log_x = strchr(options->log_scale, 'x') != NULL,
                   .log_y = strchr(options->log_scale, 'y') != NULL },
    };
    struct page page = { 0 };
    if (run->operands.count == 0)
        return weir_fail(error, WEIR_USAGE, "what is to be drawn? It is named first: plot roc scored.arrows");
    if (weir_plot_kind_parse(run->operands.items[0], &plot.kind, error) || check_given(run, plot.kind, error))
        return -1;
    int result =
        plot.kind == WEIR_PLOT_LEARNING ? draw_log(run, &plot, &page, error) : draw_stream(run, &plot, &page, error);
    if (result == 0)
        result = write_page(run, &page, error);
    weir_drawing_release(&page.drawing);
    return result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = { .name = "plot",
                                                 .purpose = "draw learning curves, predictions and columns",
                                                 .operands = "KIND [FILE...]",
                                                 .options = table,
                                                 .options_size = sizeof(struct options),
                                                 .defaults = &defaults,
                                                 .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_TAKES_SEED,
                                                 .run = run_plot };
    return weir_program_main(&program, argc, argv);
}
