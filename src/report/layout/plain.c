/* Plain text boxes: one paragraph, one run, nothing that differs from place to place but the text. Most cells of most reports
 * are such; what is the same for all of them is found once for each, as the HTML renderer does (render/html_plain.c).
 */
#include "report/layout/plain.h"

static bool has_no_sizes(const struct rdl_paragraph *p)
{
    return !p->left_indent.present && !p->right_indent.present && !p->hanging_indent.present && !p->space_before.present &&
           !p->space_after.present && p->list_style == RDL_LIST_NONE;
}

static bool is_plain(const struct rdl_item *item)
{
    const struct rdl_textbox *textbox = item->textbox;

    if (item->kind != RDL_TEXTBOX || item->visibility.hidden.present || item->style.background_image.present ||
        textbox->paragraphs.count != 1 || textbox->paragraphs.items[0].runs.count != 1)
        return false;
    return has_no_sizes(&textbox->paragraphs.items[0]) && !textbox->paragraphs.items[0].runs.items[0].markup_type.present &&
           !textbox->paragraphs.items[0].runs.items[0].action.present;
}

static rs_status find_styles(struct layout *l, const struct rdl_item *item, struct layout_plain *plain)
{
    const struct rdl_paragraph *paragraph = &item->textbox->paragraphs.items[0];
    const struct layout_style *own, *run;

    RS_TRY(layout_style_constant(l->job, l->definition->styles, &item->style, &plain->style));
    RS_TRY(layout_style_constant(l->job, l->definition->styles, &paragraph->style, &own));
    RS_TRY(layout_style_constant(l->job, l->definition->styles, &paragraph->runs.items[0].style, &run));
    plain->usable = plain->style && own && run;
    if (!plain->usable)
        return RS_OK;
    layout_text_style(run, &plain->run);
    plain->run.link = RS_TEXT("");
    plain->text_align = own->text_align;
    plain->paragraph = (struct text_paragraph){.run_count = 1, .line_height_pt = own->line_height_pt};
    return RS_OK;
}

rs_status layout_plain_find(struct layout *l, const struct rdl_item *item, const struct layout_plain **out)
{
    struct layout_plain **kept = &l->definition->plains[item->number];

    if (!*kept) {
        *kept = RS_NEW(l->memory, struct layout_plain);
        if (is_plain(item))
            RS_TRY(find_styles(l, item, *kept));
    }
    *out = (*kept)->usable ? *kept : NULL;
    return RS_OK;
}

rs_status layout_plain_make(struct layout *l, struct rs_job *memory, const struct layout_plain *plain, struct layout_frame *frame)
{
    const struct rdl_textbox *textbox = frame->item->textbox;
    struct text_run run = plain->run;
    struct text_paragraph paragraph = plain->paragraph;
    struct text_frame box;
    struct compute_text text;

    frame->kind = FRAME_TEXT;
    frame->style = plain->style;
    frame->keep_together = textbox->keep_together;
    box = (struct text_frame){.width_pt = layout_text_width(frame), .right_to_left = plain->style->right_to_left};
    RS_TRY(compute_run_text(memory, l->run, &frame->scope, frame->item, &textbox->paragraphs.items[0].runs.items[0], &text));
    run.text = text.text;
    paragraph.runs = &run;
    paragraph.align = layout_text_align(plain->text_align, &text.value, box.right_to_left);
    frame->text.value = text.value;
    frame->text.shown = text.text;
    return text_cache_layout(memory, l->texts, &box, &paragraph, &frame->text.block);
}
