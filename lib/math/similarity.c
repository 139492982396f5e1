#include "math/similarity.h"
#include <math.h>
#include <stdbool.h>

enum { PREFIX = 4 };
static const double BONUS_FROM = 0.7, BONUS = 0.1;

double weir_jaro_winkler(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
    bool taken[WEIR_SIMILARITY_LENGTH] = { false };
    uint32_t matched[WEIR_SIMILARITY_LENGTH];
    size_t matches = 0, swapped = 0, next = 0, prefix = 0, longer = na > nb ? na : nb;
    size_t reach = longer / 2 > 0 ? longer / 2 - 1 : 0;
    if (na == 0 || nb == 0)
        return na == nb;
    for (size_t i = 0; i < na; i++) {
        size_t end = i + reach + 1 < nb ? i + reach + 1 : nb;
        for (size_t j = i > reach ? i - reach : 0; j < end; j++) {
            if (!taken[j] && a[i] == b[j]) {
                taken[j] = true;
                matched[matches++] = a[i];
                break;
            }
        }
    }
    if (matches == 0)
        return 0;
    for (size_t j = 0; j < nb; j++)
        if (taken[j])
            swapped += b[j] != matched[next++];
    double m = (double)matches, jaro = (m / (double)na + m / (double)nb + (m - (double)(swapped / 2)) / m) / 3;
    while (prefix < PREFIX && prefix < na && prefix < nb && a[prefix] == b[prefix])
        prefix++;
    return jaro > BONUS_FROM ? jaro + (double)prefix * BONUS * (1 - jaro) : jaro;
}

double weir_relative_similarity(double a, double b)
{
    if (a == b)
        return 1;
    double similarity = 1 - fabs(a - b) / fmax(fabs(a), fabs(b));
    return similarity < 0 ? 0 : similarity;
}
