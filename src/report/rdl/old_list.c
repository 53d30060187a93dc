/* <List> of 2000 and 2005: a tablix of one cell, whose rectangle holds the items, on a group or on the rows. */
#include "report/rdl/reader.h"

#include <math.h>

static const struct row list_rows[] = {
    TEXT("DataInstanceName", struct rdl_member, data_element_name),
    ENUM("DataInstanceElementOutput", struct rdl_member, data_element_output, rdl_outputs),
    LIST("Sorting", struct rdl_member, sorts, "SortBy", struct rdl_sort, read_old_sort), END,
};

static rs_status read_list_member(struct reader *r, const struct xml_node *node, struct rdl_member *member)
{
    const struct xml_node *grouping = reader_child(r, node, "Grouping");

    member->line = node->line;
    member->keep_together = true; /* an instance was kept on a page where it fits */
    if (grouping)
        RS_TRY(read_group(r, grouping, &member->group));
    else
        member->group = group_create(r, node);
    xml_each_child (child, node) {
        struct xml_node holder = *node, single = *child;
        if (!reader_is_rdl(r, child))
            continue;
        for (const struct row *row = list_rows; row->element; row++)
            if (reader_same(child->name, row->element)) {
                single.next = NULL;
                holder.first_child = &single;
                RS_TRY(reader_one(r, &holder, member, list_rows));
            }
    }
    if (member->data_element_name.size) { /* DataInstanceName: of an instance, not of the collection */
        member->group->data_element_name = member->data_element_name;
        member->data_element_name = (rs_text){NULL, 0};
    }
    return RS_OK;
}

rs_status read_old_list(struct reader *r, const struct xml_node *node, struct rdl_item *item)
{
    const struct xml_node *contents = reader_child(r, node, "ReportItems");
    struct rdl_tablix *tablix = item->tablix = RS_NEW(r->job, struct rdl_tablix);
    struct rdl_item *rectangle;
    unsigned leaves;

    RS_TRY(read_item_rows(r, node, item, tablix, tablix_common_rows));
    RS_TRY(tablix_allocate_cells(r, node, tablix, 1, 1));
    tablix->column_widths_pt.items[0] = item->width_pt; /* NAN where left out: settled with the item */
    tablix->rows.items[0].height_pt = item->height_pt;
    tablix->row_members.items = RS_NEW(r->job, struct rdl_member);
    tablix->column_members.items = RS_NEW(r->job, struct rdl_member);
    tablix->row_members.count = tablix->column_members.count = 1;
    tablix->column_members.items[0].line = node->line;
    RS_TRY(read_list_member(r, node, &tablix->row_members.items[0]));
    RS_TRY(tablix_number_members(r, node, &tablix->column_members, &leaves));
    RS_TRY(tablix_number_members(r, node, &tablix->row_members, &leaves));

    rectangle = item_create(r, node, RDL_RECTANGLE);
    rectangle->name = rs_text_format(r->job, "%.*s_Contents", RS_TEXT_ARG(item->name));
    rectangle->rectangle = RS_NEW(r->job, struct rdl_rectangle);
    if (!r->copying)
        rs_vec_push(r->job, &r->copies, rectangle); /* its name must not collide */
    rectangle->data_element_output = RDL_CONTENTS_ONLY;
    tablix->rows.items[0].cells.items[0].item = rectangle;
    return contents ? read_items(r, contents, &rectangle->rectangle->items) : RS_OK;
}
