#include "scratch.h"

#include "store/catalog/accounts.h"

UNIT_TEST(accounts_are_kept_found_changed_and_removed)
{
    SCRATCH(s);
    struct catalog_account *account;
    struct catalog_accounts all;

    assert_ok(s.job, catalog_account_create(s.job, s.catalog, RS_TEXT("Zoe"), RS_TEXT("h1"), 1));
    assert_ok(s.job, catalog_account_create(s.job, s.catalog, RS_TEXT("\xC3\x84nne"), RS_TEXT("h2"), 0));
    assert_ok(s.job, catalog_account_find(s.job, s.catalog, RS_TEXT("zOE"), &account));
    assert_text(account->name, "Zoe");
    assert_text(account->password_hash, "h1");
    assert_int_equal(account->role, 1);
    assert_ok(s.job, catalog_account_find(s.job, s.catalog, RS_TEXT("\xC3\xA4NNE"), &account));
    assert_non_null(account);

    assert_ok(s.job, catalog_account_set(s.job, s.catalog, RS_TEXT("zoe"), RS_TEXT("h3"), -1));
    assert_ok(s.job, catalog_account_find(s.job, s.catalog, RS_TEXT("Zoe"), &account));
    assert_text(account->password_hash, "h3");
    assert_int_equal(account->role, 1);
    assert_ok(s.job, catalog_account_set(s.job, s.catalog, RS_TEXT("zoe"), RS_TEXT(""), 0));
    assert_ok(s.job, catalog_account_find(s.job, s.catalog, RS_TEXT("Zoe"), &account));
    assert_text(account->password_hash, "h3");
    assert_int_equal(account->role, 0);

    assert_ok(s.job, catalog_account_list(s.job, s.catalog, &all));
    assert_int_equal(all.count, 2);
    assert_ok(s.job, catalog_account_remove(s.job, s.catalog, RS_TEXT("ZOE")));
    assert_ok(s.job, catalog_account_find(s.job, s.catalog, RS_TEXT("Zoe"), &account));
    assert_null(account);
}

UNIT_TEST(accounts_that_cannot_be_are_refused)
{
    SCRATCH(s);
    struct catalog_account *account;

    assert_ok(s.job, catalog_account_create(s.job, s.catalog, RS_TEXT("a"), RS_TEXT("h"), 1));
    assert_status(catalog_account_create(s.job, s.catalog, RS_TEXT("A"), RS_TEXT("h"), 1), CATALOG_ACCOUNT_EXISTS);
    rs_job_forgive(s.job);
    assert_status(catalog_account_create(s.job, s.catalog, RS_TEXT(""), RS_TEXT("h"), 1), CATALOG_NAME_INVALID);
    rs_job_forgive(s.job);
    assert_status(catalog_account_set(s.job, s.catalog, RS_TEXT("b"), RS_TEXT("h"), 1), CATALOG_ACCOUNT_NOT_FOUND);
    rs_job_forgive(s.job);
    assert_status(catalog_account_remove(s.job, s.catalog, RS_TEXT("b")), CATALOG_ACCOUNT_NOT_FOUND);
    rs_job_forgive(s.job);
    assert_ok(s.job, catalog_account_find(s.job, s.catalog, RS_TEXT("\xFF\xFE"), &account));
    assert_null(account);
}
