/* format/xml/edit.h - change parts of a document; comments, unknown elements and white space elsewhere survive.
 *
 * For files that people edit too (rsreportserver.config). Nodes belong to the document, which lives as long as the job.
 * What is not kept: the kind of quotes around attributes, and CR LF, which becomes LF.
 */
#ifndef FORMAT_XML_EDIT_H
#define FORMAT_XML_EDIT_H

#include "base/job.h"

struct xml_options;
struct xml_edit;      /* a document */
struct xml_edit_node; /* an element of it */

/* The same limits, refusals and errors as xml_parse. `options` may be NULL. */
RS_CHECKED rs_status xml_edit_parse(struct rs_job *job, rs_text bytes, const struct xml_options *options,
                                    struct xml_edit **out);

struct xml_edit_node *xml_edit_root(const struct xml_edit *edit);

/* The first element at a path of local names below `node`, whatever its namespace: "Service/IsSchedulingService".
 * NULL where there is none. */
struct xml_edit_node *xml_edit_find(struct xml_edit_node *node, const char *path);
/* First child element (any name where `name` is NULL) and the next sibling like it. */
struct xml_edit_node *xml_edit_first(struct xml_edit_node *node, const char *name);
struct xml_edit_node *xml_edit_next(struct xml_edit_node *node, const char *name);

/* All text inside, in the job's memory. */
rs_text xml_edit_text(struct rs_job *job, const struct xml_edit_node *node);
/* Empty where absent, in the job's memory. */
rs_text xml_edit_attribute(struct rs_job *job, const struct xml_edit_node *node, const char *name);

/* Replaces everything inside, comments too. Bytes that are not UTF-8 and characters XML cannot hold become U+FFFD. */
void xml_edit_set_text(struct rs_job *job, struct xml_edit_node *node, rs_text text);
void xml_edit_set_attribute(struct rs_job *job, struct xml_edit_node *node, const char *name, rs_text value);
/* A new last child in the namespace of `parent`, on a line of its own, indented like its siblings. */
struct xml_edit_node *xml_edit_add(struct rs_job *job, struct xml_edit_node *parent, const char *name);
/* With the white space before it. The node must not be used afterwards; the root cannot be removed. */
void xml_edit_remove(struct xml_edit_node *node);
/* All children, comments and text. */
void xml_edit_clear(struct xml_edit_node *node);

/* UTF-8 with a declaration. */
RS_CHECKED rs_status xml_edit_write(struct rs_job *job, const struct xml_edit *edit, rs_text *out);

#endif
