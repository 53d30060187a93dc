/* bindery cert remove, renew, slots, slot, slot-remove. */
#include "cli/configure.h"

#include <stdio.h>

#include "cli/call.h"
#include "cli/table.h"
#include "format/json/json.h"

const struct cli_option cli_cert_remove_options[] = {
    {"--force", NULL, "unbind it first, wherever it is bound, in one change"},
    {0},
};

const struct cli_option cli_cert_slot_options[] = {
    {"--cert", "THUMBPRINT", "SHA-1 or SHA-256 thumbprint of a certificate in the store"},
    {"--force", NULL, "although a watched folder or ACME fills the slot"},
    {0},
};

const struct cli_option cli_cert_slot_remove_options[] = {
    {"--force", NULL, "rows that follow it keep the certificate they have"},
    {0},
};

/* `argument` with the command's own argument, and Force. */
static rs_status change(struct cli *cli, const char *operation, const char *argument, json_t *more)
{
    json_t *arguments = json_pack("{s:o}", argument, json_from_text(cli->arguments.items[0])), *result;

    if (cli_has(cli, "--force"))
        json_object_set_new(arguments, "Force", json_true());
    json_object_update(arguments, more);
    json_decref(more);
    RS_TRY(cli_call(cli, operation, arguments, &result));
    cli_print_change(cli, result);
    return RS_OK;
}

rs_status cli_cert_remove(struct cli *cli)
{
    return change(cli, "RemoveCertificate", "Thumbprint", NULL);
}

rs_status cli_cert_renew(struct cli *cli)
{
    json_t *result;

    RS_TRY(cli_call(cli, "RenewCertificate", json_pack("{s:o}", "Thumbprint", json_from_text(cli->arguments.items[0])), &result));
    cli_print_change(cli, result);
    return RS_OK;
}

rs_status cli_cert_slot(struct cli *cli)
{
    rs_text certificate;

    RS_TRY(cli_need(cli, "--cert", &certificate));
    return change(cli, "SetCertificateSlot", "Slot", json_pack("{s:o}", "CertificateHash", json_from_text(certificate)));
}

rs_status cli_cert_slot_remove(struct cli *cli)
{
    return change(cli, "RemoveCertificateSlot", "Slot", NULL);
}

rs_status cli_cert_slots(struct cli *cli)
{
    static const char *const headings[] = {"SLOT", "CERTIFICATE", "USABLE", "VALID UNTIL", "FILLED BY", "ROWS", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    json_t *result, *row;
    size_t index;

    RS_TRY(cli_call(cli, "ListCertificateSlots", json_object(), &result));
    if (cli->json) {
        cli_print_json(result);
        return RS_OK;
    }
    json_array_foreach(json_object_get(result, "slots"), index, row) {
        rs_text source = cli_member(cli->job, row, "source");
        cli_table_row(&table, cli_member(cli->job, row, "slot"), cli_member(cli->job, row, "thumbprint"),
                      cli_member(cli->job, row, "usable"), rs_text_slice(cli_member(cli->job, row, "not_after"), 0, 10),
                      source.size ? source : RS_TEXT("hand"), cli_member(cli->job, row, "rows"));
    }
    cli_table_print(&table, "there is no slot; `bindery cert slot NAME --cert THUMBPRINT` makes one");
    return RS_OK;
}
