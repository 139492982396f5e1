/* The stage `features`: a family, whose option "method" names the member. Each is a stage kind of its own in one file
 * (features_tfidf.c, features_hog.c ...) and a row in the table of features.c, and bears the name "features".
 *
 * What a method makes of one column takes that column's place and name, or, with the option "into", stands in a new
 * column of that name at the end while the old one stays. What it makes of several takes their places in one column
 * called as the method, or stands beside them with "into". A null stays a null unless the method's header says
 * otherwise.
 */
#ifndef WEIR_STAGE_FEATURES_H
#define WEIR_STAGE_FEATURES_H

#include "stage/stage.h"

/* The members and their methods, from 0; NULL: there are no more. */
const struct weir_stage_kind *weir_features_member(size_t i);
const char *weir_features_method(size_t i);

extern const struct weir_stage_kind weir_features_tfidf_kind, weir_features_counts_kind, weir_features_hash_kind,
    weir_features_wordvec_kind, weir_features_lda_kind, weir_features_hog_kind, weir_features_lbp_kind,
    weir_features_glcm_kind, weir_features_sobel_kind, weir_features_canny_kind, weir_features_hu_kind,
    weir_features_colour_kind, weir_features_pca_kind, weir_features_projection_kind, weir_features_polynomial_kind,
    weir_features_bins_kind, weir_features_row_kind, weir_features_window_kind;

/* The vocabulary of the i-th column that a fitted stage of counts or tfidf takes, and the column's name, both borrowed;
 * NULL: it has no such column, or is another method. Term by term: weir_vocabulary_term. */
struct weir_vocabulary;
const struct weir_vocabulary *weir_features_vocabulary(const struct weir_stage *stage, size_t i, const char **column);

/* Of a fitted stage of lda: the most likely terms of each topic, [[text, ...], ...], borrowed; NULL of another. */
const json_t *weir_features_topics(const struct weir_stage *stage);

#endif
