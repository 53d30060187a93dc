#include "daemon/config_frame.h"

#include <assert.h>

#include "base/buf.h"
#include "format/escape/markup.h"
#include "format/xml/edit.h"
#include "net/tables/snapshot.h"

#define PLACE "\xEE\x80\x80rows\xEE\x80\x80" /* of the private use area: nobody's text */

/* ---- with the parser ----------------------------------------------------------------------- */

static void add_text(struct rs_job *job, struct xml_edit_node *parent, const char *name, rs_text text)
{
    xml_edit_set_text(job, xml_edit_add(job, parent, name), text);
}

/* The section of this name, emptied; made as the last child where it is missing. */
static struct xml_edit_node *section(struct rs_job *job, struct xml_edit_node *root, const char *name)
{
    struct xml_edit_node *node = xml_edit_first(root, name);

    if (!node)
        return xml_edit_add(job, root, name);
    xml_edit_clear(node);
    return node;
}

static void write_reservations(struct rs_job *job, struct xml_edit_node *root, const struct tables_snapshot *snapshot)
{
    struct xml_edit_node *rows = section(job, root, "URLReservations");

    for (size_t i = 0; i < tables_application_count(snapshot); i++) {
        const struct tables_application *application = tables_application(snapshot, i);
        struct xml_edit_node *row = xml_edit_add(job, rows, "Application");
        struct xml_edit_node *urls;

        add_text(job, row, "Name", application->name);
        add_text(job, row, "VirtualDirectory", application->directory);
        urls = xml_edit_add(job, row, "URLs");
        for (size_t j = 0; j < tables_reservation_count(snapshot); j++) {
            const struct tables_reservation *reservation = tables_reservation(snapshot, j);
            struct xml_edit_node *url;
            if (!rs_text_equal_nocase(reservation->application, application->name))
                continue;
            url = xml_edit_add(job, urls, "URL");
            add_text(job, url, "UrlString", application->kind == TABLES_REPORT_SERVER ? reservation->url_string
                                                                                     : reservation->url);
            add_text(job, url, "AccountSid", reservation->acl);
            add_text(job, url, "AccountName", reservation->account);
        }
    }
}

/* One row that shows where rows go, and how they are set. */
static void leave_place(struct rs_job *job, struct xml_edit_node *root, const struct tables_snapshot *snapshot)
{
    struct xml_edit_node *old;

    if (tables_binding_count(snapshot) > 0) {
        struct xml_edit_node *rows = xml_edit_add(job, section(job, root, "SSLCertificateConfiguration"), "Bindings");
        add_text(job, xml_edit_add(job, rows, "Binding"), "Application", RS_TEXT(PLACE));
        return;
    }
    old = xml_edit_first(root, "SSLCertificateConfiguration");
    if (old)
        xml_edit_remove(old);
}

/* ---- as text ------------------------------------------------------------------------------- */

/* The white space at the end of `*text`, taken away from it. */
static rs_text cut_space(rs_text *text)
{
    size_t end = text->size;

    while (end > 0 && text->bytes[end - 1] != '>')
        end--;
    rs_text space = rs_text_from_offset(*text, end);
    text->size = end;
    return space;
}

/* The tag at the end of `*text`, taken away from it: from its '<' on. */
static rs_text cut_tag(rs_text *text)
{
    size_t start = text->size;

    while (start > 0 && text->bytes[start - 1] != '<')
        start--;
    start -= start > 0;
    rs_text tag = rs_text_from_offset(*text, start);
    text->size = start;
    return tag;
}

/* `whole` is ...<Bindings>ROW<Binding>FIELD<Application>PLACE</Application>END</Binding>... */
static void take_apart(rs_text whole, size_t place, struct config_frame *out)
{
    rs_text tag;
    size_t end;

    out->before = rs_text_slice(whole, 0, place);
    tag = cut_tag(&out->before);
    out->prefix = rs_text_slice(tag, 1, tag.size - sizeof "<Application>" + 1);
    out->field_break = cut_space(&out->before);
    (void)cut_tag(&out->before);
    out->row_break = cut_space(&out->before);
    out->after = rs_text_from_offset(whole, place + sizeof PLACE - 1);
    out->after = rs_text_from_offset(out->after, sizeof "</Application>" - 1 + out->prefix.size);
    end = (size_t)rs_text_find_byte(out->after, '<');
    out->end_break = rs_text_slice(out->after, 0, end);
    out->after = rs_text_from_offset(out->after, end + sizeof "</Binding>" - 1 + out->prefix.size);
    out->has_rows = true;
}

rs_status config_frame_make(struct rs_job *job, rs_text bytes, const struct tables_snapshot *snapshot, struct config_frame *out)
{
    struct xml_edit *edit;
    rs_text whole;
    const char *place;

    RS_TRY(xml_edit_parse(job, bytes, NULL, &edit));
    write_reservations(job, xml_edit_root(edit), snapshot);
    leave_place(job, xml_edit_root(edit), snapshot);
    RS_TRY(xml_edit_write(job, edit, &whole));
    *out = (struct config_frame){.before = whole};
    place = memmem(whole.bytes, whole.size, PLACE, sizeof PLACE - 1);
    if (place)
        take_apart(whole, (size_t)(place - whole.bytes), out);
    return RS_OK;
}

bool config_frame_fits(struct rs_job *job, const struct tables_snapshot *one, const struct tables_snapshot *other)
{
    struct tables_difference difference;

    if ((tables_binding_count(one) > 0) != (tables_binding_count(other) > 0))
        return false;
    tables_snapshot_compare(job, one, other, &difference);
    return !difference.sides && difference.put.reservation_count == 0 && difference.dropped_reservation_count == 0;
}

/* The elements of a row, in their order, with what stands around their texts. */
enum field { APPLICATION, CERTIFICATE, ADDRESS, PORT, HOST, FIELD_COUNT };
static const char *const field_names[] = {"Application", "CertificateHash", "IPAddress", "Port", "HostName"};

#define TEXTS_ABOUT 120 /* bytes of the texts of a row: room that is made at once */

struct row_frame {
    rs_text open, close;
    rs_text field_open[FIELD_COUNT], field_close[FIELD_COUNT];
    size_t size; /* of all of them */
};

static void make_row_frame(struct rs_job *job, const struct config_frame *frame, struct row_frame *out)
{
    out->size = 0;
    out->open = rs_text_format(job, "%.*s<%.*sBinding>", RS_TEXT_ARG(frame->row_break), RS_TEXT_ARG(frame->prefix));
    out->close = rs_text_format(job, "%.*s</%.*sBinding>", RS_TEXT_ARG(frame->end_break), RS_TEXT_ARG(frame->prefix));
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        out->field_open[i] = rs_text_format(job, "%.*s<%.*s%s>", RS_TEXT_ARG(frame->field_break), RS_TEXT_ARG(frame->prefix),
                                            field_names[i]);
        out->field_close[i] = rs_text_format(job, "</%.*s%s>", RS_TEXT_ARG(frame->prefix), field_names[i]);
        out->size += out->field_open[i].size + out->field_close[i].size;
    }
    out->size += out->open.size + out->close.size;
}

static void write_field(rs_buf *out, const struct row_frame *frame, enum field field, rs_text text)
{
    rs_buf_add(out, frame->field_open[field]);
    escape_html(out, text);
    rs_buf_add(out, frame->field_close[field]);
}

/* One row of the file: one application, one certificate, as the original has it. */
static void write_binding(rs_buf *out, const struct row_frame *frame, const struct tables_binding *binding,
                          rs_text application, const struct tables_certificate *certificate)
{
    char address[TABLES_ADDRESS_WRITTEN_MAX], hash[64], digits[RS_DIGITS_MAX];
    size_t size = certificate->sha1.size < sizeof hash ? certificate->sha1.size : sizeof hash;

    tables_address_write(&binding->address, address);
    for (size_t i = 0; i < size; i++)
        hash[i] = rs_lower(certificate->sha1.bytes[i]);
    rs_buf_add(out, frame->open);
    write_field(out, frame, APPLICATION, application);
    write_field(out, frame, CERTIFICATE, rs_text_of(hash, size));
    write_field(out, frame, ADDRESS, rs_text_from(address));
    write_field(out, frame, PORT, rs_text_of(digits, rs_digits(binding->port, digits)));
    if (binding->host.size > 0)
        write_field(out, frame, HOST, binding->host);
    rs_buf_add(out, frame->close);
}

struct filling {
    rs_buf out;
    struct row_frame row;
    uint32_t *ends;
    size_t count; /* of them */
};

static void fill_binding(struct filling *f, const struct tables_binding *binding)
{
    for (size_t i = 0; i < binding->claim_count; i++)
        for (size_t k = 0; k < binding->certificate_count; k++)
            write_binding(&f->out, &f->row, binding, binding->claims[i].application, &binding->certificates[k]);
    f->ends[f->count++] = (uint32_t)f->out.used;
}

/* The bindings from `from` up to `to` as they stand in `last`, whose rows begin at `start`. */
static void fill_again(struct filling *f, const struct config_filled *last, size_t start, size_t from, size_t to)
{
    size_t begin = from > 0 ? last->ends[from - 1] : start;
    uint32_t shift = (uint32_t)f->out.used - (uint32_t)begin; /* modulo 2^32: it may be negative */

    if (from == to)
        return;
    rs_buf_add(&f->out, rs_text_slice(last->bytes, begin, last->ends[to - 1] - begin));
    for (size_t i = from; i < to; i++)
        f->ends[f->count++] = last->ends[i] + shift;
}

/* Where the binding with this id stands, or would stand: they are in the order of their ids. */
static size_t binding_place(const struct tables_snapshot *snapshot, int64_t id)
{
    size_t low = 0, high = tables_binding_count(snapshot);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tables_binding(snapshot, middle)->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* From one change to the next, in the order of ids: what stands between them is copied. */
static void fill_changes(struct rs_job *job, struct filling *f, const struct config_filled *last, size_t start,
                         const struct tables_snapshot *snapshot)
{
    struct tables_difference difference;
    size_t put = 0, dropped = 0, at = 0, count = tables_binding_count(last->tables);

    tables_snapshot_compare(job, last->tables, snapshot, &difference);
    while (put < difference.put.binding_count || dropped < difference.dropped_binding_count) {
        const struct tables_binding *new = put < difference.put.binding_count ? &difference.put.bindings[put] : NULL;
        const int64_t *gone = dropped < difference.dropped_binding_count ? &difference.dropped_bindings[dropped] : NULL;
        int64_t id = new && (!gone || new->id < *gone) ? new->id : *gone;
        size_t place = binding_place(last->tables, id);
        fill_again(f, last, start, at, place);
        at = place + (place < count && tables_binding(last->tables, place)->id == id);
        if (new && new->id == id) {
            fill_binding(f, new);
            put++;
        } else {
            dropped++;
        }
    }
    fill_again(f, last, start, at, count);
}

rs_text config_frame_fill(struct rs_job *job, const struct config_frame *frame, const struct tables_snapshot *snapshot,
                          const struct config_filled *last, uint32_t *ends)
{
    struct filling f = {.out = rs_buf_in(job), .ends = ends};
    size_t count = tables_binding_count(snapshot);

    if (!frame->has_rows)
        return frame->before;
    make_row_frame(job, frame, &f.row);
    rs_buf_reserve(&f.out, frame->before.size + frame->after.size + count * (f.row.size + TEXTS_ABOUT));
    rs_buf_add(&f.out, frame->before);
    if (last)
        fill_changes(job, &f, last, frame->before.size, snapshot);
    for (size_t i = 0; !last && i < count; i++)
        fill_binding(&f, tables_binding(snapshot, i));
    assert(f.count == count);
    rs_buf_add(&f.out, frame->after);
    return rs_buf_text(&f.out);
}
