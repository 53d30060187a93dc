/* format/xml/write.h - XML that is written front to back, always well-formed.
 *
 *     struct xml_writer w = xml_writer_to(&buf, 2);
 *     xml_declare(&w, RS_TEXT("utf-8"));
 *     xml_open(&w, "Point");
 *     xml_write_attribute(&w, "Unit", RS_TEXT("pt"));
 *     xml_write_element(&w, "X", RS_TEXT("1"));
 *     xml_close(&w);
 */
#ifndef FORMAT_XML_WRITE_H
#define FORMAT_XML_WRITE_H

#include "base/buf.h"

/* Append `t` as character data or inside a double-quoted attribute. Bytes that are not UTF-8 and characters that XML
 * cannot hold become U+FFFD; line ends in attributes are written as references, so that they survive. */
void xml_escape_text(rs_buf *buf, rs_text t);

#define XML_WRITER_DEPTH_MAX 1024

struct xml_writer {
    rs_buf *buf;
    unsigned indent; /* blanks per level; 0 = everything on one line */
    unsigned depth;
    bool has_begun;   /* something was written; `buf` may have been emptied since */
    bool tag_is_open; /* "<name" is written, ">" is not */
    bool has_text, has_children;
    const char *names[XML_WRITER_DEPTH_MAX]; /* of open elements; borrowed until they are closed */
};

static inline struct xml_writer xml_writer_to(rs_buf *buf, unsigned indent)
{
    return (struct xml_writer){.buf = buf, .indent = indent};
}

void xml_declare(struct xml_writer *w, rs_text encoding); /* <?xml version="1.0" encoding="utf-8"?> */
/* Names are our own: they are not checked and must live until xml_close. */
void xml_open(struct xml_writer *w, const char *name);
void xml_write_attribute(struct xml_writer *w, const char *name, rs_text value); /* right after xml_open */
void xml_write_text(struct xml_writer *w, rs_text t);
void xml_close(struct xml_writer *w);
void xml_write_element(struct xml_writer *w, const char *name, rs_text t); /* open, text, close */

#endif
