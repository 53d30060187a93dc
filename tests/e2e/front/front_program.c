/* A front by itself, told what to serve on standard input, one command per line:
 *
 *     app NAME SOCKET-PATH|PORT CONNECTIONS online|offline|disabled
 *     reserve NAME URL-PREFIX
 *     bind ADDRESS PORT HOST|- GENERATION CERTIFICATE KEY [MIN-VERSION]
 *     policy NAME SETTING VALUE   of an application, as in net/tables/policy.def
 *     clear             forget all of these
 *     apply             serve them: "applied", or "refused: why"
 *     state NAME online|offline|disabled
 *     statistics        "statistics {...}"
 *     drain             "drained" once the last connection is gone; then it ends
 *
 * It answers on standard output, where it also writes the access log ("access {...}") and the error log
 * ("trouble {...}"). Settings are given as arguments: idle_ms=100. Ends with its input.
 */
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/vec.h"
#include "net/front/front.h"
#include "net/loop/loop.h"

#define WORDS_MAX 8

struct wanted_binding {
    struct tables_binding row;
    char *certificate;
    char *key;
};

static struct rs_job *memory; /* what was said; for ever */
static struct loop *loop;
static struct front *front;
static RS_VEC(struct front_application) applications;
static RS_VEC(struct tables_reservation) reservations;
static RS_VEC(struct tables_application) settings_of;
static RS_VEC(struct wanted_binding) bindings;
static struct front_contexts *contexts;
static char input[65536];
static size_t input_used;

static void say_text(const char *name, rs_text value, bool first)
{
    printf("%s\"%s\": \"", first ? "{" : ", ", name);
    for (size_t i = 0; i < value.size; i++) {
        unsigned char c = (unsigned char)value.bytes[i];
        if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\')
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void access_line(void *data, const struct front_access *access)
{
    (void)data;
    printf("access ");
    say_text("method", access->method, true);
    say_text("target", access->target, false);
    say_text("application", access->application, false);
    say_text("id", access->request_id, false);
    say_text("protocol", access->version, false);
    printf(", \"status\": %d, \"complete\": %s, \"body_bytes\": %llu, \"request_bytes\": %llu}\n",
           access->status, access->complete ? "true" : "false", (unsigned long long)access->body_bytes,
           (unsigned long long)access->request_bytes);
}

static void trouble_line(void *data, const struct front_trouble *trouble)
{
    (void)data;
    printf("trouble ");
    say_text("reason", rs_text_from(trouble->reason), true);
    say_text("protocol", trouble->version, false);
    say_text("target", trouble->target, false);
    say_text("reservation", trouble->reservation, false);
    say_text("detail", trouble->detail, false);
    printf(", \"status\": %d}\n", trouble->status);
}

/* ---- commands ---------------------------------------------------------------------------------------- */

static enum front_application_state state_of(const char *word)
{
    return strcmp(word, "online") == 0 ? FRONT_ONLINE : strcmp(word, "disabled") == 0 ? FRONT_DISABLED
                                                                                      : FRONT_OFFLINE;
}

static rs_text keep(const char *word)
{
    return rs_text_copy(memory, rs_text_from(word));
}

static void command_app(char **words)
{
    bool local = words[2][0] == '/';
    struct front_application application = {
        .name = keep(words[1]),
        .socket_path = local ? keep(words[2]) : RS_TEXT(""),
        .port = local ? 0 : (uint16_t)atoi(words[2]),
        .connections_max = (size_t)atoi(words[3]),
        .state = state_of(words[4]),
    };

    rs_vec_push(memory, &applications, application);
}

static void command_reserve(char **words)
{
    struct tables_reservation row = {.id = (int64_t)reservations.count + 1, .application = keep(words[1])};

    if (tables_prefix_parse(memory, rs_text_from(words[2]), &row.prefix) != RS_OK) {
        printf("refused: %.*s\n", RS_TEXT_ARG(rs_job_message(memory)));
        rs_job_forgive(memory);
        return;
    }
    rs_vec_push(memory, &reservations, row);
}

/* A setting of an application: policy.def. */
static void command_policy(char **words)
{
    struct tables_application *row = NULL;
    struct policy_value *value = RS_NEW_ARRAY(memory, struct policy_value, POLICY_COUNT);

    for (size_t i = 0; i < settings_of.count; i++)
        if (rs_text_equal(settings_of.items[i].name, rs_text_from(words[1])))
            row = &settings_of.items[i];
    if (!row) {
        rs_vec_push(memory, &settings_of, (struct tables_application){.name = keep(words[1]), .policy.values = value});
        row = &rs_vec_last(&settings_of);
    }
    value = (struct policy_value *)row->policy.values + row->policy.count;
    if (!policy_find(POLICY_APPLICATION, rs_text_from(words[2]), &value->id) ||
        policy_read(memory, value->id, keep(words[3]), &value->text) != RS_OK) {
        printf("refused: %.*s\n", RS_TEXT_ARG(rs_job_message(memory)));
        rs_job_forgive(memory);
        return;
    }
    row->policy.count++;
}

static void command_bind(char **words)
{
    struct tables_claim *claim = RS_NEW(memory, struct tables_claim);
    struct tables_certificate *certificate = RS_NEW(memory, struct tables_certificate);
    struct wanted_binding binding = {.certificate = rs_text_terminated(memory, rs_text_from(words[5])),
                                     .key = rs_text_terminated(memory, rs_text_from(words[6]))};

    claim->application = RS_TEXT("one");
    if (!tables_address_parse(rs_text_from(words[1]), &binding.row.address))
        abort();
    binding.row.id = (int64_t)bindings.count + 1;
    binding.row.port = (uint16_t)atoi(words[2]);
    binding.row.host = words[3][0] == '-' ? RS_TEXT("") : keep(words[3]);
    binding.row.generation = (uint64_t)atoll(words[4]);
    certificate->sha1 = certificate->sha256 = keep(words[5]); /* compared only: the file will do as its thumbprint */
    binding.row.certificates = certificate;
    binding.row.certificate_count = 1;
    if (words[7]) {
        struct policy_value *value = RS_NEW(memory, struct policy_value);
        *value = (struct policy_value){POLICY_ROW_MIN_VERSION, keep(words[7])};
        binding.row.policy = (struct tables_policy){value, 1};
    }
    binding.row.claims = claim;
    binding.row.claim_count = 1;
    rs_vec_push(memory, &bindings, binding);
}

static rs_status make_context(struct rs_job *job, const struct wanted_binding *wanted, struct tls_binding **out)
{
    FILE *certificate_file = fopen(wanted->certificate, "r"), *key_file = fopen(wanted->key, "r");
    struct tls_identity identity = {0};
    rs_status status;

    if (!certificate_file || !key_file)
        abort();
    identity.certificate = PEM_read_X509(certificate_file, NULL, NULL, NULL);
    identity.key = PEM_read_PrivateKey(key_file, NULL, NULL, NULL);
    status = tls_binding_create(job, &identity, wanted->row.generation, out);
    X509_free(identity.certificate);
    EVP_PKEY_free(identity.key);
    fclose(certificate_file);
    fclose(key_file);
    return status;
}

static struct tls_binding *context_of_row(void *data, const struct tables_binding *row)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tls_binding *context = NULL;

    (void)data;
    for (size_t i = 0; i < bindings.count && !context; i++)
        if (bindings.items[i].row.id == row->id && make_context(job, &bindings.items[i], &context) != RS_OK)
            printf("unusable: %.*s\n", RS_TEXT_ARG(rs_job_error(job)));
    return context;
}

static rs_status apply(struct rs_job *job)
{
    RS_VEC(struct tables_binding) rows = {0};
    RS_OWNED(tables_snapshot) snapshot = NULL;
    RS_OWNED(front_plan) plan = NULL;

    if (!contexts)
        contexts = front_contexts_create(context_of_row, NULL);
    for (size_t i = 0; i < bindings.count; i++)
        rs_vec_push(job, &rows, bindings.items[i].row);
    snapshot = tables_snapshot_create(&(struct tables_rows){
        .applications = settings_of.items,
        .application_count = settings_of.count,
        .reservations = reservations.items,
        .reservation_count = reservations.count,
        .bindings = rows.items,
        .binding_count = rows.count,
    });
    plan = front_plan_create(&(struct front_plan_parts){
        .tables = snapshot,
        .contexts = contexts,
        .applications = applications.items,
        .application_count = applications.count,
    });
    RS_TRY(front_apply(job, front, plan));
    front_contexts_keep(contexts, snapshot);
    return RS_OK;
}

static void command_apply(void)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    if (apply(job) == RS_OK)
        printf("applied\n");
    else
        printf("refused: %.*s\n", RS_TEXT_ARG(rs_job_error(job)));
}

static void command_statistics(void)
{
    const struct front_statistics *now = front_statistics(front);

    printf("statistics {\"connections\": %llu, \"connections_now\": %llu, \"refused\": %llu, \"full\": %llu, "
           "\"resumed\": %llu, \"failed\": %llu, \"requests\": %llu, \"requests_now\": %llu, \"ok\": %llu, "
           "\"upstream\": %llu, \"upstream_now\": %llu, \"reused\": %llu, \"files\": %llu}\n",
           (unsigned long long)now->connections, (unsigned long long)now->connections_now,
           (unsigned long long)now->connections_refused, (unsigned long long)now->handshakes_full,
           (unsigned long long)now->handshakes_resumed, (unsigned long long)now->handshakes_failed,
           (unsigned long long)now->requests, (unsigned long long)now->requests_now,
           (unsigned long long)now->responses[2], (unsigned long long)now->upstream_connections,
           (unsigned long long)now->upstream_now, (unsigned long long)now->upstream_reused,
           (unsigned long long)now->body_files);
}

static void drained(void *data)
{
    (void)data;
    printf("drained\n");
    loop_stop(loop);
}

static void command(char *line)
{
    char *words[WORDS_MAX] = {0}, *rest = line;
    size_t count = 0;

    while (count < WORDS_MAX && (words[count] = strsep(&rest, " ")) != NULL)
        count++;
    if (strcmp(words[0], "app") == 0 && count == 5)
        command_app(words);
    else if (strcmp(words[0], "reserve") == 0 && count == 3)
        command_reserve(words);
    else if (strcmp(words[0], "policy") == 0 && count == 4)
        command_policy(words);
    else if (strcmp(words[0], "bind") == 0 && count >= 7)
        command_bind(words);
    else if (strcmp(words[0], "clear") == 0)
        applications.count = reservations.count = bindings.count = settings_of.count = 0;
    else if (strcmp(words[0], "apply") == 0)
        command_apply();
    else if (strcmp(words[0], "state") == 0 && count == 3)
        printf("%s\n", front_application_state(front, rs_text_from(words[1]), state_of(words[2])) ? "set" : "unknown");
    else if (strcmp(words[0], "statistics") == 0)
        command_statistics();
    else if (strcmp(words[0], "drain") == 0)
        front_drain(front, drained, NULL);
    else
        printf("refused: what is \"%s\"?\n", words[0]);
}

static void input_ready(void *data, int events)
{
    ssize_t got = read(STDIN_FILENO, input + input_used, sizeof input - input_used);
    char *line = input, *end;

    (void)data, (void)events;
    if (got <= 0) {
        loop_stop(loop);
        return;
    }
    input_used += (size_t)got;
    while ((end = memchr(line, '\n', input_used - (size_t)(line - input))) != NULL) {
        *end = '\0';
        command(line);
        line = end + 1;
    }
    input_used -= (size_t)(line - input);
    memmove(input, line, input_used);
}

/* ---- settings ------------------------------------------------------------------------------------------- */

static bool set(struct front_settings *settings, const char *argument)
{
    const char *value = strchr(argument, '=');
    rs_text name = rs_text_of(argument, value ? (size_t)(value - argument) : 0);

#define TEXT(field) if (rs_text_equal(name, RS_TEXT(#field))) return settings->field = keep(value + 1), true
#define NUMBER(field, type) if (rs_text_equal(name, RS_TEXT(#field))) return settings->field = (type)atoll(value + 1), true
    TEXT(tmp_folder);
    TEXT(trusted_proxies);
    NUMBER(forwarded_standard, bool);
    NUMBER(peer_connections_max, size_t);
    NUMBER(connections_max, size_t);
    NUMBER(handshake_ms, int64_t);
    NUMBER(idle_ms, int64_t);
    NUMBER(header_ms, int64_t);
    NUMBER(body_ms, int64_t);
    NUMBER(linger_ms, int64_t);
    NUMBER(linger_bytes, uint64_t);
    NUMBER(drain_ms, int64_t);
    NUMBER(min_send_rate, uint64_t);
    NUMBER(min_send_window_ms, int64_t);
    NUMBER(queue_ms, int64_t);
    NUMBER(connect_ms, int64_t);
    NUMBER(response_ms, int64_t);
    NUMBER(upstream_idle_ms, int64_t);
    NUMBER(tunnel_ms, int64_t);
    NUMBER(tunnels_max, size_t);
    NUMBER(body_memory, size_t);
    NUMBER(body_max, uint64_t);
    NUMBER(response_memory, size_t);
    NUMBER(response_file_max, uint64_t);
    NUMBER(queue_max, size_t);
    return false;
}

int main(int argc, char **argv)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct front_settings settings;
    struct front_hooks hooks = {.access = access_line, .trouble = trouble_line};

    setvbuf(stdout, NULL, _IOLBF, 0);
    memory = rs_job_create(NULL);
    front_settings_default(&settings);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "quiet") == 0) {
            hooks.access = NULL;
        } else if (!set(&settings, argv[i])) {
            fprintf(stderr, "what is %s?\n", argv[i]);
            return 2;
        }
    }
    if (loop_create(job, &loop) != RS_OK || front_create(job, loop, &settings, &hooks, &front) != RS_OK) {
        fprintf(stderr, "%.*s\n", RS_TEXT_ARG(rs_job_error(job)));
        return 1;
    }
    if (!loop_watch_open(loop, STDIN_FILENO, LOOP_READ, input_ready, NULL)) {
        fprintf(stderr, "the standard input cannot be watched\n");
        return 1;
    }
    loop_run(loop);
    front_destroy(front);
    front_contexts_unref(contexts);
    loop_destroy(loop);
    rs_job_destroy(memory);
    return 0;
}
