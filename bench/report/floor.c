/* floor DATABASE OUT ROWS: the least that a program must do for the grouped sales report as a PDF.
 *
 * Rows are read from SQLite into columns with texts as codes, put into groups by counting, and written as text operators with
 * a font that every viewer has, page by page, compressed at the level that Bindery uses. No expressions, no font files, no
 * wrapping, no borders: what a report engine adds is the difference.
 */
#include <isa-l/igzip_lib.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID, REGION, PRODUCT, CUSTOMER, ORDERED, QUANTITY, PRICE, AMOUNT, COLUMNS };

static const char *const names[] = {"id", "region", "product", "customer", "ordered", "quantity", "price", "amount"};
static const double widths[] = {50, 55, 105, 110, 60, 45, 55, 70};

struct dictionary {
    char **texts;
    uint32_t count, room, *slots, slot_room;
};

struct row {
    uint32_t id, codes[4], quantity;
    int64_t price, amount; /* cents */
};

static FILE *out;
static long *offsets, at;
static int objects;
static char page[1 << 20], packed[1 << 20];
static size_t used;
static double y;
static int pages;

static uint32_t code_of(struct dictionary *d, const char *text)
{
    uint32_t hash = 2166136261u;

    if (d->count * 2 >= d->slot_room) {
        struct dictionary grown = {.slot_room = d->slot_room ? d->slot_room * 2 : 64};
        grown.room = grown.slot_room;
        grown.slots = calloc(grown.slot_room, sizeof *grown.slots);
        grown.texts = malloc(grown.room * sizeof *grown.texts);
        for (uint32_t i = 0; i < d->count; i++)
            code_of(&grown, d->texts[i]);
        *d = grown;
    }
    for (const char *c = text; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    for (hash &= d->slot_room - 1; d->slots[hash]; hash = (hash + 1) & (d->slot_room - 1))
        if (strcmp(d->texts[d->slots[hash] - 1], text) == 0)
            return d->slots[hash] - 1;
    d->texts[d->count] = strdup(text);
    d->slots[hash] = ++d->count;
    return d->count - 1;
}

static void put(const char *bytes, size_t size)
{
    fwrite(bytes, 1, size, out);
    at += (long)size;
}

static int begin_object(void)
{
    char text[32];

    offsets = realloc(offsets, ((size_t)objects + 2) * sizeof *offsets);
    offsets[++objects] = at;
    put(text, (size_t)sprintf(text, "%d 0 obj\n", objects));
    return objects;
}

static char *number(char *end, int64_t value)
{
    do
        *--end = (char)('0' + value % 10);
    while (value /= 10);
    return end;
}

static char *money(char *end, int64_t cents)
{
    int64_t whole = cents / 100;

    *--end = (char)('0' + cents % 10);
    *--end = (char)('0' + cents / 10 % 10);
    *--end = '.';
    for (int digits = 0;; digits++) {
        if (digits && digits % 3 == 0)
            *--end = ',';
        *--end = (char)('0' + whole % 10);
        if (!(whole /= 10))
            return end;
    }
}

static void tenth(double value)
{
    char text[24], *end = text + sizeof text;
    int64_t tenths = (int64_t)(value * 10 + 0.5);

    *--end = (char)('0' + tenths % 10);
    *--end = '.';
    end = number(end, tenths / 10);
    memcpy(page + used, end, (size_t)(text + sizeof text - end));
    used += (size_t)(text + sizeof text - end);
}

static void text_at(double x, const char *text, size_t size)
{
    memcpy(page + used, "1 0 0 1 ", 8);
    used += 8;
    tenth(x);
    page[used++] = ' ';
    tenth(y);
    memcpy(page + used, " Tm(", 4);
    used += 4;
    memcpy(page + used, text, size);
    used += size;
    memcpy(page + used, ")Tj\n", 4);
    used += 4;
}

/* Digits of Helvetica are 0.556 em wide, comma and point half of that. */
static void right_at(int column, const char *text, size_t size)
{
    double x = 28.8, width = 0;

    for (int i = 0; i <= column; i++)
        x += widths[i];
    for (size_t i = 0; i < size; i++)
        width += text[i] < '0' ? 0.278 * 8 : 0.556 * 8;
    text_at(x - 2 - width, text, size);
}

static void left_at(int column, const char *text)
{
    double x = 28.8;

    for (int i = 0; i < column; i++)
        x += widths[i];
    text_at(x + 2, text, strlen(text));
}

static void end_page(void)
{
    struct isal_zstream stream;
    static uint8_t level[ISAL_DEF_LVL1_DEFAULT];
    char head[64];

    y = 40;
    left_at(0, "Page");
    memcpy(page + used, "ET", 2);
    used += 2;
    isal_deflate_stateless_init(&stream);
    stream.level = 1;
    stream.level_buf = level;
    stream.level_buf_size = sizeof level;
    stream.gzip_flag = IGZIP_ZLIB;
    stream.next_in = (uint8_t *)page;
    stream.avail_in = (uint32_t)used;
    stream.next_out = (uint8_t *)packed;
    stream.avail_out = sizeof packed;
    isal_deflate_stateless(&stream);
    begin_object();
    put(head, (size_t)sprintf(head, "<</Length %u/Filter/FlateDecode>>stream\n", stream.total_out));
    put(packed, stream.total_out);
    put("\nendstream endobj\n", 18);
    begin_object();
    put(head, (size_t)sprintf(head, "<</Type/Page/Parent 1 0 R/Contents %d 0 R>>endobj\n", objects - 1));
    pages++;
}

static void begin_page(void)
{
    used = (size_t)sprintf(page, "BT/F1 8 Tf ");
    y = 756;
    for (int i = 0; i < COLUMNS; i++)
        left_at(i, names[i]);
    y -= 12;
}

static void next_line(void)
{
    y -= 12;
    if (y >= 56)
        return;
    end_page();
    begin_page();
}

static int64_t cents_of(double value)
{
    return (int64_t)(value * 100 + 0.5);
}

int main(int count, char **arguments)
{
    struct dictionary texts[4] = {0};
    size_t rows = 0, most = count == 4 ? (size_t)atol(arguments[3]) : 0;
    struct row *table = malloc(most * sizeof *table);
    uint32_t *order = malloc(most * sizeof *order), starts[257] = {0};
    char buffer[40], *end = buffer + sizeof buffer, *from;
    int64_t all = 0;
    sqlite3 *database;
    sqlite3_stmt *statement;

    if (!most || sqlite3_open(arguments[1], &database) ||
        sqlite3_prepare_v2(database, "SELECT id,region,product,customer,ordered,quantity,price,amount FROM sales", -1, &statement, NULL))
        return 1;
    out = fopen(arguments[2], "w");
    while (rows < most && sqlite3_step(statement) == SQLITE_ROW) {
        struct row *r = &table[rows++];
        r->id = (uint32_t)sqlite3_column_int(statement, ID);
        for (int i = 0; i < 4; i++)
            r->codes[i] = code_of(&texts[i], (const char *)sqlite3_column_text(statement, REGION + i));
        r->quantity = (uint32_t)sqlite3_column_int(statement, QUANTITY);
        r->price = cents_of(sqlite3_column_double(statement, PRICE));
        r->amount = cents_of(sqlite3_column_double(statement, AMOUNT));
        starts[r->codes[0] + 1]++;
    }
    for (int i = 0; i < 256; i++)
        starts[i + 1] += starts[i];
    for (size_t i = 0; i < rows; i++)
        order[starts[table[i].codes[0]]++] = (uint32_t)i;
    put("%PDF-1.4\n", 9);
    objects = 2; /* pages and catalog come last */
    begin_page();
    for (size_t i = 0, group = UINT32_MAX; i < rows; i++) {
        const struct row *r = &table[order[i]];
        if (r->codes[0] != group) {
            group = r->codes[0];
            left_at(0, texts[0].texts[group]);
            next_line();
        }
        from = number(end, r->id);
        right_at(ID, from, (size_t)(end - from));
        for (int k = 0; k < 4; k++)
            left_at(REGION + k, texts[k].texts[r->codes[k]]);
        from = number(end, r->quantity);
        right_at(QUANTITY, from, (size_t)(end - from));
        from = money(end, r->price);
        right_at(PRICE, from, (size_t)(end - from));
        from = money(end, r->amount);
        right_at(AMOUNT, from, (size_t)(end - from));
        all += r->amount;
        next_line();
    }
    from = money(end, all);
    right_at(AMOUNT, from, (size_t)(end - from));
    end_page();
    offsets[1] = at;
    fprintf(out, "1 0 obj<</Type/Pages/Count %d/MediaBox[0 0 612 792]/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>/Kids[", pages);
    for (int i = 0; i < pages; i++)
        fprintf(out, "%d 0 R ", 4 + 2 * i);
    fprintf(out, "]>>endobj\n");
    offsets[2] = ftell(out);
    fprintf(out, "2 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\n");
    at = ftell(out);
    fprintf(out, "xref\n0 %d\n0000000000 65535 f \n", objects + 1);
    for (int i = 1; i <= objects; i++)
        fprintf(out, "%010ld 00000 n \n", offsets[i]);
    fprintf(out, "trailer<</Size %d/Root 2 0 R>>\nstartxref\n%ld\n%%%%EOF\n", objects + 1, at);
    return fclose(out) != 0;
}
