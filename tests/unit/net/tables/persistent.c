/* Lists, indexes and snapshots that are made from their predecessors: as good as new ones, and the old ones stay. */
#include "fixture.h"

#include "net/tables/index.h"
#include "net/tables/list.h"

struct thing {
    int64_t id;
    int value;
};

static struct thing *thing(int64_t id, int value)
{
    struct thing *out = row_create(sizeof *out);

    *out = (struct thing){id, value};
    return out;
}

#define IDS 600

static void check_list(const struct list *list, const int model[IDS])
{
    size_t place = 0;

    for (int64_t id = 0; id < IDS; id++) {
        const struct thing *found = list_find(list, id);
        assert_int_equal(found ? found->value : 0, model[id]);
        if (!found)
            continue;
        assert_ptr_equal(list_at(list, place), found);
        assert_int_equal(list_place(list, id), place);
        place++;
    }
    assert_int_equal(list->count, place);
    place = 0;
    list_each(const struct thing, each, list)
        assert_ptr_equal(each, list_at(list, place++));
    assert_int_equal(list->count, place);
}

UNIT_TEST(list_does_what_an_array_would_and_leaves_the_old_one_alone)
{
    struct list now = {0}, kept = {0};
    int model[IDS] = {0}, kept_model[IDS] = {0};
    uint32_t random = 1;

    for (int turn = 1; turn < 6000; turn++) {
        int64_t id = (random = random * 1664525 + 1013904223) >> 8 & 1023;
        struct thing *one;
        id %= IDS;
        if (random >> 28 < (turn < 3000 ? 5u : 11u)) {
            list_drop(&now, id);
            model[id] = 0;
        } else {
            one = thing(id, turn);
            list_put(&now, one);
            row_unref(one);
            model[id] = turn;
        }
        if (turn % 250 == 0) {
            check_list(&now, model);
            check_list(&kept, kept_model);
            list_finish(&kept);
            list_copy(&kept, &now);
            memcpy(kept_model, model, sizeof model);
        }
    }
    for (int64_t id = 0; id < IDS; id++)
        list_drop(&now, id);
    assert_int_equal(now.count, 0);
    list_finish(&now);
    check_list(&kept, kept_model);
    list_finish(&kept);
}

/* Few hashes: rows stand in each other's way. */
static uint64_t hash_of_thing(const void *row)
{
    return (uint64_t)((const struct thing *)row)->id % 7;
}

UNIT_TEST(index_finds_what_is_in_it_however_crowded)
{
    struct index now, kept;
    struct thing things[IDS];
    bool in[IDS] = {false}, in_kept[IDS] = {false};
    uint32_t random = 7;

    index_init(&now, hash_of_thing);
    index_init(&kept, hash_of_thing);
    for (int id = 0; id < IDS; id++)
        things[id] = (struct thing){id, id};
    for (int turn = 1; turn < 4000; turn++) {
        int id = (int)((random = random * 1664525 + 1013904223) >> 8 & 1023) % IDS;
        if (in[id])
            index_remove(&now, &things[id]);
        else
            index_add(&now, &things[id]);
        in[id] = !in[id];
        for (int i = 0; turn % 200 == 0 && i < IDS; i++) {
            const void *found = NULL;
            for (uint32_t slot = index_first(&now, hash_of_thing(&things[i])); index_at(&now, slot); slot = index_next(&now, slot))
                if (index_at(&now, slot) == &things[i])
                    found = &things[i];
            assert_int_equal(found != NULL, in[i]);
            found = NULL;
            for (uint32_t slot = index_first(&kept, hash_of_thing(&things[i])); index_at(&kept, slot); slot = index_next(&kept, slot))
                if (index_at(&kept, slot) == &things[i])
                    found = &things[i];
            assert_int_equal(found != NULL, in_kept[i]);
        }
        if (turn % 200 == 0) {
            index_finish(&kept);
            index_copy(&kept, &now);
            memcpy(in_kept, in, sizeof in);
        }
    }
    index_finish(&now);
    index_finish(&kept);
}

static void same_bindings(const struct tables_snapshot *a, const struct tables_snapshot *b)
{
    assert_int_equal(tables_binding_count(a), tables_binding_count(b));
    for (size_t i = 0; i < tables_binding_count(a); i++) {
        const struct tables_binding *one = tables_binding(a, i), *other = tables_binding(b, i);
        struct tables_place place = tables_binding_place(one);
        assert_int_equal(one->id, other->id);
        assert_int_equal(one->generation, other->generation);
        assert_int_equal(one->claim_count, other->claim_count);
        assert_true(tables_binding_shows(one, other->certificates[0].sha256));
        assert_ptr_equal(tables_binding_find(a, &place), one);
        assert_ptr_equal(tables_binding_find(b, &place), other);
    }
}

static void same_snapshots(const struct tables_snapshot *a, const struct tables_snapshot *b)
{
    assert_int_equal(tables_snapshot_revision(a), tables_snapshot_revision(b));
    same_bindings(a, b);
    assert_int_equal(tables_reservation_count(a), tables_reservation_count(b));
    for (size_t i = 0; i < tables_reservation_count(a); i++) {
        rs_text one = tables_reservation(a, i)->url, other = tables_reservation(b, i)->url;
        assert_true(rs_text_equal(one, other));
    }
    assert_int_equal(tables_listener_count(a), tables_listener_count(b));
    assert_int_equal(tables_application_count(a), tables_application_count(b));
}

UNIT_TEST(snapshot_that_was_edited_is_what_the_database_holds)
{
    struct fixture f;
    struct tables_snapshot *first, *edited = NULL;
    uint32_t random = 3;

    fixture_open(&f);
    assert_ok(f.job, tables_db_load(f.job, f.db, &first));
    for (int turn = 0; turn < 300; turn++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        uint32_t pick = (random = random * 1664525 + 1013904223) >> 8;
        uint16_t port = (uint16_t)(8443 + pick % 60);
        const char *host = rs_text_format(job, "https://h%u:%u", pick % 40, port).bytes;
        struct tables_change changes[] = {
            bind_to(SERVICE, NULL, "0.0.0.0", port, pick & 64 ? "AA" : "BB"), unbind(SERVICE, PORTAL, "0.0.0.0", port),
            bind_to(SERVICE, PORTAL, "127.0.0.1", port, "CC"), reserve(SERVICE, host), remove_url(SERVICE, host)};
        if (tables_apply(job, f.db, &fixture_actor, &changes[pick / 128 % 5], &edited) == RS_OK)
            tables_snapshot_unref(edited);
        rs_job_forgive(job);
        if (turn % 50 == 49) {
            RS_OWNED(tables_db) other = NULL;
            RS_OWNED(tables_snapshot) mine = NULL;
            RS_OWNED(tables_snapshot) loaded = NULL;
            assert_ok(job, tables_db_open(job, f.path, &other));
            assert_ok(job, tables_db_load(job, other, &loaded));
            assert_ok(job, tables_db_load(job, f.db, &mine));
            same_snapshots(mine, loaded);
        }
    }
    assert_int_equal(tables_binding_count(first), 0);
    tables_snapshot_unref(first);
    fixture_close(&f);
}

UNIT_TEST(snapshot_comparison_makes_one_from_the_other)
{
    struct fixture f;
    const struct tables_snapshot *snapshots[40];
    size_t count = 0;

    fixture_open(&f);
    for (unsigned i = 0; i < 20; i++)
        snapshots[count++] = apply(&f, bind_to(SERVICE, NULL, "0.0.0.0", (uint16_t)(8000 + i), "AA"));
    snapshots[count++] = apply(&f, reserve(SERVICE, "https://+:8003"));
    for (unsigned i = 0; i < 20; i += 3)
        snapshots[count++] = apply(&f, unbind(SERVICE, NULL, "0.0.0.0", (uint16_t)(8000 + i)));
    snapshots[count++] = apply(&f, bind_to(SERVICE, NULL, "0.0.0.0", 8001, "BB"));
    for (size_t from = 0; from < count; from++)
        for (size_t to = 0; to < count; to++) {
            RS_OWNED(tables_snapshot) made = NULL;
            struct tables_difference difference;
            tables_snapshot_compare(f.job, snapshots[from], snapshots[to], &difference);
            made = tables_snapshot_with(snapshots[from], &difference);
            same_snapshots(made, snapshots[to]);
            if (to == from + 1)
                assert_true(difference.put.binding_count + difference.put.reservation_count +
                                difference.dropped_binding_count == 1);
        }
    fixture_close(&f);
}
