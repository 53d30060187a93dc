#include "net/front/misdirect.h"

#include "net/front/plan.h"
#include "net/tables/select.h"
#include "net/tls/tls.h"

static bool same_certificates(const struct tables_binding *a, const struct tables_binding *b)
{
    if (a->certificate_count != b->certificate_count)
        return false;
    for (size_t i = 0; i < a->certificate_count; i++)
        if (!tables_binding_shows(b, a->certificates[i].sha256))
            return false;
    return true;
}

static bool same_policy(const struct tables_binding *a, const struct tables_binding *b)
{
    for (int id = 0; id < POLICY_COUNT; id++)
        if (policy_setting((enum policy_id)id)->scope == POLICY_ROW &&
            !rs_text_equal(policy_text(&a->policy, (enum policy_id)id), policy_text(&b->policy, (enum policy_id)id)))
            return false;
    return true;
}

bool misdirect_check(const struct front_exchange *exchange)
{
    const struct front_client *client = exchange->client;
    const struct tables_snapshot *tables = front_plan_tables(exchange->plan);
    const struct tables_binding *here, *there;
    rs_text name, port, sni;

    if (!client->tls || !http_host_parse(exchange->request.host, &name, &port))
        return false;
    sni = tls_stream_sni(client->tls);
    if (rs_text_equal_nocase(name, sni))
        return false;
    here = tables_binding_select(tables, &client->local, client->local_port, sni);
    there = tables_binding_select(tables, &client->local, client->local_port, name);
    if (!here || !there || here == there)
        return false;
    return !same_policy(here, there) || (exchange->request.major == 2 && !same_certificates(here, there));
}
