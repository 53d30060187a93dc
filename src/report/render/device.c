#include "report/render/format.h"

#include "report/rdl/values.h"

static const rs_text *find(const struct render_device_info *info, rs_text name)
{
    for (size_t i = info->count; i-- > 0;)
        if (rs_text_equal_nocase(info->items[i].name, name))
            return &info->items[i].value;
    return NULL;
}

static rs_status invalid(struct rs_job *job, rs_text name, rs_text value, const char *expected)
{
    return rs_fail(job, RENDER_DEVICE_INFO, "the device information setting %.*s has the value \"%.*s\", which is not %s",
                   RS_TEXT_ARG(name), RS_TEXT_ARG(value), expected);
}

rs_text render_text(const struct render_device_info *info, rs_text name, rs_text otherwise)
{
    const rs_text *value = find(info, name);

    return value ? *value : otherwise;
}

rs_status render_bool(struct rs_job *job, const struct render_device_info *info, rs_text name, bool otherwise, bool *out)
{
    const rs_text *value = find(info, name);

    *out = otherwise;
    if (!value)
        return RS_OK;
    rs_text given = rs_text_trim(*value);
    *out = rs_text_equal_nocase(given, RS_TEXT("true")) || rs_text_equal(given, RS_TEXT("1"));
    return *out || rs_text_equal_nocase(given, RS_TEXT("false")) || rs_text_equal(given, RS_TEXT("0"))
               ? RS_OK
               : invalid(job, name, *value, "true or false");
}

rs_status render_int(struct rs_job *job, const struct render_device_info *info, rs_text name, int64_t least, int64_t most,
                     int64_t otherwise, int64_t *out)
{
    const rs_text *value = find(info, name);

    *out = otherwise;
    if (!value)
        return RS_OK;
    if (!rs_parse_int64(rs_text_trim(*value), out) || *out < least || *out > most)
        return invalid(job, name, *value, "a whole number in its range");
    return RS_OK;
}

rs_status render_size(struct rs_job *job, const struct render_device_info *info, rs_text name, double otherwise_pt,
                      double *out_pt)
{
    const rs_text *value = find(info, name);

    *out_pt = otherwise_pt;
    if (!value)
        return RS_OK;
    if (!rdl_size_parse(rs_text_trim(*value), false, out_pt) || !(*out_pt >= 0))
        return invalid(job, name, *value, "a size (8.5in, 21cm, 210mm, 595pt, 50pc)");
    return RS_OK;
}
