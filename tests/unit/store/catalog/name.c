#include "unit.h"

#include <string.h>

#include "store/catalog/name.h"

static rs_status check_name(const char *name)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    return catalog_name_check(job, rs_text_from(name));
}

static rs_status check_path(const char *path)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    return catalog_path_check(job, rs_text_from(path));
}

UNIT_TEST(names_follow_the_original)
{
    static const char *const good[] = {"Sales", "a", "1", "Sales v1.2 (old)", "logo.png", ("\xC3\x9C" "bersicht"),
                                       "\xE5\xA0\xB1\xE8\xA1\xA8", "100% #1", "it's"};
    static const char *const bad[] = {"", " ", " a", "a ", "a;b", "a?b", "a:b", "a@b", "a&b", "a=b", "a+b", "a,b",
                                      "a$b", "a/b", "a\\b", "a*b", "a<b", "a>b", "a|b", "a\"b", "a\nb", "...",
                                      "-", ("\xFF" "a"), "a\x7F", ("\xC2\x85" "a")};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_status(check_name(good[i]), RS_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_status(check_name(bad[i]), CATALOG_NAME_INVALID);
}

UNIT_TEST(paths_begin_at_the_root_and_end_in_a_name)
{
    char path[CATALOG_PATH_MAX + 2];

    assert_status(check_path("/"), RS_OK);
    assert_status(check_path("/a/b c"), RS_OK);
    assert_status(check_path(""), CATALOG_PATH_INVALID);
    assert_status(check_path("a"), CATALOG_PATH_INVALID);
    assert_status(check_path("/a/"), CATALOG_PATH_INVALID);
    assert_status(check_path("//a"), CATALOG_PATH_INVALID);
    assert_status(check_path("/../a"), CATALOG_PATH_INVALID);
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[CATALOG_PATH_MAX + 1] = 0;
    assert_status(check_path(path), CATALOG_PATH_LONG);
    path[CATALOG_PATH_MAX] = 0;
    assert_status(check_path(path), RS_OK);
}

UNIT_TEST(name_keys_ignore_case_and_composition)
{
    static const char *const same[][2] = {{"Sales", "sALES"},
                                          {"\xC3\x84rger", "\xC3\xA4RGER"},
                                          {"\xC3\xA4", "a\xCC\x88"},
                                          {"stra\xC3\x9F" "e", "STRASSE"}};
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text a, b;

    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_ok(job, catalog_name_key(job, rs_text_from(same[i][0]), &a));
        assert_ok(job, catalog_name_key(job, rs_text_from(same[i][1]), &b));
        assert_true(rs_text_equal(a, b));
    }
    assert_ok(job, catalog_name_key(job, RS_TEXT("a"), &a));
    assert_ok(job, catalog_name_key(job, RS_TEXT("\xC3\xA4"), &b));
    assert_false(rs_text_equal(a, b)); /* accents count */
}

UNIT_TEST(paths_split_and_join)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text folder, name;

    catalog_path_split(RS_TEXT("/a/b"), &folder, &name);
    assert_text(folder, "/a");
    assert_text(name, "b");
    catalog_path_split(RS_TEXT("/a"), &folder, &name);
    assert_text(folder, "/");
    assert_text(name, "a");
    assert_text(catalog_path_join(job, RS_TEXT("/"), RS_TEXT("a")), "/a");
    assert_text(catalog_path_join(job, RS_TEXT("/a"), RS_TEXT("b")), "/a/b");
}
