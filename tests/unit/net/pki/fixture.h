/* tests/unit/net/pki/fixture.h - a folder of certificates, made by the openssl command as an administrator would.
 */
#ifndef PKI_FIXTURE_H
#define PKI_FIXTURE_H

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/pki/keys.h"
#include "net/pki/store.h"

struct fixture {
    struct rs_job *job;
    char folder[64];
    struct pki_store *store;
};

/* A shell command in the folder; the test fails where it does. */
static inline void run(struct fixture *f, const char *command)
{
    rs_text line = rs_text_format(f->job, "cd %s && umask 077 && { %s; } >log 2>&1 || { sed 's/^/# /' log >&2; exit 1; }",
                                  f->folder, command);

    if (system(line.bytes) != 0)
        fail_msg("%s", command);
}

/* A self-signed certificate with its key: name.crt and name.key. `more` are options of openssl req. */
static inline void self_signed(struct fixture *f, const char *name, const char *more)
{
    run(f, rs_text_format(f->job, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout %s.key -out "
                          "%s.crt -subj /CN=%s -days 30 -addext subjectAltName=DNS:%s.example %s", name, name, name, name,
                          more).bytes);
}

static inline void fixture_open(struct fixture *f)
{
    f->job = rs_job_create(NULL);
    snprintf(f->folder, sizeof f->folder, "/tmp/pki-test-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    f->store = NULL;
}

static inline void fixture_close(struct fixture *f)
{
    pki_store_close(f->store);
    assert_int_equal(system(rs_text_format(f->job, "rm -rf %s", f->folder).bytes), 0);
    rs_job_destroy(f->job);
}

/* Open the store, or look again. */
static inline bool scan(struct fixture *f)
{
    struct pki_store_options options = {.folder = rs_text_from(f->folder)};
    bool changed = true;

    if (f->store)
        assert_ok(f->job, pki_store_rescan(f->job, f->store, &changed));
    else
        assert_ok(f->job, pki_store_open(f->job, &options, &f->store));
    return changed;
}

/* The entry of a file, by the end of its path; the index tells which of several. */
static inline const struct pki_entry *entry_of(struct fixture *f, const char *file)
{
    for (size_t i = 0; i < pki_store_count(f->store); i++)
        if (rs_text_ends(pki_store_entry(f->store, i)->file, rs_text_from(file)))
            return pki_store_entry(f->store, i);
    fail_msg("no entry for %s", file);
    return NULL;
}

static inline bool has_reason(const struct pki_entry *entry, enum pki_reason_code code)
{
    for (size_t i = 0; i < entry->reason_count; i++)
        if (entry->reasons[i].code == code)
            return true;
    return false;
}

/* "code code ...", for messages and whole comparisons. */
static inline rs_text reasons(struct fixture *f, const struct pki_entry *entry)
{
    rs_text all = RS_TEXT("");

    for (size_t i = 0; i < entry->reason_count; i++)
        all = rs_text_format(f->job, "%.*s%s%s", RS_TEXT_ARG(all), i ? " " : "", pki_reason_name(entry->reasons[i].code));
    return all;
}

/* The sentence about a broken file; the test fails where it is not broken. */
static inline rs_text broken(struct fixture *f, const char *file)
{
    for (size_t i = 0; i < pki_store_broken_count(f->store); i++)
        if (rs_text_ends(pki_store_broken(f->store, i)->file, rs_text_from(file)))
            return pki_store_broken(f->store, i)->sentence;
    fail_msg("%s is not broken", file);
    return RS_TEXT("");
}

#define assert_holds(text, part)                                                               \
    do {                                                                                       \
        rs_text holds_ = (text);                                                               \
        if (rs_text_find(holds_, RS_TEXT(part)) < 0)                                           \
            fail_msg("\"%.*s\" without \"%s\"", RS_TEXT_ARG(holds_), part);                    \
    } while (0)

#endif
