#include "net/acme/book.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/file.h"
#include "base/vec.h"
#include "format/json/json.h"
#include "net/pki/files.h"
#include "net/pki/load.h"

#define BOOK_FILE_MAX ((size_t)256 * 1024)
#define BOOK_ORDER ".order.json"
#define BOOK_STATE ".state.json"

/* ---- files --------------------------------------------------------------------------------- */

static rs_text path_of(struct rs_job *job, rs_text folder, rs_text name, const char *ending)
{
    return rs_text_format(job, "%.*s/%.*s%s", RS_TEXT_ARG(folder), RS_TEXT_ARG(name), ending);
}

/* NULL in `out` where there is no such file. */
static rs_status book_read(struct rs_job *job, rs_text path, json_t **out)
{
    RS_OWNED(rs_job) reading = rs_job_create(&(struct rs_job_options){.within = job});
    rs_text bytes;
    rs_status status = rs_file_read(reading, path, BOOK_FILE_MAX, &bytes);

    *out = NULL;
    if (status == RS_NOT_FOUND)
        return RS_OK;
    if (status != RS_OK)
        return rs_job_adopt(job, reading);
    status = json_parse(job, bytes, BOOK_FILE_MAX, out);
    pki_wipe(bytes);
    if (status != RS_OK)
        rs_within(job, "\"%.*s\"", RS_TEXT_ARG(path));
    return status;
}

static rs_status book_write(struct rs_job *job, rs_text folder, rs_text path, json_t *value)
{
    rs_text bytes = json_write(job, json_keep(job, value), JSON_INDENTED);

    RS_TRY(rs_folder_make(job, folder, 0700));
    return rs_file_replace(job, path, bytes, 0600);
}

static rs_text text_of(struct rs_job *job, const json_t *object, const char *name)
{
    return rs_text_copy(job, json_to_text(json_object_get(object, name)));
}

static int64_t number_of(const json_t *object, const char *name)
{
    return (int64_t)json_integer_value(json_object_get(object, name));
}

static void texts_of(struct rs_job *job, const json_t *object, const char *name, const rs_text **out, size_t *count)
{
    const json_t *list = json_object_get(object, name);
    rs_text *texts = RS_NEW_ARRAY(job, rs_text, json_array_size(list));

    *count = json_array_size(list) < ACME_HOSTS_MAX ? json_array_size(list) : ACME_HOSTS_MAX;
    for (size_t i = 0; i < *count; i++)
        texts[i] = rs_text_copy(job, json_to_text(json_array_get(list, i)));
    *out = texts;
}

static json_t *texts_json(const rs_text *texts, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_from_text(texts[i]));
    return list;
}

/* ---- the account --------------------------------------------------------------------------- */

rs_status acme_account_read(struct rs_job *job, rs_text folder, struct acme_account *out, bool *found)
{
    json_t *object;

    RS_TRY(book_read(job, path_of(job, folder, RS_TEXT("account"), ".json"), &object));
    *found = object != NULL;
    *out = (struct acme_account){.directory = text_of(job, object, "directory"), .ca_file = text_of(job, object, "ca_file"),
                                 .agreed = json_is_true(json_object_get(object, "agreed")),
                                 .external_id = text_of(job, object, "external_id"),
                                 .external_key = text_of(job, object, "external_key"),
                                 .asked_ms = number_of(object, "asked_ms")};
    texts_of(job, object, "contacts", &out->contacts, &out->contact_count);
    return RS_OK;
}

rs_status acme_account_write(struct rs_job *job, rs_text folder, const struct acme_account *account)
{
    return book_write(job, folder, path_of(job, folder, RS_TEXT("account"), ".json"),
                      json_pack("{s:o, s:o, s:o, s:b, s:o, s:o, s:I}", "directory", json_from_text(account->directory),
                                "ca_file", json_from_text(account->ca_file), "contacts",
                                texts_json(account->contacts, account->contact_count), "agreed", account->agreed,
                                "external_id", json_from_text(account->external_id), "external_key",
                                json_from_text(account->external_key), "asked_ms", (json_int_t)account->asked_ms));
}

rs_status acme_account_state_read(struct rs_job *job, rs_text folder, struct acme_account_state *out)
{
    json_t *object;

    RS_TRY(book_read(job, path_of(job, folder, RS_TEXT("account"), "-state.json"), &object));
    *out = (struct acme_account_state){number_of(object, "asked_ms"), text_of(job, object, "account"),
                                       text_of(job, object, "error"), (unsigned)number_of(object, "failures"),
                                       number_of(object, "next_ms")};
    return RS_OK;
}

rs_status acme_account_state_write(struct rs_job *job, rs_text folder, const struct acme_account_state *state)
{
    return book_write(job, folder, path_of(job, folder, RS_TEXT("account"), "-state.json"),
                      json_pack("{s:I, s:o, s:o, s:i, s:I}", "asked_ms", (json_int_t)state->asked_ms, "account",
                                json_from_text(state->account), "error", json_from_text(state->error), "failures",
                                (int)state->failures, "next_ms", (json_int_t)state->next_ms));
}

/* ---- certificates -------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return rs_text_compare(*(const rs_text *)a, *(const rs_text *)b);
}

rs_status acme_certificates_list(struct rs_job *job, rs_text folder, const rs_text **out, size_t *count)
{
    RS_VEC(rs_text) slots = {0};
    DIR *listing = opendir(rs_text_terminated(job, folder));
    struct dirent *entry;

    if (!listing && errno != ENOENT)
        return rs_fail(job, RS_IO, "cannot read \"%.*s\": %s", RS_TEXT_ARG(folder), strerror(errno));
    while (listing && (entry = readdir(listing)) != NULL && slots.count < ACME_ORDERS_MAX) {
        rs_text name = rs_text_from(entry->d_name);
        if (rs_text_ends(name, RS_TEXT(BOOK_ORDER)) && name.bytes[0] != '.')
            rs_vec_push(job, &slots, rs_text_copy(job, rs_text_slice(name, 0, name.size - (sizeof BOOK_ORDER - 1))));
    }
    if (listing)
        closedir(listing);
    if (slots.count > 0)
        qsort(slots.items, slots.count, sizeof slots.items[0], by_text);
    *out = slots.items;
    *count = slots.count;
    return RS_OK;
}

rs_status acme_certificate_read(struct rs_job *job, rs_text folder, rs_text slot, struct acme_certificate *out, bool *found)
{
    rs_text path = path_of(job, folder, slot, BOOK_ORDER);
    json_t *object;

    RS_TRY(book_read(job, path, &object));
    *found = object != NULL;
    *out = (struct acme_certificate){.slot = rs_text_copy(job, slot), .asked_ms = number_of(object, "asked_ms"),
                                     .revoke = text_of(job, object, "revoke")};
    texts_of(job, object, "hosts", &out->hosts, &out->host_count);
    if (object && (out->host_count == 0 || !acme_kind_parse(text_of(job, object, "challenge"), &out->kind) ||
                   !pki_key_kind_parse(text_of(job, object, "key"), &out->key_kind)))
        return rs_fail(job, RS_INVALID, "\"%.*s\" does not say what is asked for: ask again with `bindery acme issue`",
                       RS_TEXT_ARG(path));
    return RS_OK;
}

rs_status acme_certificate_write(struct rs_job *job, rs_text folder, const struct acme_certificate *certificate)
{
    return book_write(job, folder, path_of(job, folder, certificate->slot, BOOK_ORDER),
                      json_pack("{s:o, s:s, s:s, s:I, s:o}", "hosts", texts_json(certificate->hosts, certificate->host_count),
                                "challenge", acme_kind_name(certificate->kind), "key",
                                pki_key_kind_name(certificate->key_kind), "asked_ms", (json_int_t)certificate->asked_ms, "revoke",
                                json_from_text(certificate->revoke)));
}

rs_status acme_certificate_state_read(struct rs_job *job, rs_text folder, rs_text slot, struct acme_certificate_state *out)
{
    json_t *object;

    RS_TRY(book_read(job, path_of(job, folder, slot, BOOK_STATE), &object));
    *out = (struct acme_certificate_state){
        number_of(object, "asked_ms"), text_of(job, object, "sha256"), text_of(job, object, "pem"),
        text_of(job, object, "revoke_pem"), text_of(job, object, "revoke"), text_of(job, object, "error"),
        (unsigned)number_of(object, "failures"), number_of(object, "renew_ms"), number_of(object, "early_ms"),
        number_of(object, "next_ms")};
    return RS_OK;
}

rs_status acme_certificate_state_write(struct rs_job *job, rs_text folder, rs_text slot,
                                       const struct acme_certificate_state *state)
{
    return book_write(job, folder, path_of(job, folder, slot, BOOK_STATE),
                      json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:i, s:I, s:I, s:I}", "asked_ms", (json_int_t)state->asked_ms, "sha256",
                                json_from_text(state->sha256), "pem", json_from_text(state->pem), "revoke_pem",
                                json_from_text(state->revoke_pem), "revoke", json_from_text(state->revoke), "error",
                                json_from_text(state->error), "failures", (int)state->failures, "renew_ms",
                                (json_int_t)state->renew_ms, "early_ms", (json_int_t)state->early_ms, "next_ms", (json_int_t)state->next_ms));
}

rs_status acme_certificate_remove(struct rs_job *job, rs_text folder, rs_text slot)
{
    static const char *const endings[] = {BOOK_ORDER, BOOK_STATE};

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        rs_text path = path_of(job, folder, slot, endings[i]);
        if (unlink(path.bytes) != 0 && errno != ENOENT)
            return rs_fail(job, RS_IO, "cannot remove \"%.*s\": %s", RS_TEXT_ARG(path), strerror(errno));
    }
    return RS_OK;
}

/* ---- the key ------------------------------------------------------------------------------- */

rs_status acme_account_key(struct rs_job *job, rs_text folder, EVP_PKEY **out)
{
    rs_text path = path_of(job, folder, RS_TEXT("account"), ".key");
    struct pki_contents contents = {0};
    struct pki_file file = {0};
    rs_status status;

    if (access(path.bytes, F_OK) != 0) {
        RS_TRY(rs_folder_make(job, folder, 0700));
        RS_TRY(pki_key_make(job, PKI_ECDSA_P256, out));
        return pki_write_key(job, *out, path);
    }
    RS_TRY(pki_file_read(job, path, PKI_FILE_MAX, &file));
    status = pki_load(job, file.bytes, NULL, &contents);
    pki_wipe(file.bytes);
    if (status == RS_OK && contents.key_count != 1)
        status = rs_fail(job, PKI_FILE_INVALID, "it does not hold one private key");
    if (status != RS_OK) {
        rs_within(job, "\"%.*s\"", RS_TEXT_ARG(path));
        return status;
    }
    *out = contents.keys[0];
    return RS_OK;
}
