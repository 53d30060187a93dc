#include <string.h>

#include "service/configure/import.h"
#include "service/configure/sddl.h"

#define SERVICE RS_TEXT("ReportServerWebService")
#define PORTAL RS_TEXT("ReportServerWebApp")
#define REPORTING_SERVICES "{1d40ebc7-1983-4ac5-82aa-1e17a7ae9a0e}"

/* The label with which a program marks its rows; nothing holds it to it. */
static const struct {
    const char *guid, *name;
} owners[] = {
    {REPORTING_SERVICES, "Reporting Services"},
    {"{4dc3e181-e14b-4a21-b022-59fc669b0914}", "IIS"},
    {"{214124cd-d05b-4309-9af9-9caa44b2b74a}", "IIS Express"},
    {"{d7d72267-fcf9-4424-9eec-7e1d8dcec9a9}", "IIS Web Management"},
    {"{00000000-0000-0000-0000-000000000000}", "a program that gave no name"},
    {"{5d8e2743-ef20-4d38-8751-7e400f200e65}", "DirectAccess"},
};

static rs_text owner_of(rs_text guid)
{
    for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++)
        if (rs_text_equal(guid, rs_text_from(owners[i].guid)))
            return rs_text_from(owners[i].name);
    return guid.size ? guid : RS_TEXT("a program that is not told");
}

#define format(import, ...) rs_text_format((import)->call->job, __VA_ARGS__)

static rs_text source_of(struct import *import, const struct import_file *file, unsigned line)
{
    return format(import, "%.*s line %u", RS_TEXT_ARG(file->name), line);
}

void import_item(struct import *import, rs_text source, const char *kind, rs_text text, const char *outcome, rs_text message)
{
    json_t *item = add_object(import->items);

    put_text(item, "source", source);
    put_text(item, "kind", rs_text_from(kind));
    put_text(item, "text", text);
    put_text(item, "outcome", rs_text_from(outcome));
    put_text(item, "message", message);
    import->cannot += strcmp(outcome, "cannot") == 0;
}

static struct tables_change *add_change(struct import *import, enum tables_change_kind kind, rs_text source)
{
    struct tables_change *change = rs_vec_add(import->call->job, &import->changes);

    *change = (struct tables_change){.kind = kind, .where = source, .of_many = true};
    return change;
}

/* ---- what stands for something else --------------------------------------------------------- */

static bool same_address(rs_text a, rs_text b)
{
    struct tables_address one, other;

    return tables_address_parse(a, &one) && tables_address_parse(b, &other) && tables_address_equal(&one, &other);
}

static bool same_thumbprint(rs_text a, rs_text b)
{
    char one[65], other[65];

    return pki_thumbprint_parse(a, one) && pki_thumbprint_parse(b, other) && strcmp(one, other) == 0;
}

/* An argument of texts "OLD=NEW". */
struct pairs {
    const char *argument, *what;
    bool (*same)(rs_text a, rs_text b); /* also tells what is one: it is the same as itself */
};

static const struct pairs addresses = {"Addresses", "IP addresses", same_address},
                          certificates = {"Certificates", "thumbprints", same_thumbprint};

/* What the caller gave for `old`; else `old`. */
static rs_text mapped(struct import *import, const struct pairs *pairs, rs_text old)
{
    const rs_text *given;
    size_t count;

    if (!call_has(import->call, pairs->argument))
        return old;
    call_texts(import->call, pairs->argument, &given, &count);
    for (size_t i = 0; i < count; i++) {
        rs_text from, to;
        if (rs_text_cut(given[i], '=', &from, &to) && pairs->same(rs_text_trim(from), old))
            return rs_text_trim(to);
    }
    return old;
}

static rs_status check_pairs(struct import *import, const struct pairs *pairs)
{
    const rs_text *given;
    size_t count = 0;

    if (call_has(import->call, pairs->argument))
        call_texts(import->call, pairs->argument, &given, &count);
    for (size_t i = 0; i < count; i++) {
        rs_text from, to;
        bool pair = rs_text_cut(given[i], '=', &from, &to);
        from = rs_text_trim(from), to = rs_text_trim(to);
        if (!pair || !pairs->same(from, from) || !pairs->same(to, to))
            return rs_fail(import->call->job, RS_INVALID, "\"%.*s\" is not OLD=NEW, two %s", RS_TEXT_ARG(given[i]), pairs->what);
    }
    return RS_OK;
}

/* ---- URLs ---------------------------------------------------------------------------------- */

/* A URL on an address of the old machine moves to the new one's, where the caller says which. */
static rs_text move_url(struct import *import, rs_text url, const struct tables_prefix *prefix)
{
    char written[TABLES_ADDRESS_WRITTEN_MAX];
    struct tables_address new;

    if (prefix->category != TABLES_ADDRESS || !tables_address_parse(mapped(import, &addresses, prefix->host), &new) ||
        tables_address_equal(&new, &prefix->address))
        return url;
    tables_address_write(&new, written);
    return format(import, new.family == TABLES_IPV6 ? "%s://[%s]:%u%.*s" : "%s://%s:%u%.*s",
                  tables_scheme_name(prefix->scheme), written, prefix->port,
                  RS_TEXT_ARG(rs_text_equal(prefix->path, RS_TEXT("/")) ? RS_TEXT("") : prefix->path));
}

/* Reserve `url` (with or without the directory). False: it is none, and an item says why. */
static bool take_url(struct import *import, rs_text source, const struct tables_application *application, rs_text directory,
                     rs_text url, rs_text account, rs_text acl)
{
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = import->call->job});
    struct import_url taken = {.application = application->name};
    struct tables_change *change;
    struct tables_prefix prefix;
    rs_text text = format(import, "URL %.*s of %.*s", RS_TEXT_ARG(url), RS_TEXT_ARG(application->name)), moved;
    bool has_path;

    if (tables_prefix_parse_loose(part, url, &prefix, &has_path) != RS_OK) {
        import_item(import, source, "url", text, "cannot", rs_text_copy(import->call->job, rs_job_message(part)));
        return false;
    }
    moved = move_url(import, url, &prefix);
    if (tables_prefix_parse_loose(part, moved, &prefix, &has_path) != RS_OK ||
        tables_prefix_compose(import->call->job, tables_prefix_origin(part, &prefix), directory, &taken.prefix) != RS_OK) {
        rs_job_forgive(import->call->job);
        import_item(import, source, "url", text, "cannot", RS_TEXT("with its virtual directory this is no URL"));
        return false;
    }
    taken.url = tables_prefix_write(import->call->job, &taken.prefix);
    for (size_t i = 0; i < import->urls.count; i++)
        if (tables_prefix_equal(&import->urls.items[i].prefix, &taken.prefix)) {
            import_item(import, source, "url", text, "same", RS_TEXT("it stands there twice"));
            return true;
        }
    rs_vec_push(import->call->job, &import->urls, taken);
    change = add_change(import, TABLES_RESERVE, source);
    change->application = application->name;
    change->url = tables_prefix_origin(import->call->job, &taken.prefix);
    change->account = account;
    change->acl = acl;
    import_item(import, source, "url", text, "import", format(import, "reserve %.*s", RS_TEXT_ARG(taken.url)));
    return true;
}

static void take_directory(struct import *import, rs_text source, const struct tables_application *application, rs_text directory)
{
    struct tables_change *change;
    rs_text text = format(import, "virtual directory %.*s of %.*s", RS_TEXT_ARG(directory), RS_TEXT_ARG(application->name));

    if (rs_text_equal(directory, application->directory)) {
        import_item(import, source, "directory", text, "same", RS_TEXT("it is so already"));
        return;
    }
    change = add_change(import, TABLES_SET_DIRECTORY, source);
    change->application = application->name;
    change->directory = directory;
    import_item(import, source, "directory", text, "import", RS_TEXT("set it"));
}

static void plan_config_urls(struct import *import)
{
    const struct import_file *file = import->config;

    for (size_t i = 0; i < file->config.application_count; i++) {
        const struct config_application *given = &file->config.applications[i];
        const struct tables_application *application = tables_application_find(import->snapshot, given->name);
        rs_text source = source_of(import, file, given->line);
        if (!application || application->kind != TABLES_REPORT_SERVER) {
            import_item(import, source, "application", given->name, "cannot",
                        RS_TEXT("there is no such application here; its URLs and bindings are left out"));
            continue;
        }
        take_directory(import, source, application, given->directory.size ? given->directory : application->directory);
        for (size_t k = 0; k < given->url_count; k++)
            (void)take_url(import, source_of(import, file, given->urls[k].line), application,
                           given->directory.size ? given->directory : application->directory, given->urls[k].url_string,
                           given->urls[k].account, given->urls[k].sid);
    }
}

/* The application of Reporting Services that answers below this path by the rules of its setup: ReportServer, Reports, with
 * _INSTANCE behind. */
static const struct tables_application *application_of_path(struct import *import, rs_text segment)
{
    static const char *const names[][2] = {{"ReportServer", "ReportServerWebService"}, {"Reports", "ReportServerWebApp"}};

    for (size_t i = 0; i < 2; i++) {
        rs_text name = rs_text_from(names[i][0]);
        if (rs_text_equal_nocase(segment, name) ||
            (rs_text_starts_nocase(segment, name) && segment.bytes[name.size] == '_'))
            return tables_application_find(import->snapshot, rs_text_from(names[i][1]));
    }
    return NULL;
}

/* A reservation without a file that says whose it is: its path and its account tell. */
static void take_reserved(struct import *import, rs_text source, rs_text text, const struct netsh_url *url,
                          const struct tables_prefix *prefix, rs_text who)
{
    rs_text segment = rs_text_slice(prefix->path, 1, prefix->path.size > 1 ? prefix->path.size - 2 : 0);
    const struct tables_application *application = application_of_path(import, segment);
    bool known = false;

    if (!application) {
        import_item(import, source, "url", text, "leave",
                    who.size ? format(import, "it is not of the report server: %.*s", RS_TEXT_ARG(who))
                             : RS_TEXT("it is not of the report server"));
        return;
    }
    segment = rs_text_copy(import->call->job, segment);
    for (size_t i = 0; i < import->changes.count; i++)
        known = known || (import->changes.items[i].kind == TABLES_SET_DIRECTORY &&
                          rs_text_equal(import->changes.items[i].application, application->name));
    if (!known && !rs_text_equal(segment, application->directory))
        take_directory(import, source, application, segment);
    (void)take_url(import, source, application, segment, url->url, url->user, url->sddl);
}

static void plan_reserved(struct import *import, const struct import_file *file, const struct netsh_url *url)
{
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = import->call->job});
    rs_text source = source_of(import, file, url->line), who = url->user;
    rs_text text = format(import, "reservation %.*s", RS_TEXT_ARG(url->url));
    struct tables_prefix prefix;
    struct sddl sddl = {0};
    bool has_path;

    if (url->sddl.size > 0 && sddl_parse(url->sddl, &sddl))
        who = sddl_words(import->call->job, &sddl);
    if (tables_prefix_parse_loose(part, url->url, &prefix, &has_path) != RS_OK) {
        import_item(import, source, "url", text, "leave", rs_text_copy(import->call->job, rs_job_message(part)));
        return;
    }
    for (size_t i = 0; i < import->urls.count; i++)
        if (tables_prefix_equal(&import->urls.items[i].prefix, &prefix)) {
            import_item(import, source, "url", text, "same", format(import, "%.*s", RS_TEXT_ARG(who)));
            return;
        }
    if (!import->config)
        take_reserved(import, source, text, url, &prefix, who);
    else if (sddl_of_reporting_services(&sddl))
        import_item(import, source, "url", text, "leave",
                    format(import, "left over: rsreportserver.config does not have it (%.*s)", RS_TEXT_ARG(who)));
    else
        import_item(import, source, "url", text, "leave", format(import, "it is another program's: %.*s", RS_TEXT_ARG(who)));
}

/* ---- bindings ------------------------------------------------------------------------------ */

static bool same_place(const struct tables_place *a, const struct tables_place *b)
{
    return a->port == b->port && tables_address_equal(&a->address, &b->address) && rs_text_equal(a->host, b->host);
}

static struct import_binding *binding_at(struct import *import, const struct tables_place *place)
{
    for (size_t i = 0; i < import->bindings.count; i++)
        if (same_place(&import->bindings.items[i].place, place))
            return &import->bindings.items[i];
    return NULL;
}

static void claim(struct import_binding *binding, rs_text application)
{
    for (size_t i = 0; i < binding->count; i++)
        if (rs_text_equal(binding->applications[i], application))
            return;
    if (binding->count < TABLES_CLAIMANTS_MAX)
        binding->applications[binding->count++] = application;
}

static rs_text hash_text(struct import *import, rs_text hash)
{
    char digits[65];

    return pki_thumbprint_parse(hash, digits) ? rs_text_copy(import->call->job, rs_text_from(digits)) : RS_TEXT("");
}

static void plan_config_bindings(struct import *import)
{
    const struct import_file *file = import->config;

    for (size_t i = 0; i < file->config.binding_count; i++) {
        const struct config_binding *given = &file->config.bindings[i];
        const struct tables_application *application = tables_application_find(import->snapshot, given->application);
        rs_text source = source_of(import, file, given->line), hash = hash_text(import, given->hash);
        rs_text text = format(import, "certificate %.*s at %.*s port %.*s for %.*s", RS_TEXT_ARG(given->hash),
                              RS_TEXT_ARG(given->address), RS_TEXT_ARG(given->port), RS_TEXT_ARG(given->application));
        struct import_binding *binding;
        struct tables_place place = {0};
        uint64_t port = 0;
        if (!application) {
            import_item(import, source, "binding", text, "cannot", RS_TEXT("there is no such application here"));
            continue;
        }
        if (hash.size == 0 || !tables_address_parse(mapped(import, &addresses, given->address), &place.address) ||
            !rs_parse_uint64(given->port, &port) || port < 1 || port > 65535) {
            import_item(import, source, "binding", text, "cannot", RS_TEXT("thumbprint, address or port cannot be read"));
            continue;
        }
        place.port = (uint16_t)port;
        binding = binding_at(import, &place);
        if (binding && !rs_text_equal(binding->hash, hash)) {
            import_item(import, source, "binding", text, "cannot",
                        format(import, "%.*s has another certificate for the same place, which is taken",
                               RS_TEXT_ARG(binding->source)));
            continue;
        }
        if (!binding) {
            binding = rs_vec_add(import->call->job, &import->bindings);
            *binding = (struct import_binding){.place = place, .hash = hash, .source = source};
        }
        claim(binding, application->name);
        import_item(import, source, "binding", text, "import",
                    format(import, "bind it to %.*s", RS_TEXT_ARG(tables_place_write(import->call->job, &place))));
    }
}

/* Applications whose URLs are answered with the row. A row of a name answers for URLs of every host too, but it is another
 * program's site that it was made for where another program made it: `ours` says that it was Reporting Services. */
static void claim_by_urls(struct import *import, struct import_binding *binding, bool ours)
{
    for (size_t i = 0; i < import->urls.count; i++) {
        const struct import_url *url = &import->urls.items[i];
        if (url->prefix.scheme == TABLES_HTTPS && url->prefix.port == binding->place.port &&
            (binding->place.host.size == 0 || rs_text_equal_nocase(url->prefix.host, binding->place.host) ||
             (ours && (url->prefix.category == TABLES_STRONG || url->prefix.category == TABLES_WEAK))) &&
            (url->prefix.category != TABLES_ADDRESS || binding->place.address.family == TABLES_ANY ||
             tables_address_equal(&url->prefix.address, &binding->place.address)))
            claim(binding, url->application);
    }
}

/* "0.0.0.0:443", "[::]:443", "name:443" */
static bool read_endpoint(struct import *import, rs_text endpoint, struct tables_place *out)
{
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = import->call->job});
    size_t colon = endpoint.size;
    rs_text host;
    uint64_t port;

    while (colon > 0 && endpoint.bytes[colon - 1] != ':')
        colon--;
    if (colon < 2 || !rs_parse_uint64(rs_text_from_offset(endpoint, colon), &port) || port < 1 || port > 65535)
        return false;
    host = rs_text_slice(endpoint, 0, colon - 1);
    if (host.bytes[0] == '[' && host.size > 2)
        host = rs_text_slice(host, 1, host.size - 2);
    *out = (struct tables_place){.port = (uint16_t)port};
    if (tables_address_parse(mapped(import, &addresses, host), &out->address))
        return true;
    if (tables_place_host(part, host, &out->host) != RS_OK)
        return false;
    out->host = rs_text_copy(import->call->job, out->host);
    return true;
}

/* What else the row says, behind what becomes of it. */
static rs_text with_switches(struct import *import, const struct netsh_binding *row, rs_text message)
{
    if (row->asks_clients)
        message = format(import, "%.*s; it asks clients for certificates, which is not taken over", RS_TEXT_ARG(message));
    for (size_t i = 0; i < row->odd_count; i++)
        message = format(import, "%.*s; not taken over: %.*s", RS_TEXT_ARG(message), RS_TEXT_ARG(row->odd[i]));
    return message;
}

/* A row that the file does not have: made by another program, or without the file. */
static void take_served(struct import *import, rs_text source, rs_text text, const struct netsh_binding *row,
                        const struct tables_place *place)
{
    bool ours = rs_text_equal(row->guid, RS_TEXT(REPORTING_SERVICES));
    struct import_binding new = {.place = *place, .hash = row->hash, .source = source};
    rs_text owner = owner_of(row->guid), written;

    claim_by_urls(import, &new, ours);
    if (new.count == 0) {
        import_item(import, source, "binding", text, "leave",
                    ours ? RS_TEXT("left over: no URL of the report server uses it")
                         : format(import, "it is of %.*s, and no URL of the report server uses it", RS_TEXT_ARG(owner)));
        return;
    }
    rs_vec_push(import->call->job, &import->bindings, new);
    written = tables_place_write(import->call->job, place);
    import_item(import, source, "binding", text, "import",
                with_switches(import, row, format(import, "bind it to %.*s: the report server's URLs are answered with it (made by %.*s)",
                                                  RS_TEXT_ARG(written), RS_TEXT_ARG(owner))));
}

static void plan_served(struct import *import, const struct import_file *file, const struct netsh_binding *row)
{
    rs_text source = source_of(import, file, row->line);
    rs_text text = format(import, "binding %.*s with %.*s", RS_TEXT_ARG(row->endpoint),
                          RS_TEXT_ARG(row->hash.size ? row->hash : RS_TEXT("certificates by file name")));
    struct import_binding *known;
    struct tables_place place;

    if (row->hash.size == 0) {
        import_item(import, source, "binding", text, "cannot",
                    RS_TEXT("the certificates are chosen by host name on a file share: put them into the store and bind each"));
        return;
    }
    if (!read_endpoint(import, row->endpoint, &place)) {
        import_item(import, source, "binding", text, "cannot", RS_TEXT("its address cannot be read"));
        return;
    }
    known = binding_at(import, &place);
    if (!known) {
        take_served(import, source, text, row, &place);
    } else if (rs_text_equal(known->hash, row->hash)) {
        import_item(import, source, "binding", text, "same",
                    with_switches(import, row, format(import, "as %.*s", RS_TEXT_ARG(known->source))));
    } else if (rs_text_starts(known->source, file->name)) {
        import_item(import, source, "binding", text, "cannot",
                    format(import, "here it is the same row as %.*s, whose certificate is taken: one row is both families",
                           RS_TEXT_ARG(known->source)));
    } else {
        import_item(import, source, "binding", text, "import",
                    with_switches(import, row, format(import, "Windows served this, although %.*s says %.*s: this one is taken",
                                                      RS_TEXT_ARG(known->source), RS_TEXT_ARG(known->hash))));
        known->hash = row->hash;
        known->source = source;
    }
}

/* ---- certificates -------------------------------------------------------------------------- */

static void plan_certificate(struct import *import, const struct import_binding *binding)
{
    rs_text hash = mapped(import, &certificates, binding->hash), place = tables_place_write(import->call->job, &binding->place);
    char digits[65];
    const struct pki_entry *entry = pki_thumbprint_parse(hash, digits)
                                        ? pki_store_find(import->call->instance->store, rs_text_from(digits))
                                        : NULL;
    json_t *row = add_object(import->certificates);
    struct tables_certificate *certificate;
    struct tables_change *change;

    put_text(row, "thumbprint", binding->hash);
    put_text(row, "instead", rs_text_equal(hash, binding->hash) ? RS_TEXT("") : hash);
    put_text(row, "place", place);
    put_flag(row, "in_store", entry != NULL);
    put_flag(row, "usable", entry && entry->usable);
    put_text(row, "subject", entry ? entry->subject : RS_TEXT(""));
    if (!entry || !entry->usable) {
        rs_vec_push(import->call->job, &import->missing, hash);
        return;
    }
    change = add_change(import, TABLES_BIND, binding->source);
    change->applications = binding->applications;
    change->application_count = binding->count;
    change->place = binding->place;
    certificate = RS_NEW(import->call->job, struct tables_certificate);
    *certificate = (struct tables_certificate){entry->sha1, entry->sha256};
    change->certificates = certificate;
    change->certificate_count = 1;
}

rs_status import_plan(struct import *import)
{
    RS_TRY(check_pairs(import, &addresses));
    RS_TRY(check_pairs(import, &certificates));
    if (import->config)
        plan_config_urls(import);
    for (size_t i = 0; i < import->file_count; i++)
        for (size_t k = 0; k < import->files[i].netsh.urls.count; k++) {
            RS_TRY(rs_job_checkpoint(import->call->job));
            plan_reserved(import, &import->files[i], &import->files[i].netsh.urls.items[k]);
        }
    if (import->config)
        plan_config_bindings(import);
    for (size_t i = 0; i < import->file_count; i++)
        for (size_t k = 0; k < import->files[i].netsh.bindings.count; k++) {
            RS_TRY(rs_job_checkpoint(import->call->job));
            plan_served(import, &import->files[i], &import->files[i].netsh.bindings.items[k]);
        }
    for (size_t i = 0; i < import->file_count; i++)
        for (size_t k = 0; k < import->files[i].netsh.addresses.count; k++) {
            const struct netsh_address *address = &import->files[i].netsh.addresses.items[k];
            import_item(import, source_of(import, &import->files[i], address->line), "listen",
                        format(import, "listen address %.*s", RS_TEXT_ARG(address->text)), "leave",
                        RS_TEXT("there is no such list here: a URL with + or a host name answers on every address; reserve it "
                                "with the address, and bind the certificate to the address, where that is meant"));
        }
    for (size_t i = 0; i < import->bindings.count; i++)
        plan_certificate(import, &import->bindings.items[i]);
    return RS_OK;
}
