/* report/render/html.h - what the files of the HTML renderer share: html.c (document and pages), html_style.c (RDL
 * styles as CSS), html_place.h (where items go), html_items.c (what they show), html_line.c, html_text.c (text boxes), html_markup.c (HTML
 * inside text), html_plain.c (text boxes that are nothing but text), html_script.c (their characters), html_subreport.c, html_toggle.c (what opens and closes),
 * html_find.c (search), html_tablix.h (data regions as tables).
 *
 * The report is walked once for each purpose: first to count pages (nothing is written; left out where nobody asks how
 * many there are), then to write the pages asked for. A page is gathered in memory, because its header may name what stands on it; then it goes out.
 *
 *     html_render ── walk (count) ── walk (write)
 *                        │
 *                   html_body ── bands of items ── html_item
 *                        │
 *                   html_tablix ── rows ── html_page_break when the page is full
 */
#ifndef REPORT_RENDER_HTML_H
#define REPORT_RENDER_HTML_H

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "report/compute/compute.h"
#include "report/render/format.h"
#include "report/text/block.h"

/* Where a place in the report is when the page ends and begins anew around it: a table closes its tags and opens
 * them again, with the rows that repeat; a subreport gives back to the report around it. */
struct html_open {
    rs_status (*close)(struct rs_job *job, void *data);
    rs_status (*open)(struct rs_job *job, void *data);
    void *data;
    const struct html_open *outer; /* NULL: none */
    const struct rdl_item *region; /* a data region that items repeat with; NULL: none */
};

/* One toggle in one place: "show the products of this category". */
struct html_toggle {
    uint64_t key;
    bool is_open; /* as the report says */
    bool is_flipped; /* the reader chose otherwise */
    bool is_ruled; /* something on this page is hidden by it */
    bool has_control; /* its check box is on this page */
};
RS_VEC_TYPE(struct html_toggle, html_toggles);

/* How a plain text box begins as a cell; empty for what is not plain. */
struct html_plain {
    rs_text cell, number_cell;
};

/* A report that stands on the page: the one asked for, or a subreport. */
struct html_definition {
    const struct publish_report *published;
    unsigned base;
    struct rs_map *toggle_items;        /* name -> struct rdl_item of the text boxes that toggle something */
    const struct html_plain *plain;     /* by item number */
};
RS_VEC_TYPE(struct html_definition, html_definitions);

/* The report at work: the one asked for, or a subreport while it is written. */
struct html_work {
    struct compute_run *run;
    const struct rdl_report *report;
    unsigned base;                      /* of its item numbers among those of all definitions */
    uint64_t instance;                  /* of the subreports around what is written; 0 = none */
    rs_text map_around;                 /* compute_map_inside of it */
    struct rs_map *toggle_items;
    const struct html_plain *plain;     /* by item number */
    struct compute_page *page;          /* NULL while nothing is written, and inside subreports */
};

struct html {
    struct html_work at;
    struct html_definitions definitions; /* the report asked for first */
    const struct rdl_page *page_setup;  /* of the first section */
    const struct render_sink *sink;
    struct rs_job *job;                 /* memory of the whole rendering */
    struct rs_job *caller;              /* whose sink it is */
    rs_buf out;                         /* of the page at work; its memory is the rendering's */
    int64_t section;                    /* the page wanted; 0 = all */
    int64_t number;                     /* of the page at work, from 1 */
    int64_t total;                      /* known after counting */
    RS_VEC(int64_t) resets;             /* pages on which PageNumber begins again at 1; found by counting; the first is 1 */
    rs_text page_name;                  /* of the group instance at work */
    rs_text page_root, sort_root;       /* what links into the viewer begin with; empty: there is none */
    struct html_map *map;               /* the document map; NULL: there is none */
    bool shows_map;                     /* beside the pages */
    struct html_find *find;             /* what is looked for; NULL: nothing */
    rs_text prefix;                     /* of every id; and the class of the root element where it is not empty */
    rs_text root;                       /* ".rs", the selector of the root element */
    rs_text link_target;                /* of links, escaped */
    bool accessible;                    /* header cells say that they are */
    const char *cell_role;              /* of the cells being written; NULL: none */
    const char *cell_class;             /* a further class of theirs; NULL: none */
    double limit_pt;                    /* height of a page's body; 0 = unlimited */
    double used_pt;                     /* of the page at work */
    double fresh_pt;                    /* of it: what only repeats stands above here; used_pt is equal while nothing else is there */
    bool walks_once;                    /* all pages are written, and nothing names what counting them would tell */
    bool counting;                      /* the first walk; there is none where one is enough */
    bool started;                       /* something stands on this page */
    bool break_asked, break_resets;     /* what comes next, if anything does, begins a page */
    bool can_stream;                    /* the page may go out before it is whole */
    bool fragment;
    int64_t refresh;                    /* seconds after which a viewer asks anew; 0: never */
    int64_t zoom;                       /* percent */
    bool in_page_section;               /* a page header or footer is being written */
    const struct html_open *open;       /* what a page break would cut, innermost first; NULL: nothing */
    struct html_toggles toggles;        /* of this page */
    RS_VEC(uint64_t) flipped;           /* toggles that the reader has opened or closed */
    struct html_seen *seen;             /* by base and item number: for HideDuplicates */
    size_t seen_count;
};

struct html_seen {
    uint64_t instance; /* compute_instance of the scope; 0 = nothing yet */
    rs_text text;
    int64_t page;
};

/* Whether what comes next is to be written: it is on a page that is wanted. */
static inline bool html_is_writing(const struct html *h)
{
    return !h->counting && (h->section == 0 || h->section == h->number);
}

/* A picture that its box is as large as. */
static inline bool html_is_auto_image(const struct rdl_item *item)
{
    return item->kind == RDL_IMAGE && item->image->sizing == RDL_SIZE_AUTO;
}

/* ---- html.c ------------------------------------------------------------------------------------------ */

/* End this page and begin the next; `reset`: the numbers begin again at 1. */
RS_CHECKED rs_status html_page_break(struct rs_job *job, struct html *h, bool reset);
/* The same as soon as anything is to stand on the next page. */
void html_page_break_later(struct html *h, bool reset);
/* Tell the page its name, h->page_name. */
void html_name_page(struct html *h);
/* Whether nothing but what repeats on every page stands on this one. */
static inline bool html_page_is_fresh(const struct html *h)
{
    return h->used_pt <= h->fresh_pt;
}
/* Whether `height_pt` more stays on this page. Rows are a little lower on screen than on paper: a line that would just not
 * fit does. */
static inline bool html_fits(const struct html *h, double height_pt)
{
    return !h->break_asked && (h->limit_pt <= 0 || !h->started || html_page_is_fresh(h) || h->used_pt + height_pt <= h->limit_pt + 1);
}
/* Take `height_pt` of the page for what repeats. */
void html_take_repeated(struct html *h, double height_pt);
/* Take `height_pt` of the page; breaks it before where it would not fit (never on an empty page). */
RS_CHECKED rs_status html_take(struct rs_job *job, struct html *h, double height_pt);
/* Let a long page go out in pieces. */
RS_CHECKED rs_status html_flush(struct html *h);

/* The whole report once: pages are counted, looked through or written. */
RS_CHECKED rs_status html_walk(struct rs_job *job, struct html *h);

/* ---- html_find.c ------------------------------------------------------------------------------------- */

/* Before the walks. */
RS_CHECKED rs_status html_find_prepare(struct rs_job *job, struct html *h, const struct render_device_info *info);
bool html_find_wants_map(const struct html *h); /* what is looked for is an entry of the document map */
/* Behind counting: h->section becomes the page that has it. */
RS_CHECKED rs_status html_find_page(struct rs_job *job, struct html *h);
/* h->number was counted on. */
void html_find_page_begins(struct html *h);
/* h->out is about to be sent: marks what is looked for. False where it is not to be sent. */
bool html_find_pass(struct html *h);
/* How many matches there are: to the sink. */
void html_find_tell(struct html *h);

/* ---- html_style.c ------------------------------------------------------------------------------------ */

enum html_part { HTML_BOX, HTML_PARAGRAPH, HTML_RUN }; /* which properties of a style belong to it */

/* Declarations of the constant members of `style`: for a class. */
void html_style_constant(rs_buf *out, const struct rdl_report *report, const struct rdl_style *style, enum html_part part);
/* ` style="..."` of those that are expressions; nothing where there are none. */
RS_CHECKED rs_status html_style_dynamic(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                        const struct rdl_style *style, enum html_part part);
/* Those declarations alone. */
RS_CHECKED rs_status html_style_rules(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                      const struct rdl_style *style, enum html_part part);
bool html_style_has_dynamic(const struct rdl_style *style, enum html_part part);
/* The style sheet of a report: what is constant, as classes named by item number. */
void html_style_sheet(rs_buf *out, const struct html *h, const struct html_definition *definition);
void html_size(rs_buf *out, double pt); /* "12.5pt" */
void html_font_family(rs_buf *out, rs_text family); /* "font-family:'Arial',sans-serif;" */
bool html_knows_height(rs_text family); /* its lines are as high as on paper; browsers find those of others by themselves */
void html_space(struct html *h, double height_pt); /* a block that is empty; nothing where it is about zero */
/* "margin-top:12.5pt;"; nothing where it is about zero. */
void html_length(rs_buf *out, const char *property, double pt);

/* What may break the page: then its parts stand `left_pt` and, the first one, `top_pt` away from what is before them. What is in
 * a cell of a table is written where it is, whole. */
struct html_region_place {
    bool may_break;
    double left_pt, top_pt;
};

/* ---- html_place.c and html_break.c ------------------------------------------------------------------ */

/* Items beside and below each other, in their container, which is `height_pt` high by the definition; those that may break
 * are written with all that a page is parted at: page breaks, and rows that do not fit. */
RS_CHECKED rs_status html_items(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                const rdl_items *items, double height_pt, bool may_break);
/* Whether pages may part an item that may break: data regions, subreports, and rectangles with such in them. */
bool html_is_parted(const struct rdl_item *item);
/* One of them. */
RS_CHECKED rs_status html_part(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item,
                               struct html_region_place place);
/* A page break before what is `height_pt` high, as designed, and should stay together as far as a page can hold it. */
RS_CHECKED rs_status html_keep_together(struct rs_job *job, struct html *h, double height_pt);

/* ---- html_items.c ------------------------------------------------------------------------------------ */

/* Where links from the document map and from bookmarks to an item lead. */
RS_CHECKED rs_status html_anchor(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                 const struct rdl_item *item);
/* ` title="..."` of an item that has a tool tip. */
RS_CHECKED rs_status html_tip(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item);
/* The inside of one item, without its place. In a cell the `td` has the item's box style already. */
RS_CHECKED rs_status html_content(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                  const struct rdl_item *item, bool in_cell);
/* What is said in the place of a region or subreport. */
RS_CHECKED rs_status html_message(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                  const struct rdl_item *item, rs_text message, struct html_region_place place);
/* ` class="..."` and ` style="..."` of an item's box; `extra` are further classes. */
RS_CHECKED rs_status html_box(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                              const struct rdl_item *item, const char *extra);

/* ---- html_line.c ------------------------------------------------------------------------------------- */

RS_CHECKED rs_status html_line(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item);

/* ---- html_text.c ------------------------------------------------------------------------------------- */

/* A paragraph that is being written. */
struct html_paragraph {
    struct html *h;
    const struct compute_scope *scope;
    const struct rdl_item *item;              /* its text box */
    const struct rdl_paragraph *definition;
    size_t number;                            /* in the text box */
    struct compute_text *texts;               /* by run */
    bool *is_markup;                          /* by run: its MarkupType is HTML */
    struct text_list_numbers *numbers;        /* of the lists of the text box so far */
};

RS_CHECKED rs_status html_textbox(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                  const struct rdl_item *item);
/* A run that is plain text, with its style and action. */
RS_CHECKED rs_status html_run(struct rs_job *job, struct html_paragraph *paragraph, size_t run);
/* Around what stands in the style of a run; `opened`: in a link, too. */
RS_CHECKED rs_status html_run_open(struct rs_job *job, struct html_paragraph *paragraph, size_t run, bool *opened);
void html_run_close(struct html_paragraph *paragraph, bool opened);
/* The class that makes lines as high as their text. */
void html_paragraph_strut(struct html_paragraph *paragraph);
enum text_list html_list_of(const struct rdl_paragraph *definition);
unsigned html_list_level(const struct rdl_paragraph *definition);
/* Around the runs of a list item; nothing around others, before which lists end. */
void html_list_open(struct html_paragraph *paragraph, enum text_list list, unsigned level);
void html_list_close(struct html_paragraph *paragraph, enum text_list list);
/* `<a href="...">` where the action leads somewhere: then `opened`. */
RS_CHECKED rs_status html_action_open(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                      const struct rdl_action *action, bool *opened);
/* Schemes that a link of a report may have; others (javascript:) are shown as text. */
bool html_link_is_safe(rs_text url);

/* TextAlign General: numbers and dates stand at the end of the line. */
bool html_is_general(const struct rdl_style *paragraph);
bool html_is_number_or_date(struct value value);

/* ---- html_script.c ----------------------------------------------------------------------------------- */

/* The text of a run, escaped; lines with characters that its font lacks are as high as on paper. */
RS_CHECKED rs_status html_script(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                 const struct rdl_paragraph *paragraph, const struct rdl_text_run *run, rs_text text);

/* Whether each font that html_knows_height knows has the character, and so has what stands in for it. */
bool html_every_font_has(uint32_t code_point);

/* ---- html_plain.c ------------------------------------------------------------------------------------ */

/* Which text boxes of a definition whose toggles are known are plain, by item number. */
const struct html_plain *html_plain_find(struct html *h, const struct html_definition *definition);
static inline bool html_is_plain(const struct html *h, const struct rdl_item *item)
{
    return h->at.plain[item->number].cell.size > 0;
}
/* A plain text box as a whole: a table's cell, and a box in a place of its own. */
RS_CHECKED rs_status html_plain_cell(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                     const struct rdl_item *item, size_t column_span, size_t row_span);
RS_CHECKED rs_status html_plain_box(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                    const struct rdl_item *item);

/* ---- html_sort.c ------------------------------------------------------------------------------------- */

/* The arrows of a text box that sorts; nothing in others, nor where no viewer could sort. */
RS_CHECKED rs_status html_sort_control(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                       const struct rdl_item *item);

/* ---- html_map.c -------------------------------------------------------------------------------------- */

/* Before the walks. */
RS_CHECKED rs_status html_map_prepare(struct rs_job *job, struct html *h);
/* What an item, or a group's instance, of the report at work is called in the map. */
rs_text html_map_item_id(struct rs_job *job, const struct html *h, const struct compute_scope *scope, const struct rdl_item *item);
rs_text html_map_group_id(struct rs_job *job, const struct html *h, struct compute_tablix *tablix, struct compute_place place);
/* What is called `id` stands here, at the anchor of `anchor` (often the same); false where the map does not have it. */
bool html_map_note(struct html *h, rs_text id, rs_text anchor);
/* ` id="..."` of an element that entries lead to. */
void html_map_anchor(struct html *h, rs_text id);
/* An item as far as it has a label, while counting; and what stands in it, but what is parted and so noted by itself. */
void html_map_note_item(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item,
                        bool may_be_parted);
/* Behind counting: the page of an entry, and what its anchor is called; 0 where there is no entry of this id. */
int64_t html_map_page(const struct html *h, rs_text id, rs_text *anchor);
/* The panel. */
void html_map_write(struct html *h);

/* ---- html_picture.c ---------------------------------------------------------------------------------- */

/* The address of a picture: RDL_IMAGE_EMBEDDED ... `shown` is false, and nothing is written, where there is none. */
RS_CHECKED rs_status html_picture(struct rs_job *job, struct html *h, const struct compute_scope *scope, int source,
                                  const struct rdl_expr *value, const struct rdl_expr *mime_type, bool *shown);
/* Declarations of a background picture: for the style sheet, and at each place. */
void html_background_constant(rs_buf *out, const struct rdl_report *report, const struct rdl_style *style);
bool html_background_is_dynamic(const struct rdl_style *style);
RS_CHECKED rs_status html_background_dynamic(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                             const struct rdl_style *style);

/* ---- html_markup.c ----------------------------------------------------------------------------------- */

/* The paragraphs that one with runs of MarkupType HTML becomes. */
RS_CHECKED rs_status html_markup(struct rs_job *job, struct html_paragraph *paragraph);

/* ---- html_subreport.c --------------------------------------------------------------------------------- */

/* The report asked for and all definitions that its subreports name: once, before the walks. */
RS_CHECKED rs_status html_definitions_find(struct rs_job *job, struct html *h);
RS_CHECKED rs_status html_subreport(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                    const struct rdl_item *item, struct html_region_place place);

/* ---- html_toggle.c ----------------------------------------------------------------------------------- */

/* Which text boxes of a definition toggle something. */
struct rs_map *html_toggles_find(struct rs_job *job, const struct publish_report *published);
/* Those that begin the other way round: "k1f,k2a", as their controls are called. */
void html_toggles_read(struct html *h, rs_text flipped);
/* Whether the toggle of `visibility` is one of them. */
bool html_toggle_is_flipped(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                            const struct rdl_visibility *visibility);
/* Whether a text box has a control. */
bool html_toggles_something(const struct html *h, const struct rdl_item *item);
/* The control in a text box that toggles; nothing in others. */
RS_CHECKED rs_status html_toggle_control(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                         const struct rdl_item *item);
/* Of an id below `around`, among items of one definition: the same in each run of the report. */
uint64_t html_stable_hash(uint64_t around, unsigned base, rs_text id);
/* The class of a toggling text box whose text is one line while what it toggles is closed; NULL for other items. */
const char *html_toggle_line_class(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                   const struct rdl_item *item);
/* The class of what a toggle hides and shows; empty where nothing does. `hidden` is the state at first. */
RS_CHECKED rs_status html_toggle_class(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                       const struct rdl_visibility *visibility, bool hidden, rs_text *out);
/* The rules of the toggles on this page. */
void html_toggle_rules(struct html *h);
/* Whether an element that begins with `tag` is hidden at first by a toggle of this page. */
bool html_toggle_hides(const struct html *h, rs_text tag);

/* ---- html_tablix.c ----------------------------------------------------------------------------------- */

void html_spans(rs_buf *out, size_t columns, size_t rows); /* attributes of a cell; nothing for 1 */

RS_CHECKED rs_status html_tablix(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                 const struct rdl_item *item, struct html_region_place place);

#endif
