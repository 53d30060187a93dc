#include "report/render/renderers.h"

const struct render_format *const render_formats[] = {
    &render_html5,
    &render_pdf,
    &render_image,
    &render_csv,
    &render_xml,
    &render_html4,
    &render_null,
};

const size_t render_format_count = sizeof render_formats / sizeof *render_formats;

const struct render_format *render_format_find(rs_text name)
{
    for (size_t i = 0; i < render_format_count; i++)
        if (rs_text_equal_nocase(rs_text_from(render_formats[i]->name), name))
            return render_formats[i];
    return NULL;
}
