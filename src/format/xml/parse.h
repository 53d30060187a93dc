/* format/xml/parse.h - XML bytes into a light, read-only tree in the job's memory.
 *
 * Elements, attributes, text and line numbers; comments and processing instructions are dropped. Nothing is fetched, no
 * entity but the five predefined ones exists, and a document type that declares anything is refused: entity bombs and
 * references to outside files end there.
 *
 * Source:  Extensible Markup Language 1.0 (5th edition); Namespaces in XML 1.0.
 */
#ifndef FORMAT_XML_PARSE_H
#define FORMAT_XML_PARSE_H

#include "base/job.h"

/* Used where xml_options gives 0. */
#define XML_SIZE_MAX ((size_t)64 * 1024 * 1024) /* bytes of input */
#define XML_DEPTH_MAX 200u                      /* elements inside each other */
#define XML_NODES_MAX ((size_t)4 * 1000 * 1000) /* elements */
#define XML_ATTRIBUTES_MAX 256u                 /* attributes and namespace declarations of one element */

struct xml_options {
    size_t size_max;
    unsigned depth_max;
    size_t nodes_max;
    unsigned attributes_max;
    /* Accept what written files suffer from: several byte order marks, NUL bytes or the tail of an older document behind
     * the root element, single bytes of Windows-1252 in UTF-8. */
    bool tolerant;
};

struct xml_attribute {
    rs_text name;          /* local name */
    rs_text namespace_uri; /* empty without a prefix */
    rs_text value;
};

/* xmlns="uri" (empty prefix) or xmlns:prefix="uri". */
struct xml_declaration {
    rs_text prefix, uri;
};

/* An element. */
struct xml_node {
    rs_text name;          /* local name */
    rs_text namespace_uri; /* empty where none */
    rs_text text;          /* the element's own character data, joined; of an element with children without the white space between them */
    struct xml_node *parent, *first_child, *last_child, *next;
    struct xml_attribute *attributes;
    size_t attribute_count;
    struct xml_declaration *declarations;
    size_t declaration_count;
    unsigned line;         /* 1-based, where the start tag ends */
};

struct xml_document {
    struct xml_node *root;
    size_t node_count;
    bool tail_dropped;   /* tolerant: something stood behind the root element */
    bool bytes_repaired; /* tolerant: Windows-1252 bytes were read as such */
};

/* `bytes` may be UTF-8 (with or without a mark), UTF-16 with a mark, or what the declaration names and the C library
 * converts. `options` may be NULL. Everything in *out lives as long as the job and borrows nothing from `bytes`.
 *
 * Fails with XML_MALFORMED (line and column in the message), XML_OVER_LIMIT or XML_FORBIDDEN. */
RS_CHECKED rs_status xml_parse(struct rs_job *job, rs_text bytes, const struct xml_options *options,
                               struct xml_document **out);

/* The first child of this local name in the namespace of `node`; NULL where none. */
struct xml_node *xml_child(const struct xml_node *node, const char *name);
/* The next sibling with the same local name and namespace as `node`. */
struct xml_node *xml_next_same(const struct xml_node *node);
/* Text of that child, with white space at the ends; empty where there is no such child. */
rs_text xml_child_text(const struct xml_node *node, const char *name);

/* The attribute without a namespace, or in `uri`; NULL where absent. */
const struct xml_attribute *xml_attribute(const struct xml_node *node, const char *name);
const struct xml_attribute *xml_attribute_in(const struct xml_node *node, rs_text uri, const char *name);

/* What `prefix` means at `node`; false where it is not declared. */
bool xml_prefix_uri(const struct xml_node *node, rs_text prefix, rs_text *uri);

static inline bool xml_is(const struct xml_node *node, const char *name)
{
    return rs_text_equal(node->name, rs_text_from(name));
}

#define xml_each_child(child, node)                                                            \
    for (struct xml_node *child = (node)->first_child; child; child = child->next)

#endif
