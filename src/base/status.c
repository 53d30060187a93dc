#include "base/status.h"

#include <assert.h>
#include <string.h>

struct status_row {
    const char *name;
    const char *client_code;
    int http_status;
    const char *sentence;
};

static const struct status_row status_rows[RS_STATUS_COUNT] = {
    [RS_OK] = {"RS_OK", "rsSuccess", 200, "done"},
#define RS_STATUS(name, client_code, http_status, sentence) \
    [name] = {#name, client_code, http_status, sentence},
#include "base/status.def"
#undef RS_STATUS
};

static const struct status_row *status_row(rs_status status)
{
    assert(status >= RS_OK && status < RS_STATUS_COUNT);
    return &status_rows[status];
}

const char *rs_status_name(rs_status status)
{
    return status_row(status)->name;
}

const char *rs_status_client_code(rs_status status)
{
    return status_row(status)->client_code;
}

rs_status rs_status_of_client_code(const char *code, size_t size)
{
    for (int status = RS_OK + 1; status < RS_STATUS_COUNT; status++)
        if (strlen(status_rows[status].client_code) == size && memcmp(status_rows[status].client_code, code, size) == 0)
            return (rs_status)status;
    return RS_FAILED;
}

int rs_status_http(rs_status status)
{
    return status_row(status)->http_status;
}

const char *rs_status_sentence(rs_status status)
{
    return status_row(status)->sentence;
}
