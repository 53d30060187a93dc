#include "service/ops/keys.h"

#include <unistd.h>

#include "base/buf.h"
#include "service/ops/data_source.h"
#include "service/ops/service.h"
#include "store/catalog/seal.h"
#include "store/secret/secret.h"

/* ---- everything that is sealed ------------------------------------------------------------------- */

enum task { COUNT, OPEN, SEAL, DROP };

struct walk {
    enum task task;
    const struct secret_key *old, *new;
    size_t count;
};

/* A context of its own for each: one cannot be put in the place of another. */
static rs_text secret_context(struct rs_job *job, rs_text name)
{
    return rs_text_format(job, "server: %.*s", RS_TEXT_ARG(name));
}

/* What becomes of one sealed text; `of` is for the error. */
static rs_status visit(struct rs_job *job, struct walk *walk, rs_text of, rs_text context, rs_text sealed, rs_text *out)
{
    rs_text open;

    walk->count++;
    *out = walk->task == DROP ? (rs_text){0} : sealed;
    if (walk->task == COUNT || walk->task == DROP)
        return RS_OK;
    if (secret_open(job, walk->old, context, sealed, &open) != RS_OK) {
        rs_job_forgive(job);
        return rs_fail(job, RS_CONFLICT, "the key does not open the password of %.*s", RS_TEXT_ARG(of));
    }
    return walk->task == SEAL ? secret_seal(job, walk->new, context, open, out) : RS_OK;
}

static rs_status visit_content(struct rs_job *job, void *data, const struct catalog_item *item, rs_text content, rs_text *out)
{
    struct data_source_definition definition;
    rs_buf text = rs_buf_in(job);
    rs_text before;

    if (data_source_parse(job, content, &definition) != RS_OK) { /* nothing of ours is sealed in it */
        rs_job_forgive(job);
        return RS_OK;
    }
    before = definition.sealed;
    if (before.size == 0)
        return RS_OK;
    RS_TRY(visit(job, data, rs_text_format(job, "the data source '%.*s'", RS_TEXT_ARG(item->path)),
                 data_source_context(job, &definition), before, &definition.sealed));
    if (rs_text_equal(before, definition.sealed))
        return RS_OK;
    data_source_write_kept(&text, &definition);
    *out = rs_buf_text(&text);
    return RS_OK;
}

static rs_status visit_secret(struct rs_job *job, void *data, rs_text name, rs_text sealed, rs_text *out)
{
    return visit(job, data, name, secret_context(job, name), sealed, out);
}

static rs_status go_through(struct rs_job *job, const struct service_keys *keys, struct walk *walk, bool keeps, rs_text key_check)
{
    const struct catalog_seal_walk all = {visit_content, visit_secret, walk, keeps, key_check};

    return catalog_seal_walk(job, keys->catalog, &all);
}

static rs_status count_sealed(struct rs_job *job, const struct service_keys *keys, size_t *out)
{
    struct walk walk = {.task = COUNT};

    RS_TRY(go_through(job, keys, &walk, false, (rs_text){0}));
    *out = walk.count;
    return RS_OK;
}

/* ---- the key ------------------------------------------------------------------------------------- */

/* As it is: made only where nothing can depend on one. */
static rs_status present_key(struct rs_job *job, const struct service_keys *keys, struct secret_key *out)
{
    rs_text check;
    size_t sealed;

    RS_TRY(catalog_key_check(job, keys->catalog, &check));
    if (check.size == 0 && access(rs_text_terminated(job, keys->key_path), F_OK) != 0) {
        RS_TRY(count_sealed(job, keys, &sealed));
        if (sealed > 0)
            return rs_fail(job, SECRET_KEY, "the key file \"%.*s\" is missing; `bindery key restore` puts it back from a backup",
                           RS_TEXT_ARG(keys->key_path));
    }
    return secret_key_read(job, keys->key_path, check, out);
}

rs_status service_key_state(struct rs_job *job, const struct service_keys *keys, struct service_key_state *out)
{
    struct secret_key key;
    rs_text check;

    *out = (struct service_key_state){.sealed = 0};
    RS_TRY(count_sealed(job, keys, &out->sealed));
    RS_TRY(catalog_key_check(job, keys->catalog, &check));
    if (check.size == 0 && out->sealed == 0 && access(rs_text_terminated(job, keys->key_path), F_OK) != 0)
        return RS_OK; /* it is made when something is sealed */
    if (present_key(job, keys, &key) != RS_OK) {
        out->problem = rs_text_copy(job, rs_job_error(job));
        rs_job_forgive(job);
        return RS_OK;
    }
    out->check = secret_key_check(job, &key);
    secret_key_forget(&key);
    return RS_OK;
}

rs_status service_key_bytes(struct rs_job *job, const struct service_keys *keys, rs_text *out)
{
    struct secret_key key;

    RS_TRY(present_key(job, keys, &key));
    *out = rs_text_copy(job, rs_text_of((const char *)key.bytes, sizeof key.bytes));
    secret_key_forget(&key);
    return RS_OK;
}

rs_status service_key_restore(struct rs_job *job, const struct service_keys *keys, rs_text bytes, bool dry_run, bool *changed)
{
    struct secret_key key, present;
    struct walk walk = {.task = OPEN, .old = &key};
    rs_text check;

    if (bytes.size != sizeof key.bytes)
        return rs_fail(job, RS_INVALID, "the backup holds %zu bytes; a key has %zu", bytes.size, sizeof key.bytes);
    memcpy(key.bytes, bytes.bytes, sizeof key.bytes);
    check = secret_key_check(job, &key);
    rs_status status = go_through(job, keys, &walk, false, (rs_text){0});
    if (status == RS_CONFLICT)
        rs_within(job, "this backup is of another key than that of what is sealed here");
    RS_TRY(status);
    /* Where it is there already, nothing is to be done. */
    *changed = true;
    if (secret_key_read(job, keys->key_path, check, &present) == RS_OK)
        *changed = false;
    else
        rs_job_forgive(job);
    if (!*changed || dry_run)
        return RS_OK;
    RS_TRY(secret_key_stage(job, keys->key_path, &key));
    RS_TRY(go_through(job, keys, &walk, true, check));
    RS_TRY(secret_key_settle(job, keys->key_path));
    secret_key_forget(&key);
    return RS_OK;
}

rs_status service_key_rotate(struct rs_job *job, const struct service_keys *keys, bool dry_run, size_t *count)
{
    struct secret_key old, new;
    struct walk walk = {.task = dry_run ? OPEN : SEAL, .old = &old, .new = &new};
    rs_status status;

    RS_TRY(present_key(job, keys, &old));
    RS_TRY(secret_key_make(job, &new));
    if (!dry_run)
        RS_TRY(secret_key_stage(job, keys->key_path, &new));
    status = go_through(job, keys, &walk, !dry_run, secret_key_check(job, &new));
    *count = walk.count;
    if (status == RS_OK && !dry_run)
        status = secret_key_settle(job, keys->key_path);
    else if (!dry_run)
        secret_key_unstage(job, keys->key_path);
    if (status == RS_CONFLICT)
        rs_within(job, "nothing was changed: enter that password again, or give it up, and then change the key");
    secret_key_forget(&old);
    secret_key_forget(&new);
    return status;
}

rs_status service_key_remove(struct rs_job *job, const struct service_keys *keys, bool contents, bool force, bool dry_run,
                             size_t *count)
{
    struct walk walk = {.task = contents ? DROP : COUNT};

    RS_TRY(count_sealed(job, keys, count));
    if (*count > 0 && !contents && !force)
        return rs_fail(job, RS_CONFLICT, "%zu passwords are sealed with this key, and are lost without it. Make a backup "
                       "(`bindery key backup`) and remove the key with --force, or remove them too (`bindery key delete "
                       "--contents`)", *count);
    if (dry_run)
        return RS_OK;
    if (contents)
        RS_TRY(go_through(job, keys, &walk, true, (rs_text){0}));
    secret_key_unstage(job, keys->key_path);
    return secret_key_remove(job, keys->key_path);
}

/* ---- secrets of the server itself ---------------------------------------------------------------- */

rs_status service_secret_set(struct rs_job *job, const struct service_keys *keys, rs_text name, rs_text text)
{
    struct secret_key key;
    rs_text sealed;

    if (text.size == 0)
        return catalog_set_secret(job, keys->catalog, name, (rs_text){0}, (rs_text){0});
    RS_TRY(present_key(job, keys, &key));
    RS_TRY(secret_seal(job, &key, secret_context(job, name), text, &sealed));
    RS_TRY(catalog_set_secret(job, keys->catalog, name, sealed, secret_key_check(job, &key)));
    secret_key_forget(&key);
    return RS_OK;
}

static rs_status open_secret(struct rs_job *job, const struct secret_key *key, rs_text name, rs_text sealed, rs_text *out)
{
    if (secret_open(job, key, secret_context(job, name), sealed, out) == RS_OK)
        return RS_OK;
    rs_within(job, "the password of %.*s; set it again", RS_TEXT_ARG(name));
    return rs_job_status(job);
}

rs_status service_secret_get(struct rs_job *job, const struct service_keys *keys, rs_text name, rs_text *out)
{
    struct secret_key key;
    rs_text sealed;
    rs_status status;

    *out = (rs_text){0};
    RS_TRY(catalog_secret(job, keys->catalog, name, &sealed));
    if (sealed.size == 0)
        return RS_OK;
    RS_TRY(present_key(job, keys, &key));
    status = open_secret(job, &key, name, sealed, out);
    secret_key_forget(&key);
    return status;
}

rs_status service_secret(struct rs_job *job, struct service *service, rs_text name, rs_text *out)
{
    const struct secret_key *key;
    struct catalog *catalog;
    rs_text sealed;

    *out = (rs_text){0};
    RS_TRY(service_catalog(job, service, &catalog));
    for (int tries = 0;; tries++) {
        RS_TRY(catalog_secret(job, catalog, name, &sealed));
        if (sealed.size == 0)
            return RS_OK;
        RS_TRY(service_secret_key(job, service, &key));
        rs_status status = open_secret(job, key, name, sealed, out);
        if (status != SECRET_SEALED || tries == 1)
            return status;
        rs_job_forgive(job); /* the key may have been changed in between */
    }
}
