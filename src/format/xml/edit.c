#include "format/xml/edit.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "base/buf.h"
#include "format/xml/parse.h"

/* struct xml_edit_node is xmlNode under another name, so that users need not include libxml2. */
struct xml_edit {
    xmlDocPtr document;
};

static xmlNodePtr inner(const struct xml_edit_node *node)
{
    return (xmlNodePtr)(uintptr_t)node;
}

static struct xml_edit_node *outer(xmlNodePtr node)
{
    return (struct xml_edit_node *)node;
}

static void end_document(void *document)
{
    xmlFreeDoc(document);
}

rs_status xml_edit_parse(struct rs_job *job, rs_text bytes, const struct xml_options *options,
                         struct xml_edit **out)
{
    struct xml_document *checked; /* limits, refusals and good messages come from there */
    struct xml_edit *edit;

    RS_TRY(xml_parse(job, bytes, options, &checked));
    edit = RS_NEW(job, struct xml_edit);
    edit->document = xmlReadMemory(bytes.bytes, (int)bytes.size, NULL, NULL,
                                   XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                       (options && options->tolerant ? XML_PARSE_RECOVER : 0));
    if (!edit->document)
        return rs_fail(job, XML_MALFORMED, "the document cannot be read for editing");
    rs_job_at_end(job, end_document, edit->document);
    *out = edit;
    return RS_OK;
}

struct xml_edit_node *xml_edit_root(const struct xml_edit *edit)
{
    return outer(xmlDocGetRootElement(edit->document));
}

static struct xml_edit_node *from_here(xmlNodePtr node, rs_text name)
{
    for (; node; node = node->next)
        if (node->type == XML_ELEMENT_NODE &&
            (name.size == 0 || rs_text_equal(rs_text_from((const char *)node->name), name)))
            return outer(node);
    return NULL;
}

struct xml_edit_node *xml_edit_first(struct xml_edit_node *node, const char *name)
{
    return from_here(inner(node)->children, rs_text_from(name));
}

struct xml_edit_node *xml_edit_next(struct xml_edit_node *node, const char *name)
{
    return from_here(inner(node)->next, rs_text_from(name));
}

/* Depth first, so that a path is found below a second element of the same name too. */
struct xml_edit_node *xml_edit_find(struct xml_edit_node *node, const char *path)
{
    rs_text head, rest;
    bool more = rs_text_cut(rs_text_from(path), '/', &head, &rest);

    for (struct xml_edit_node *child = from_here(inner(node)->children, head); child;
         child = from_here(inner(child)->next, head)) {
        struct xml_edit_node *found = more ? xml_edit_find(child, rest.bytes) : child;
        if (found)
            return found;
    }
    return NULL;
}

static rs_text take(struct rs_job *job, xmlChar *text)
{
    rs_text copy = rs_text_copy(job, rs_text_from((const char *)text));

    xmlFree(text);
    return copy;
}

rs_text xml_edit_text(struct rs_job *job, const struct xml_edit_node *node)
{
    return take(job, xmlNodeGetContent(inner(node)));
}

rs_text xml_edit_attribute(struct rs_job *job, const struct xml_edit_node *node, const char *name)
{
    return take(job, xmlGetNoNsProp(inner(node), (const xmlChar *)name));
}

/* UTF-8 without what XML cannot hold, terminated. */
static const xmlChar *cleaned(struct rs_job *job, rs_text t)
{
    rs_buf buf = rs_buf_in(job);

    for (size_t at = 0; at < t.size;) {
        uint32_t c = rs_text_next(t, &at);
        bool allowed = c >= 0x20 ? c != 0xfffe && c != 0xffff : c == '\t' || c == '\n' || c == '\r';
        rs_buf_add_code_point(&buf, allowed ? c : 0xfffd);
    }
    return (const xmlChar *)rs_buf_terminated(&buf);
}

void xml_edit_clear(struct xml_edit_node *node)
{
    xmlNodePtr child = inner(node)->children, next;

    for (; child; child = next) {
        next = child->next;
        xmlUnlinkNode(child);
        xmlFreeNode(child);
    }
}

void xml_edit_set_text(struct rs_job *job, struct xml_edit_node *node, rs_text text)
{
    xml_edit_clear(node);
    if (text.size)
        xmlAddChild(inner(node), xmlNewDocText(inner(node)->doc, cleaned(job, text)));
}

void xml_edit_set_attribute(struct rs_job *job, struct xml_edit_node *node, const char *name, rs_text value)
{
    xmlSetProp(inner(node), (const xmlChar *)name, cleaned(job, value));
}

static bool is_blank_text(const xmlNode *node)
{
    return node && node->type == XML_TEXT_NODE && xmlIsBlankNode(node);
}

static unsigned depth_of(const xmlNode *node)
{
    unsigned depth = 0;

    for (; node->parent && node->parent->type == XML_ELEMENT_NODE; node = node->parent)
        depth++;
    return depth;
}

/* One level of this document's indentation, as the root's first child shows it; two blanks where it shows none. */
static rs_text indentation_of(const xmlNode *node)
{
    const xmlNode *root = xmlDocGetRootElement(node->doc);
    const char *text = root && is_blank_text(root->children) ? (const char *)root->children->content : "";
    const char *line = strrchr(text, '\n');

    return line && line[1] ? rs_text_from(line + 1) : RS_TEXT("  ");
}

/* "\n" and the indentation of what stands `deeper` levels below `parent`: as its children have it, or as `parent` itself. */
static const xmlChar *line_break(struct rs_job *job, xmlNodePtr parent, unsigned deeper)
{
    const xmlNode *sibling = deeper ? parent->children : NULL;
    rs_buf buf = rs_buf_in(job);

    if (is_blank_text(sibling) && sibling->next)
        return (const xmlChar *)rs_text_terminated(job, rs_text_from((const char *)sibling->content));
    if (is_blank_text(parent->prev)) {
        rs_buf_add(&buf, rs_text_from((const char *)parent->prev->content));
        if (deeper)
            rs_buf_add(&buf, indentation_of(parent));
        return (const xmlChar *)rs_buf_terminated(&buf);
    }
    rs_buf_add_byte(&buf, '\n');
    for (unsigned i = 0; i < depth_of(parent) + deeper; i++)
        rs_buf_add(&buf, indentation_of(parent));
    return (const xmlChar *)rs_buf_terminated(&buf);
}

struct xml_edit_node *xml_edit_add(struct rs_job *job, struct xml_edit_node *parent_node, const char *name)
{
    xmlNodePtr parent = inner(parent_node);
    xmlNodePtr node = xmlNewDocNode(parent->doc, parent->ns, (const xmlChar *)name, NULL);

    if (!is_blank_text(parent->last)) {
        xmlAddChild(parent, xmlNewDocText(parent->doc, line_break(job, parent, 1)));
    } else {
        const xmlChar *content = line_break(job, parent, 1);
        xmlNodeSetContent(parent->last, content);
    }
    xmlAddChild(parent, node);
    xmlAddChild(parent, xmlNewDocText(parent->doc, line_break(job, parent, 0)));
    return outer(node);
}

void xml_edit_remove(struct xml_edit_node *handle)
{
    xmlNodePtr node = inner(handle), before = node->prev;

    if (!node->parent || node->parent->type != XML_ELEMENT_NODE)
        return;
    if (is_blank_text(before)) {
        xmlUnlinkNode(before);
        xmlFreeNode(before);
    }
    xmlUnlinkNode(node);
    xmlFreeNode(node);
}

rs_status xml_edit_write(struct rs_job *job, const struct xml_edit *edit, rs_text *out)
{
    xmlChar *bytes = NULL;
    int size = 0;

    xmlDocDumpMemoryEnc(edit->document, &bytes, &size, "utf-8");
    if (!bytes)
        return rs_fail(job, RS_NO_MEMORY, "no memory to write the XML document");
    *out = rs_text_copy(job, rs_text_of((const char *)bytes, (size_t)size));
    xmlFree(bytes);
    return RS_OK;
}
