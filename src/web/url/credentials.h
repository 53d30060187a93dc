/* web/url/credentials.h - users and passwords for data sources that ask for them: dsu:Source and dsp:Source.
 *
 * They come in a posted form. What our own form brings is kept in a cookie, sealed with the key of the installation for this
 * user and this report, so that pages, sorts and exports of the report need not ask again, and no address carries a password.
 * It holds for CREDENTIALS_MINUTES after it was last used.
 */
#ifndef WEB_URL_CREDENTIALS_H
#define WEB_URL_CREDENTIALS_H

#include "web/url/request.h"

#define URL_CREDENTIALS_MINUTES 20

/* Those of an earlier form, where the request brings none. Fails only where the job must stop. */
RS_CHECKED rs_status url_credentials_recall(struct exchange *x, struct url_request *request);

/* Whether they came with our own form; then they are kept, and the same page is to be asked for by GET. */
RS_CHECKED rs_status url_credentials_keep(struct exchange *x, const struct url_request *request, bool *kept);

/* They did not open the data source: ask again. */
void url_credentials_forget(struct exchange *x, const struct url_request *request);

struct url_credentials_form {
    struct exchange *x;
    const struct url_request *request;
    const struct compute_data_prompts *sources;
    rs_text path_field; /* as in url_prompts */
    rs_text fault;      /* why those that were given are of no use; empty: they are, or there are none */
};
void url_credentials_write(rs_buf *out, const struct url_credentials_form *form);

#endif
