/* report/rdl/reader.h - how XML becomes the model: tables of elements, and the one loop that follows them.
 *
 * A table row says which element it is for and what becomes of it: a value at an offset of the object being read, a
 * list, or a call. Elements of every schema version stand in the same tables: which ones occur is the file's business.
 * Inside this folder only.
 */
#ifndef REPORT_RDL_READER_H
#define REPORT_RDL_READER_H

#include "base/map.h"
#include "base/vec.h"
#include "format/xml/parse.h"
#include "report/rdl/model.h"
#include "report/rdl/read.h"
#include "report/rdl/values.h"

RS_VEC_TYPE(struct rdl_note, reader_notes);
RS_VEC_TYPE(struct rdl_item *, reader_items);
RS_VEC_TYPE(struct rdl_group *, reader_groups);

struct reader {
    struct rs_job *job;
    struct rdl_report *report;
    rs_text rdl_namespace;        /* of the root element */
    bool styles_are_attributes;   /* Report/DataElementStyle, known before the items are read */
    struct reader_notes notes;
    struct reader_items items;    /* all, by number */
    struct reader_items copies;   /* made for subtotals; they get names of their own in the end */
    struct reader_groups groups;  /* all */
    unsigned expr_count, member_count;
    size_t cell_count;            /* of all data regions so far */
    unsigned grid_cells;          /* of the grid of prompts so far */
    unsigned copying;             /* > 0: what is read is a copy */
    /* Styles of old subtotals, laid over the next item that is read. */
    const struct xml_node *overlay[2];
    const struct rdl_item *item;  /* innermost, for notes */
};

typedef rs_status reader_call(struct reader *r, const struct xml_node *node, void *object);

enum row_kind {
    ROW_END,
    ROW_EXPR,    /* struct rdl_expr; `type` is what a constant is */
    ROW_TEXT,    /* rs_text, trimmed */
    ROW_BOOL,    /* bool */
    ROW_FLAG,    /* bool: the keyword's value is not 0 */
    ROW_ENUM,    /* int-sized enum */
    ROW_SIZE,    /* double, points, not negative */
    ROW_SIGNED_SIZE,
    ROW_UINT,    /* unsigned */
    ROW_INT,     /* int */
    ROW_CALL,    /* call(r, node, object + offset) */
    ROW_REPEAT,  /* the same, for every one of several elements; all others count once */
    ROW_LIST,    /* RDL_LIST at offset: every child `child`, `item_size` bytes each, read by call(r, node, item) */
    ROW_SKIP,    /* known; nothing of it is needed */
};

struct row {
    const char *element;
    enum row_kind kind;
    uint8_t type;
    size_t offset;
    const struct rdl_keyword *keywords;
    reader_call *call;
    const char *child;
    size_t item_size;
};

#define EXPR(name, object, member) {name, ROW_EXPR, RDL_TYPE_NONE, offsetof(object, member), NULL, NULL, NULL, 0}
#define EXPR_TYPED(name, object, member, type) {name, ROW_EXPR, type, offsetof(object, member), NULL, NULL, NULL, 0}
#define VALUE(kind, name, object, member) {name, kind, 0, offsetof(object, member), NULL, NULL, NULL, 0}
#define TEXT(name, object, member) VALUE(ROW_TEXT, name, object, member)
#define BOOL(name, object, member) VALUE(ROW_BOOL, name, object, member)
#define SIZE(name, object, member) VALUE(ROW_SIZE, name, object, member)
#define ENUM(name, object, member, keywords) {name, ROW_ENUM, 0, offsetof(object, member), keywords, NULL, NULL, 0}
#define FLAG(name, object, member, keywords) {name, ROW_FLAG, 0, offsetof(object, member), keywords, NULL, NULL, 0}
#define CALL(name, object, member, call) {name, ROW_CALL, 0, offsetof(object, member), NULL, call, NULL, 0}
#define CALL_ON(name, call) {name, ROW_CALL, 0, 0, NULL, call, NULL, 0} /* on the whole object */
#define REPEAT_ON(name, call) {name, ROW_REPEAT, 0, 0, NULL, call, NULL, 0}
#define LIST(name, object, member, child, type, call)                                          \
    {name, ROW_LIST, 0, offsetof(object, member), NULL, call, child, sizeof(type)}
#define SKIP(name) {name, ROW_SKIP, 0, 0, NULL, NULL, NULL, 0}
#define END {NULL, ROW_END, 0, 0, NULL, NULL, NULL, 0}

/* Follow `rows` for every child of `node` in the RDL namespace; with a second object and its rows (NULL where there is
 * none) for those that the first does not know. Unknown ones become notes. */
rs_status reader_rows(struct reader *r, const struct xml_node *node, void *object, const struct row *rows,
                      void *more, const struct row *more_rows);

static inline rs_status reader_one(struct reader *r, const struct xml_node *node, void *object, const struct row *rows)
{
    return reader_rows(r, node, object, rows, NULL, NULL);
}

bool reader_is_rdl(const struct reader *r, const struct xml_node *node);
/* The first child of that name in the RDL namespace. */
const struct xml_node *reader_child(const struct reader *r, const struct xml_node *node, const char *name);
size_t reader_count(const struct reader *r, const struct xml_node *node, const char *name); /* node may be NULL */
#define reader_each(r, child, node, wanted)                                                    \
    for (const struct xml_node *child = (node) ? (node)->first_child : NULL; child; child = child->next)         \
        if (reader_is_rdl((r), child) && xml_is(child, (wanted)))

static inline bool reader_same(rs_text t, const char *name)
{
    return strncmp(t.bytes, name, t.size) == 0 && name[t.size] == 0;
}

rs_text reader_attribute(const struct xml_node *node, const char *name); /* trimmed; empty where absent */
rs_text reader_keep(struct reader *r, rs_text t);                        /* what the model may hold: trimmed */

/* RDL_INVALID with the line of `node`. */
rs_status reader_fail(struct reader *r, const struct xml_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
rs_status reader_over(struct reader *r, const struct xml_node *node, const char *what, size_t found, size_t most);
void reader_note(struct reader *r, enum rdl_note_kind kind, const struct xml_node *node, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A size of an element that holds nothing else, as ROW_SIZE reads it. */
rs_status reader_size(struct reader *r, const struct xml_node *node, bool is_signed, double *out_pt);
reader_call reader_expr; /* struct rdl_expr */

/* ---- parts, each in the file of its name ---------------------------------------------------- */

/* style.c */
reader_call read_style;      /* struct rdl_style */
void style_split_text(struct rdl_style *item, struct rdl_style *paragraph, struct rdl_style *text_run);

/* shared.c */
reader_call read_visibility, read_action, read_action_info, read_page_break, read_break_at_start, read_break_at_end;
reader_call read_filter, read_sort, read_old_sort, read_variable, read_custom_property, read_drill_parameter;
reader_call read_group_into; /* struct rdl_group */
rs_status read_group(struct reader *r, const struct xml_node *node, struct rdl_group **out);
struct rdl_group *group_create(struct reader *r, const struct xml_node *node); /* a details group */
extern const struct rdl_keyword rdl_outputs[], rdl_autos[];

/* items.c */
reader_call read_items;      /* rdl_items, from <ReportItems> or CellContents */
/* The item that `node` is, or NULL where it is none. */
rs_status read_item(struct reader *r, const struct xml_node *node, struct rdl_item **out);
struct rdl_item *item_create(struct reader *r, const struct xml_node *node, enum rdl_item_kind kind);
/* The single item in <ReportItems>; NULL where it is empty or `parent` has none. */
rs_status read_only_item(struct reader *r, const struct xml_node *parent, struct rdl_item **out);
extern const struct row item_rows[];
/* Style, overlay, place and the rest of what every item has, and what `rows` says of `special`. */
rs_status read_item_rows(struct reader *r, const struct xml_node *node, struct rdl_item *item, void *special,
                         const struct row *rows);

/* tablix.c */
typedef rs_status item_call(struct reader *r, const struct xml_node *node, struct rdl_item *item);
item_call read_tablix;
/* Members numbered, with parents, depths and leaf ranges; returns the leaves. */
rs_status tablix_number_members(struct reader *r, const struct xml_node *node, rdl_members *members, unsigned *leaves);
/* Header levels from the sizes of the members, spans of headers. Both hierarchies must be numbered. */
rs_status tablix_header_levels(struct reader *r, const struct xml_node *node, struct rdl_tablix *tablix);
rs_status tablix_allocate_cells(struct reader *r, const struct xml_node *node, struct rdl_tablix *tablix, size_t rows,
                                size_t columns);
/* Marks what spans cover; spans that reach outside the grid are cut. */
void tablix_cover(struct reader *r, const struct xml_node *node, struct rdl_tablix *tablix);
extern const struct row tablix_common_rows[]; /* what Table, Matrix and List have too, by their old names as well */

/* old_table.c, old_matrix.c, old_list.c: definitions of 2000 and 2005 */
item_call read_old_table, read_old_matrix, read_old_list;

/* data.c */
reader_call read_data_source, read_data_set, read_parameter, read_parameter_layout;

/* shared_data_set.c */
rs_status read_shared_definition(struct reader *r, const struct xml_node *root);

/* settle.c: what needs the whole report: extents that were left out, names, references */
rs_status settle_report(struct reader *r, const struct xml_node *root);

#endif
