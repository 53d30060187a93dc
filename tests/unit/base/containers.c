#include "unit.h"

#include "base/buf.h"
#include "base/list.h"
#include "base/lookup.h"
#include "base/map.h"
#include "base/vec.h"

UNIT_TEST(vec_keeps_items_while_it_grows)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_VEC(int) numbers = {0};

    for (int i = 0; i < 1000; i++)
        rs_vec_push(job, &numbers, i);
    assert_int_equal(numbers.count, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers.items[i], i);
}

UNIT_TEST(vec_with_room_from_the_start_does_not_move)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_VEC(int) numbers = {0};
    const int *first;

    rs_vec_reserve(job, &numbers, 100);
    first = numbers.items;
    for (int i = 0; i < 100; i++)
        rs_vec_push(job, &numbers, i);
    assert_ptr_equal(numbers.items, first);
    rs_vec_push(job, &numbers, 100);
    assert_int_equal(numbers.items[99], 99);
    assert_int_equal(numbers.items[100], 100);
}

/* Keys of which ten are equal each. */
static uint64_t tens(const void *data, uint32_t number)
{
    return rs_hash(rs_text_of((const char *)&((const int *)data)[number], sizeof(int)));
}

UNIT_TEST(lookup_finds_all_with_an_equal_key)
{
    static int keys[1000];
    struct rs_lookup lookup = rs_lookup_of(tens, keys);
    int other = -1;

    for (struct rs_lookup_at at = rs_lookup_first(&lookup, 7); rs_lookup_next(&lookup, &at);)
        fail();
    for (uint32_t i = 0; i < 1000; i++) {
        keys[i] = (int)i / 10;
        rs_lookup_add(&lookup, i);
    }
    assert_int_equal(lookup.count, 1000);
    for (int key = 0; key < 100; key++) {
        unsigned found = 0;
        for (struct rs_lookup_at at = rs_lookup_first(&lookup, tens(&key, 0)); rs_lookup_next(&lookup, &at);)
            found += keys[at.number] == key;
        assert_int_equal(found, 10);
    }
    for (struct rs_lookup_at at = rs_lookup_first(&lookup, tens(&other, 0)); rs_lookup_next(&lookup, &at);)
        assert_int_not_equal(keys[at.number], other);
    rs_lookup_finish(&lookup);
}

UNIT_TEST(lookup_names_another_item_with_the_same_key)
{
    static int keys[] = {5, 6, 5};
    struct rs_lookup lookup = rs_lookup_of(tens, keys);
    unsigned found = 0;

    rs_lookup_add(&lookup, 0);
    rs_lookup_add(&lookup, 1);
    for (struct rs_lookup_at at = rs_lookup_first(&lookup, tens(keys, 2)); rs_lookup_next(&lookup, &at);)
        if (keys[at.number] == 5)
            rs_lookup_replace(&lookup, &at, 2);
    for (struct rs_lookup_at at = rs_lookup_first(&lookup, tens(keys, 0)); rs_lookup_next(&lookup, &at);)
        if (keys[at.number] == 5)
            found += at.number;
    assert_int_equal(found, 2);
    assert_int_equal(lookup.count, 2);
    rs_lookup_finish(&lookup);
}

UNIT_TEST(map_finds_a_thousand_keys_in_order_of_insertion)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rs_map *map = rs_map_create(job, RS_MAP_EXACT);

    for (int i = 0; i < 1000; i++) {
        rs_text key = rs_text_format(job, "key %d", i);
        rs_map_set(map, key, (void *)key.bytes);
    }
    assert_int_equal(rs_map_count(map), 1000);
    for (int i = 0; i < 1000; i++) {
        rs_text key = rs_text_format(job, "key %d", i);
        assert_text(rs_text_from(rs_map_find(map, key)), key.bytes);
        assert_text(rs_map_key(map, (size_t)i), key.bytes);
    }
    assert_null(rs_map_find(map, RS_TEXT("key 1000")));
}

UNIT_TEST(map_folds_ascii_letters_where_asked)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rs_map *exact = rs_map_create(job, RS_MAP_EXACT);
    struct rs_map *nocase = rs_map_create(job, RS_MAP_NOCASE);

    rs_map_set(exact, RS_TEXT("Content-Length"), exact);
    rs_map_set(nocase, RS_TEXT("Content-Length"), nocase);
    assert_false(rs_map_has(exact, RS_TEXT("content-length")));
    assert_ptr_equal(rs_map_find(nocase, RS_TEXT("CONTENT-length")), nocase);
}

UNIT_TEST(map_replaces_the_value_and_keeps_the_key)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rs_map *map = rs_map_create(job, RS_MAP_NOCASE);
    int first, second;

    rs_map_set(map, RS_TEXT("Name"), &first);
    rs_map_set(map, RS_TEXT("NAME"), &second);
    assert_int_equal(rs_map_count(map), 1);
    assert_ptr_equal(rs_map_find(map, RS_TEXT("name")), &second);
    assert_text(rs_map_key(map, 0), "Name");
}

struct numbered {
    int number;
    struct rs_link link;
};

UNIT_TEST(list_lets_the_loop_remove_the_link_it_is_at)
{
    struct rs_link head;
    struct numbered things[5];
    int sum = 0;

    rs_list_init(&head);
    for (int i = 0; i < 5; i++) {
        things[i].number = i;
        rs_list_append(&head, &things[i].link);
    }
    rs_list_each(link, &head) {
        struct numbered *thing = rs_list_object(link, struct numbered, link);
        if (thing->number % 2)
            rs_list_remove(link);
    }
    rs_list_each(link, &head) sum += rs_list_object(link, struct numbered, link)->number;
    assert_int_equal(sum, 0 + 2 + 4);
    rs_list_remove(&things[1].link); /* a second time does nothing */
}

UNIT_TEST(buf_builds_text_from_every_kind_of_part)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf buf = rs_buf_in(job);

    rs_buf_add_literal(&buf, "a");
    rs_buf_add_int(&buf, INT64_MIN);
    rs_buf_add_code_point(&buf, 0x20AC);
    rs_buf_printf(&buf, "%05.1f", 2.25);
    assert_text(rs_buf_text(&buf), "a-9223372036854775808\xE2\x82\xAC" "002.2");
    assert_int_equal(strlen(rs_buf_terminated(&buf)), buf.used);
}
