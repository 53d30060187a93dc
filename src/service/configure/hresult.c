/* Failures as the original's provider tells them: an HRESULT. */
#include "service/configure/configure.h"

#include <stdio.h>

#define HRESULT_FAIL 0x80004005u /* E_FAIL */

/* The first row that fits holds; the operation NULL is any. 0x8007xxxx are errors of Windows, 0x8004xxxx of the provider. */
static const struct {
    const char *operation;
    rs_status status;
    uint32_t hresult;
} table[] = {
    {"ReserveURL", RS_CONFLICT, 0x8004023C},                  /* the URL is reserved already */
    {"SetVirtualDirectory", RS_CONFLICT, 0x8004023E},
    {"CreateSSLCertificateBinding", RS_CONFLICT, 0x800700B7}, /* ERROR_ALREADY_EXISTS */
    {"CreateSSLCertificateBinding", RS_NOT_FOUND, 0x80092004}, /* CRYPT_E_NOT_FOUND */
    {NULL, RS_INVALID, 0x80070057},                           /* E_INVALIDARG */
    {NULL, RS_NOT_FOUND, 0x80070490},                         /* ERROR_NOT_FOUND */
    {NULL, RS_CONFLICT, 0x80070964},                          /* ERROR_DEVICE_IN_USE: something depends on it */
    {NULL, RS_DENIED, 0x80070005},                            /* E_ACCESSDENIED */
    {NULL, RS_UNSUPPORTED, 0x80004001},                       /* E_NOTIMPL */
    {NULL, RS_NO_MEMORY, 0x8007000E},                         /* E_OUTOFMEMORY */
    {NULL, RS_TIMEOUT, 0x800705B4},                           /* ERROR_TIMEOUT */
    {NULL, RS_CANCELLED, 0x800704C7},                         /* ERROR_CANCELLED */
    {NULL, RS_OVER_LIMIT, 0x800700DF},                        /* ERROR_FILE_TOO_LARGE */
    {NULL, RS_IO, 0x8007001D},                                /* ERROR_WRITE_FAULT */
    {NULL, TABLES_DISK_FULL, 0x80070070},                     /* ERROR_DISK_FULL */
    {NULL, TABLES_DB_BUSY, 0x800700AA},                       /* ERROR_BUSY */
    {NULL, LOOP_ADDRESS, 0x80070020},                         /* ERROR_SHARING_VIOLATION: the port is taken */
    {NULL, PKI_NOT_FIT, 0x800B0109},                          /* CERT_E_UNTRUSTEDROOT: it cannot be used here */
    {NULL, PKI_FILE_INVALID, 0x80092002},                     /* CRYPT_E_BAD_ENCODE */
    {NULL, PKI_KEY_REFUSED, 0x8009000B},                      /* NTE_BAD_KEY_STATE */
    {NULL, DAEMON_SETTINGS, 0x8007000D},                      /* ERROR_INVALID_DATA */
};

int32_t configure_hresult(rs_text operation, rs_status status)
{
    if (status == RS_OK)
        return 0;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].status == status &&
            (!table[i].operation || rs_text_equal_nocase(operation, rs_text_from(table[i].operation))))
            return (int32_t)table[i].hresult;
    return (int32_t)HRESULT_FAIL;
}

json_t *configure_hresults(void)
{
    json_t *all = json_array();

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char hex[11];
        snprintf(hex, sizeof hex, "0x%08X", table[i].hresult);
        json_array_append_new(all, json_pack("{s:s, s:i, s:s, s:s, s:s, s:i}", "hresult", hex, "number",
                                             (int)(int32_t)table[i].hresult, "operation", table[i].operation ? table[i].operation : "",
                                             "status", rs_status_name(table[i].status), "code",
                                             rs_status_client_code(table[i].status), "http", rs_status_http(table[i].status)));
    }
    return all;
}
