#include "net/pki/keys.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <openssl/evp.h>

#include "net/pki/describe.h"

rs_status pki_keys_open(struct rs_job *job, const struct pki_keys *keys, rs_text sha256, EVP_PKEY **out)
{
    return keys->open(job, keys->data, sha256, out);
}

/* The key of `contents` that belongs to the certificate, or NULL. */
static EVP_PKEY *keys_pick(const struct pki_outline *certificate, const struct pki_contents *contents)
{
    struct pki_digest found;

    for (size_t i = 0; i < contents->key_count; i++)
        if (pki_digest_of_key(contents->keys[i], &found) && memcmp(certificate->key, &found, sizeof found) == 0)
            return contents->keys[i];
    return NULL;
}

static rs_status keys_load(struct rs_job *reading, const struct pki_outline *entry, EVP_PKEY **out)
{
    struct pki_file file = {0};
    struct pki_contents contents = {0};
    rs_text problem, exposed;
    char *password;
    EVP_PKEY *key;
    rs_status status = pki_file_read(reading, entry->key_file, PKI_FILE_MAX, &file);

    if (status == RS_OK) {
        password = pki_password_read(reading, entry->key_file, &problem);
        status = pki_load_keys(reading, file.bytes, password, &contents);
        if (password)
            pki_wipe(rs_text_from(password));
    }
    pki_wipe(file.bytes);
    RS_TRY(status);
    exposed = pki_file_exposed(reading, entry->key_file, &file);
    if (exposed.size > 0 && !contents.sealed)
        return rs_fail(reading, PKI_KEY_REFUSED, "%.*s", RS_TEXT_ARG(exposed));
    key = keys_pick(entry, &contents);
    if (!key)
        return rs_fail(reading, PKI_KEY_REFUSED, "\"%.*s\" does not hold the key of this certificate any more",
                       RS_TEXT_ARG(entry->key_file));
    EVP_PKEY_up_ref(key);
    *out = key;
    return RS_OK;
}

/* The file was read before; it is read again now, and judged again: it may have been changed since. */
static rs_status keys_open_in_process(struct rs_job *job, void *data, rs_text sha256, EVP_PKEY **out)
{
    RS_OWNED(rs_job) reading = rs_job_create(NULL);
    struct pki_outline entry;
    rs_status status;

    if (!pki_store_outline(data, sha256, &entry))
        return rs_fail(job, RS_NOT_FOUND, "there is no certificate %.*s in the store", RS_TEXT_ARG(sha256));
    if (entry.key_file.size == 0)
        return rs_fail(job, PKI_KEY_REFUSED, "there is no private key for the certificate %.*s",
                       RS_TEXT_ARG(pki_hexadecimal(job, entry.sha1, PKI_SHA1_SIZE)));
    status = keys_load(reading, &entry, out);
    if (status == RS_OK)
        return RS_OK;
    return rs_fail(job, PKI_KEY_REFUSED, "the private key of the certificate %.*s cannot be used: %.*s",
                   RS_TEXT_ARG(pki_hexadecimal(job, entry.sha1, PKI_SHA1_SIZE)), RS_TEXT_ARG(rs_job_message(reading)));
}

struct pki_keys pki_keys_in_process(struct pki_store *store)
{
    return (struct pki_keys){keys_open_in_process, store};
}

void pki_keys_protect_process(void)
{
    struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* also keeps ptrace of the same account away */
}
