/* library/curl.c - stands in for libcurl: authorities, documents from addresses, mail. */
#include "library/stand_in.h"

#include <curl/curl.h>
#include <stdarg.h>

static struct library curl = {.file = "libcurl.so.4"};

/* The header's macros of these names check types where they are called. */
#undef curl_easy_getinfo
#undef curl_easy_setopt

STAND_IN(curl, CURLcode, curl_global_init, (long flags), (flags))
STAND_IN(curl, curl_version_info_data *, curl_version_info, (CURLversion age), (age))
STAND_IN(curl, time_t, curl_getdate, (const char *date, const time_t *unused), (date, unused))
STAND_IN(curl, void, curl_free, (void *memory), (memory))
STAND_IN(curl, struct curl_slist *, curl_slist_append, (struct curl_slist * list, const char *text), (list, text))
STAND_IN(curl, void, curl_slist_free_all, (struct curl_slist * list), (list))

STAND_IN(curl, CURL *, curl_easy_init, (void), ())
STAND_IN(curl, void, curl_easy_cleanup, (CURL * easy), (easy))
STAND_IN(curl, void, curl_easy_reset, (CURL * easy), (easy))
STAND_IN(curl, CURLcode, curl_easy_perform, (CURL * easy), (easy))
STAND_IN(curl, const char *, curl_easy_strerror, (CURLcode code), (code))

/* One argument follows: a pointer, a long or a curl_off_t, which are passed alike where Linux has 64 bits. */
CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    __typeof__(&curl_easy_setopt) real = library_function(&curl, "curl_easy_setopt");
    va_list arguments;
    CURLcode code;

    va_start(arguments, option);
    code = real(easy, option, va_arg(arguments, void *));
    va_end(arguments);
    return code;
}

CURLcode curl_easy_getinfo(CURL *easy, CURLINFO info, ...)
{
    __typeof__(&curl_easy_getinfo) real = library_function(&curl, "curl_easy_getinfo");
    va_list arguments;
    CURLcode code;

    va_start(arguments, info);
    code = real(easy, info, va_arg(arguments, void *));
    va_end(arguments);
    return code;
}

STAND_IN(curl, CURLM *, curl_multi_init, (void), ())
STAND_IN(curl, CURLMcode, curl_multi_cleanup, (CURLM * multi), (multi))
STAND_IN(curl, CURLMcode, curl_multi_add_handle, (CURLM * multi, CURL *easy), (multi, easy))
STAND_IN(curl, CURLMcode, curl_multi_remove_handle, (CURLM * multi, CURL *easy), (multi, easy))
STAND_IN(curl, CURLMcode, curl_multi_perform, (CURLM * multi, int *running), (multi, running))
STAND_IN(curl, CURLMcode, curl_multi_poll,
         (CURLM * multi, struct curl_waitfd *more, unsigned count, int timeout_ms, int *ready),
         (multi, more, count, timeout_ms, ready))
STAND_IN(curl, CURLMsg *, curl_multi_info_read, (CURLM * multi, int *left), (multi, left))

STAND_IN(curl, CURLU *, curl_url, (void), ())
STAND_IN(curl, void, curl_url_cleanup, (CURLU * url), (url))
STAND_IN(curl, CURLUcode, curl_url_get, (CURLU * url, CURLUPart part, char **text, unsigned flags),
         (url, part, text, flags))
STAND_IN(curl, CURLUcode, curl_url_set, (CURLU * url, CURLUPart part, const char *text, unsigned flags),
         (url, part, text, flags))
