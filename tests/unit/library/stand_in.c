#include "unit.h"

#include "base/file.h"
#include "library/stand_in.h"

#include <cairo.h>
#include <curl/curl.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <tiffio.h>
#include <unistd.h>

static bool is_mapped(const char *file)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text maps;

    assert_int_equal(rs_file_read(job, RS_TEXT("/proc/self/maps"), 1 << 24, &maps), RS_OK);
    return strstr(rs_text_terminated(job, maps), file);
}

UNIT_TEST(library_is_loaded_when_it_is_first_called)
{
    assert_false(is_mapped("/libcairo.so"));
    cairo_surface_destroy(cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1));
    assert_true(is_mapped("/libcairo.so"));

    assert_false(is_mapped("/libpq.so"));
    assert_int_equal(PQntuples(NULL), 0);
    assert_true(is_mapped("/libpq.so"));

    assert_false(is_mapped("/libcurl.so"));
    assert_string_equal(curl_easy_strerror(CURLE_OK), "No error");
    assert_true(is_mapped("/libcurl.so"));

    assert_false(is_mapped("/libtiff.so"));
    TIFFSetWarningHandler(NULL);
    assert_true(is_mapped("/libtiff.so"));
}

UNIT_TEST(library_is_handed_numbers_and_pointers_that_follow)
{
    CURL *easy = curl_easy_init();
    char *address = NULL;
    long status = 7;

    assert_int_equal(curl_easy_setopt(easy, CURLOPT_URL, "https://localhost/x"), CURLE_OK);
    assert_int_equal(curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)1 << 40), CURLE_OK);
    assert_int_equal(curl_easy_setopt(easy, CURLOPT_TIMEOUT, -1L), CURLE_BAD_FUNCTION_ARGUMENT);
    assert_int_equal(curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &address), CURLE_OK);
    assert_string_equal(address, "https://localhost/x");
    assert_int_equal(curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status), CURLE_OK);
    assert_int_equal(status, 0);
    curl_easy_cleanup(easy);
}

/* What a process says and its status where it asks for this. */
static int ends_with(const char *file, const char *function, char *said, size_t size)
{
    int ends[2], status;
    ssize_t count;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        library_function(&(struct library){.file = file}, function);
        _exit(0);
    }
    close(ends[1]);
    count = read(ends[0], said, size - 1);
    said[count < 0 ? 0 : count] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

UNIT_TEST(library_that_is_missing_or_too_old_ends_the_process_by_its_name)
{
    char said[1000];

    assert_int_equal(ends_with("libnothing.so.1", "f", said, sizeof said), 127);
    assert_non_null(strstr(said, "libnothing.so.1 cannot be loaded"));
    assert_int_equal(ends_with("libm.so.6", "no_such_function", said, sizeof said), 127);
    assert_non_null(strstr(said, "no_such_function"));
}
