/* The stages that there are. */
#ifndef WEIR_STAGE_KINDS_H
#define WEIR_STAGE_KINDS_H

#include "stage/stage.h"

extern const struct weir_stage_kind weir_clean_kind, weir_normalize_kind, weir_encode_kind, weir_pick_kind,
    weir_enrich_kind, weir_features_kind, weir_tokenize_kind;

#endif
