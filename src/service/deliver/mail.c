#include "service/deliver/mail.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/buf.h"
#include "base/log.h"
#include "format/escape/base64.h"
#include "format/escape/hex.h"

#define SEND_MS 60000
#define LINE 57u     /* bytes that make 76 characters of base64 */
#define WORD 45u     /* bytes of one encoded word of a header */
#define ANSWER_MAX 300

/* ---- the message --------------------------------------------------------------------------------- */

rs_status deliver_address_check(struct rs_job *job, rs_text address)
{
    ptrdiff_t at = rs_text_find_byte(address, '@');
    bool good = at > 0 && (size_t)at + 1 < address.size && address.size <= DELIVER_ADDRESS_MAX && address.bytes[0] != '-';

    for (size_t i = 0; good && i < address.size; i++)
        good = (unsigned char)address.bytes[i] > 0x20 && (unsigned char)address.bytes[i] < 0x7F &&
               !strchr("<>()[]\\,;:\"", address.bytes[i]) && (address.bytes[i] != '@' || i == (size_t)at);
    return good ? RS_OK : rs_fail(job, RS_INVALID, "\"%.*s\" is not an address: user@host", RS_TEXT_ARG(rs_text_slice(address, 0, 100)));
}

static bool is_plain(rs_text t)
{
    for (size_t i = 0; i < t.size; i++)
        if ((unsigned char)t.bytes[i] < 0x20 || (unsigned char)t.bytes[i] >= 0x7F)
            return false;
    return t.size <= 60;
}

/* As encoded words (RFC 2047) where it is not plain: characters stay whole, and no line end gets out. */
static void write_subject(rs_buf *out, rs_text t)
{
    size_t from = 0, at = 0;

    rs_buf_add_literal(out, "Subject: ");
    if (is_plain(t)) {
        rs_buf_add(out, t);
        rs_buf_add_literal(out, "\r\n");
        return;
    }
    while (from < t.size) {
        size_t end = from;
        while (at < t.size && at - from <= WORD - 4) {
            rs_text_next(t, &at);
            end = at;
        }
        rs_buf_add_literal(out, "=?utf-8?B?");
        escape_base64_write(out, rs_text_slice(t, from, end - from));
        rs_buf_add_literal(out, "?=\r\n");
        from = end;
        if (from < t.size)
            rs_buf_add_byte(out, ' ');
    }
}

static void write_body(rs_buf *out, rs_text text)
{
    for (size_t at = 0; at < text.size; at += LINE) {
        escape_base64_write(out, rs_text_slice(text, at, LINE));
        rs_buf_add_literal(out, "\r\n");
    }
}

static void write_id(rs_buf *out, rs_text from)
{
    char random[16];

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        rs_log_abort("service/deliver: the system gives no random bytes");
    rs_buf_add_literal(out, "Message-ID: <");
    escape_hex_write(out, rs_text_of(random, sizeof random), ESCAPE_HEX_LOWER);
    rs_buf_printf(out, "%.*s>\r\n", RS_TEXT_ARG(rs_text_from_offset(from, (size_t)rs_text_find_byte(from, '@'))));
}

/* Sun, 22 Nov 2026 09:30:00 +0000; not by strftime, whose names follow the locale. */
static void write_date(rs_buf *out)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t now = time(NULL);
    struct tm utc;

    gmtime_r(&now, &utc);
    rs_buf_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[utc.tm_wday], utc.tm_mday, months[utc.tm_mon],
                  utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

rs_status deliver_mail_write(struct rs_job *job, const struct deliver_mail *mail, rs_text *out)
{
    rs_buf text = rs_buf_in(job);

    RS_TRY(deliver_address_check(job, mail->from));
    RS_TRY(deliver_address_check(job, mail->to));
    rs_buf_printf(&text, "From: <%.*s>\r\nTo: <%.*s>\r\n", RS_TEXT_ARG(mail->from), RS_TEXT_ARG(mail->to));
    write_subject(&text, mail->subject);
    write_date(&text);
    write_id(&text, mail->from);
    rs_buf_add_literal(&text, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                              "Content-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n\r\n");
    write_body(&text, mail->text);
    *out = rs_buf_text(&text);
    return RS_OK;
}

/* ---- sending ------------------------------------------------------------------------------------- */

struct transfer {
    rs_text rest;               /* of the message */
    char answer[ANSWER_MAX];    /* the last line that the server said */
};

static size_t give(char *to, size_t size, size_t count, void *data)
{
    struct transfer *t = data;
    size_t most = size * count, given = t->rest.size < most ? t->rest.size : most;

    memcpy(to, t->rest.bytes, given);
    t->rest = rs_text_from_offset(t->rest, given);
    return given;
}

/* Lines of the server come as headers. */
static size_t hear(char *line, size_t size, size_t count, void *data)
{
    struct transfer *t = data;
    size_t length = size * count, kept = length < ANSWER_MAX - 1 ? length : ANSWER_MAX - 1;

    memcpy(t->answer, line, kept);
    while (kept > 0 && (unsigned char)t->answer[kept - 1] <= 0x20)
        kept--;
    t->answer[kept] = '\0';
    for (size_t i = 0; i < kept; i++)
        if ((unsigned char)t->answer[i] < 0x20 || (unsigned char)t->answer[i] >= 0x7F)
            t->answer[i] = '?';
    return length;
}

static void prepare(struct rs_job *job, CURL *easy, const struct deliver_server *server, const struct deliver_mail *mail,
                    struct transfer *transfer, struct curl_slist *to, char *error)
{
    bool at_once = server->port == 465;

    curl_easy_setopt(easy, CURLOPT_URL, rs_text_format(job, "%s://%.*s:%u", at_once ? "smtps" : "smtp", RS_TEXT_ARG(server->host),
                                                       server->port).bytes);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_USE_SSL, server->tls || at_once ? CURLUSESSL_ALL : CURLUSESSL_NONE);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)server->connect_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(server->connect_ms + SEND_MS));
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, rs_text_format(job, "<%.*s>", RS_TEXT_ARG(mail->from)).bytes);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, hear);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    if (server->authentication == DELIVER_ANONYMOUS)
        return;
    curl_easy_setopt(easy, CURLOPT_USERNAME, rs_text_terminated(job, server->user));
    curl_easy_setopt(easy, CURLOPT_PASSWORD, rs_text_terminated(job, server->password));
    if (server->authentication == DELIVER_NTLM)
        curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=NTLM");
}

static rs_status failed(struct rs_job *job, const struct deliver_server *server, CURLcode code, const char *error, const char *answer)
{
    const char *what = error[0] ? error : curl_easy_strerror(code);
    rs_text place = rs_text_format(job, "%.*s:%u", RS_TEXT_ARG(server->host), server->port);

    switch (code) {
    case CURLE_LOGIN_DENIED:
        return rs_fail(job, RS_DENIED, "the mail server %.*s does not take the user %.*s with its password: %s", RS_TEXT_ARG(place),
                       RS_TEXT_ARG(server->user), answer);
    case CURLE_OPERATION_TIMEDOUT:
        return rs_fail(job, RS_TIMEOUT, "the mail server %.*s does not answer in time: %s", RS_TEXT_ARG(place), what);
    case CURLE_USE_SSL_FAILED:
        return rs_fail(job, RS_FAILED, "the mail server %.*s offers no TLS, without which nothing is sent: %s", RS_TEXT_ARG(place), answer);
    case CURLE_PEER_FAILED_VERIFICATION:
        return rs_fail(job, RS_FAILED, "the certificate of the mail server %.*s is not trusted: %s. Add its authority to those of the "
                       "machine (update-ca-certificates)", RS_TEXT_ARG(place), what);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
        return rs_fail(job, RS_FAILED, "the mail server %.*s cannot be reached: %s", RS_TEXT_ARG(place), what);
    default:
        return rs_fail(job, RS_FAILED, "the mail server %.*s did not take the message: %s%s%s", RS_TEXT_ARG(place), what,
                       answer[0] ? "; it said: " : "", answer);
    }
}

rs_status deliver_mail(struct rs_job *job, const struct deliver_server *server, const struct deliver_mail *mail)
{
    struct transfer transfer = {.answer = ""};
    char error[CURL_ERROR_SIZE] = "";
    CURLcode code;

    RS_TRY(deliver_mail_write(job, mail, &transfer.rest));
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return rs_fail(job, RS_FAILED, "libcurl does not start");
    CURL *easy = curl_easy_init();
    struct curl_slist *to = curl_slist_append(NULL, rs_text_format(job, "<%.*s>", RS_TEXT_ARG(mail->to)).bytes);
    if (!easy || !to) {
        curl_easy_cleanup(easy);
        curl_slist_free_all(to);
        return rs_fail(job, RS_NO_MEMORY, "no memory for a message");
    }
    prepare(job, easy, server, mail, &transfer, to, error);
    code = curl_easy_perform(easy);
    curl_easy_cleanup(easy);
    curl_slist_free_all(to);
    return code == CURLE_OK ? RS_OK : failed(job, server, code, error, transfer.answer);
}
