/* HTML in text runs. */
#include "report/layout/markup.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_job *job = rs_job_create(NULL);
    struct text_run run = {.text = rs_text_of((const char *)data, size), .style = {.size_pt = 10}};
    struct text_paragraph source = {.runs = &run, .run_count = 1};
    struct text_frame frame = {.width_pt = 100};
    const struct text_paragraph *parts;
    struct text_block block;
    size_t count;

    if (text_font_find(job, RS_TEXT("Arial"), 400, false, &run.style.font) == RS_OK &&
        layout_markup_parse(job, &source, &(bool){true}, &parts, &count) == RS_OK)
        (void)!text_block_layout(job, &frame, parts, count, &block);
    rs_job_destroy(job);
    return 0;
}
