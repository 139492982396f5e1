#include "eval/plot_images.h"
#include "base/html.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TEXT = 200 }; /* bytes of a label */

struct image {
    struct weir_buffer label, prediction;
    bool has_label, has_prediction, wrong;
};

struct weir_images {
    const struct weir_schema *schema;
    int column, label, prediction; /* -1: none */
    int width, height, channels;
    int64_t most, count, stretched, missing;
    struct image *items; /* [most] */
    uint8_t *pixels;     /* [most][height][width][3] */
    double *values;      /* [height][width][channels] */
};

void weir_images_free(struct weir_images *images)
{
    if (!images)
        return;
    for (int64_t i = 0; images->items && i < images->most; i++) {
        weir_buffer_release(&images->items[i].label);
        weir_buffer_release(&images->items[i].prediction);
    }
    free(images->items);
    free(images->pixels);
    free(images->values);
    free(images);
}

static bool is_picture(const struct weir_type *type)
{
    return type->kind == WEIR_FIXED_LIST && type->list_size > 0 && weir_kind_is_number(type->children[0].type.kind) &&
           (type->rank == 2 || (type->rank == 3 && (type->shape[2] == 1 || type->shape[2] == 3)));
}

static int choose_column(struct weir_images *images, const char *name, struct weir_error *error)
{
    const struct weir_schema *schema = images->schema;
    if (name) {
        images->column = weir_schema_require(schema, name, error);
        if (images->column < 0 || is_picture(&schema->fields[images->column].type))
            return images->column < 0 ? -1 : 0;
        return weir_fail(error, WEIR_BAD_DATA,
                         "column '%s' has no pictures: these are tensors [height, width] or [height, width, 1 or 3]",
                         name);
    }
    for (images->column = 0; images->column < schema->count; images->column++)
        if (is_picture(&schema->fields[images->column].type))
            return 0;
    return weir_fail(error, WEIR_BAD_DATA,
                     "no column of pictures here: no tensor [height, width] or [height, width, 1 "
                     "or 3]");
}

int weir_images_begin(struct weir_images **images, const struct weir_schema *schema, const char *column, int64_t most,
                      struct weir_error *error)
{
    struct weir_images *made = *images = weir_allocate_zero(1, sizeof *made);
    if (!made)
        return weir_fail_memory(error);
    made->schema = schema;
    if (choose_column(made, column, error))
        return -1;
    const struct weir_type *type = &schema->fields[made->column].type;
    made->label = weir_schema_role(schema, WEIR_LABEL, 0);
    made->prediction = weir_schema_find(schema, "prediction");
    made->height = (int)type->shape[0];
    made->width = (int)type->shape[1];
    made->channels = type->rank == 3 ? (int)type->shape[2] : 1;
    size_t size = (size_t)made->width * (size_t)made->height * 3;
    if (size > WEIR_IMAGES_BYTES / (size_t)most)
        return weir_fail(error, WEIR_USAGE, "%lld pictures of %d by %d are more than %d MiB (--rows takes fewer)",
                         (long long)most, made->width, made->height, WEIR_IMAGES_BYTES >> 20);
    made->most = most;
    made->items = weir_allocate_zero((size_t)most, sizeof *made->items);
    made->pixels = weir_allocate((size_t)most, size);
    made->values = weir_allocate((size_t)type->list_size, sizeof *made->values);
    return made->items && made->pixels && made->values ? 0 : weir_fail_memory(error);
}

bool weir_images_full(const struct weir_images *images)
{
    return images->count == images->most;
}

/* ---- Pixels --------------------------------------------------------------------------------------------------- */

/* How numbers become 0 to 255: bytes as they are, shares times 255, and of others the range of the picture. */
static void find_scale(struct weir_images *images, bool bytes, size_t count, double *low, double *factor)
{
    double high = -INFINITY;
    *low = INFINITY;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(images->values[i]))
            continue;
        *low = fmin(*low, images->values[i]);
        high = fmax(high, images->values[i]);
    }
    bool shares = !bytes && *low >= 0 && high <= 1;
    if (bytes || shares) {
        *low = 0;
        *factor = shares ? 255 : 1;
        return;
    }
    images->stretched++;
    *factor = high > *low ? 255 / (high - *low) : 0;
}

static void fill_pixels(struct weir_images *images, bool bytes)
{
    size_t places = (size_t)images->width * (size_t)images->height, channels = (size_t)images->channels;
    uint8_t *to = images->pixels + (size_t)images->count * places * 3;
    double low, factor;
    find_scale(images, bytes, places * channels, &low, &factor);
    for (size_t i = 0; i < places; i++)
        for (size_t c = 0; c < 3; c++) {
            double value = (images->values[i * channels + (channels == 3 ? c : 0)] - low) * factor;
            if (factor == 0)
                value = 127; /* all the same, and no byte: neither dark nor light */
            to[i * 3 + c] = value >= 255 ? 255 : value > 0 ? (uint8_t)(value + 0.5) : 0; /* NaN: 0 */
        }
}

static int take_text(const struct weir_images *images, const struct weir_batch *batch, int column, int64_t row,
                     struct weir_buffer *out, bool *has, struct weir_error *error)
{
    if (column < 0 || !weir_valid(&batch->columns[column], row))
        return 0;
    *has = true;
    weir_value_text(&batch->columns[column], &images->schema->fields[column].type, row, out);
    return weir_buffer_check(out, error);
}

static int take_row(struct weir_images *images, const struct weir_batch *batch, int64_t row, struct weir_error *error)
{
    const struct weir_type *type = &images->schema->fields[images->column].type;
    const struct weir_column *column = &batch->columns[images->column];
    struct image *item = &images->items[images->count];
    enum weir_kind kind = type->children[0].type.kind;
    if (!weir_valid(column, row)) {
        images->missing++;
        return 0;
    }
    for (int64_t i = 0; i < type->list_size; i++) {
        int64_t place = row * type->list_size + i;
        images->values[i] =
            weir_valid(&column->children[0], place) ? weir_number(&column->children[0], kind, place) : NAN;
    }
    if (take_text(images, batch, images->label, row, &item->label, &item->has_label, error) ||
        take_text(images, batch, images->prediction, row, &item->prediction, &item->has_prediction, error))
        return -1;
    item->wrong = item->has_label && item->has_prediction &&
                  (item->label.size != item->prediction.size ||
                   (item->label.size && memcmp(item->label.bytes, item->prediction.bytes, item->label.size) != 0));
    fill_pixels(images, kind == WEIR_UINT8);
    images->count++;
    return 0;
}

int weir_images_add(struct weir_images *images, const struct weir_batch *batch, struct weir_error *error)
{
    for (int64_t row = 0; row < batch->rows && !weir_images_full(images); row++)
        if (take_row(images, batch, row, error))
            return -1;
    return 0;
}

/* ---- The grid ------------------------------------------------------------------------------------------------- */

struct grid {
    int across, down;
    double width, height;             /* of a place, with the text */
    double shown_width, shown_height; /* of a picture */
};

/* As many side by side as make the pictures largest. */
static struct grid lay_out(const struct weir_images *images, double width, double height, double text, double gap)
{
    struct grid best = { 0 };
    int count = (int)images->count;
    for (int across = 1; across <= count; across++) {
        struct grid grid = { .across = across, .down = (count + across - 1) / across };
        grid.width = width / across;
        grid.height = height / grid.down;
        double scale = fmin((grid.width - gap) / images->width, fmax(grid.height - text - gap, 1) / images->height);
        grid.shown_width = scale * images->width;
        grid.shown_height = scale * images->height;
        if (across == 1 || grid.shown_width > best.shown_width)
            best = grid;
    }
    best.height = fmin(best.height, best.shown_height + text + gap);
    return best;
}

static void put_text(struct weir_drawing *drawing, enum weir_ink ink, double x, double y, double most,
                     const char *before, const struct weir_buffer *text, bool strong)
{
    struct weir_buffer line = { 0 };
    weir_buffer_string(&line, before);
    weir_buffer_append(&line, text->bytes, text->size ? weir_html_fit(text->bytes, text->size, MOST_TEXT) : 0);
    if (!line.failed)
        weir_drawing_text(drawing, ink, x, y, WEIR_ANCHOR_START, most, line.bytes, line.size)->strong = strong;
    drawing->failed |= line.failed;
    weir_buffer_release(&line);
}

static void draw_image(const struct weir_images *images, int64_t i, const struct grid *grid, double x, double y,
                       struct weir_drawing *drawing)
{
    const struct image *item = &images->items[i];
    size_t size = (size_t)images->width * (size_t)images->height * 3;
    double line = weir_chart_line_height(drawing), most = grid->width - drawing->size * 0.4;
    double base = y + grid->shown_height + line * 0.8;
    if (item->wrong)
        weir_drawing_rect(drawing, weir_ink_of_series(1), x - 2, y - 2, grid->shown_width + 4, grid->shown_height + 4);
    weir_drawing_pixels(drawing, x, y, grid->shown_width, grid->shown_height, images->pixels + (size_t)i * size,
                        images->width, images->height);
    if (item->wrong) {
        put_text(drawing, WEIR_INK_TEXT, x, base, most, "says ", &item->prediction, true);
        put_text(drawing, WEIR_INK_QUIET, x, base + line, most, "is ", &item->label, false);
    } else if (item->has_prediction)
        put_text(drawing, WEIR_INK_TEXT, x, base, most, "", &item->prediction, false);
    else if (item->has_label)
        put_text(drawing, WEIR_INK_TEXT, x, base, most, images->prediction < 0 ? "" : "is ", &item->label, false);
}

static void append_note(struct weir_buffer *note, const struct weir_images *images)
{
    int64_t wrong = 0, compared = 0;
    for (int64_t i = 0; i < images->count; i++) {
        wrong += images->items[i].wrong;
        compared += images->items[i].has_label && images->items[i].has_prediction;
    }
    weir_html_counted(note, images->count, "picture");
    if (compared) {
        weir_buffer_string(note, ", ");
        weir_html_count(note, wrong);
        weir_buffer_string(note, " predicted wrongly: framed, with the label below");
    }
    if (images->stretched)
        weir_buffer_format(note, "; grey from the least to the greatest number of each");
    if (images->missing) {
        weir_buffer_string(note, "; ");
        weir_html_counted(note, images->missing, "row");
        weir_buffer_string(note, " without one");
    }
}

int weir_images_draw(struct weir_images *images, struct weir_drawing *drawing, const struct weir_plot_style *style,
                     struct weir_error *error)
{
    struct weir_chart chart = weir_plot_chart(drawing, style, "Pictures");
    struct weir_buffer note = { 0 };
    if (images->count == 0) {
        weir_chart_instead(&chart, "No row has a picture.");
        return weir_drawing_check(drawing, error);
    }
    append_note(&note, images);
    if (weir_buffer_check(&note, error))
        return -1;
    chart.note = note.bytes;
    double top = weir_chart_head(&chart) + 4, line = weir_chart_line_height(drawing);
    bool texts = images->label >= 0 || images->prediction >= 0;
    int lines = !texts ? 0 : images->label >= 0 && images->prediction >= 0 ? 2 : 1;
    struct grid grid = lay_out(images, chart.width, chart.top + chart.height - top, line * lines, drawing->size * 0.6);
    for (int64_t i = 0; i < images->count; i++)
        draw_image(images, i, &grid, chart.left + 2 + (double)(i % grid.across) * grid.width,
                   top + (double)(i / grid.across) * grid.height, drawing);
    weir_buffer_release(&note);
    return weir_drawing_check(drawing, error);
}
