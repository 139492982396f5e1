/* JPEG by libjpeg-turbo. Its errors are jumps, and all of them land here. */
#include "format/image_private.h"
#include <stdio.h>

#include <jpeglib.h>
#include <setjmp.h>
#include <string.h>

/* The codes of libjpeg's messages; its header's macros are made of banned calls and are not wanted. */
#define JERROR_H
#define JMESSAGE(code, text) code,
enum jpeg_message {
#include <jerror.h>
    JPEG_MESSAGES
};

struct jpeg {
    struct jpeg_decompress_struct libjpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf failed;
    struct weir_error *error; /* its text is set before the jump */
};

static void fail(j_common_ptr libjpeg)
{
    struct jpeg *jpeg = libjpeg->client_data;
    char text[JMSG_LENGTH_MAX];
    if (libjpeg->err->msg_code == JERR_OUT_OF_MEMORY)
        weir_fail_memory(jpeg->error);
    else if (libjpeg->err->msg_code == JERR_NO_BACKING_STORE)
        weir_fail(jpeg->error, WEIR_BAD_DATA, "decoding it would take more than %d MiB", WEIR_IMAGE_MEMORY >> 20);
    else {
        libjpeg->err->format_message(libjpeg, text);
        weir_fail(jpeg->error, WEIR_BAD_DATA, "its JPEG data is cut or damaged: %s", text);
    }
    longjmp(jpeg->failed, 1);
}

/* What libjpeg would repair in silence. */
static void warn(j_common_ptr libjpeg, int level)
{
    if (level >= 0)
        return;
    switch (libjpeg->err->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
        fail(libjpeg);
    default: /* oddities of who wrote it, which cost no pixel */
        return;
    }
}

static void say_nothing(j_common_ptr libjpeg)
{
    (void)libjpeg;
}

/* A small file may claim any number of scans, each of which goes over the whole picture. */
static void count_scans(j_common_ptr libjpeg)
{
    struct jpeg *jpeg = libjpeg->client_data;
    if (jpeg->libjpeg.input_scan_number <= WEIR_IMAGE_SCANS)
        return;
    weir_fail(jpeg->error, WEIR_BAD_DATA, "it has more than %d scans", WEIR_IMAGE_SCANS);
    longjmp(jpeg->failed, 1);
}

static int orientation_of(const struct jpeg *jpeg)
{
    static const char mark[] = "Exif\0";
    for (const struct jpeg_marker_struct *marker = jpeg->libjpeg.marker_list; marker; marker = marker->next)
        if (marker->data_length > sizeof mark && memcmp(marker->data, mark, sizeof mark) == 0)
            return weir_exif_orientation(marker->data + sizeof mark, marker->data_length - sizeof mark);
    return 1;
}

/* The least of the scales that libjpeg does fast at which nothing must be enlarged. */
static unsigned choose_eighths(const struct weir_picture *picture)
{
    const struct weir_window *window = &picture->window;
    unsigned eighths = 1;
    while (eighths < 8 && (window->across * eighths < 8.0 * picture->target_width ||
                           window->down * eighths < 8.0 * picture->target_height))
        eighths *= 2;
    return eighths;
}

/* Adobe's programs store CMYK as what is left of the light: 255 is no ink. */
static void convert_cmyk(const uint8_t *from, uint8_t *to, int width, bool no_ink_is_255, bool gray)
{
    for (int i = 0; i < width; i++, from += 4) {
        uint8_t rgb[3];
        for (int c = 0; c < 3; c++) {
            unsigned light = no_ink_is_255 ? from[c] : 255u - from[c], black = no_ink_is_255 ? from[3] : 255u - from[3];
            rgb[c] = (uint8_t)((light * black + 127) / 255);
        }
        if (gray)
            *to++ = weir_luma(rgb);
        else
            for (int c = 0; c < 3; c++)
                *to++ = rgb[c];
    }
}

static void read_rows(struct jpeg *jpeg, struct weir_image_decoder *decoder)
{
    struct jpeg_decompress_struct *libjpeg = &jpeg->libjpeg;
    const struct weir_picture *picture = &decoder->picture;
    bool gray = picture->reading->gray;
    bool inks = libjpeg->jpeg_color_space == JCS_CMYK || libjpeg->jpeg_color_space == JCS_YCCK;
    libjpeg->out_color_space = inks ? JCS_CMYK : gray ? JCS_GRAYSCALE : JCS_RGB;
    libjpeg->scale_num = choose_eighths(picture);
    libjpeg->scale_denom = 8;
    libjpeg->dct_method = JDCT_ISLOW;
    jpeg_start_decompress(libjpeg);
    int width = (int)libjpeg->output_width, height = (int)libjpeg->output_height;
    size_t row_bytes = (size_t)width * (size_t)libjpeg->output_components;
    uint8_t *row = weir_decoder_rows(decoder, row_bytes + (inks ? (size_t)width * 3 : 0));
    if (!row) {
        weir_fail_memory(jpeg->error);
        longjmp(jpeg->failed, 1);
    }
    if (weir_picture_begin(decoder, (int)libjpeg->scale_num, width, height, jpeg->error))
        longjmp(jpeg->failed, 1);
    for (int y = 0; y < height; y++) {
        JSAMPROW rows[1] = { row };
        jpeg_read_scanlines(libjpeg, rows, 1);
        if (inks)
            convert_cmyk(row, row + row_bytes, width, libjpeg->saw_Adobe_marker, gray);
        weir_resize_row(&decoder->resize, inks ? row + row_bytes : row);
    }
    jpeg_finish_decompress(libjpeg);
}

/* All that may jump: nothing of its own is changed between the setjmp and the jump. */
static int attempt(struct jpeg *jpeg, struct weir_image_decoder *decoder, bool whole)
{
    struct jpeg_decompress_struct *libjpeg = &jpeg->libjpeg;
    struct weir_picture *picture = &decoder->picture;
    if (setjmp(jpeg->failed))
        return -1;
    jpeg_create_decompress(libjpeg);
    libjpeg->progress = &jpeg->progress;
    libjpeg->mem->max_memory_to_use = WEIR_IMAGE_MEMORY;
    jpeg_mem_src(libjpeg, picture->bytes, picture->size);
    jpeg_save_markers(libjpeg, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(libjpeg, TRUE);
    picture->width = (int)libjpeg->image_width;
    picture->height = (int)libjpeg->image_height;
    picture->orientation = orientation_of(jpeg);
    if (weir_picture_check(picture, jpeg->error) || (whole && weir_picture_plan(decoder, jpeg->error)))
        return -1;
    if (whole)
        read_rows(jpeg, decoder);
    return 0;
}

int weir_jpeg_read(struct weir_image_decoder *decoder, bool whole, struct weir_error *error)
{
    struct jpeg jpeg = { .error = error };
    jpeg.libjpeg.err = jpeg_std_error(&jpeg.errors);
    jpeg.libjpeg.client_data = &jpeg; /* creating keeps it */
    jpeg.errors.error_exit = fail;
    jpeg.errors.emit_message = warn;
    jpeg.errors.output_message = say_nothing;
    jpeg.progress.progress_monitor = count_scans;
    int code = attempt(&jpeg, decoder, whole);
    jpeg_destroy_decompress(&jpeg.libjpeg);
    return code;
}
