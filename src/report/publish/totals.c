#include "report/publish/publish.h"

bool publish_names_totals(const struct publish_report *report)
{
    for (unsigned i = 0; i < report->definition->expr_count; i++) {
        const struct publish_expr *expr = &report->exprs[i];
        if (!expr->source || !expr->source->is_expression || !expr_uses_page_globals(expr->program))
            continue;
        for (size_t at = 0; at + 10 <= expr->source->text.size; at++)
            if (rs_text_starts_nocase(rs_text_from_offset(expr->source->text, at), RS_TEXT("TotalPages")))
                return true;
    }
    return false;
}
