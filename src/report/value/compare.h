/* report/value/compare.h - which value comes first, and which are the same: as VB operators and as sorting,
 * grouping and filtering see it.
 *
 * Source:  Visual Basic language specification, relational operators; RDL data set options Collation,
 *          CaseSensitivity, AccentSensitivity, KanatypeSensitivity, WidthSensitivity.
 */
#ifndef REPORT_VALUE_COMPARE_H
#define REPORT_VALUE_COMPARE_H

#include "report/value/convert.h"

enum value_relation {
    VALUE_EQUAL, VALUE_NOT_EQUAL, VALUE_LESS, VALUE_LESS_OR_EQUAL, VALUE_GREATER, VALUE_GREATER_OR_EQUAL
};

/* a = b, a <> b ... of VB: numbers meet in the wider type, text is compared code by code, text and number as
 * Double, text and date as Date, Nothing is the other's default. VALUE_BOOLEAN or VALUE_ERROR. */
struct value value_relate(struct rs_job *job, enum value_relation relation, struct value a,
                          struct value b, const struct value_rules *rules);

/* ---- sorting and grouping --------------------------------------------------------------------------- */

/* How text is compared; opaque, not for two threads at once. */
struct value_collation;

enum value_collation_flag {
    VALUE_IGNORE_CASE = 1, VALUE_IGNORE_ACCENTS = 2, VALUE_IGNORE_KANA = 4, VALUE_IGNORE_WIDTH = 8,
    VALUE_ORDINAL = 16 /* byte for byte: the culture and other flags are not used */
};

/* Lives as long as the job. Where case or accents are ignored, kind of kana and width are too; where they are not,
 * both are told apart whatever the flags say. */
RS_CHECKED rs_status value_collation_create(struct rs_job *job, const struct value_culture *culture,
                                            unsigned flags, struct value_collation **out);

/* A total order over all values: null first, then errors, Booleans, numbers by what they count whatever their kind
 * (NaN before all), dates by instant, spans, text by the collation, bytes, arrays. 0 where they fall in one group. */
int value_sort_compare(const struct value_collation *collation, struct value a, struct value b);

/* One group? The same as value_sort_compare(...) == 0, faster for text that is byte for byte the same. */
bool value_group_equal(const struct value_collation *collation, struct value a, struct value b);
/* Equal for values of one group. */
uint64_t value_group_hash(const struct value_collation *collation, struct value v);

#endif
