/* web/url/prompts.h - the form in which a report's parameters are given.
 *
 * It works without script: a plain GET form whose fields carry the names that URL access knows. The script only makes it
 * quicker (assets/viewer.js): a changed parameter that others depend on asks for the form anew.
 */
#ifndef WEB_URL_PROMPTS_H
#define WEB_URL_PROMPTS_H

#include "web/url/request.h"

struct url_prompts {
    const struct service_parameter_states *parameters;
    const struct url_request *request;
    rs_text path_field; /* name of a hidden field that carries the item's path; empty: the form's action does */
    bool open;          /* the area is unfolded */
};

/* Whether there is anything to ask: a parameter that prompts and is not hidden. */
bool url_prompts_needed(const struct service_parameter_states *parameters);

void url_prompts_write(rs_buf *out, const struct url_prompts *prompts);

/* <input type="hidden"> for each pair that `displayed` does not show itself; `displayed` may be NULL. */
void url_write_hidden_fields(rs_buf *out, const struct exchange_pairs *pairs,
                             const struct service_parameter_states *displayed);

#endif
