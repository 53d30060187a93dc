#include "unit.h"

#include "report/data/data.h"
#include "report/data/element_path.h"

static const char customers[] =
    "<Customers xmlns=\"https://example.org/shop\">"
    "<Customer ID=\"11\"><FirstName>Ada</FirstName><LastName>Alder</LastName><Orders>"
    "<Order ID=\"1\" Qty=\"6\">Chair</Order><Order ID=\"2\" Qty=\"1\">Table</Order></Orders><Returns/></Customer>"
    "<Customer ID=\"20\"><FirstName>Ben</FirstName><LastName>Birch</LastName><Orders>"
    "<Order ID=\"8\" Qty=\"2\">Sofa</Order></Orders></Customer>"
    "</Customers>";

static struct data_rows *read_rows(struct rs_job *job, const char *provider, rs_text connect, rs_text text)
{
    struct data_source source = {.name = RS_TEXT("S"), .provider = rs_text_from(provider), .connect_string = connect};
    struct data_query query = {.data_set = RS_TEXT("D"), .text = text};
    struct data_connection *connection;
    struct data_rows *rows = NULL;

    assert_ok(job, data_open(job, &source, &connection));
    assert_ok(job, data_execute(job, connection, &query, &rows));
    return rows;
}

static struct data_rows *by_path(struct rs_job *job, const char *path)
{
    return read_rows(job, "XML", rs_text_from(customers), rs_text_from(path));
}

static rs_text cell(const struct data_rows *rows, const char *column, size_t row)
{
    ptrdiff_t index = data_column_find(rows, rs_text_from(column));

    if (index < 0)
        fail_msg("no column %s", column);
    struct value v = data_value(&rows->columns[index], row);
    return v.kind == VALUE_TEXT ? value_bytes(v) : RS_TEXT("(null)");
}

UNIT_TEST(xml_takes_the_first_path_to_leaves_by_default)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_rows *rows = by_path(job, "");

    assert_int_equal(rows->row_count, 3);
    assert_text(cell(rows, "Order", 1), "Table");
    assert_text(cell(rows, "Qty", 2), "2");
    assert_text(cell(rows, "ID", 2), "8");
    assert_text(cell(rows, "Customer.ID", 0), "11");
    assert_text(cell(rows, "LastName", 2), "Birch");
}

UNIT_TEST(xml_follows_paths_and_field_lists)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_rows *rows = by_path(job, "Customers {}/Customer");

    assert_int_equal(rows->row_count, 2);
    assert_int_equal(rows->column_count, 4); /* ID, FirstName, LastName, and Returns, which is an empty leaf */
    assert_text(cell(rows, "ID", 1), "20");
    rows = by_path(job, "/Customers {}/Customer {}/LastName");
    assert_int_equal(rows->column_count, 1);
    assert_text(cell(rows, "LastName", 0), "Alder");
    rows = by_path(job, "Customers {}/Customer {}/Orders/Order {@,@Qty}");
    assert_int_equal(rows->row_count, 3);
    assert_int_equal(rows->column_count, 2);
    assert_text(cell(rows, "Order", 0), "Chair");
}

UNIT_TEST(xml_qualifies_a_name_that_the_path_gives_twice_and_reads_types)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_rows *rows = by_path(job, "Customers {}/Customer/Orders/Order{ @ID(Integer)}");
    ptrdiff_t order = data_column_find(rows, RS_TEXT("Order.ID"));

    assert_int_equal(rows->row_count, 3);
    assert_true(order >= 0);
    assert_int_equal(rows->columns[order].kind, VALUE_INTEGER);
    assert_int_equal(data_value(&rows->columns[order], 2).integer, 8);
    assert_text(cell(rows, "ID", 2), "20");
}

UNIT_TEST(xml_reads_rows_typed_into_a_report)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_rows *rows = read_rows(job, "ENTERDATA", RS_TEXT(""), RS_TEXT(
        "<Query><XmlData><Data>"
        "<Row><Name>Lens</Name><Amount>4.5</Amount><Count>2</Count><Note></Note></Row>"
        "<Row><Name>Box &amp; lid</Name><Amount></Amount></Row>"
        "</Data></XmlData><ElementPath>Data{}/Row{Name(String),Amount(Float),Count(Integer),Note(String)}</ElementPath></Query>"));

    assert_int_equal(rows->row_count, 2);
    assert_text(cell(rows, "Name", 1), "Box & lid");
    assert_true(data_value(&rows->columns[1], 0).real == 4.5);
    assert_int_equal(data_value(&rows->columns[1], 1).kind, VALUE_NULL);
    assert_int_equal(data_value(&rows->columns[2], 0).kind, VALUE_INTEGER);
    assert_int_equal(data_value(&rows->columns[2], 1).kind, VALUE_NULL);
    assert_text(cell(rows, "Note", 0), "");
}

UNIT_TEST(xml_tells_namespaces_apart_where_the_query_names_them)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char doc[] = "<Root xmlns:n=\"urn:n\"><n:E><Node>A</Node></n:E><E><Node>B</Node></E></Root>";

    struct data_rows *rows = read_rows(job, "XML", rs_text_from(doc), RS_TEXT(
        "<d:Query xmlns:d=\"urn:d\" xmlns:p=\"urn:n\"><d:ElementPath>Root {}/p:E/Node</d:ElementPath></d:Query>"));
    assert_int_equal(rows->row_count, 1);
    assert_text(cell(rows, "Node", 0), "A");
    rows = read_rows(job, "XML", rs_text_from(doc), RS_TEXT(
        "<Query xmlns:p=\"urn:n\"><ElementPath IgnoreNamespaces=\"true\">Root {}/p:E/Node</ElementPath></Query>"));
    assert_int_equal(rows->row_count, 2);
}

UNIT_TEST(xml_reads_documents_inside_elements)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_rows *rows = read_rows(job, "XML", RS_TEXT("<R><B>&lt;L&gt;&lt;I&gt;x&lt;/I&gt;&lt;/L&gt;</B></R>"),
                                       RS_TEXT("R {}/B(HTMLEncoded) {}/L{I}"));

    assert_int_equal(rows->row_count, 1);
    assert_text(cell(rows, "I", 0), "x");
    rows = read_rows(job, "XML", RS_TEXT("<R><B>PEw+PEk+eTwvST48L0w+</B></R>"), RS_TEXT("R {}/B(Base64Encoded) {}/L{I}"));
    assert_text(cell(rows, "I", 0), "y");
}

UNIT_TEST(xml_says_what_it_cannot_do)
{
    static const struct {
        const char *provider, *connect, *text;
        rs_status status;
    } wrong[] = {
        {"ENTERDATA", "", "", DATA_QUERY},
        {"XML", "", "A/B", DATA_QUERY},
        {"XML", "https://example.org/a.xml", "", DATA_CONNECT},
        {"XML", "<a/>", "<Query><Method Name=\"x\"/></Query>", DATA_CONNECT},
        {"XML", "<a/>", "<Other/>", DATA_QUERY},
        {"XML", "<a>", "", XML_MALFORMED},
        {"XML", "secret.xml", "", DATA_CONNECT},
        {"ENTERDATA", "<a/>", "a", DATA_QUERY},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct data_source source = {.name = RS_TEXT("S"), .provider = rs_text_from(wrong[i].provider),
                                     .connect_string = rs_text_from(wrong[i].connect)};
        struct data_query query = {.data_set = RS_TEXT("D"), .text = rs_text_from(wrong[i].text)};
        struct data_connection *connection;
        struct data_rows *rows;
        assert_ok(job, data_open(job, &source, &connection));
        assert_status(data_execute(job, connection, &query, &rows), wrong[i].status);
    }
}

UNIT_TEST(element_path_names_the_column_of_a_mistake)
{
    static const char *const wrong[] = {"A/", "A{", "A{x", "A(Other)", "A{x(Money)}", "A B", "{}", "A{B{c}}", "A{x,}"};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct data_path path;
        if (i == 0) { /* a slash at the end is forgiven */
            assert_ok(job, data_path_parse(job, rs_text_from(wrong[i]), &path));
            continue;
        }
        assert_status(data_path_parse(job, rs_text_from(wrong[i]), &path), DATA_QUERY);
        assert_true(rs_text_find(rs_job_message(job), RS_TEXT("column")) >= 0);
    }
}

UNIT_TEST(xml_survives_a_stop_at_every_checkpoint)
{
    uint64_t total;
    {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        by_path(job, "");
        total = rs_job_checkpoints(job);
    }
    assert_true(total > 6);
    for (uint64_t stop = 1; stop <= total; stop++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct data_source source = {.name = RS_TEXT("S"), .provider = RS_TEXT("XML"), .connect_string = rs_text_from(customers)};
        struct data_query query = {.data_set = RS_TEXT("D")};
        struct data_connection *connection;
        struct data_rows *rows;
        rs_job_stop_at(job, stop);
        assert_ok(job, data_open(job, &source, &connection));
        assert_status(data_execute(job, connection, &query, &rows), RS_CANCELLED);
    }
}
