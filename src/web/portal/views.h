/* web/portal/views.h - the pages, one function each; portal.c has the table of their addresses.
 *
 * `path` is what stands behind the view's name in the address, decoded: the item.
 */
#ifndef WEB_PORTAL_VIEWS_H
#define WEB_PORTAL_VIEWS_H

#include "web/exchange/exchange.h"

RS_CHECKED rs_status portal_browse(struct exchange *x, rs_text path);   /* what is in a folder */
RS_CHECKED rs_status portal_report(struct exchange *x, rs_text path);   /* run a report; export with rs:Format */
RS_CHECKED rs_status portal_resource(struct exchange *x, rs_text path); /* a file's bytes */
RS_CHECKED rs_status portal_download(struct exchange *x, rs_text path); /* an item's original bytes, to be saved */
RS_CHECKED rs_status portal_manage(struct exchange *x, rs_text path);   /* properties: rename, move, delete ... */
RS_CHECKED rs_status portal_search(struct exchange *x, rs_text path);   /* ?q= */
RS_CHECKED rs_status portal_do(struct exchange *x, rs_text path);       /* what forms post to: do/ACTION */

/* The upload form's action: its own file because it answers with a page. */
RS_CHECKED rs_status portal_upload(struct exchange *x);

rs_status portal_error(struct exchange *x, rs_status status);

struct rs_buf;
struct catalog_items;
/* A list of items; with their folders where they come from several (search). */
void portal_write_items(struct rs_buf *out, struct exchange *x, const struct catalog_items *items, bool with_folders);

#endif
