/* The original's providers and connection strings as those of ODBC drivers: tables.
 *
 * Words keep their order of preference: the first driver of a list that is installed is used.
 */
#include "report/data/odbc.h"

#include <strings.h>

#include "report/value/compare.h"

#define WORDS_MAX 40
#define DRIVERS_MAX 8

/* What a word of a connection string means, whatever it is called. */
enum meaning {
    SERVER = 1, /* host, host,port or host\instance; with "tcp:" before it */
    PORT,
    DATABASE,
    USER,
    PASSWORD,
    ENCRYPT,    /* true, false, Mandatory, Strict, Optional */
    TRUST,      /* the server's certificate, whoever signed it */
    INTEGRATED, /* true, SSPI */
    TIMEOUT,    /* seconds to connect */
    APPLICATION,
    AS_IT_IS,   /* to the driver, with its own name */
    IGNORED,    /* pools and other things of .NET drivers */
};

struct word {
    const char *key; /* compares without blanks, hyphens and underlines and without case */
    enum meaning meaning;
};

/* How one driver writes it. A word that it lacks is not passed on; PORT joined to the server where `port` is NULL. */
struct driver {
    const char *name; /* in odbcinst.ini; ends in '*' where it is only the beginning */
    const char *server, *port, *database, *user, *password, *application;
    const char *always; /* "Key=Value;..." */
    void (*encrypt)(rs_buf *out, bool encrypts, bool trusts);
    const char *integrated; /* "Trusted_Connection=Yes" */
};

struct odbc_product {
    const char *name;    /* in messages */
    const char *package; /* what to install */
    bool passes_unknown; /* words that are not known go to the driver as they are; otherwise they are errors */
    struct word words[WORDS_MAX];
    struct driver drivers[DRIVERS_MAX];
};

/* ---- SQL Server ------------------------------------------------------------------------------------- */

static void encrypt_microsoft(rs_buf *out, bool encrypts, bool trusts)
{
    rs_buf_printf(out, "Encrypt=%s;TrustServerCertificate=%s;", encrypts ? "yes" : "no", trusts ? "yes" : "no");
}

static void encrypt_freetds(rs_buf *out, bool encrypts, bool trusts)
{
    rs_buf_printf(out, "Encryption=%s;", encrypts ? "require" : "request");
    if (encrypts && !trusts)
        rs_buf_add_literal(out, "CA file=system;");
}

static const struct odbc_product sql_server = {
    .name = "SQL Server",
    .package = "tdsodbc (FreeTDS), or Microsoft's msodbcsql18",
    .words = {{"Data Source", SERVER}, {"Server", SERVER}, {"Address", SERVER}, {"Addr", SERVER}, {"Network Address", SERVER},
              {"Initial Catalog", DATABASE}, {"Database", DATABASE}, {"User ID", USER}, {"UID", USER}, {"User", USER},
              {"Username", USER}, {"Password", PASSWORD}, {"PWD", PASSWORD}, {"Encrypt", ENCRYPT},
              {"Use Encryption for Data", ENCRYPT}, {"Trust Server Certificate", TRUST}, {"Integrated Security", INTEGRATED},
              {"Trusted Connection", INTEGRATED}, {"Connect Timeout", TIMEOUT}, {"Connection Timeout", TIMEOUT},
              {"Timeout", TIMEOUT}, {"Application Name", APPLICATION}, {"App", APPLICATION}, {"Provider", IGNORED},
              {"Persist Security Info", IGNORED}, {"Pooling", IGNORED}, {"Min Pool Size", IGNORED}, {"Max Pool Size", IGNORED},
              {"Multiple Active Result Sets", IGNORED}, {"MARS Connection", IGNORED}, {"Workstation ID", IGNORED},
              {"Packet Size", IGNORED}, {"Current Language", IGNORED}, {"Enlist", IGNORED}, {"Auto Translate", IGNORED},
              {"Network Library", IGNORED}, {"Authentication", IGNORED}, {"DataTypeCompatibility", IGNORED}},
    .drivers = {{"ODBC Driver 18 for SQL Server", "Server", NULL, "Database", "UID", "PWD", "APP", "", encrypt_microsoft, "Trusted_Connection=Yes;"},
                {"ODBC Driver 17 for SQL Server", "Server", NULL, "Database", "UID", "PWD", "APP", "", encrypt_microsoft, "Trusted_Connection=Yes;"},
                {"FreeTDS", "Server", "Port", "Database", "UID", "PWD", "APP", "TDS_Version=7.4;ClientCharset=UTF-8;", encrypt_freetds, ""}},
};

static const struct odbc_product sybase = {
    .name = "SAP ASE (Sybase)",
    .package = "tdsodbc (FreeTDS)",
    .words = {{"Data Source", SERVER}, {"Server", SERVER}, {"Port", PORT}, {"Database", DATABASE}, {"Initial Catalog", DATABASE},
              {"User ID", USER}, {"UID", USER}, {"Password", PASSWORD}, {"PWD", PASSWORD}, {"Charset", IGNORED},
              {"Pooling", IGNORED}, {"Provider", IGNORED}, {"Connect Timeout", TIMEOUT}},
    .drivers = {{"FreeTDS", "Server", "Port", "Database", "UID", "PWD", "APP", "TDS_Version=5.0;ClientCharset=UTF-8;", NULL, ""}},
};

/* ---- others ----------------------------------------------------------------------------------------- */

static const struct odbc_product oracle = {
    .name = "Oracle",
    .package = "Oracle Instant Client with its ODBC driver, and register it with odbc_update_ini.sh",
    .words = {{"Data Source", SERVER}, {"Server", SERVER}, {"DBQ", SERVER}, {"User ID", USER}, {"UID", USER}, {"Password", PASSWORD},
              {"PWD", PASSWORD}, {"Unicode", IGNORED}, {"Pooling", IGNORED}, {"Min Pool Size", IGNORED}, {"Max Pool Size", IGNORED},
              {"Persist Security Info", IGNORED}, {"Integrated Security", IGNORED}, {"Provider", IGNORED}, {"OSAuthent", IGNORED},
              {"Connection Timeout", TIMEOUT}, {"Enlist", IGNORED}, {"Statement Cache Size", IGNORED}, {"PLSQLRSet", IGNORED}},
    .drivers = {{"Oracle*", "DBQ", NULL, NULL, "UID", "PWD", NULL, "", NULL, ""}},
};

static const struct odbc_product mysql = {
    .name = "MySQL",
    .package = "odbc-mariadb (Debian), or MySQL Connector/ODBC",
    .passes_unknown = true,
    .words = {{"Server", SERVER}, {"Host", SERVER}, {"Data Source", SERVER}, {"Port", PORT}, {"Database", DATABASE},
              {"Initial Catalog", DATABASE}, {"User ID", USER}, {"UID", USER}, {"Username", USER}, {"User", USER},
              {"Password", PASSWORD}, {"PWD", PASSWORD}, {"SSL Mode", IGNORED}, {"Pooling", IGNORED}, {"Charset", IGNORED},
              {"Character Set", IGNORED}, {"Allow User Variables", IGNORED}, {"Convert Zero Datetime", IGNORED},
              {"Allow Zero Datetime", IGNORED}, {"Persist Security Info", IGNORED}, {"Connection Timeout", TIMEOUT},
              {"Connect Timeout", TIMEOUT}, {"Provider", IGNORED}},
    .drivers = {{"MariaDB Unicode", "SERVER", "PORT", "DATABASE", "UID", "PWD", NULL, "", NULL, ""},
                {"MariaDB*", "SERVER", "PORT", "DATABASE", "UID", "PWD", NULL, "", NULL, ""},
                {"MySQL*Unicode*", "SERVER", "PORT", "DATABASE", "UID", "PWD", NULL, "CHARSET=utf8mb4;", NULL, ""},
                {"MySQL*", "SERVER", "PORT", "DATABASE", "UID", "PWD", NULL, "CHARSET=utf8mb4;", NULL, ""}},
};

static const struct odbc_product db2 = {
    .name = "DB2",
    .package = "IBM Data Server Driver for ODBC and CLI",
    .passes_unknown = true,
    .words = {{"Server", SERVER}, {"Data Source", SERVER}, {"Hostname", SERVER}, {"Network Address", SERVER}, {"Port", PORT},
              {"Network Port", PORT}, {"Database", DATABASE}, {"Initial Catalog", DATABASE}, {"User ID", USER}, {"UID", USER},
              {"Password", PASSWORD}, {"PWD", PASSWORD}, {"Provider", IGNORED}, {"Persist Security Info", IGNORED}, {"Pooling", IGNORED}},
    .drivers = {{"IBM DB2*", "Hostname", "Port", "Database", "UID", "PWD", NULL, "Protocol=TCPIP;", NULL, ""},
                {"Db2*", "Hostname", "Port", "Database", "UID", "PWD", NULL, "Protocol=TCPIP;", NULL, ""},
                {"IBM*DB2*", "Hostname", "Port", "Database", "UID", "PWD", NULL, "Protocol=TCPIP;", NULL, ""}},
};

static const struct odbc_product teradata = {
    .name = "Teradata",
    .package = "Teradata's ODBC driver",
    .passes_unknown = true,
    .words = {{"Data Source", SERVER}, {"DBCName", SERVER}, {"Server", SERVER}, {"Database", DATABASE}, {"User ID", USER}, {"UID", USER},
              {"Password", PASSWORD}, {"PWD", PASSWORD}, {"Provider", IGNORED}, {"Persist Security Info", IGNORED}},
    .drivers = {{"Teradata*", "DBCName", NULL, "DefaultDatabase", "UID", "PWD", NULL, "CharSet=UTF8;", NULL, ""}},
};

static const struct odbc_product hana = {
    .name = "SAP HANA",
    .package = "the SAP HANA client (HDBODBC)",
    .passes_unknown = true,
    .words = {{"Server", SERVER}, {"ServerNode", SERVER}, {"Data Source", SERVER}, {"Database", DATABASE}, {"DatabaseName", DATABASE},
              {"User ID", USER}, {"UserName", USER}, {"UID", USER}, {"Password", PASSWORD}, {"PWD", PASSWORD}, {"Provider", IGNORED}},
    .drivers = {{"HDBODBC", "ServerNode", NULL, "DatabaseName", "UID", "PWD", NULL, "", NULL, ""}},
};

static const struct odbc_product postgres = { /* PGNP and other OLE DB providers; POSTGRESQL itself needs no ODBC */
    .name = "PostgreSQL",
    .package = "odbc-postgresql",
    .passes_unknown = true,
    .words = {{"Server", SERVER}, {"Host", SERVER}, {"Data Source", SERVER}, {"Location", DATABASE}, {"Port", PORT}, {"Database", DATABASE},
              {"Initial Catalog", DATABASE}, {"User ID", USER}, {"UID", USER}, {"Password", PASSWORD}, {"PWD", PASSWORD},
              {"Provider", IGNORED}, {"Persist Security Info", IGNORED}, {"Extended Properties", IGNORED}},
    .drivers = {{"PostgreSQL Unicode", "Servername", "Port", "Database", "UID", "PWD", NULL, "", NULL, ""}},
};

static const struct {
    const char *name; /* DataProvider, or after "OLEDB:" the Provider of an OLE DB string; ends in '*' for a beginning */
    const struct odbc_product *product;
} providers[] = {
    {"SQL", &sql_server}, {"SQLAZURE", &sql_server}, {"SQLPDW", &sql_server}, {"SQLDW", &sql_server},
    {"System.Data.SqlClient", &sql_server}, {"Microsoft.Data.SqlClient", &sql_server}, {"MSSQL", &sql_server},
    {"OLEDB:SQLOLEDB*", &sql_server}, {"OLEDB:SQLNCLI*", &sql_server}, {"OLEDB:MSOLEDBSQL*", &sql_server},
    {"SYBASE", &sybase}, {"OLEDB:ASEOLEDB*", &sybase},
    {"ORACLE", &oracle}, {"System.Data.OracleClient", &oracle}, {"Oracle.ManagedDataAccess.Client", &oracle},
    {"OLEDB:MSDAORA*", &oracle}, {"OLEDB:OraOLEDB*", &oracle},
    {"MYSQL", &mysql}, {"MARIADB", &mysql}, {"MySql.Data.MySqlClient", &mysql}, {"OLEDB:MySQLProv*", &mysql},
    {"DB2", &db2}, {"IBM.Data.DB2", &db2}, {"OLEDB:IBMDADB2*", &db2}, {"OLEDB:DB2OLEDB*", &db2},
    {"TERADATA", &teradata}, {"OLEDB:TDOLEDB*", &teradata},
    {"SAPHANA", &hana}, {"HANA", &hana}, {"Sap.Data.Hana", &hana},
    {"OLEDB:PGNP*", &postgres}, {"OLEDB:PostgreSQL*", &postgres},
    {"ODBC", NULL}, {"System.Data.Odbc", NULL}, {"OLEDB:MSDASQL*", NULL},
};

/* ---- servers ---------------------------------------------------------------------------------------- */

#define CASE_KANA_WIDTH (VALUE_IGNORE_CASE | VALUE_IGNORE_KANA | VALUE_IGNORE_WIDTH)

static const struct odbc_server servers[] = {
    {"SQL Server", {.markers = DATA_MARKS_POSITIONAL, .brackets_quote = true, .has_variables = true}, true, false, CASE_KANA_WIDTH},
    {"Sybase", {.markers = DATA_MARKS_POSITIONAL, .brackets_quote = true, .has_variables = true}, false, false, 0},
    {"Adaptive Server", {.markers = DATA_MARKS_POSITIONAL, .brackets_quote = true, .has_variables = true}, false, false, 0},
    {"MySQL", {.markers = DATA_MARKS_POSITIONAL, .backslashes_escape = true, .has_variables = true}, false, false, CASE_KANA_WIDTH},
    {"MariaDB", {.markers = DATA_MARKS_POSITIONAL, .backslashes_escape = true, .has_variables = true}, false, false, CASE_KANA_WIDTH},
    {"PostgreSQL", {.markers = DATA_MARKS_POSITIONAL, .dollars_quote = true, .has_array_tests = true}, false, false, 0},
    {"SQLite", {.markers = DATA_MARKS_POSITIONAL, .brackets_quote = true}, false, true, 0},
    {"ACCESS", {.markers = DATA_MARKS_POSITIONAL, .brackets_quote = true}, false, false, CASE_KANA_WIDTH},
    {"", {.markers = DATA_MARKS_POSITIONAL}, false, false, 0},
};

const struct odbc_server *odbc_server_find(rs_text dbms_name)
{
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        rs_text name = rs_text_from(servers[i].name);
        for (size_t at = 0; at + name.size <= dbms_name.size; at++)
            if (rs_text_starts_nocase(rs_text_from_offset(dbms_name, at), name))
                return &servers[i];
    }
    return &servers[sizeof servers / sizeof *servers - 1];
}

/* ---- finding ---------------------------------------------------------------------------------------- */

/* `pattern` may hold '*' for anything. */
static bool is_like(rs_text text, const char *pattern)
{
    const char *star = strchr(pattern, '*');
    rs_text before = star ? rs_text_of(pattern, (size_t)(star - pattern)) : rs_text_from(pattern);

    if (!star)
        return rs_text_equal_nocase(text, before);
    if (!rs_text_starts_nocase(text, before))
        return false;
    if (!star[1])
        return true;
    for (size_t at = before.size; at <= text.size; at++)
        if (is_like(rs_text_from_offset(text, at), star + 1))
            return true;
    return false;
}

/* By the provider that a data source names and, for OLEDB, the "Provider" of its connection string. NULL for ODBC,
 * whose connection strings are ODBC's own. Fails with DATA_PROVIDER_UNKNOWN for an OLE DB provider that is not known. */
static rs_status odbc_product_of(struct rs_job *job, const struct data_source *source, const struct data_settings *settings,
                          const struct odbc_product **out)
{
    rs_text name = source->provider, ole = {NULL, 0};
    bool is_ole = rs_text_equal_nocase(name, RS_TEXT("OLEDB")) || rs_text_equal_nocase(name, RS_TEXT("System.Data.OleDb"));

    if (is_ole) {
        if (!data_setting(settings, RS_TEXT("Provider"), &ole))
            return rs_fail(job, DATA_CONNECT_STRING, "the connection string of an OLE DB source has no \"Provider=\"");
        name = rs_text_format(job, "OLEDB:%.*s", RS_TEXT_ARG(ole));
    }
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
        if (is_like(name, providers[i].name)) {
            *out = providers[i].product;
            return RS_OK;
        }
    return rs_fail(job, DATA_PROVIDER_UNKNOWN, "the OLE DB provider \"%.*s\" has no ODBC driver that is known here; use the "
                   "provider ODBC with a connection string of its driver", RS_TEXT_ARG(ole));
}

static const struct driver *find_driver(const struct odbc_product *product, const struct odbc_drivers *installed, rs_text *name)
{
    for (size_t i = 0; i < DRIVERS_MAX && product->drivers[i].name; i++)
        for (size_t j = 0; j < installed->count; j++)
            if (is_like(installed->names[j], product->drivers[i].name)) {
                *name = installed->names[j];
                return &product->drivers[i];
            }
    return NULL;
}

static bool is_key(rs_text given, const char *key)
{
    size_t i = 0;

    for (;; key++) {
        while (*key && strchr(" _-", *key))
            key++;
        while (i < given.size && given.bytes[i] && strchr(" _-", given.bytes[i]))
            i++;
        if (!*key || i == given.size)
            return !*key && i == given.size;
        if (rs_lower(given.bytes[i++]) != rs_lower(*key))
            return false;
    }
}

/* On a server a connection string can name neither a library nor a file: whoever publishes reports could have the
 * service load or read it. */
static rs_status check_own_word(struct rs_job *job, rs_text key, rs_text value, const struct odbc_drivers *drivers)
{
    static const char *const forbidden[] = {"FILEDSN", "SAVEFILE", "LoadExt", "PLUGIN_DIR", "DEFAULT_AUTH", "TRACE", "TRACEFILE",
                                            "TraceDLL", "LOGFILE", "ENABLE_LOCAL_INFILE", "LOAD_DATA_LOCAL_DIR", "INITSTMT"};
    static const char *const reach_files[] = {"SQLite*", "MDB*", "*Text*", "*Excel*", "*dBase*", "*Access*"};

    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        if (is_key(key, forbidden[i]))
            return rs_fail(job, DATA_CONNECT_STRING, "the connection string has \"%.*s\", which is not allowed on a server; "
                           "put it into a data source name of /etc/odbc.ini and use DSN=", RS_TEXT_ARG(key));
    if (!is_key(key, "Driver"))
        return RS_OK;
    bool known = false;
    for (size_t i = 0; i < drivers->count; i++)
        known |= rs_text_equal_nocase(value, drivers->names[i]);
    if (!known)
        return rs_fail(job, DATA_CONNECT, "there is no ODBC driver \"%.*s\" on this machine; odbcinst -q -d lists those there are",
                       RS_TEXT_ARG(value));
    for (size_t i = 0; i < sizeof reach_files / sizeof *reach_files; i++)
        if (is_like(value, reach_files[i]))
            return rs_fail(job, DATA_CONNECT, "the ODBC driver \"%.*s\" reads files; on a server, name them by a data source name of "
                           "/etc/odbc.ini and use DSN=", RS_TEXT_ARG(value));
    return RS_OK;
}

/* ---- writing ---------------------------------------------------------------------------------------- */

struct translation {
    struct rs_job *job;
    const struct data_source *source;
    const struct odbc_drivers *drivers;
    const struct odbc_product *product;
    rs_text server, port, database, user, password, application;
    bool encrypts, trusts, integrated, says_encrypt;
    unsigned *timeout_s;
    rs_buf others;
};

/* A value with ';' and the like is braced; a '}' in it doubled. */
static void add_pair(rs_buf *out, const char *key, rs_text value)
{
    bool brace = false;

    if (!key || rs_text_is_empty(value))
        return;
    for (size_t i = 0; i < value.size; i++)
        brace |= strchr(";{}[](),?*=!@'\"", value.bytes[i]) != NULL;
    rs_buf_printf(out, "%s=%s", key, brace ? "{" : "");
    for (size_t i = 0; i < value.size; i++) {
        rs_buf_add_byte(out, value.bytes[i]);
        if (brace && value.bytes[i] == '}')
            rs_buf_add_byte(out, '}');
    }
    rs_buf_printf(out, "%s;", brace ? "}" : "");
}

static bool is_true(rs_text value)
{
    static const char *const words[] = {"true", "yes", "1", "sspi", "mandatory", "strict"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (rs_text_equal_nocase(value, rs_text_from(words[i])))
            return true;
    return false;
}

static rs_status take_word(struct translation *t, rs_text key, rs_text value)
{
    enum meaning meaning = t->product->passes_unknown ? AS_IT_IS : 0;

    for (size_t i = 0; i < WORDS_MAX && t->product->words[i].key; i++)
        if (is_key(key, t->product->words[i].key)) {
            meaning = t->product->words[i].meaning;
            break;
        }
    switch (meaning) {
    case SERVER: t->server = value; break;
    case PORT: t->port = value; break;
    case DATABASE: t->database = value; break;
    case USER: t->user = value; break;
    case PASSWORD: t->password = value; break;
    case APPLICATION: t->application = value; break;
    case ENCRYPT: t->encrypts = is_true(value); t->says_encrypt = true; break;
    case TRUST: t->trusts = is_true(value); break;
    case INTEGRATED: t->integrated = is_true(value); break;
    case TIMEOUT:
        *t->timeout_s = 0;
        for (size_t i = 0; i < value.size && i < 6 && rs_is_digit(value.bytes[i]); i++)
            *t->timeout_s = *t->timeout_s * 10 + (unsigned)(value.bytes[i] - '0');
        break;
    case AS_IT_IS:
        if (!t->source->any_file)
            RS_TRY(check_own_word(t->job, key, value, t->drivers));
        add_pair(&t->others, rs_text_terminated(t->job, key), value);
        break;
    case IGNORED: break;
    default:
        return rs_fail(t->job, DATA_CONNECT_STRING, "the connection string has \"%.*s\", which is not known for %s",
                       RS_TEXT_ARG(key), t->product->name);
    }
    return RS_OK;
}

/* "tcp:host,1433" as host and port; an instance has a port of its own, which the driver asks for. */
static void split_server(struct translation *t)
{
    rs_text host, port;

    if (rs_text_starts_nocase(t->server, RS_TEXT("tcp:")))
        t->server = rs_text_from_offset(t->server, 4);
    if (rs_text_equal(t->server, RS_TEXT(".")) || rs_text_equal_nocase(t->server, RS_TEXT("(local)")))
        t->server = RS_TEXT("localhost");
    else if (rs_text_starts(t->server, RS_TEXT(".\\")))
        t->server = rs_text_format(t->job, "localhost%.*s", RS_TEXT_ARG(rs_text_from_offset(t->server, 1)));
    if (rs_text_cut(t->server, ',', &host, &port)) {
        t->server = rs_text_trim(host);
        t->port = rs_text_trim(port);
    }
}

static void write_string(const struct translation *t, const struct driver *driver, rs_text name, rs_buf *out)
{
    rs_text server = t->server, port = t->port;

    if (!driver->port && !rs_text_is_empty(port)) {
        server = rs_text_format(t->job, "%.*s,%.*s", RS_TEXT_ARG(server), RS_TEXT_ARG(port));
        port = (rs_text){NULL, 0};
    } else if (driver->port && rs_text_is_empty(port) && t->product == &sql_server && rs_text_find_byte(server, '\\') < 0) {
        port = RS_TEXT("1433");
    }
    rs_buf_printf(out, "Driver={%.*s};", RS_TEXT_ARG(name));
    if (!driver->port && t->product == &sql_server) /* a comma is this driver's own notation */
        rs_buf_printf(out, "%s=%.*s;", driver->server, RS_TEXT_ARG(server));
    else
        add_pair(out, driver->server, server);
    add_pair(out, driver->port, port);
    add_pair(out, driver->database, t->database);
    if (t->integrated)
        rs_buf_add(out, rs_text_from(driver->integrated));
    add_pair(out, driver->user, t->user);
    add_pair(out, driver->password, t->password);
    add_pair(out, driver->application, t->application);
    if (driver->encrypt && t->says_encrypt)
        driver->encrypt(out, t->encrypts, t->trusts);
    rs_buf_add(out, rs_text_from(driver->always));
    rs_buf_add(out, rs_buf_text(&t->others));
}

static rs_status translate(struct rs_job *job, const struct data_source *source, const struct odbc_product *product,
                           const struct data_settings *settings, const struct odbc_drivers *drivers, rs_text *out, unsigned *timeout_s)
{
    struct translation t = {.job = job, .source = source, .drivers = drivers, .product = product, .timeout_s = timeout_s,
                            .application = RS_TEXT("Bindery"), .others = rs_buf_in(job)};
    rs_buf text = rs_buf_in(job);
    const struct driver *driver;
    rs_text name;

    for (size_t i = 0; i < settings->count; i++)
        RS_TRY(take_word(&t, settings->items[i].key, settings->items[i].value));
    if (!rs_text_is_empty(source->user)) {
        t.user = source->user;
        t.password = source->password;
        t.integrated = false;
    }
    if (rs_text_is_empty(t.server))
        return rs_fail(job, DATA_CONNECT_STRING, "the connection string names no server (Data Source=...)");
    driver = find_driver(product, drivers, &name);
    if (!driver)
        return rs_fail(job, DATA_CONNECT, "no ODBC driver for %s is installed on this machine; install %s",
                       product->name, product->package);
    split_server(&t);
    write_string(&t, driver, name, &text);
    *out = rs_buf_text(&text);
    return RS_OK;
}

/* ---- ODBC's own strings ------------------------------------------------------------------------------ */

static rs_text unbraced(struct rs_job *job, rs_text value)
{
    rs_buf text = rs_buf_in(job);

    if (value.size < 2 || value.bytes[0] != '{' || value.bytes[value.size - 1] != '}')
        return value;
    for (size_t i = 1; i + 1 < value.size; i++) {
        i += value.bytes[i] == '}' && value.bytes[i + 1] == '}' && i + 2 < value.size;
        rs_buf_add_byte(&text, value.bytes[i]);
    }
    return rs_buf_text(&text);
}

/* A DSN decides itself where it goes; besides it a server takes user and password alone. */
static rs_status own_string(struct rs_job *job, const struct data_source *source, const struct data_settings *settings,
                            const struct odbc_drivers *drivers, rs_text *out)
{
    rs_buf text = rs_buf_in(job);
    rs_text ignored;
    bool has_dsn = data_setting(settings, RS_TEXT("DSN"), &ignored);

    if (!has_dsn && !data_setting(settings, RS_TEXT("Driver"), &ignored))
        return rs_fail(job, DATA_CONNECT_STRING, "the connection string of an ODBC source has neither DSN= nor Driver=");
    for (size_t i = 0; i < settings->count; i++) {
        rs_text key = settings->items[i].key, value = settings->items[i].value;
        bool is_user = is_key(key, "UID") || is_key(key, "PWD");
        if (is_key(key, "Provider") || (is_user && !rs_text_is_empty(source->user)))
            continue;
        value = unbraced(job, value);
        if (!source->any_file && has_dsn && !is_user && !is_key(key, "DSN"))
            return rs_fail(job, DATA_CONNECT_STRING, "besides DSN= the connection string has \"%.*s\"; on a server only UID and PWD may "
                           "stand there", RS_TEXT_ARG(key));
        if (!source->any_file)
            RS_TRY(check_own_word(job, key, value, drivers));
        add_pair(&text, rs_text_terminated(job, key), value);
    }
    if (!rs_text_is_empty(source->user)) {
        add_pair(&text, "UID", source->user);
        add_pair(&text, "PWD", source->password);
    }
    *out = rs_buf_text(&text);
    return RS_OK;
}

rs_status odbc_connect_string(struct rs_job *job, const struct data_source *source, const struct odbc_drivers *drivers,
                              rs_text *out, unsigned *timeout_s)
{
    const struct odbc_product *product;
    struct data_settings settings;

    RS_TRY(data_connect_parse(job, source->connect_string, &settings));
    RS_TRY(odbc_product_of(job, source, &settings, &product));
    for (size_t i = 0; i < settings.count; i++)
        if (memchr(settings.items[i].value.bytes ? settings.items[i].value.bytes : "", 0, settings.items[i].value.size))
            return rs_fail(job, DATA_CONNECT_STRING, "the connection string holds a zero byte");
    return product ? translate(job, source, product, &settings, drivers, out, timeout_s)
                   : own_string(job, source, &settings, drivers, out);
}
