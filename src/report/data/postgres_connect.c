/* Connection strings of Npgsql as libpq's keywords. */
#include "report/data/postgres.h"

#include <stdlib.h>

#include "base/buf.h"
#include "report/data/connect.h"

#define CONNECT_TIMEOUT_S 15 /* Npgsql's default */
#define SYSTEM_AUTHORITIES "/etc/ssl/certs/ca-certificates.crt"

enum meaning {
    AS_IT_IS,        /* another name for the same value */
    A_FILE,          /* of the report server: below the folder for data files */
    SSL_MODE,
    TRUST,           /* Trust Server Certificate */
    CONNECT_TIMEOUT,
    COMMAND_TIMEOUT,
    SETTING,         /* of the session: search_path, timezone */
    IGNORED          /* pools, batches and encodings of the .NET driver; Integrated Security: what libpq does anyway */
};

/* A key is compared without blanks, hyphens and underlines and without case. */
static const struct {
    const char *key;
    enum meaning meaning;
    const char *keyword;
} keys[] = {
    {"Host", AS_IT_IS, "host"}, {"Server", AS_IT_IS, "host"}, {"DataSource", AS_IT_IS, "host"},
    {"Servername", AS_IT_IS, "host"}, {"Port", AS_IT_IS, "port"}, {"Database", AS_IT_IS, "dbname"},
    {"DB", AS_IT_IS, "dbname"}, {"InitialCatalog", AS_IT_IS, "dbname"}, {"dbname", AS_IT_IS, "dbname"},
    {"Username", AS_IT_IS, "user"}, {"UserName", AS_IT_IS, "user"}, {"UserId", AS_IT_IS, "user"},
    {"User", AS_IT_IS, "user"}, {"UID", AS_IT_IS, "user"}, {"Password", AS_IT_IS, "password"},
    {"PWD", AS_IT_IS, "password"}, {"PSW", AS_IT_IS, "password"}, {"ApplicationName", AS_IT_IS, "application_name"},
    {"KerberosServiceName", AS_IT_IS, "krbsrvname"}, {"TargetSessionAttributes", AS_IT_IS, "target_session_attrs"},
    {"ChannelBinding", AS_IT_IS, "channel_binding"}, {"SslPassword", AS_IT_IS, "sslpassword"},
    {"KeepAlive", AS_IT_IS, "keepalives_idle"}, {"Options", AS_IT_IS, "options"},
    {"RootCertificate", A_FILE, "sslrootcert"}, {"SslCertificate", A_FILE, "sslcert"}, {"SslKey", A_FILE, "sslkey"},
    {"Passfile", A_FILE, "passfile"},
    {"SslMode", SSL_MODE, NULL}, {"SSL", SSL_MODE, NULL}, {"TrustServerCertificate", TRUST, NULL},
    {"Timeout", CONNECT_TIMEOUT, NULL}, {"ConnectTimeout", CONNECT_TIMEOUT, NULL},
    {"ConnectionTimeout", CONNECT_TIMEOUT, NULL}, {"CommandTimeout", COMMAND_TIMEOUT, NULL},
    {"SearchPath", SETTING, "search_path"}, {"Timezone", SETTING, "timezone"},
    {"IntegratedSecurity", IGNORED, NULL}, {"TrustedConnection", IGNORED, NULL},
    {"Pooling", IGNORED, NULL}, {"MinimumPoolSize", IGNORED, NULL}, {"MinPoolSize", IGNORED, NULL},
    {"MaximumPoolSize", IGNORED, NULL}, {"MaxPoolSize", IGNORED, NULL}, {"ConnectionIdleLifetime", IGNORED, NULL},
    {"ConnectionPruningInterval", IGNORED, NULL}, {"ConnectionLifetime", IGNORED, NULL}, {"Enlist", IGNORED, NULL},
    {"Encoding", IGNORED, NULL}, {"ClientEncoding", IGNORED, NULL}, {"Protocol", IGNORED, NULL},
    {"PersistSecurityInfo", IGNORED, NULL}, {"IncludeRealm", IGNORED, NULL}, {"NoResetOnClose", IGNORED, NULL},
    {"MaxAutoPrepare", IGNORED, NULL}, {"AutoPrepareMinUsages", IGNORED, NULL}, {"Multiplexing", IGNORED, NULL},
    {"ReadBufferSize", IGNORED, NULL}, {"WriteBufferSize", IGNORED, NULL}, {"TcpKeepalive", IGNORED, NULL},
    {"CancellationTimeout", IGNORED, NULL}, {"InternalCommandTimeout", IGNORED, NULL},
    {"IncludeErrorDetail", IGNORED, NULL}, {"IncludeErrorDetails", IGNORED, NULL}, {"LogParameters", IGNORED, NULL},
    {"ConvertInfinityDateTime", IGNORED, NULL}, {"UseSslStream", IGNORED, NULL}, {"Compatible", IGNORED, NULL},
    {"CheckCertificateRevocation", IGNORED, NULL}, {"LoadTableComposites", IGNORED, NULL},
    {"LoadBalanceHosts", IGNORED, NULL}, {"EntityTemplateDatabase", IGNORED, NULL}, {"PreloadReader", IGNORED, NULL},
    {"SyncNotification", IGNORED, NULL}, {"BufferSize", IGNORED, NULL}, {"ServerCompatibilityMode", IGNORED, NULL},
};

struct making {
    struct rs_job *job;
    const struct data_source *source;
    struct postgres_options *out;
    rs_buf settings; /* -c name=value ... */
    rs_text ssl_mode;
    bool must_check; /* Trust Server Certificate=false */
};

static bool is_key(rs_text given, const char *key)
{
    size_t at = 0;

    for (size_t i = 0; i < given.size; i++) {
        if (strchr(" _-", given.bytes[i]) && given.bytes[i])
            continue;
        if (!key[at] || rs_lower(given.bytes[i]) != rs_lower(key[at]))
            return false;
        at++;
    }
    return key[at] == '\0';
}

static void option_set(struct making *m, const char *keyword, rs_text value)
{
    unsigned i = 0;

    while (i < m->out->count && strcmp(m->out->keywords[i], keyword) != 0)
        i++;
    m->out->keywords[i] = keyword;
    m->out->values[i] = rs_text_terminated(m->job, value);
    if (i == m->out->count)
        m->out->count++;
}

static rs_status read_seconds(struct making *m, rs_text key, rs_text value, unsigned *out)
{
    unsigned long seconds = 0;

    for (size_t i = 0; i < value.size && seconds <= 1000000; i++) {
        if (!rs_is_digit(value.bytes[i]))
            seconds = 1000001;
        else
            seconds = seconds * 10 + (unsigned long)(value.bytes[i] - '0');
    }
    if (value.size == 0 || seconds > 1000000)
        return rs_fail(m->job, DATA_CONNECT_STRING, "\"%.*s\" in the connection string is not a number of seconds",
                       RS_TEXT_ARG(key));
    *out = (unsigned)seconds;
    return RS_OK;
}

static bool is_true(rs_text value)
{
    return rs_text_equal_nocase(value, RS_TEXT("true")) || rs_text_equal_nocase(value, RS_TEXT("yes")) ||
           rs_text_equal_nocase(value, RS_TEXT("sspi")) || rs_text_equal(value, RS_TEXT("1"));
}

/* Blanks and backslashes end an option of the "options" keyword unless escaped. */
static void add_setting(struct making *m, const char *name, rs_text value)
{
    rs_buf_printf(&m->settings, "%s-c %s=", m->settings.used ? " " : "", name);
    for (size_t i = 0; i < value.size; i++) {
        if (value.bytes[i] == ' ' || value.bytes[i] == '\\')
            rs_buf_add_byte(&m->settings, '\\');
        rs_buf_add_byte(&m->settings, value.bytes[i]);
    }
}

static rs_status add_key(struct making *m, rs_text key, rs_text value)
{
    size_t i = 0;
    rs_text path;

    if (memchr(value.bytes ? value.bytes : "", 0, value.size))
        return rs_fail(m->job, DATA_CONNECT_STRING, "\"%.*s\" in the connection string holds a zero byte", RS_TEXT_ARG(key));
    while (i < sizeof keys / sizeof *keys && !is_key(key, keys[i].key))
        i++;
    if (i == sizeof keys / sizeof *keys)
        return rs_fail(m->job, DATA_CONNECT_STRING, "the connection string has \"%.*s\", which is no keyword of PostgreSQL's "
                       "(Host, Port, Database, Username, Password, SSL Mode, ...)", RS_TEXT_ARG(key));
    switch (keys[i].meaning) {
    case AS_IT_IS:
        option_set(m, keys[i].keyword, value);
        return RS_OK;
    case A_FILE:
        RS_TRY(data_file_path(m->job, m->source, value, &path));
        option_set(m, keys[i].keyword, path);
        return RS_OK;
    case SSL_MODE:
        m->ssl_mode = value;
        return RS_OK;
    case TRUST:
        m->must_check = !is_true(value);
        return RS_OK;
    case CONNECT_TIMEOUT:
        return read_seconds(m, key, value, &m->out->connect_timeout_s);
    case COMMAND_TIMEOUT:
        return read_seconds(m, key, value, &m->out->command_timeout_s);
    case SETTING:
        add_setting(m, keys[i].keyword, value);
        return RS_OK;
    case IGNORED:
        return RS_OK;
    }
    return RS_OK;
}

static bool has_option(const struct making *m, const char *keyword)
{
    for (unsigned i = 0; i < m->out->count; i++)
        if (strcmp(m->out->keywords[i], keyword) == 0)
            return true;
    return false;
}

/* Require does not look at the certificate, unless it is said not to be trusted; VerifyCA and VerifyFull do, with the
 * authorities of this machine where no Root Certificate is given. */
static rs_status add_ssl_mode(struct making *m)
{
    static const struct {
        const char *given, *mode;
    } modes[] = {{"Disable", "disable"}, {"Allow", "allow"}, {"Prefer", "prefer"}, {"Require", "require"}, {"True", "require"},
                 {"False", "disable"}, {"VerifyCA", "verify-ca"}, {"VerifyFull", "verify-full"}};

    if (rs_text_is_empty(m->ssl_mode))
        return RS_OK;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (is_key(m->ssl_mode, modes[i].given)) {
            const char *mode = m->must_check && strcmp(modes[i].mode, "require") == 0 ? "verify-full" : modes[i].mode;
            option_set(m, "sslmode", rs_text_from(mode));
            if (rs_text_starts(rs_text_from(mode), RS_TEXT("verify")) && !has_option(m, "sslrootcert"))
                option_set(m, "sslrootcert", RS_TEXT(SYSTEM_AUTHORITIES));
            return RS_OK;
        }
    return rs_fail(m->job, DATA_CONNECT_STRING, "\"SSL Mode\" in the connection string may be Disable, Allow, Prefer, Require, "
                   "VerifyCA or VerifyFull");
}

rs_status postgres_options_make(struct rs_job *job, const struct data_source *source, struct postgres_options *out)
{
    struct making m = {job, source, out, rs_buf_in(job), {NULL, 0}, false};
    rs_text text = rs_text_trim(source->connect_string);
    struct data_settings settings = {0};

    *out = (struct postgres_options){.connect_timeout_s = CONNECT_TIMEOUT_S};
    if (rs_text_starts(text, RS_TEXT("postgres://")) || rs_text_starts(text, RS_TEXT("postgresql://"))) {
        if (!source->any_file) /* a URI may name files of the server */
            return rs_fail(job, DATA_CONNECT_STRING, "write the connection string as Host=...;Database=...; URIs are for the command line");
        option_set(&m, "dbname", text);
    } else {
        RS_TRY(data_connect_parse(job, text, &settings));
    }
    for (size_t i = 0; i < settings.count; i++)
        RS_TRY(add_key(&m, settings.items[i].key, settings.items[i].value));
    RS_TRY(add_ssl_mode(&m));
    if (m.settings.used)
        option_set(&m, "options", rs_buf_text(&m.settings));
    if (!rs_text_is_empty(source->user))
        option_set(&m, "user", source->user);
    if (!rs_text_is_empty(source->password))
        option_set(&m, "password", source->password);
    if (!source->any_file) { /* the service's own password file and certificates are not the report's */
        static const char *const files[] = {"passfile", "sslcert", "sslkey"};
        for (size_t i = 0; i < sizeof files / sizeof *files; i++)
            if (!has_option(&m, files[i]))
                option_set(&m, files[i], RS_TEXT("/nonexistent"));
    }
    option_set(&m, "client_encoding", RS_TEXT("UTF8"));
    option_set(&m, "fallback_application_name", RS_TEXT("bindery"));
    out->keywords[out->count] = NULL;
    out->values[out->count] = NULL;
    return RS_OK;
}
