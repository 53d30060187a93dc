#include "format/xml/parse.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "base/buf.h"
#include "base/map.h"

/* One parse: what the callbacks of libxml2 share. */
struct builder {
    struct rs_job *job;
    xmlParserCtxtPtr parser;
    struct xml_options limit;
    struct xml_document *document;
    struct xml_node *open;  /* innermost open element */
    rs_buf *texts;          /* of open elements, by depth */
    unsigned depth;
    struct rs_map *names;   /* each distinct name and URI is kept once */
    bool done;              /* the root element is closed */
    long end;               /* bytes read when it was, or -1 */
    rs_status failed;       /* reported by a callback of ours */
};

static rs_text intern(struct builder *b, const xmlChar *name)
{
    rs_text t = rs_text_from((const char *)name);
    rs_text *kept;

    if (t.size == 0)
        return t;
    kept = rs_map_find(b->names, t);
    if (!kept) {
        kept = RS_NEW(b->job, rs_text);
        *kept = rs_text_copy(b->job, t);
        rs_map_set(b->names, *kept, kept);
    }
    return *kept;
}

static unsigned line_now(const struct builder *b)
{
    return b->parser->input ? (unsigned)b->parser->input->line : 0;
}

static void stop(struct builder *b, rs_status status)
{
    b->failed = status;
    xmlStopParser(b->parser);
}

static bool is_blank(rs_text t)
{
    for (size_t i = 0; i < t.size; i++)
        if (t.bytes[i] != ' ' && t.bytes[i] != '\n' && t.bytes[i] != '\t' && t.bytes[i] != '\r')
            return false;
    return true;
}

/* ---- callbacks ------------------------------------------------------------------------------ */

static bool within_limits(struct builder *b, const xmlChar *name, unsigned attributes)
{
    const char *passed = NULL;
    size_t most = 0;
    rs_status status;

    if (b->depth >= b->limit.depth_max) {
        passed = "elements inside each other";
        most = b->limit.depth_max;
    } else if (b->document->node_count >= b->limit.nodes_max) {
        passed = "elements";
        most = b->limit.nodes_max;
    } else if (attributes > b->limit.attributes_max) {
        passed = "attributes of one element";
        most = b->limit.attributes_max;
    }
    if (passed) {
        stop(b, rs_fail(b->job, XML_OVER_LIMIT, "line %u: <%.100s>: more than %zu %s", line_now(b),
                        (const char *)name, most, passed));
        return false;
    }
    status = b->document->node_count % 64 == 0 ? rs_job_checkpoint(b->job) : RS_OK;
    if (status != RS_OK)
        stop(b, status);
    return status == RS_OK;
}

static void take_attributes(struct builder *b, struct xml_node *node, const xmlChar **attributes, int count)
{
    node->attributes = RS_NEW_ARRAY(b->job, struct xml_attribute, (size_t)count);
    node->attribute_count = (size_t)count;
    for (int i = 0; i < count; i++, attributes += 5) {
        struct xml_attribute *a = &node->attributes[i];
        a->name = intern(b, attributes[0]);
        a->namespace_uri = intern(b, attributes[2]);
        a->value = rs_text_copy(b->job, rs_text_of((const char *)attributes[3],
                                                   (size_t)(attributes[4] - attributes[3])));
    }
}

static void start_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                          int declaration_count, const xmlChar **declarations, int attribute_count,
                          int defaulted, const xmlChar **attributes)
{
    struct builder *b = data;
    struct xml_node *node, *parent = b->open;

    (void)prefix;
    (void)defaulted;
    if (b->failed || b->done || !within_limits(b, name, (unsigned)(attribute_count + declaration_count)))
        return;
    node = RS_NEW(b->job, struct xml_node);
    node->name = intern(b, name);
    node->namespace_uri = intern(b, uri);
    node->line = line_now(b);
    node->parent = parent;
    if (attribute_count > 0)
        take_attributes(b, node, attributes, attribute_count);
    if (declaration_count > 0) {
        node->declarations = RS_NEW_ARRAY(b->job, struct xml_declaration, (size_t)declaration_count);
        node->declaration_count = (size_t)declaration_count;
        for (int i = 0; i < declaration_count; i++)
            node->declarations[i] = (struct xml_declaration){intern(b, declarations[2 * i]),
                                                             intern(b, declarations[2 * i + 1])};
    }
    if (!parent) {
        b->document->root = node;
    } else if (parent->last_child) {
        parent->last_child->next = node;
        parent->last_child = node;
    } else {
        parent->first_child = parent->last_child = node;
        if (is_blank(rs_buf_text(&b->texts[b->depth - 1]))) /* indentation before the first child */
            b->texts[b->depth - 1].used = 0;
    }
    b->document->node_count++;
    b->texts[b->depth] = rs_buf_in(b->job);
    b->depth++;
    b->open = node;
}

static void end_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct builder *b = data;

    (void)name;
    (void)prefix;
    (void)uri;
    if (b->failed || b->done || !b->open)
        return;
    b->depth--;
    b->open->text = rs_buf_text(&b->texts[b->depth]);
    b->open = b->open->parent;
    if (b->open)
        return;
    b->done = true;
    if (b->limit.tolerant) {
        b->end = xmlByteConsumed(b->parser);
        xmlStopParser(b->parser);
    }
}

static void characters(void *data, const xmlChar *bytes, int size)
{
    struct builder *b = data;
    rs_text t = rs_text_of((const char *)bytes, (size_t)size);

    if (b->failed || b->done || !b->open || (b->open->first_child && is_blank(t)))
        return;
    rs_buf_add(&b->texts[b->depth - 1], t);
}

static void refuse_declaration(struct builder *b)
{
    if (!b->failed)
        stop(b, rs_fail(b->job, XML_FORBIDDEN,
                        "line %u: the document type declares entities or other markup; remove the <!DOCTYPE ...> part",
                        line_now(b)));
}

static void entity_declared(void *data, const xmlChar *name, int type, const xmlChar *public_id,
                            const xmlChar *system_id, xmlChar *content)
{
    refuse_declaration(data);
}

static void attributes_declared(void *data, const xmlChar *element, const xmlChar *name, int type, int def,
                                const xmlChar *value, xmlEnumerationPtr tree)
{
    xmlFreeEnumeration(tree);
    refuse_declaration(data);
}

static void element_declared(void *data, const xmlChar *name, int type, xmlElementContentPtr content)
{
    refuse_declaration(data);
}

static void notation_declared(void *data, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
    refuse_declaration(data);
}

static void unparsed_declared(void *data, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id,
                              const xmlChar *notation)
{
    refuse_declaration(data);
}

static void on_error(void *data, const xmlError *error)
{
    struct builder *b = data;
    rs_text message = rs_text_trim(rs_text_from(error->message));

    if (error->level < XML_ERR_ERROR || b->failed || (b->done && b->limit.tolerant))
        return;
    b->failed = rs_fail(b->job, XML_MALFORMED, "line %d, column %d: %.*s", error->line, error->int2,
                        RS_TEXT_ARG(message));
    xmlStopParser(b->parser);
}

#if LIBXML_VERSION < 21200
static void on_error_old(void *data, xmlErrorPtr error)
{
    on_error(data, error);
}
#define ON_ERROR on_error_old
#else
#define ON_ERROR on_error
#endif

static xmlSAXHandler handlers(void)
{
    xmlSAXHandler h = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = start_element,
        .endElementNs = end_element,
        .characters = characters,
        .ignorableWhitespace = characters,
        .cdataBlock = characters,
        .entityDecl = entity_declared,
        .attributeDecl = attributes_declared,
        .elementDecl = element_declared,
        .notationDecl = notation_declared,
        .unparsedEntityDecl = unparsed_declared,
        .serror = ON_ERROR,
    };
    return h;
}

/* ---- tolerance ------------------------------------------------------------------------------ */

#define MARK "\xef\xbb\xbf"

static bool is_utf16(rs_text t)
{
    return t.size >= 2 && (memcmp(t.bytes, "\xff\xfe", 2) == 0 || memcmp(t.bytes, "\xfe\xff", 2) == 0);
}

/* What the XML declaration names, or empty. */
static rs_text declared_encoding(rs_text t)
{
    rs_text head = rs_text_slice(t, 0, 200);
    ptrdiff_t end = rs_text_find(head, RS_TEXT("?>")), at;
    char quote;

    if (!rs_text_starts(head, RS_TEXT("<?xml")) || end < 0)
        return RS_TEXT("");
    head.size = (size_t)end;
    at = rs_text_find(head, RS_TEXT("encoding"));
    if (at < 0)
        return RS_TEXT("");
    head = rs_text_from_offset(head, (size_t)at + 8);
    while (head.size && (head.bytes[0] == ' ' || head.bytes[0] == '='))
        head = rs_text_from_offset(head, 1);
    if (head.size == 0)
        return head;
    quote = head.bytes[0];
    rs_text_cut(rs_text_from_offset(head, 1), quote, &head, &(rs_text){0});
    return head;
}

/* Code points of the bytes 0x80 to 0x9f in Windows-1252; those it does not use stay what they are in Latin-1. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f,
    0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
};

static rs_text repair_bytes(struct rs_job *job, rs_text t)
{
    rs_buf out = rs_buf_in(job);

    for (size_t at = 0; at < t.size;) {
        size_t from = at;
        uint32_t c = rs_text_next(t, &at);
        uint8_t byte = (uint8_t)t.bytes[from];
        if (c == 0xfffd && at == from + 1)
            rs_buf_add_code_point(&out, byte < 0xa0 ? windows_1252[byte - 0x80] : byte);
        else
            rs_buf_add(&out, rs_text_slice(t, from, at - from));
    }
    return rs_buf_text(&out);
}

/* What written files suffer from, undone before the parser sees it. */
static rs_text tolerate(struct builder *b, rs_text t)
{
    rs_text encoding;

    if (is_utf16(t))
        return t;
    while (rs_text_starts(t, RS_TEXT(MARK MARK)))
        t = rs_text_from_offset(t, 3);
    while (t.size && t.bytes[t.size - 1] == 0) {
        t.size--;
        b->document->tail_dropped = true;
    }
    encoding = declared_encoding(rs_text_starts(t, RS_TEXT(MARK)) ? rs_text_from_offset(t, 3) : t);
    if ((rs_text_is_empty(encoding) || rs_text_equal_nocase(encoding, RS_TEXT("utf-8"))) && !rs_text_is_utf8(t)) {
        t = repair_bytes(b->job, t);
        b->document->bytes_repaired = true;
    }
    return t;
}

/* ---- parsing -------------------------------------------------------------------------------- */

static struct xml_options with_defaults(const struct xml_options *options)
{
    struct xml_options o = options ? *options : (struct xml_options){0};

    o.size_max = o.size_max ? o.size_max : XML_SIZE_MAX;
    o.depth_max = o.depth_max ? o.depth_max : XML_DEPTH_MAX;
    o.nodes_max = o.nodes_max ? o.nodes_max : XML_NODES_MAX;
    o.attributes_max = o.attributes_max ? o.attributes_max : XML_ATTRIBUTES_MAX;
    return o;
}

static rs_status run(struct builder *b, rs_text bytes)
{
    xmlSAXHandler sax = handlers();
    xmlSAXHandler *library_sax;

    b->parser = xmlCreateMemoryParserCtxt(bytes.bytes, (int)bytes.size);
    if (!b->parser)
        return rs_fail(b->job, RS_NO_MEMORY, "no memory for an XML parser");
    library_sax = b->parser->sax;
    b->parser->sax = &sax;
    b->parser->userData = b;
    b->parser->sax2 = 1;
    /* HUGE: our own limits hold instead. NOENT: "&amp;" in attributes arrives as "&"; entities other than the
     * predefined ones do not get this far. */
    xmlCtxtUseOptions(b->parser, XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOENT | XML_PARSE_NOWARNING);
    b->parser->sax2 = 1;
    xmlParseDocument(b->parser);
    if (b->limit.tolerant && b->done && b->end >= 0 && (size_t)b->end < bytes.size &&
        !is_blank(rs_text_from_offset(bytes, (size_t)b->end)))
        b->document->tail_dropped = true;
    b->parser->sax = library_sax;
    if (b->parser->myDoc)
        xmlFreeDoc(b->parser->myDoc);
    b->parser->myDoc = NULL;
    xmlFreeParserCtxt(b->parser);
    return b->failed;
}

rs_status xml_parse(struct rs_job *job, rs_text bytes, const struct xml_options *options,
                    struct xml_document **out)
{
    struct builder b = {.job = job, .limit = with_defaults(options), .end = -1};

    if (bytes.size > b.limit.size_max)
        return rs_fail(job, XML_OVER_LIMIT, "the document has %zu bytes; at most %zu are read", bytes.size,
                       b.limit.size_max);
    RS_TRY(rs_job_checkpoint(job));
    b.document = RS_NEW(job, struct xml_document);
    b.names = rs_map_create(job, RS_MAP_EXACT);
    b.texts = RS_NEW_ARRAY(job, rs_buf, (size_t)b.limit.depth_max + 1);
    if (b.limit.tolerant)
        bytes = tolerate(&b, bytes);
    if (bytes.size == 0)
        return rs_fail(job, XML_MALFORMED, "the document is empty");
    RS_TRY(run(&b, bytes));
    if (!b.done)
        return rs_fail(job, XML_MALFORMED, "the document has no complete root element");
    *out = b.document;
    return RS_OK;
}

/* ---- reading the tree ----------------------------------------------------------------------- */

struct xml_node *xml_child(const struct xml_node *node, const char *name)
{
    rs_text wanted = rs_text_from(name);

    xml_each_child(child, node)
        if (rs_text_equal(child->name, wanted) && rs_text_equal(child->namespace_uri, node->namespace_uri))
            return child;
    return NULL;
}

struct xml_node *xml_next_same(const struct xml_node *node)
{
    for (struct xml_node *next = node->next; next; next = next->next)
        if (rs_text_equal(next->name, node->name) && rs_text_equal(next->namespace_uri, node->namespace_uri))
            return next;
    return NULL;
}

rs_text xml_child_text(const struct xml_node *node, const char *name)
{
    const struct xml_node *child = xml_child(node, name);

    return child ? child->text : RS_TEXT("");
}

const struct xml_attribute *xml_attribute_in(const struct xml_node *node, rs_text uri, const char *name)
{
    rs_text wanted = rs_text_from(name);

    for (size_t i = 0; i < node->attribute_count; i++)
        if (rs_text_equal(node->attributes[i].name, wanted) &&
            rs_text_equal(node->attributes[i].namespace_uri, uri))
            return &node->attributes[i];
    return NULL;
}

const struct xml_attribute *xml_attribute(const struct xml_node *node, const char *name)
{
    return xml_attribute_in(node, RS_TEXT(""), name);
}

bool xml_prefix_uri(const struct xml_node *node, rs_text prefix, rs_text *uri)
{
    for (; node; node = node->parent)
        for (size_t i = 0; i < node->declaration_count; i++)
            if (rs_text_equal(node->declarations[i].prefix, prefix)) {
                *uri = node->declarations[i].uri;
                return true;
            }
    return false;
}
