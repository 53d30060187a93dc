#include "report/data/data.h"

#include <poll.h>

#include "base/buf.h"
#include "base/clock.h"
#include "report/data/connection.h"
#include "report/data/providers.h"

static void connection_close(void *object)
{
    struct data_connection *connection = object;

    if (connection->provider->close && connection->state)
        connection->provider->close(connection->state);
}

static rs_status provider_unknown(struct rs_job *job, const struct data_source *source)
{
    rs_buf names = rs_buf_in(job);

    for (size_t i = 0; i < data_provider_name_count; i++)
        if (data_provider_names[i].is_offered)
            rs_buf_printf(&names, "%s%s", i ? ", " : "", data_provider_names[i].name);
    return rs_fail(job, DATA_PROVIDER_UNKNOWN,
                   "the data source \"%.*s\" uses the data provider \"%.*s\", which is not available; there are %.*s",
                   RS_TEXT_ARG(source->name), RS_TEXT_ARG(source->provider), RS_TEXT_ARG(rs_buf_text(&names)));
}

rs_status data_open(struct rs_job *job, const struct data_source *source, struct data_connection **out)
{
    const struct data_provider *provider = data_provider_find(source->provider);
    struct data_connection *connection = RS_NEW(job, struct data_connection);

    if (!provider)
        return provider_unknown(job, source);
    connection->provider = provider;
    connection->source = *source;
    rs_job_at_end(job, connection_close, connection);
    rs_status status = provider->open(job, source, &connection->state);
    if (status != RS_OK)
        rs_within(job, "data source \"%.*s\"", RS_TEXT_ARG(source->name));
    else
        *out = connection;
    return status;
}

unsigned data_ignores(const struct data_connection *connection)
{
    const struct data_provider *provider = connection->provider;

    return provider->ignores == DATA_IGNORES_ASK ? provider->ignores_of(connection->state) : provider->ignores;
}

static rs_status execute(struct rs_job *job, struct rs_job *watch, struct data_connection *connection,
                         const struct data_query *query, struct data_rows **out)
{
    RS_OWNED(data_writer) writer = data_writer_create(job, query->max_rows);
    const struct data_provider *provider = connection->provider;
    void *cursor = NULL;
    bool more;

    if (!provider->begin) {
        RS_TRY(provider->execute(job, watch, connection->state, query, writer));
        return data_writer_finish(job, writer, out);
    }
    rs_status status = provider->begin(job, watch, connection->state, query, writer, &cursor);
    if (status == RS_OK)
        status = provider->read(job, watch, cursor, writer, SIZE_MAX, &more);
    if (cursor)
        provider->end(cursor);
    RS_TRY(status);
    return data_writer_finish(job, writer, out);
}

void data_query_within(struct rs_job *job, rs_status status, const struct data_query *query)
{
    if (status == RS_TIMEOUT && query->timeout_s && rs_job_time_left_ms(job) > 0)
        rs_within(job, "query with a Timeout of %u s", query->timeout_s);
    rs_within(job, "data set \"%.*s\"", RS_TEXT_ARG(query->data_set));
}

unsigned data_query_timeout(const struct data_connection *connection, const struct data_query *query)
{
    const struct data_provider *provider = connection->provider;

    return query->timeout_s ? query->timeout_s : provider->timeout_of ? provider->timeout_of(connection->state) : 0;
}

rs_status data_execute(struct rs_job *job, struct data_connection *connection, const struct data_query *query,
                       struct data_rows **out)
{
    RS_OWNED(rs_job) timed = NULL;
    struct data_query own = *query;
    rs_status status;

    own.timeout_s = data_query_timeout(connection, query);
    if (own.timeout_s)
        timed = rs_job_create(&(struct rs_job_options){
            .deadline_ms = rs_clock_steady_ms() + (int64_t)own.timeout_s * 1000, .within = job});
    status = execute(job, timed ? timed : job, connection, &own, out);
    if (status != RS_OK)
        data_query_within(job, status, &own);
    return status;
}

rs_status data_checkpoint(struct rs_job *job, struct rs_job *watch)
{
    RS_TRY(rs_job_checkpoint(job));
    if (watch != job && rs_job_checkpoint(watch) != RS_OK)
        return rs_job_adopt(job, watch);
    return RS_OK;
}

rs_status data_checkpoint_timed(struct rs_job *job, struct rs_job *watch)
{
    RS_TRY(data_checkpoint(job, watch));
    if (rs_job_time_left_ms(watch) == 0 || rs_job_time_left_ms(job) == 0)
        return rs_fail(job, RS_TIMEOUT, "the data source did not answer in time");
    return RS_OK;
}

rs_status data_wait(struct rs_job *job, struct rs_job *watch, int fd, short events)
{
    struct pollfd one = {.fd = fd, .events = events};

    for (;;) {
        RS_TRY(data_checkpoint_timed(job, watch));
        if (poll(&one, 1, DATA_WAIT_MS) > 0)
            return RS_OK;
    }
}

enum value_kind data_field_kind(const struct data_query *query, rs_text column)
{
    for (size_t i = 0; i < query->field_count; i++)
        if (rs_text_equal_nocase(query->fields[i].column, column))
            return query->fields[i].kind;
    return VALUE_NULL;
}

static bool climbs(rs_text path)
{
    rs_text part, rest = path;

    for (bool more = true; more;) {
        more = rs_text_cut(rest, '/', &part, &rest);
        if (rs_text_equal(part, RS_TEXT("..")))
            return true;
    }
    return false;
}

rs_status data_file_path(struct rs_job *job, const struct data_source *source, rs_text name, rs_text *out)
{
    bool absolute = name.size && name.bytes[0] == '/';

    if (rs_text_is_empty(name) || memchr(name.bytes, 0, name.size))
        return rs_fail(job, DATA_CONNECT, "the connection string names no file");
    if (rs_text_is_empty(source->base_folder) && !source->any_file)
        return rs_fail(job, DATA_CONNECT, "data sources may not read files here");
    if (!source->any_file && (absolute || climbs(name)))
        return rs_fail(job, DATA_CONNECT, "the file \"%.*s\" is outside the folder for data files; name it relative to that",
                       RS_TEXT_ARG(name));
    *out = absolute || rs_text_is_empty(source->base_folder)
               ? rs_text_copy(job, name)
               : rs_text_format(job, "%.*s/%.*s", RS_TEXT_ARG(source->base_folder), RS_TEXT_ARG(name));
    return RS_OK;
}

enum value_kind data_kind_of_type_name(rs_text type_name)
{
    static const struct {
        const char *name;
        enum value_kind kind;
    } types[] = {
        {"String", VALUE_TEXT}, {"Boolean", VALUE_BOOLEAN}, {"Byte", VALUE_INTEGER}, {"SByte", VALUE_INTEGER},
        {"Int16", VALUE_INTEGER}, {"UInt16", VALUE_INTEGER}, {"Int32", VALUE_INTEGER}, {"UInt32", VALUE_LONG},
        {"Int64", VALUE_LONG}, {"UInt64", VALUE_DECIMAL}, {"Single", VALUE_SINGLE}, {"Double", VALUE_DOUBLE},
        {"Decimal", VALUE_DECIMAL}, {"DateTime", VALUE_DATE}, {"DateTimeOffset", VALUE_OFFSET},
        {"TimeSpan", VALUE_SPAN}, {"Guid", VALUE_TEXT}, {"Byte[]", VALUE_BYTES}, {"Char", VALUE_TEXT},
        {"Float", VALUE_DOUBLE}, {"Integer", VALUE_LONG}, {"Date", VALUE_DATE},
    };
    rs_text name = rs_text_trim(type_name);

    if (rs_text_starts_nocase(name, RS_TEXT("System.")))
        name = rs_text_from_offset(name, 7);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (rs_text_equal_nocase(rs_text_from(types[i].name), name))
            return types[i].kind;
    return VALUE_NULL;
}
