/* The table of stages: a new one is one file and one row here. */
#include "stage/kinds.h"

const struct weir_stage_kind *const weir_stage_kinds[] = {
    &weir_clean_kind,  &weir_normalize_kind, &weir_encode_kind,   &weir_pick_kind,
    &weir_enrich_kind, &weir_features_kind,  &weir_tokenize_kind, NULL,
};
