/* The options of `features` for images. */
#ifndef WEIR_CMD_IMAGE_OPTIONS_H
#define WEIR_CMD_IMAGE_OPTIONS_H

#include "cli/options.h"

/* Part of a program's struct options, as `struct image_options image;`. */
struct image_options {
    const char *cell, *block, *pattern;
    struct weir_strings distances, angles;
    int64_t orientations, points, levels;
    double radius, sigma, low, high;
    bool codes, log, joint;
};

#define IMAGE_DEFAULTS                                                                                                 \
    {                                                                                                                  \
        .cell = "8x8", .block = "2x2", .orientations = 9, .points = 8, .radius = 1, .pattern = "uniform",              \
        .levels = 32, .sigma = 1, .low = 0.1, .high = 0.2                                                              \
    }

/* The rows of the option table for it. */
#define IMAGE_OPTIONS(type)                                                                                            \
    { .name = "cell",                                                                                                  \
      .kind = WEIR_OPTION_TEXT,                                                                                        \
      .offset = offsetof(type, image.cell),                                                                            \
      .argument = "WIDTHxHEIGHT",                                                                                      \
      .help = "hog: pixels of a cell",                                                                                 \
      .plan = true },                                                                                                  \
        { .name = "block",                                                                                             \
          .kind = WEIR_OPTION_TEXT,                                                                                    \
          .offset = offsetof(type, image.block),                                                                       \
          .argument = "WIDTHxHEIGHT",                                                                                  \
          .help = "hog: cells of a block",                                                                             \
          .plan = true },                                                                                              \
        { .name = "orientations",                                                                                      \
          .kind = WEIR_OPTION_INTEGER,                                                                                 \
          .offset = offsetof(type, image.orientations),                                                                \
          .argument = "N",                                                                                             \
          .help = "hog: bins of 180 degrees",                                                                          \
          .minimum = 1,                                                                                                \
          .maximum = 64,                                                                                               \
          .plan = true },                                                                                              \
        { .name = "points",                                                                                            \
          .kind = WEIR_OPTION_INTEGER,                                                                                 \
          .offset = offsetof(type, image.points),                                                                      \
          .argument = "N",                                                                                             \
          .help = "lbp: points around a pixel",                                                                        \
          .minimum = 1,                                                                                                \
          .maximum = 24,                                                                                               \
          .plan = true },                                                                                              \
        { .name = "radius",                                                                                            \
          .kind = WEIR_OPTION_NUMBER,                                                                                  \
          .offset = offsetof(type, image.radius),                                                                      \
          .argument = "R",                                                                                             \
          .help = "lbp: how far they are from it",                                                                     \
          .minimum = 0.1,                                                                                              \
          .maximum = 64,                                                                                               \
          .plan = true },                                                                                              \
        { .name = "pattern",                                                                                           \
          .kind = WEIR_OPTION_TEXT,                                                                                    \
          .offset = offsetof(type, image.pattern),                                                                     \
          .argument = "PATTERN",                                                                                       \
          .help = "lbp: default, ror or uniform",                                                                      \
          .plan = true },                                                                                              \
        { .name = "codes",                                                                                             \
          .kind = WEIR_OPTION_FLAG,                                                                                    \
          .offset = offsetof(type, image.codes),                                                                       \
          .help = "lbp: the pattern at each pixel in place of a histogram",                                            \
          .plan = true },                                                                                              \
        { .name = "levels",                                                                                            \
          .kind = WEIR_OPTION_INTEGER,                                                                                 \
          .offset = offsetof(type, image.levels),                                                                      \
          .argument = "N",                                                                                             \
          .help = "glcm: levels of gray",                                                                              \
          .minimum = 2,                                                                                                \
          .maximum = 256,                                                                                              \
          .plan = true },                                                                                              \
        { .name = "distances",                                                                                         \
          .kind = WEIR_OPTION_LIST,                                                                                    \
          .offset = offsetof(type, image.distances),                                                                   \
          .argument = "N,...",                                                                                         \
          .help = "glcm: how far two pixels are apart",                                                                \
          .plan = true },                                                                                              \
        { .name = "angles",                                                                                            \
          .kind = WEIR_OPTION_LIST,                                                                                    \
          .offset = offsetof(type, image.angles),                                                                      \
          .argument = "DEGREES,...",                                                                                   \
          .help = "glcm: in which directions",                                                                         \
          .plan = true },                                                                                              \
        { .name = "sigma",                                                                                             \
          .kind = WEIR_OPTION_NUMBER,                                                                                  \
          .offset = offsetof(type, image.sigma),                                                                       \
          .argument = "S",                                                                                             \
          .help = "canny: deviation of the Gaussian that smooths the image",                                           \
          .minimum = 0,                                                                                                \
          .maximum = 16,                                                                                               \
          .plan = true },                                                                                              \
        { .name = "low",                                                                                               \
          .kind = WEIR_OPTION_NUMBER,                                                                                  \
          .offset = offsetof(type, image.low),                                                                         \
          .argument = "T",                                                                                             \
          .help = "canny: where an edge may go on, with white as 1",                                                   \
          .minimum = 0,                                                                                                \
          .maximum = 16,                                                                                               \
          .plan = true },                                                                                              \
        { .name = "high",                                                                                              \
          .kind = WEIR_OPTION_NUMBER,                                                                                  \
          .offset = offsetof(type, image.high),                                                                        \
          .argument = "T",                                                                                             \
          .help = "canny: where an edge begins",                                                                       \
          .minimum = 0,                                                                                                \
          .maximum = 16,                                                                                               \
          .plan = true },                                                                                              \
        { .name = "log",                                                                                               \
          .kind = WEIR_OPTION_FLAG,                                                                                    \
          .offset = offsetof(type, image.log),                                                                         \
          .help = "hu: the logarithms of the moments",                                                                 \
          .plan = true },                                                                                              \
    {                                                                                                                  \
        .name = "joint", .kind = WEIR_OPTION_FLAG, .offset = offsetof(type, image.joint),                              \
        .help = "colour: one histogram of all channels together", .plan = true                                         \
    }

#endif
