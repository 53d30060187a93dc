/* JSON, CSV and XML: rows of documents, in the query, in files and behind addresses. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "peer.h"
#include "report/data/data.h"
#include "report/data/http.h"
#include "report/value/convert.h"
#include "report/value/format.h"

struct world {
    const char *provider, *connect, *query;
    const struct data_field *fields;
    size_t field_count;
    const struct data_parameter *parameters;
    size_t parameter_count;
    const char *folder, *hosts;
};

static rs_status read_rows(struct rs_job *job, const struct world *w, struct data_rows **out)
{
    struct data_source source = {.name = RS_TEXT("S"), .provider = rs_text_from(w->provider), .connect_string = rs_text_from(w->connect),
                                 .base_folder = rs_text_from(w->folder), .http_hosts = rs_text_from(w->hosts)};
    struct data_query query = {.data_set = RS_TEXT("D"), .text = rs_text_from(w->query), .fields = w->fields, .field_count = w->field_count,
                               .parameters = w->parameters, .parameter_count = w->parameter_count};
    struct data_connection *connection;

    RS_TRY(data_open(job, &source, &connection));
    return data_execute(job, connection, &query, out);
}

/* "Name Kind, ...: value|value;value|value" */
static rs_text shown(struct rs_job *job, const struct data_rows *rows)
{
    rs_buf out = rs_buf_in(job);

    for (size_t c = 0; c < rows->column_count; c++)
        rs_buf_printf(&out, "%s%.*s", c ? "," : "", RS_TEXT_ARG(rows->columns[c].name));
    for (size_t r = 0; r < rows->row_count; r++)
        for (size_t c = 0; c < rows->column_count; c++) {
            struct value v = data_value(&rows->columns[c], r);
            rs_buf_printf(&out, "%s%c:", c ? "|" : "; ", v.kind == VALUE_NULL ? '-' : value_type_name(v)[0]);
            value_append(value_culture_invariant(), v, &out);
        }
    return rs_buf_text(&out);
}

static void gives(const struct world *w, const char *expected)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_rows *rows;

    assert_ok(job, read_rows(job, w, &rows));
    assert_text(shown(job, rows), expected);
}

static void refuses(const struct world *w, rs_status status, const char *says)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_rows *rows;

    assert_status(read_rows(job, w, &rows), status);
    if (rs_text_find(rs_job_error(job), rs_text_from(says)) < 0)
        fail_msg("%.*s", RS_TEXT_ARG(rs_job_error(job)));
}

/* ---- JSON ---------------------------------------------------------------------------------------------- */

#define ORDERS "{\"page\": 1, \"orders\": [" \
    "{\"id\": 1, \"customer\": {\"name\": \"Ann\", \"city\": \"Oslo\"}, \"lines\": [{\"n\": 1, \"price\": 19.99}, {\"n\": 2, \"price\": 5}]}," \
    "{\"id\": 2, \"customer\": {\"name\": \"Bob\"}, \"paid\": true, \"lines\": [{\"n\": 3, \"price\": null}]}]}"

UNIT_TEST(json_finds_rows_by_itself_and_by_path)
{
    gives(&(struct world){"JSON", ORDERS, ""}, "id,customer.name,customer.city,lines,paid; L:1|S:Ann|S:Oslo|S:[{\"n\":1,\"price\":19.99},{\"n\":2,\"price\":5}]|-:; "
        "L:2|S:Bob|-:|S:[{\"n\":3,\"price\":null}]|B:True");
    gives(&(struct world){"json", ORDERS, "$.orders[*].customer"}, "name,city; S:Ann|S:Oslo; S:Bob|-:");
    gives(&(struct world){"json", ORDERS, "orders.lines"}, "n,price; L:1|D:19.99; L:2|L:5; L:3|-:");
    gives(&(struct world){"json", ORDERS, "$..lines[0]"}, "n,price; L:1|D:19.99; L:3|-:");
    gives(&(struct world){"json", ORDERS, "$['orders'][-1].lines[*].n"}, "Value; L:3");
    gives(&(struct world){"json", ORDERS, "$.nothing"}, "");
    gives(&(struct world){"json", "", "[{\"a\": \"x\"}, {\"a\": \"\\u00e4\"}]"}, "a; S:x; S:\xC3\xA4");
    gives(&(struct world){"json", "JsonData='[1, 2]'", "$"}, "Value; L:1; L:2");
}

UNIT_TEST(json_columns_are_what_fields_call_them)
{
    const struct data_field fields[] = {{RS_TEXT("Customer_Name"), VALUE_TEXT, false}, {RS_TEXT("$.id"), VALUE_INTEGER, false}, {RS_TEXT("day"), VALUE_DATE, false}, {RS_TEXT("price"), VALUE_DECIMAL, false}};

    gives(&(struct world){"json", "[{\"id\": 7, \"customer\": {\"name\": \"Ann\"}, \"day\": \"2024-05-31T10:20:30\", \"price\": 0.1}]", "columns=id,customer_name,day", fields, 4},
          "$.id,Customer_Name,day,price; I:7|S:Ann|D:05/31/2024 10:20:30|D:0.1");
}

UNIT_TEST(json_says_what_is_wrong_and_where)
{
    refuses(&(struct world){"json", "[{\"a\": }]", ""}, DATA_QUERY, "line 1, column");
    refuses(&(struct world){"json", "", ""}, DATA_QUERY, "there is no JSON document");
    refuses(&(struct world){"json", "[1]", "$.a["}, DATA_QUERY, "column 5");
    refuses(&(struct world){"json", "[1]", "$a"}, DATA_QUERY, "column 2");
    refuses(&(struct world){"json", "a.json", ""}, DATA_CONNECT, "may not read files");
}

/* ---- CSV ----------------------------------------------------------------------------------------------- */

UNIT_TEST(csv_finds_names_kinds_and_delimiters)
{
    gives(&(struct world){"CSV", "", "Name,Units,Price,Day,Ok,Code\r\n\"Smith, \"\"Jo\"\"\",1,19.99,2024-05-31,true,007\r\n\r\nAnn,,5,2024-06-01 10:00,False,12"},
          "Name,Units,Price,Day,Ok,Code; S:Smith, \"Jo\"|L:1|D:19.99|D:05/31/2024 00:00:00|B:True|S:007; S:Ann|-:|D:5|D:06/01/2024 10:00:00|B:False|S:12");
    gives(&(struct world){"csv", "", "a;b\n1;\"x\ny\"\n"}, "a,b; L:1|S:x\ny");
    gives(&(struct world){"csv", "Header=no;Delimiter=Tab;Types=text", "1\t2\n3\t\n"}, "Column1,Column2; S:1|S:2; S:3|-:");
    gives(&(struct world){"csv", "Culture=de-DE;Delimiter=';'", "preis;tag\n1.234,50;31.05.2024\n"}, "preis,tag; D:1234.50|D:05/31/2024 00:00:00");
    gives(&(struct world){"csv", "Encoding=windows-1252", "n\nstra\xDF""e\n"}, "n; S:stra\xC3\x9F""e");
    gives(&(struct world){"csv", "", "\xEF\xBB\xBFn,m\n\"\",\n"}, "n,m; S:|-:");
}

UNIT_TEST(csv_takes_the_kinds_that_fields_declare)
{
    const struct data_field fields[] = {{RS_TEXT("Code"), VALUE_TEXT, false}, {RS_TEXT("N"), VALUE_DOUBLE, false}};

    gives(&(struct world){"csv", "", "Code,N\n12,1\n13,x\n", fields, 2}, "Code,N; S:12|D:1; S:13|S:x");
}

UNIT_TEST(csv_says_what_is_wrong_and_where)
{
    refuses(&(struct world){"csv", "", "a,b\n1,2,3\n"}, DATA_QUERY, "line 2 has more fields than the 2 columns");
    refuses(&(struct world){"csv", "", "a\n\"x\n"}, DATA_QUERY, "begins in line 2 has no end");
    refuses(&(struct world){"csv", "", "a\n\"x\"y\n"}, DATA_QUERY, "line 2");
    refuses(&(struct world){"csv", "Header=maybe", "a"}, DATA_CONNECT_STRING, "\"Header\"");
    refuses(&(struct world){"csv", "Encoding=klingon", "a\nb"}, DATA_CONNECT_STRING, "klingon");
    refuses(&(struct world){"csv", "Culture=xx-ZZ", "a\nb"}, DATA_CONNECT_STRING, "xx-ZZ");
}

UNIT_TEST(documents_are_read_from_files_below_the_folder)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    char folder[] = "/tmp/bindery-doc-XXXXXX";

    assert_non_null(mkdtemp(folder));
    rs_text csv = rs_text_format(job, "%s/a.csv", folder), json = rs_text_format(job, "%s/a.json", folder);
    assert_ok(job, rs_file_replace(job, csv, RS_TEXT("a,b\n1,2\n"), 0600));
    assert_ok(job, rs_file_replace(job, json, RS_TEXT("[{\"a\": 1}]"), 0600));
    gives(&(struct world){"csv", "a.csv", "", .folder = folder}, "a,b; L:1|L:2");
    gives(&(struct world){"csv", "Data Source=a.csv;Types=text", "*", .folder = folder}, "a,b; S:1|S:2");
    gives(&(struct world){"json", "file=a.json", "", .folder = folder}, "a; L:1");
    refuses(&(struct world){"csv", "File=../etc/passwd", "", .folder = folder}, DATA_CONNECT, "outside the folder");
    refuses(&(struct world){"csv", "missing.csv", "", .folder = folder}, RS_NOT_FOUND, "missing.csv");
    refuses(&(struct world){"csv", "a.csv", "SELECT 1", .folder = folder}, DATA_QUERY, "empty or \"*\"");
    unlink(csv.bytes);
    unlink(json.bytes);
    rmdir(folder);
}

/* ---- addresses ----------------------------------------------------------------------------------------- */

UNIT_TEST(http_hosts_are_those_of_the_settings)
{
    static const rs_text hosts = RS_TEXT("a.example.com, *.b.example:8443;[::1]");

    assert_true(http_host_is_allowed(hosts, RS_TEXT("A.example.com"), 80));
    assert_true(http_host_is_allowed(hosts, RS_TEXT("x.b.example"), 8443));
    assert_false(http_host_is_allowed(hosts, RS_TEXT("x.b.example"), 443));
    assert_false(http_host_is_allowed(hosts, RS_TEXT("b.example"), 8443));
    assert_false(http_host_is_allowed(hosts, RS_TEXT("evilb.example"), 8443));
    assert_false(http_host_is_allowed(hosts, RS_TEXT("example.com"), 80));
    assert_true(http_host_is_allowed(RS_TEXT("*"), RS_TEXT("any"), 1));
    assert_false(http_host_is_allowed(RS_TEXT(""), RS_TEXT("any"), 80));
}

#define SOAP_ANSWER PEER_OK "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><ListResponse xmlns=\"urn:o\"><ListResult>" \
    "<Order Id=\"1\"><Total>5</Total></Order><Order Id=\"2\"><Total>6</Total></Order></ListResult></ListResponse></s:Body></s:Envelope>"

static const struct peer_answer answers[] = {
    {"/a.json", PEER_OK "[{\"a\": 1}]"},
    {"/q?Year=2024&Region=N%26S&Region=W", PEER_OK "[{\"a\": 2}]"},
    {"/a.csv", PEER_OK "a,b\n1,2\n"},
    {"/a.xml", PEER_OK "<Rows><Row A=\"1\"/><Row A=\"2\"/></Rows>"},
    {"/moved", "HTTP/1.1 302 Found\r\nLocation: /a.json\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
    {"/loop", "HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
    {"/elsewhere", "HTTP/1.1 302 Found\r\nLocation: http://localhost:1/secret\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
    {"/file", "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
    {"/silent", NULL},
    {"/soap", SOAP_ANSWER},
    {"/fault", PEER_OK "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><s:Fault><faultstring>no such year</faultstring></s:Fault></s:Body></s:Envelope>"},
};

#define AT(path) rs_text_format(job, "http://127.0.0.1:%d" path, peer.port).bytes

UNIT_TEST(documents_are_read_from_addresses)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct peer peer;
    const struct value regions[] = {value_text(RS_TEXT("N&S")), value_text(RS_TEXT("W"))};
    const struct data_parameter p[] = {{RS_TEXT("@Year"), value_integer(2024)}, {RS_TEXT("Region"), value_array(regions, 2)}};

    setenv("no_proxy", "127.0.0.1,localhost", 1);
    peer_start(&peer, answers, sizeof answers / sizeof *answers);
    const char *hosts = "127.0.0.1";
    gives(&(struct world){"json", AT("/a.json"), "", .hosts = hosts}, "a; L:1");
    gives(&(struct world){"json", AT("/q"), "", .parameters = p, .parameter_count = 2, .hosts = hosts}, "a; L:2");
    gives(&(struct world){"csv", rs_text_format(job, "Url=http://127.0.0.1:%d/a.csv", peer.port).bytes, "", .hosts = hosts}, "a,b; L:1|L:2");
    gives(&(struct world){"xml", AT("/a.xml"), "", .hosts = hosts}, "A; S:1; S:2");
    gives(&(struct world){"json", AT("/moved"), "", .hosts = hosts}, "a; L:1");
    refuses(&(struct world){"json", AT("/a.json"), "", .hosts = ""}, DATA_CONNECT, "DataHosts");
    refuses(&(struct world){"json", AT("/loop"), "", .hosts = hosts}, DATA_CONNECT, "more than 5 times");
    refuses(&(struct world){"json", AT("/elsewhere"), "", .hosts = hosts}, DATA_CONNECT, "may not read documents from \"localhost:1\"");
    refuses(&(struct world){"json", AT("/file"), "", .hosts = hosts}, DATA_CONNECT, "not a valid http or https address");
    refuses(&(struct world){"json", AT("/missing?key=topsecret"), "", .hosts = hosts}, DATA_CONNECT, "/missing\" answered with status 404");
    peer_stop(&peer);
}

UNIT_TEST(documents_stop_at_the_deadline_of_the_query)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct peer peer;
    struct data_connection *connection;
    struct data_rows *rows;

    peer_start(&peer, answers, sizeof answers / sizeof *answers);
    struct data_source source = {.name = RS_TEXT("S"), .provider = RS_TEXT("JSON"), .connect_string = rs_text_from(AT("/silent")), .http_hosts = RS_TEXT("*")};
    struct data_query query = {.data_set = RS_TEXT("D"), .timeout_s = 1};
    assert_ok(job, data_open(job, &source, &connection));
    assert_status(data_execute(job, connection, &query, &rows), RS_TIMEOUT);
    peer_stop(&peer);
}

#define METHOD "<Query><Method Namespace=\"urn:o\" Name=\"List\"><Parameters><Parameter Name=\"year\"><DefaultValue>1999</DefaultValue></Parameter>" \
    "<Parameter Name=\"kind\"><DefaultValue>a&lt;b</DefaultValue></Parameter></Parameters></Method>%s<ElementPath IgnoreNamespaces=\"true\">ListResponse{}/ListResult{}/Order</ElementPath></Query>"

UNIT_TEST(xml_calls_methods_of_web_services)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct peer peer;
    char received[8192];
    const struct data_parameter p[] = {{RS_TEXT("Year"), value_integer(2024)}};
    rs_text query = rs_text_format(job, METHOD, "");

    peer_start(&peer, answers, sizeof answers / sizeof *answers);
    gives(&(struct world){"xml", AT("/soap"), query.bytes, .parameters = p, .parameter_count = 1, .hosts = "*"}, "Id,Total; S:1|S:5; S:2|S:6");
    peer_received(&peer, received, sizeof received);
    assert_non_null(strstr(received, "POST /soap "));
    assert_non_null(strstr(received, "SOAPAction: \"urn:o/List\""));
    assert_non_null(strstr(received, "<List xmlns=\"urn:o\">"));
    assert_non_null(strstr(received, "<kind>a&lt;b</kind>"));
    assert_non_null(strstr(received, "<Year>2024</Year>"));
    assert_null(strstr(received, "1999"));
    refuses(&(struct world){"xml", AT("/fault"), query.bytes, .hosts = "*"}, DATA_QUERY, "the web service refused: no such year");
    refuses(&(struct world){"xml", AT("/soap"), "<Query><Method Name=\"a b\"/></Query>", .hosts = "*"}, DATA_QUERY, "no name");
    peer_stop(&peer);
}

UNIT_TEST(documents_survive_a_stop_at_every_checkpoint)
{
    static const struct world worlds[] = {{"json", ORDERS, "$..lines[*]"}, {"csv", "", "a,b\n1,2\n3,4\n"}};

    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++) {
        rs_status status = RS_CANCELLED;
        for (uint64_t stop = 1; status != RS_OK; stop++) {
            RS_OWNED(rs_job) job = rs_job_create(NULL);
            struct data_rows *rows;
            rs_job_stop_at(job, stop);
            status = read_rows(job, &worlds[i], &rows);
            if (status != RS_OK)
                assert_status(status, RS_CANCELLED);
            assert_true(stop < 10000);
        }
    }
}

UNIT_TEST(http_survives_a_stop_at_every_checkpoint)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct peer peer;
    rs_status status = RS_CANCELLED;

    peer_start(&peer, answers, sizeof answers / sizeof *answers);
    struct world w = {"json", AT("/moved"), "", .hosts = "*"};
    for (uint64_t stop = 1; status != RS_OK; stop++) {
        RS_OWNED(rs_job) one = rs_job_create(NULL);
        struct data_rows *rows;
        rs_job_stop_at(one, stop);
        status = read_rows(one, &w, &rows);
        if (status != RS_OK)
            assert_status(status, RS_CANCELLED);
        assert_true(stop < 10000);
    }
    peer_stop(&peer);
}
