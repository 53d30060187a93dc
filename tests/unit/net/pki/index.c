/* What a file says as a record, the file of all records, and the store that starts from it. */
#include "net/pki/fixture.h"

#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "net/pki/index.h"

static struct pki_facts *read_one(struct fixture *f, const char *name)
{
    return pki_facts_read(rs_text_format(f->job, "%s/%s", f->folder, name));
}

UNIT_TEST(facts_are_the_same_after_writing_and_parsing)
{
    struct fixture f;
    struct pki_facts *facts, *again;
    rs_buf record, second;

    fixture_open(&f);
    self_signed(&f, "one", "");
    run(&f, "cat one.crt one.key > both.pem");
    facts = read_one(&f, "both.pem");
    assert_int_equal(facts->certificate_count, 1);
    assert_int_equal(facts->key_count, 1);
    assert_memory_equal(&facts->keys[0], &facts->certificates[0].key, sizeof facts->keys[0]);
    assert_true(facts->certificates[0].self_signed);
    record = rs_buf_in(f.job);
    second = rs_buf_in(f.job);
    pki_facts_write(facts, &record);
    again = pki_facts_parse(rs_buf_text(&record));
    assert_non_null(again);
    pki_facts_write(again, &second);
    assert_true(rs_text_equal(rs_buf_text(&record), rs_buf_text(&second)));
    for (size_t size = 0; size < record.used; size++)
        assert_null(pki_facts_parse(rs_text_of(record.bytes, size)));
    pki_facts_destroy(again);
    pki_facts_destroy(facts);
    fixture_close(&f);
}

UNIT_TEST(an_index_is_read_up_to_where_it_is_damaged)
{
    struct fixture f;
    struct pki_facts_vec one = {0}, all = {0};
    rs_text path, bytes;
    size_t size = 0, first, read;

    fixture_open(&f);
    self_signed(&f, "one", "");
    path = rs_text_format(f.job, "%s/.index", f.folder);
    rs_vec_push(f.job, &one, read_one(&f, "one.crt"));
    assert_true(pki_index_replace(path, &one, &size));
    first = size;
    assert_true(pki_index_append(path, &one, &size));
    assert_int_equal(rs_file_read(f.job, path, 1 << 20, &bytes), RS_OK);
    assert_int_equal(bytes.size, size);
    pki_index_read(f.job, path, &all, &read);
    assert_int_equal(all.count, 2);
    assert_int_equal(read, size);
    ((char *)(uintptr_t)bytes.bytes)[size - 1] ^= 1;
    assert_int_equal(rs_file_replace(f.job, path, bytes, 0600), RS_OK);
    pki_index_read(f.job, path, &all, &read);
    assert_int_equal(all.count, 3);
    assert_int_equal(read, first);
    for (size_t i = 0; i < all.count; i++)
        pki_facts_destroy(all.items[i]);
    pki_facts_destroy(one.items[0]);
    fixture_close(&f);
}

static size_t reopen(struct fixture *f)
{
    pki_store_close(f->store);
    f->store = NULL;
    scan(f);
    return pki_store_count(f->store);
}

UNIT_TEST(a_store_starts_from_its_index_and_sees_what_changed_meanwhile)
{
    struct fixture f;
    struct stat before, after;
    rs_text index;

    fixture_open(&f);
    self_signed(&f, "one", "");
    self_signed(&f, "two", "");
    run(&f, "for i in $(seq 70); do cat one.crt one.key > copy$i.pem; done; rm one.crt one.key; mkdir aside; mv two.* aside; sleep 2.2");
    index = rs_text_format(f.job, "%s/.index", f.folder);
    assert_int_equal(reopen(&f), 70);
    assert_int_equal(stat(index.bytes, &before), 0);
    assert_int_equal(before.st_mode & 0777, 0600);
    assert_int_equal(reopen(&f), 70);
    assert_int_equal(stat(index.bytes, &after), 0);
    assert_int_equal(after.st_ino, before.st_ino); /* nothing was read, else it would have been written anew */
    assert_int_equal(after.st_size, before.st_size);
    run(&f, "cat aside/two.crt aside/two.key > copy7.pem; rm copy8.pem; sleep 2.2");
    assert_int_equal(reopen(&f), 69);
    assert_non_null(pki_store_find(f.store, pki_store_entry(f.store, 0)->sha1));
    for (size_t i = 0, found = 0; i < 69; i++) {
        const struct pki_entry *entry = pki_store_entry(f.store, i);
        found += rs_text_equal(entry->common_name, RS_TEXT("two"));
        assert_true(entry->usable);
        assert_int_equal(i == 68 ? found : 1, 1);
    }
    assert_int_equal(stat(index.bytes, &after), 0);
    assert_true(after.st_size > before.st_size);
    run(&f, "head -c 5000 .index > cut && mv cut .index");
    assert_int_equal(reopen(&f), 69);
    assert_int_equal(stat(index.bytes, &after), 0);
    assert_true(after.st_size > 5000);
    fixture_close(&f);
}
