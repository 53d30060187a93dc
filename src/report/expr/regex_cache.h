/* report/expr/regex_cache.h - regular expressions that were compiled before: an expression runs for each row of a
 * report, and compiling costs fifty times as much as a match.
 */
#ifndef REPORT_EXPR_REGEX_CACHE_H
#define REPORT_EXPR_REGEX_CACHE_H

#include <unicode/uregex.h>

/* As uregex_open; the caller closes it. The last few patterns of this thread are not compiled again. */
URegularExpression *expr_regex_compile(const UChar *pattern, int32_t size, uint32_t flags, UErrorCode *error);

#endif
