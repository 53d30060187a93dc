/* report/render/xml.h - the XML renderer, in parts: xml.c (the format, its device information), xml_names.c (what
 * elements are called), xml_schema.c (the schema of a report), xml_transform.c (style sheets), xml_data.c (its data).
 *
 *     Report                    text boxes as attributes; below it, through sections and rectangles:
 *       Region                  attributes of corner and static rows
 *         Group_Collection
 *           Group               attributes of its header and static rows
 *             Details_Collection
 *               Details         attributes of a row; in a matrix also ColumnGroup_Collection / ColumnGroup
 *       Subreport
 *         Report                of the other report, as its own root
 *
 * A member, cell, rectangle or section whose output is "contents only" has no element: what is in it belongs to the
 * element around it. Attributes come before elements in XML, so contents are walked twice.
 *
 * Source:  exporting to XML, XML device information settings; [MS-RDL] DataElementName, DataElementOutput, DataElementStyle.
 */
#ifndef REPORT_RENDER_XML_H
#define REPORT_RENDER_XML_H

#include "base/vec.h"
#include "format/xml/write.h"
#include "report/compute/compute.h"
#include "report/publish/publish.h"
#include "report/render/data_output.h"
#include "report/render/encoded.h"

/* What a text box's values have been: bits, for the types of the schema. */
enum xml_seen { XML_SEEN_INTEGER = 1, XML_SEEN_DECIMAL = 2, XML_SEEN_DOUBLE = 4, XML_SEEN_DATE = 8, XML_SEEN_BOOLEAN = 16, XML_SEEN_TEXT = 32 };

/* A report: the one asked for, or one that stands in the places of subreports. */
struct xml_definition {
    const struct publish_report *published;
    const char *root_name;
    const char **item_names;                          /* by item number */
    const char **instance_names, **collection_names;  /* by member number; a static member has the first only */
    uint8_t *seen;                                    /* by item number: enum xml_seen */
    bool *has_elements;                               /* by member number: its contents are more than attributes */
    bool declaring;                                   /* its schema is being written */
};

enum xml_pass { XML_ATTRIBUTES, XML_ELEMENTS };

struct xml {
    struct rs_job *job, *scratch;
    struct compute_run *run;
    struct encoded out;
    struct xml_writer writer; /* into out.buf */
    bool formatted, omit_namespace, omit_schema;
    rs_text own_style_sheet, style_sheet; /* where they are; empty: none */
    bool only_types;          /* walk the data for `seen` and write nothing */

    const char *name_space;
    struct xml_definition *at; /* of the report at work: the one asked for, or a subreport */
    RS_VEC(struct xml_definition *) definitions;
};

/* xml_names.c: those of a report, with its names; the same each time. */
struct xml_definition *xml_definition_of(struct xml *x, const struct publish_report *published);
const char *xml_section_name(const struct xml *x, const struct rdl_section *section, size_t number); /* from 1 */
const char *xml_cell_name(const struct xml *x, const struct rdl_cell *cell);
/* A name of XML: what may not stand in one becomes _xHHHH_, as XmlConvert.EncodeLocalName does. */
rs_text xml_encode_name(struct rs_job *job, rs_text name);

/* What has an element of its own; the others are "contents only". */
bool xml_item_is_element(const struct rdl_item *item);
bool xml_member_is_element(const struct rdl_member *member);   /* an instance of a group, or a static member */
bool xml_has_collection(const struct rdl_member *member);
bool xml_section_is_element(const struct rdl_report *report, const struct rdl_section *section);

/* xml_schema.c: the schema into the writer, and what of the definition xml_data needs (has_elements). Fails with
 * RENDER_FAILED where two things in one element have one name. */
RS_CHECKED rs_status xml_write_schema(struct xml *x);

/* xml.c: what xsi:schemaLocation says; empty where it is left out. */
rs_text xml_schema_location(struct xml *x);

/* xml_transform.c: `document` becomes what the style sheet at `place` makes of it. Fails with RENDER_FAILED. */
RS_CHECKED rs_status xml_transform(struct rs_job *job, struct compute_run *run, rs_text place, rs_text *document);

/* xml_data.c: the root element. */
RS_CHECKED rs_status xml_write_data(struct xml *x);

#endif
