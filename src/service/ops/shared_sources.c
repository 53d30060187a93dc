#include "service/ops/shared_sources.h"

#include "service/ops/data_source.h"
#include "service/ops/keys.h"
#include "store/catalog/name.h"
#include "store/secret/secret.h"

static rs_status find_data_source(struct rs_job *job, struct catalog *catalog, rs_text path,
                                  struct catalog_item **out)
{
    *out = NULL;
    if (catalog_find(job, catalog, path, out) != RS_OK) {
        rs_status status = rs_job_status(job);
        if (status != CATALOG_PATH_INVALID && status != CATALOG_PATH_LONG)
            return status;
        rs_job_forgive(job); /* a reference that is no path of a catalog is one that is not found */
    }
    if (*out && (*out)->kind != CATALOG_DATA_SOURCE)
        *out = NULL;
    return RS_OK;
}

/* Where projects of the usual tools put their shared data sources. */
#define USUAL_FOLDER RS_TEXT("/Data Sources")

/* The item that `reference` means for a report in `folder`, and its path, or the path where it is missing. */
static rs_status look_up(struct rs_job *job, struct catalog *catalog, rs_text folder, rs_text reference,
                         struct catalog_item **item, rs_text *path)
{
    rs_text name, ignored;

    if (rs_text_starts(reference, RS_TEXT("/"))) {
        *path = reference;
        return find_data_source(job, catalog, *path, item);
    }
    *path = catalog_path_join(job, folder, reference);
    RS_TRY(find_data_source(job, catalog, *path, item));
    if (*item)
        return RS_OK;
    catalog_path_split(reference, &ignored, &name);
    rs_text usual = catalog_path_join(job, USUAL_FOLDER, name);
    RS_TRY(find_data_source(job, catalog, usual, item));
    if (*item)
        *path = usual;
    return RS_OK;
}

static const struct catalog_reference *find_reference(const struct catalog_references *references, rs_text name)
{
    for (size_t i = 0; references && i < references->count; i++)
        if (rs_text_equal(references->items[i].name, name))
            return &references->items[i];
    return NULL;
}

rs_status shared_sources_bind(struct rs_job *job, struct catalog *catalog, rs_text path,
                              const struct rdl_report *definition, const struct catalog_references *existing,
                              struct catalog_references *out)
{
    rs_text folder, name;

    *out = (struct catalog_references){0};
    catalog_path_split(path, &folder, &name);
    for (size_t i = 0; i < definition->data_sources.count; i++) {
        const struct rdl_data_source *source = &definition->data_sources.items[i];
        const struct catalog_reference *before = find_reference(existing, source->name);
        struct catalog_reference reference = {.name = source->name};

        if (source->reference.size == 0)
            continue;
        if (before && before->target) {
            reference.path = before->target->path;
            reference.target = before->target;
        } else {
            RS_TRY(look_up(job, catalog, folder, source->reference, &reference.target, &reference.path));
        }
        /* A path that the catalog cannot hold is kept for messages only. */
        if (!reference.target && catalog_path_check(job, reference.path) != RS_OK) {
            rs_job_forgive(job);
            reference.path = (rs_text){0};
        }
        rs_vec_push(job, out, reference);
    }
    return RS_OK;
}

/* The report's data source with this reference is tied to an item; where that tie is open, the item may have been
 * published after the report. */
static rs_status find_bound(struct rs_job *job, const struct shared_sources *sources, rs_text reference,
                            struct catalog_item **out)
{
    struct catalog_references references;
    rs_text folder, name, path;

    *out = NULL;
    RS_TRY(catalog_references(job, sources->catalog, sources->report, &references));
    for (size_t i = 0; i < sources->definition->data_sources.count; i++) {
        const struct rdl_data_source *source = &sources->definition->data_sources.items[i];
        const struct catalog_reference *bound = find_reference(&references, source->name);
        if (rs_text_equal(source->reference, reference) && bound && bound->target) {
            *out = bound->target;
            return RS_OK;
        }
    }
    catalog_path_split(sources->report->path, &folder, &name);
    return look_up(job, sources->catalog, folder, reference, out, &path);
}

static rs_status open_password(struct rs_job *job, struct service *service, const struct data_source_definition *definition,
                               rs_text *out)
{
    const struct secret_key *key;

    if (rs_text_is_empty(definition->sealed))
        return RS_OK;
    RS_TRY(service_secret_key(job, service, &key));
    return secret_open(job, key, data_source_context(job, definition), definition->sealed, out);
}

/* The definition of the item, and its password. Where the key was changed between reading the one and the other, both are read
 * again. */
static rs_status read_source(struct rs_job *job, const struct shared_sources *sources, const struct catalog_item *item,
                             struct data_source_definition *definition, rs_text *password)
{
    rs_status status = RS_OK;

    for (int tries = 0; tries < 2; tries++) {
        rs_text content;
        if (status != RS_OK)
            rs_job_forgive(job);
        RS_TRY(catalog_content(job, sources->catalog, item, &content));
        RS_TRY(data_source_parse(job, content, definition));
        status = definition->credentials == DATA_SOURCE_STORE ? open_password(job, sources->service, definition, password) : RS_OK;
        if (status != SECRET_SEALED)
            return status;
    }
    rs_within(job, "the password of the data source '%.*s'; enter it again", RS_TEXT_ARG(item->path));
    return rs_job_status(job);
}

static bool begins_with_any(rs_text t, const char *const *begins)
{
    while (*begins && !rs_text_starts_nocase(t, rs_text_from(*begins)))
        begins++;
    return *begins != NULL;
}

/* With credentials None the account for unattended runs reaches the machine that has the data: a document at an address. A
 * database would take it for its own user, and gets nothing. The password is for TLS, or this machine. */
static bool is_reached_with_account(const struct data_source_definition *definition)
{
    static const char *const documents[] = {"XML", "JSON", "CSV", "TEXT", NULL};
    static const char *const addresses[] = {"https://", "http://127.0.0.1:", "http://127.0.0.1/", "http://[::1]:", "http://[::1]/",
                                            "http://localhost:", "http://localhost/", NULL};
    size_t i = 0;

    while (documents[i] && !rs_text_equal_nocase(definition->extension, rs_text_from(documents[i])))
        i++;
    return documents[i] && begins_with_any(definition->connect_string, addresses);
}

static rs_status unattended_account(struct rs_job *job, struct service *service, struct compute_data_source *out)
{
    out->user = service_settings(service)->unattended_user;
    if (out->user.size == 0)
        return RS_OK;
    RS_TRY(service_secret(job, service, RS_TEXT("unattended"), &out->password));
    if (out->password.size == 0)
        return rs_fail(job, SECRET_KEY, "the password of the account for unattended runs is not there any more; `bindery account "
                       "unattended set NAME` sets it again");
    return RS_OK;
}

rs_status shared_sources_resolve(struct rs_job *job, void *data, rs_text reference, struct compute_data_source *out)
{
    const struct shared_sources *sources = data;
    struct data_source_definition definition;
    struct catalog_item *item;
    rs_text password = {0};

    RS_TRY(find_bound(job, sources, reference, &item));
    if (!item || item->kind != CATALOG_DATA_SOURCE)
        return rs_fail(job, SERVICE_REFERENCE_INVALID,
                       "the shared data source \"%.*s\" of the report is not on this server; publish it beside the "
                       "report, or set the report's data source to another one",
                       RS_TEXT_ARG(reference));
    RS_TRY(read_source(job, sources, item, &definition, &password));
    if (!definition.enabled)
        return rs_fail(job, SERVICE_DATA_SOURCE_DISABLED, "the data source '%.*s' is disabled",
                       RS_TEXT_ARG(item->path));
    *out = (struct compute_data_source){.provider = definition.extension,
                                        .connect_string = definition.connect_string};
    out->prompts = definition.credentials == DATA_SOURCE_PROMPT;
    out->prompt = out->prompts ? definition.prompt : (rs_text){NULL, 0};
    if (definition.credentials == DATA_SOURCE_NONE && is_reached_with_account(&definition))
        return unattended_account(job, sources->service, out);
    if (definition.credentials != DATA_SOURCE_STORE)
        return RS_OK;
    out->user = definition.user;
    out->password = password;
    return RS_OK;
}
