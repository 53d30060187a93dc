#include "fixture.h"

static struct tables_change slot_change(struct fixture *f, enum tables_change_kind kind, const char *slot,
                                        const char *certificate, size_t rows)
{
    struct tables_certificate *one = RS_NEW(f->job, struct tables_certificate);

    one->sha1 = one->sha256 = rs_text_from(certificate);
    return (struct tables_change){.kind = kind, .slot = rs_text_from(slot), .certificates = one, .certificate_count = 1,
                                  .rows_max = rows};
}

static struct tables_change bind_slot(struct fixture *f, uint16_t port, const char *slot, const char *certificate)
{
    struct tables_change change = bind_to(SERVICE, NULL, "0.0.0.0", port, certificate);
    struct tables_certificate *one = RS_NEW(f->job, struct tables_certificate);

    *one = change.certificates[0];
    one->slot = rs_text_from(slot);
    change.certificates = one;
    return change;
}

UNIT_TEST_WITH_FIXTURE(slot_moves_its_rows_and_gives_each_a_new_generation)
{
    const struct tables_snapshot *after;
    uint64_t first, second;

    apply(f, slot_change(f, TABLES_SET_SLOT, "web", "AA", 0));
    apply(f, bind_slot(f, 443, "web", "AA"));
    apply(f, bind_to(SERVICE, NULL, "0.0.0.0", 444, "AA")); /* the same certificate, by hand */
    after = apply(f, bind_slot(f, 445, "WEB", "AA"));
    first = tables_binding(after, 0)->generation;
    second = tables_binding(after, 2)->generation;
    after = apply(f, slot_change(f, TABLES_SET_SLOT, "Web", "BB", 2));
    assert_int_equal(tables_slot_count(after), 1);
    assert_text(tables_slot(after, 0)->name, "web");
    assert_text(tables_slot(after, 0)->sha256, "BB");
    assert_text(tables_binding(after, 0)->certificates[0].sha256, "BB");
    assert_text(tables_binding(after, 1)->certificates[0].sha256, "AA");
    assert_text(tables_binding(after, 2)->certificates[0].sha256, "BB");
    assert_true(tables_binding(after, 0)->generation > first && tables_binding(after, 2)->generation > second);
    assert_int_not_equal(tables_binding(after, 0)->generation, tables_binding(after, 2)->generation);
    refuse(f, slot_change(f, TABLES_SET_SLOT, "web", "CC", 1), TABLES_DB_BUSY, "try again");
    refuse(f, bind_slot(f, 446, "web", "AA"), TABLES_DB_BUSY, "meanwhile");
    refuse(f, bind_slot(f, 446, "none", "AA"), RS_NOT_FOUND, "no slot \"none\"");
    refuse(f, slot_change(f, TABLES_SET_SLOT, "a b", "AA", 0), RS_INVALID, "not a name");
}

UNIT_TEST_WITH_FIXTURE(slot_of_another_source_is_taken_by_force_only)
{
    struct tables_change by_hand = slot_change(f, TABLES_SET_SLOT, "web", "BB", 0), filled = by_hand;

    filled.source = RS_TEXT("acme");
    apply(f, filled);
    refuse(f, by_hand, RS_CONFLICT, "filled by acme");
    by_hand.replace = true;
    assert_text(tables_slot(apply(f, by_hand), 0)->source, "");
}

UNIT_TEST_WITH_FIXTURE(slot_goes_when_nothing_follows_it)
{
    struct tables_change drop = {.kind = TABLES_DROP_SLOT, .slot = RS_TEXT("web")};
    const struct tables_snapshot *after;

    apply(f, slot_change(f, TABLES_SET_SLOT, "web", "AA", 0));
    apply(f, bind_slot(f, 443, "web", "AA"));
    refuse(f, drop, RS_CONFLICT, "0.0.0.0:443");
    drop.replace = true;
    after = apply(f, drop);
    assert_int_equal(tables_slot_count(after), 0);
    assert_text(tables_binding(after, 0)->certificates[0].sha256, "AA");
    assert_text(tables_binding(after, 0)->certificates[0].slot, "");
}

UNIT_TEST_WITH_FIXTURE(slot_and_rows_go_with_a_certificate_that_is_forgotten)
{
    const struct tables_snapshot *after;

    apply(f, slot_change(f, TABLES_SET_SLOT, "web", "AA", 0));
    apply(f, bind_slot(f, 443, "web", "AA"));
    apply(f, bind_to(SERVICE, PORTAL, "0.0.0.0", 444, "BB"));
    after = apply(f, slot_change(f, TABLES_FORGET, "", "AA", 1));
    assert_int_equal(tables_slot_count(after), 0);
    assert_int_equal(tables_binding_count(after), 1);
    assert_int_equal(tables_binding(after, 0)->port, 444);
}

UNIT_TEST_WITH_FIXTURE(folders_are_watched_once)
{
    struct tables_change watch = {.kind = TABLES_WATCH, .path = RS_TEXT("/etc/live"), .slot = RS_TEXT("web")};
    int64_t revision = tables_snapshot_revision(apply(f, watch));

    assert_int_equal(tables_snapshot_revision(apply(f, watch)), revision);
    watch.slot = RS_TEXT("");
    assert_text(tables_folder(apply(f, watch), 0)->slot, "");
    watch.path = RS_TEXT("live");
    refuse(f, watch, RS_INVALID, "whole path");
    assert_int_equal(tables_folder_count(apply(f, (struct tables_change){.kind = TABLES_UNWATCH, .path = RS_TEXT("/etc/live")})), 0);
}
