#include "net/tables/target.h"

static rs_status target_path(struct rs_job *job, rs_text path, struct tables_target *out)
{
    if (path.size < 2 || path.bytes[0] != '/')
        return rs_fail(job, RS_INVALID, "\"unix:%.*s\" is no absolute path of a socket: unix:/run/app.sock", RS_TEXT_ARG(path));
    if (path.size > TABLES_TARGET_PATH_MAX)
        return rs_fail(job, RS_INVALID, "the path of a socket has at most %d bytes; \"%.*s\" has %zu", TABLES_TARGET_PATH_MAX,
                       RS_TEXT_ARG(path), path.size);
    for (size_t i = 0; i < path.size; i++)
        if ((unsigned char)path.bytes[i] < ' ')
            return rs_fail(job, RS_INVALID, "the path of a socket holds a control character");
    out->path = path;
    return RS_OK;
}

static rs_status target_port(struct rs_job *job, rs_text text, struct tables_target *out)
{
    static const rs_text hosts[] = {RS_TEXT("http://127.0.0.1:"), RS_TEXT("http://localhost:")};
    uint64_t port = 0;

    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        rs_text rest = rs_text_from_offset(text, hosts[i].size);
        if (!rs_text_starts_nocase(text, hosts[i]))
            continue;
        if (rs_text_ends(rest, RS_TEXT("/")))
            rest.size--;
        if (!rs_parse_uint64(rest, &port) || port < 1 || port > 65535)
            break;
        out->port = (uint16_t)port;
        return RS_OK;
    }
    return rs_fail(job, RS_INVALID, "\"%.*s\" is not where an application can be: unix:PATH or http://127.0.0.1:PORT; it "
                   "stands on this machine, since the way to it is not encrypted", RS_TEXT_ARG(text));
}

rs_status tables_target_parse(struct rs_job *job, rs_text text, struct tables_target *out)
{
    *out = (struct tables_target){0};
    if (rs_text_starts(text, RS_TEXT("unix:")))
        return target_path(job, rs_text_from_offset(text, 5), out);
    return target_port(job, text, out);
}

rs_text tables_target_write(struct rs_job *job, const struct tables_target *target)
{
    if (target->path.size > 0)
        return rs_text_format(job, "unix:%.*s", RS_TEXT_ARG(target->path));
    return rs_text_format(job, "http://127.0.0.1:%u", target->port);
}
