#include "base/buf.h"
#include "service/ops/op.h"
#include "service/ops/ops.h"
#include "service/ops/service.h"
#include "store/catalog/seal.h"
#include "store/secret/secret.h"

#define TRIES_MAX 3

/* The sealed password that an item has for the same server and user. */
static rs_status stored_before(struct rs_job *job, struct catalog *catalog, rs_text path, rs_text context, rs_text *sealed)
{
    struct data_source_definition before;
    struct catalog_item *item;
    rs_text content;

    *sealed = (rs_text){NULL, 0};
    RS_TRY(catalog_find(job, catalog, path, &item));
    if (!item || item->kind != CATALOG_DATA_SOURCE)
        return RS_OK;
    RS_TRY(catalog_content(job, catalog, item, &content));
    RS_TRY(data_source_parse(job, content, &before));
    if (rs_text_equal(data_source_context(job, &before), context))
        *sealed = before.sealed;
    return RS_OK;
}

static rs_status seal(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                      const struct service_create_data_source *c, struct data_source_definition *definition,
                      rs_text *key_check)
{
    const struct secret_key *key;
    rs_text context = data_source_context(job, definition);

    if (rs_text_is_empty(definition->password)) {
        RS_TRY(catalog_key_check(job, catalog, key_check));
        return stored_before(job, catalog, c->path, context, &definition->sealed);
    }
    RS_TRY(service_secret_key(job, caller->service, &key));
    *key_check = secret_key_check(job, key);
    return secret_seal(job, key, context, definition->password, &definition->sealed);
}

/* The bytes that are kept: those that came where they hold no secret, else a definition with the password sealed. */
static rs_status kept_content(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                              const struct service_create_data_source *c, struct data_source_definition *definition, rs_text *out,
                              rs_text *key_check)
{
    rs_buf text = rs_buf_in(job);

    if (!rs_text_is_empty(c->user)) {
        definition->user = c->user;
        definition->password = c->password;
        definition->credentials = DATA_SOURCE_STORE;
    }
    *out = c->content;
    if (rs_text_is_empty(definition->user) && rs_text_is_empty(definition->password) && rs_text_is_empty(definition->sealed))
        return RS_OK;
    definition->sealed = (rs_text){NULL, 0}; /* what somebody sends is no seal of ours */
    RS_TRY(seal(job, caller, catalog, c, definition, key_check));
    data_source_write_kept(&text, definition);
    *out = rs_buf_text(&text);
    return RS_OK;
}

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_create_data_source *c = call;
    struct data_source_definition definition;
    struct catalog_new wanted = {
        .path = c->path,
        .kind = CATALOG_DATA_SOURCE,
        .content = c->content,
        .description = c->description,
        .hidden = c->hidden,
        .overwrite = c->overwrite,
        .by = caller->user.name,
    };

    rs_status status;

    (void)item;
    for (int tries = 0;; tries++) {
        RS_TRY(data_source_parse(job, c->content, &definition)); /* what cannot be used is not kept */
        RS_TRY(kept_content(job, caller, catalog, c, &definition, &wanted.content, &wanted.key_check));
        status = catalog_create(job, catalog, &wanted, &c->item, &c->replaced);
        if (status != RS_CONFLICT || tries == TRIES_MAX)
            return status;
        rs_job_forgive(job); /* the key was changed meanwhile: seal it with the new one */
    }
}

const struct service_op service_create_data_source = {
    .name = "CreateDataSource",
    .target = SERVICE_ON_FOLDER,
    .kinds = SERVICE_ANY_KIND,
    .permission = AUTH_CREATE,
    .path_at = offsetof(struct service_create_data_source, path),
    .run = run,
};
