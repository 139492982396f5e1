/* The table of stages: a new one is one file and one row here. */
#include "stage/stage.h"

const struct weir_stage_kind *const weir_stage_kinds[] = {
    NULL,
};
