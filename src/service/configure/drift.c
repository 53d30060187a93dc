#include "service/configure/drift.h"

#include "base/map.h"

/* ---- rows ---------------------------------------------------------------------------------- */

static void word_directory(struct rs_job *job, struct config_row *row)
{
    row->text = rs_text_format(job, "virtual directory %.*s of %.*s", RS_TEXT_ARG(row->directory),
                               RS_TEXT_ARG(row->application));
}

/* `url`: without the virtual directory, which is a row of its own. */
static void word_url(struct rs_job *job, struct config_row *row, rs_text url)
{
    row->text = rs_text_format(job, "URL %.*s of %.*s", RS_TEXT_ARG(url), RS_TEXT_ARG(row->application));
    if (row->account.size > 0)
        row->text = rs_text_format(job, "%.*s, account %.*s", RS_TEXT_ARG(row->text), RS_TEXT_ARG(row->account));
    if (row->acl.size > 0)
        row->text = rs_text_format(job, "%.*s, %.*s", RS_TEXT_ARG(row->text), RS_TEXT_ARG(row->acl));
}

static void word_binding(struct rs_job *job, struct config_row *row)
{
    rs_text place = tables_place_write(job, &row->place);

    row->text = rs_text_format(job, "certificate %.*s at %.*s for %.*s", RS_TEXT_ARG(row->sha1), RS_TEXT_ARG(place),
                               RS_TEXT_ARG(row->application));
}

/* ---- the tables ---------------------------------------------------------------------------- */

static void rows_of_binding(struct rs_job *job, const struct tables_binding *binding, struct config_row_vec *out)
{
    for (size_t k = 0; k < binding->claim_count * binding->certificate_count; k++) {
        struct config_row *row = rs_vec_add(job, out);
        *row = (struct config_row){.kind = CONFIG_BINDING,
                                   .application = binding->claims[k / binding->certificate_count].application,
                                   .place = tables_binding_place(binding),
                                   .sha1 = binding->certificates[k % binding->certificate_count].sha1};
        word_binding(job, row);
    }
}

static void rows_of_tables(struct rs_job *job, const struct tables_snapshot *snapshot, struct config_row_vec *out)
{
    for (size_t i = 0; i < tables_application_count(snapshot); i++) {
        const struct tables_application *application = tables_application(snapshot, i);
        struct config_row *row;
        if (application->directory.size == 0)
            continue;
        row = rs_vec_add(job, out);
        *row = (struct config_row){.kind = CONFIG_DIRECTORY, .application = application->name,
                                   .directory = application->directory};
        word_directory(job, row);
    }
    for (size_t i = 0; i < tables_reservation_count(snapshot); i++) {
        const struct tables_reservation *url = tables_reservation(snapshot, i);
        bool other = tables_application_find(snapshot, url->application)->kind == TABLES_OTHER;
        struct config_row *row = rs_vec_add(job, out);
        *row = (struct config_row){.kind = CONFIG_URL, .application = url->application, .url = url->url,
                                   .account = url->account, .acl = url->acl};
        word_url(job, row, other ? url->url : url->url_string);
    }
    for (size_t i = 0; i < tables_binding_count(snapshot); i++)
        rows_of_binding(job, tables_binding(snapshot, i), out);
}

/* ---- the file ------------------------------------------------------------------------------ */

static rs_text wrong_application(struct rs_job *job, rs_text name)
{
    return name.size == 0 ? RS_TEXT("no application is named")
                          : rs_text_format(job, "there is no application \"%.*s\"", RS_TEXT_ARG(name));
}

/* The failure of a parser as a sentence. */
static rs_text take_error(struct rs_job *part, struct rs_job *job)
{
    return rs_text_copy(job, rs_job_message(part));
}

static void url_of_file(struct rs_job *job, const struct tables_application *application, rs_text name,
                        const struct config_url *url, struct config_row *row)
{
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = job});
    struct tables_prefix prefix;
    bool has_path;
    rs_text shown = url->url_string;

    *row = (struct config_row){.kind = CONFIG_URL, .line = url->line, .application = application ? application->name : name,
                               .url = url->url_string, .account = url->account, .acl = url->sid};
    if (!application)
        row->wrong = wrong_application(job, name);
    else if (tables_prefix_parse_loose(part, url->url_string, &prefix, &has_path) != RS_OK)
        row->wrong = take_error(part, job);
    else if (application->kind == TABLES_REPORT_SERVER && has_path)
        row->wrong = rs_text_format(job, "\"%.*s\" has a path: the virtual directory is added to it by itself",
                                    RS_TEXT_ARG(url->url_string));
    else
        shown = rs_text_copy(job, application->kind == TABLES_OTHER ? tables_prefix_write(part, &prefix)
                                                                   : tables_prefix_origin(part, &prefix));
    word_url(job, row, shown);
}

static void application_of_file(struct rs_job *job, const struct tables_snapshot *snapshot,
                                const struct config_application *given, struct config_row_vec *out)
{
    const struct tables_application *application = tables_application_find(snapshot, given->name);
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = job});

    if (given->directory.size > 0 || !application || application->directory.size > 0) {
        struct config_row *row = rs_vec_add(job, out);
        *row = (struct config_row){.kind = CONFIG_DIRECTORY, .line = given->line, .directory = given->directory,
                                   .application = application ? application->name : given->name};
        if (!application)
            row->wrong = wrong_application(job, given->name);
        else if (tables_directory_check(part, given->directory) != RS_OK)
            row->wrong = take_error(part, job);
        word_directory(job, row);
    }
    for (size_t i = 0; i < given->url_count; i++)
        url_of_file(job, application, given->name, &given->urls[i], rs_vec_add(job, out));
}

/* Thumbprints come with blanks and invisible marks from certificate dialogs: only digits count. */
static rs_text thumbprint_of(struct rs_job *job, rs_text text)
{
    char *digits = rs_alloc(job, text.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < text.size; i++) {
        char c = rs_upper(text.bytes[i]);
        if (rs_is_digit(c) || (c >= 'A' && c <= 'F'))
            digits[size++] = c;
    }
    return rs_text_of(digits, size);
}

static void binding_of_file(struct rs_job *job, const struct tables_snapshot *snapshot, const struct config_binding *given,
                            struct config_row *row)
{
    const struct tables_application *application = tables_application_find(snapshot, given->application);
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = job});
    uint64_t port = 0;

    *row = (struct config_row){.kind = CONFIG_BINDING, .line = given->line,
                               .application = application ? application->name : given->application,
                               .sha1 = thumbprint_of(job, given->hash)};
    if (!application)
        row->wrong = wrong_application(job, given->application);
    else if (row->sha1.size != 40)
        row->wrong = rs_text_format(job, "\"%.*s\" is not a thumbprint: 40 hexadecimal digits", RS_TEXT_ARG(given->hash));
    else if (tables_place_host(part, given->host, &row->place.host) != RS_OK)
        row->wrong = take_error(part, job);
    else if (!tables_address_parse(given->address, &row->place.address))
        row->wrong = rs_text_format(job, "\"%.*s\" is not an IP address", RS_TEXT_ARG(given->address));
    else if (!rs_parse_uint64(given->port, &port) || port < 1 || port > 65535)
        row->wrong = rs_text_format(job, "\"%.*s\" is not a port: 1 to 65535", RS_TEXT_ARG(given->port));
    row->place.host = rs_text_copy(job, row->place.host);
    row->place.port = row->wrong.size ? 0 : (uint16_t)port;
    word_binding(job, row);
    if (row->wrong.size > 0) /* what stands in the file, not what could be read of it */
        row->text = rs_text_format(job, "certificate %.*s at %.*s%s%.*s:%.*s for %.*s", RS_TEXT_ARG(given->hash),
                                   RS_TEXT_ARG(given->host), given->host.size ? "@" : "", RS_TEXT_ARG(given->address),
                                   RS_TEXT_ARG(given->port), RS_TEXT_ARG(given->application));
}

static void rows_of_file(struct rs_job *job, const struct tables_snapshot *snapshot, const struct config_file *file,
                         struct config_row_vec *out)
{
    for (size_t i = 0; i < file->application_count; i++)
        application_of_file(job, snapshot, &file->applications[i], out);
    for (size_t i = 0; i < file->binding_count; i++)
        binding_of_file(job, snapshot, &file->bindings[i], rs_vec_add(job, out));
}

/* ---- comparing ----------------------------------------------------------------------------- */

/* The rows of `a` that `b` has not, each once. */
static void rows_without(struct rs_job *job, const struct config_row_vec *a, const struct config_row_vec *b,
                         struct config_row_vec *out)
{
    struct rs_map *known = rs_map_create(job, RS_MAP_EXACT);

    for (size_t i = 0; i < b->count; i++)
        rs_map_set(known, b->items[i].text, NULL);
    for (size_t i = 0; i < a->count; i++) {
        if (rs_map_has(known, a->items[i].text))
            continue;
        rs_map_set(known, a->items[i].text, NULL);
        rs_vec_push(job, out, a->items[i]);
    }
}

/* A sum over the rows, so that their order means nothing. */
static uint64_t rows_sum(const struct config_row_vec *rows)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < rows->count; i++) {
        uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a, mixed: a sum of these keeps its bits apart */
        for (size_t k = 0; k < rows->items[i].text.size; k++)
            hash = (hash ^ (unsigned char)rows->items[i].text.bytes[k]) * 0x100000001b3u;
        hash = (hash ^ (hash >> 32)) * 0x9e3779b97f4a7c15u;
        sum += hash ^ (hash >> 29);
    }
    return sum;
}

static int64_t number_of_sum(uint64_t sum)
{
    sum = (sum + 0x9e3779b97f4a7c15u) & INT64_MAX;
    return sum ? (int64_t)sum : 1;
}

/* Of a file: a row that stands there twice counts once. */
static int64_t rows_number(struct rs_job *job, const struct config_row_vec *rows)
{
    struct config_row_vec each = {0}, none = {0};

    rows_without(job, rows, &none, &each);
    return number_of_sum(rows_sum(&each));
}

/* Only bindings differ: take away what went, add what came. */
static uint64_t sum_from(struct rs_job *job, const struct config_sum *known, const struct tables_difference *difference)
{
    struct config_row_vec gone = {0}, come = {0};

    for (size_t i = 0; i < difference->dropped_binding_count; i++)
        rows_of_binding(job, tables_binding_by_id(known->tables, difference->dropped_bindings[i]), &gone);
    for (size_t i = 0; i < difference->put.binding_count; i++) {
        const struct tables_binding *was = tables_binding_by_id(known->tables, difference->put.bindings[i].id);
        if (was)
            rows_of_binding(job, was, &gone);
        rows_of_binding(job, &difference->put.bindings[i], &come);
    }
    return known->sum + rows_sum(&come) - rows_sum(&gone);
}

static uint64_t sum_of(struct rs_job *job, const struct tables_snapshot *snapshot)
{
    struct config_row_vec rows = {0};

    rows_of_tables(job, snapshot, &rows);
    return rows_sum(&rows);
}

int64_t config_shown(struct rs_job *job, const struct tables_snapshot *snapshot)
{
    return number_of_sum(sum_of(job, snapshot));
}

int64_t config_shown_next(struct rs_job *job, struct config_sum *known, struct tables_snapshot *snapshot)
{
    struct tables_difference difference = {.sides = true};
    uint64_t sum;

    if (known->tables)
        tables_snapshot_compare(job, known->tables, snapshot, &difference);
    sum = difference.sides || difference.put.reservation_count + difference.dropped_reservation_count > 0
              ? sum_of(job, snapshot)
              : sum_from(job, known, &difference);
    tables_snapshot_ref(snapshot);
    tables_snapshot_unref(known->tables);
    *known = (struct config_sum){snapshot, sum};
    return number_of_sum(sum);
}

void config_drift_find(struct rs_job *job, const struct tables_snapshot *snapshot, rs_text bytes, int64_t shown,
                       struct config_drift *out)
{
    struct config_row_vec in_tables = {0};
    struct config_file file;

    *out = (struct config_drift){.state = CONFIG_UNREADABLE};
    if (config_file_read(job, bytes, &file) != RS_OK) {
        rs_text why = rs_job_message(job);
        out->message = rs_text_format(job, "rsreportserver.config cannot be read: %.*s", RS_TEXT_ARG(why));
        rs_job_forgive(job);
        return;
    }
    rows_of_tables(job, snapshot, &in_tables);
    rows_of_file(job, snapshot, &file, &out->in_file);
    rows_without(job, &out->in_file, &in_tables, &out->only_in_file);
    rows_without(job, &in_tables, &out->in_file, &out->only_in_tables);
    if (out->only_in_file.count + out->only_in_tables.count == 0) {
        out->state = CONFIG_IN_STEP;
    } else if (rows_number(job, &out->in_file) == shown) {
        out->state = CONFIG_BEHIND;
        out->message = RS_TEXT("rsreportserver.config does not show the last change yet");
    } else {
        out->state = CONFIG_EDITED;
        out->message = rs_text_format(job, "rsreportserver.config was edited by hand: of the rows of URLs and bindings "
                                      "%zu stand only in the file, %zu are missing there", out->only_in_file.count, out->only_in_tables.count);
    }
}

void config_drift_lines(struct rs_job *job, const struct config_drift *drift, const rs_text **out, size_t *count)
{
    rs_text *lines = RS_NEW_ARRAY(job, rs_text, drift->only_in_file.count + drift->only_in_tables.count);

    *count = 0;
    for (size_t i = 0; i < drift->only_in_tables.count; i++)
        lines[(*count)++] = rs_text_format(job, "- %.*s", RS_TEXT_ARG(drift->only_in_tables.items[i].text));
    for (size_t i = 0; i < drift->only_in_file.count; i++) {
        const struct config_row *row = &drift->only_in_file.items[i];
        lines[(*count)++] = rs_text_format(job, "+ line %u: %.*s%s%.*s", row->line, RS_TEXT_ARG(row->text),
                                           row->wrong.size ? ": " : "", RS_TEXT_ARG(row->wrong));
    }
    *out = lines;
}
