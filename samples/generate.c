/* samples/generate.c - make the sales database of the samples: generate FILE.
 *
 * Deterministic: the numbers come from a small generator with a fixed seed, so that two runs hold the same rows
 * and a report over them can be compared with a golden text. Money is written as text of two decimals into
 * DECIMAL columns, never computed in binary floating point.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CUSTOMERS 640
#define ORDERS 24000
#define FIRST_YEAR 2022
#define YEARS 4
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const schema =
    "CREATE TABLE region (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
    "CREATE TABLE country (id INTEGER PRIMARY KEY, region_id INTEGER NOT NULL REFERENCES region,"
    " name TEXT NOT NULL, tax_percent DECIMAL(4,1) NOT NULL);"
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, country_id INTEGER NOT NULL REFERENCES country,"
    " name TEXT NOT NULL, contact TEXT NOT NULL, street TEXT NOT NULL, postal_code TEXT, city TEXT NOT NULL,"
    " email TEXT, phone TEXT, since DATE NOT NULL);"
    "CREATE TABLE category (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
    "CREATE TABLE product (id INTEGER PRIMARY KEY, category_id INTEGER NOT NULL REFERENCES category,"
    " code TEXT NOT NULL, name TEXT NOT NULL, price DECIMAL(10,2) NOT NULL, cost DECIMAL(10,2),"
    " discontinued BOOLEAN NOT NULL);"
    "CREATE TABLE sales_order (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer,"
    " seller TEXT NOT NULL, ordered DATE NOT NULL, shipped DATETIME);"
    "CREATE TABLE order_line (order_id INTEGER NOT NULL REFERENCES sales_order, line INTEGER NOT NULL,"
    " product_id INTEGER NOT NULL REFERENCES product, quantity INTEGER NOT NULL,"
    " unit_price DECIMAL(10,2) NOT NULL, discount_percent INTEGER NOT NULL, amount DECIMAL(12,2) NOT NULL,"
    " returned INTEGER, PRIMARY KEY (order_id, line));"
    "CREATE INDEX sales_order_ordered ON sales_order (ordered);"
    "CREATE VIEW sales AS SELECT r.name AS region, c.name AS country, u.name AS customer, o.id AS order_id,"
    " o.ordered AS ordered, CAST(substr(o.ordered, 1, 4) AS INTEGER) AS year, o.seller AS seller,"
    " g.name AS category, p.name AS product, p.code AS code, l.quantity AS quantity,"
    " l.unit_price AS unit_price, l.amount AS amount, l.returned AS returned, p.cost AS cost"
    " FROM order_line l JOIN sales_order o ON o.id = l.order_id JOIN customer u ON u.id = o.customer_id"
    " JOIN country c ON c.id = u.country_id JOIN region r ON r.id = c.region_id"
    " JOIN product p ON p.id = l.product_id JOIN category g ON g.id = p.category_id;";

static const char *const regions[] = {"Northern Europe", "Western Europe", "Southern Europe", "Americas",
                                      "Asia Pacific"};

static const struct {
    int region;
    const char *name, *tax, *phone;
    const char *cities[4];
} countries[] = {
    {0, "Denmark", "25.0", "+45", {"København", "Aarhus", "Odense", "Aalborg"}},
    {0, "Finland", "25.5", "+358", {"Helsinki", "Tampere", "Turku", "Jyväskylä"}},
    {0, "Norway", "25.0", "+47", {"Oslo", "Bergen", "Tromsø", "Ålesund"}},
    {0, "Sweden", "25.0", "+46", {"Stockholm", "Göteborg", "Malmö", "Umeå"}},
    {1, "Belgium", "21.0", "+32", {"Bruxelles", "Antwerpen", "Gent", "Liège"}},
    {1, "France", "20.0", "+33", {"Paris", "Lyon", "Besançon", "Orléans"}},
    {1, "Germany", "19.0", "+49", {"Berlin", "München", "Köln", "Würzburg"}},
    {1, "Ireland", "23.0", "+353", {"Dublin", "Cork", "Galway", "Dún Laoghaire"}},
    {2, "Greece", "24.0", "+30", {"Αθήνα", "Θεσσαλονίκη", "Πάτρα", "Ηράκλειο"}},
    {2, "Italy", "22.0", "+39", {"Roma", "Milano", "Torino", "Forlì"}},
    {2, "Portugal", "23.0", "+351", {"Lisboa", "Porto", "Évora", "Setúbal"}},
    {2, "Spain", "21.0", "+34", {"Madrid", "Barcelona", "Málaga", "A Coruña"}},
    {3, "Brazil", "17.0", "+55", {"São Paulo", "Brasília", "Goiânia", "Maceió"}},
    {3, "Canada", "13.0", "+1", {"Toronto", "Montréal", "Québec", "Vancouver"}},
    {3, "United States", "8.0", "+1", {"Portland", "Austin", "Boston", "San José"}},
    {4, "Australia", "10.0", "+61", {"Sydney", "Perth", "Hobart", "Cairns"}},
    {4, "Japan", "10.0", "+81", {"東京", "大阪", "札幌", "福岡"}},
    {4, "New Zealand", "15.0", "+64", {"Auckland", "Whangārei", "Nelson", "Dunedin"}},
};

static const struct {
    const char *category, *code;
    const char *kinds[4];
    int price; /* cents, of the plain one */
} categories[] = {
    {"Bindings", "BND", {"Linen Case", "Half Leather", "Reliure à l'œil", "和綴じ Notebook"}, 4200},
    {"Inks", "INK", {"Blue-black", "Sépia", "Чернила Ultramarine", "Umbra"}, 1250},
    {"Paper", "PAP", {"Laid, 90 g", "Bütten, 120 g", "和紙 Kozo", "Ledger"}, 890},
    {"Presses", "PRS", {"Nipping Press", "Lying Press", "Prägepresse", "Sewing Frame"}, 48500},
    {"Tools", "TLS", {"Bone Folder", "Awl", "Spatule fine", "Πινέλο Brush"}, 1575},
    {"Threads", "THR", {"Waxed Linen", "Silk", "Hanfgarn", "Cotton"}, 640},
};

static const char *const makes[] = {"", " Classic", " No. 2", " Grande"};

static const char *const company_first[] = {"Atelier", "Buchhandlung", "Casa", "Studio", "Papeterie",
                                            "Librería", "Bokbinderi", "Workshop", "Εργαστήριο", "工房"};
static const char *const company_last[] = {"Aurora",  "Bergström", "Castañeda", "Dvořák",  "Eriksen", "Fontaine",
                                           "Grünwald", "Håkansson", "İnan",      "Jørgensen", "Kowalski", "Łukasz",
                                           "Moreau",  "Núñez",    "O'Brien",   "Παππάς"};
static const char *const given[] = {"Anna", "Björn", "Chloé", "Davíd", "Eleni", "François", "Grace", "Hiroshi",
                                    "Inês", "Jürgen", "Katarína", "Luís", "Märta", "Noël", "Olga", "Pádraig"};
static const char *const family[] = {"Almeida", "Bauer", "Costa", "Dubois", "Ek", "Fischer", "García", "Hansen",
                                     "Ito", "Jensen", "Keller", "Lindqvist", "Martín", "Nakamura", "Ó Néill", "Pérez"};
static const char *const streets[] = {"Harbour Road", "Kirchgasse", "Rue des Érables", "Storgatan", "Calle Mayor",
                                      "Via Roma", "Mill Lane", "Avenida da Liberdade"};
static const char *const sellers[] = {"Agnes Holm", "Bruno Weiß", "Carla Núñez", "Dai Tanaka", "Edith Clarke",
                                      "Félix Roy"};

static uint64_t random_state = 0x42696e64657279u; /* any fixed number but 0 */

/* A number from 0 to below - 1. */
static unsigned pick(unsigned below)
{
    random_state ^= random_state << 13; /* xorshift64 */
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)((random_state >> 11) % below);
}

static sqlite3 *db;

_Noreturn static void give_up(const char *what)
{
    fprintf(stderr, "generate: %s: %s\n", what, db ? sqlite3_errmsg(db) : "no database");
    exit(1);
}

static void run(const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        give_up(sql);
}

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *statement;

    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        give_up(sql);
    return statement;
}

/* One row: `types` has a letter for each column, i = int, s = text or NULL. */
static void insert(sqlite3_stmt *statement, const char *types, ...)
{
    va_list arguments;

    va_start(arguments, types);
    for (int i = 0; types[i]; i++) {
        if (types[i] == 'i') {
            sqlite3_bind_int(statement, i + 1, va_arg(arguments, int));
        } else {
            const char *text = va_arg(arguments, const char *);
            if (text)
                sqlite3_bind_text(statement, i + 1, text, -1, SQLITE_TRANSIENT);
        }
    }
    va_end(arguments);
    if (sqlite3_step(statement) != SQLITE_DONE)
        give_up("insert");
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

static const char *cents(char out[32], int64_t amount)
{
    snprintf(out, 32, "%" PRId64 ".%02d", amount / 100, (int)(amount % 100));
    return out;
}

/* The day `day` of `year` (0 = 1 January) as 2024-02-29. */
static const char *date(char out[48], int year, int day)
{
    static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    for (int month = 0;; month = (month + 1) % 12) {
        int length = lengths[month] + (month == 1 && year % 4 == 0); /* no century is among the years */
        if (day < length) {
            snprintf(out, 48, "%04d-%02d-%02d", year, month + 1, day + 1);
            return out;
        }
        day -= length;
        year += month == 11;
    }
}

static void make_places(void)
{
    sqlite3_stmt *region = prepare("INSERT INTO region VALUES (?, ?)");
    sqlite3_stmt *country = prepare("INSERT INTO country VALUES (?, ?, ?, ?)");

    for (unsigned i = 0; i < COUNT(regions); i++)
        insert(region, "is", (int)i + 1, regions[i]);
    for (unsigned i = 0; i < COUNT(countries); i++)
        insert(country, "iiss", (int)i + 1, countries[i].region + 1, countries[i].name, countries[i].tax);
    sqlite3_finalize(region);
    sqlite3_finalize(country);
}

static void make_customers(void)
{
    sqlite3_stmt *customer = prepare("INSERT INTO customer VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

    for (int i = 0; i < CUSTOMERS; i++) {
        unsigned at = pick(COUNT(countries));
        const char *last = company_last[pick(COUNT(company_last))];
        char name[96], contact[96], street[96], postal[16], email[64], phone[32], since[48];

        snprintf(name, sizeof name, "%s %s%s", company_first[pick(COUNT(company_first))], last,
                 pick(9) == 0 ? " & Co." : "");
        snprintf(contact, sizeof contact, "%s %s", given[pick(COUNT(given))], family[pick(COUNT(family))]);
        snprintf(street, sizeof street, "%s %u", streets[pick(COUNT(streets))], pick(180) + 1);
        snprintf(postal, sizeof postal, "%05u", pick(90000) + 1000);
        snprintf(email, sizeof email, "orders%d@customer.example", i + 1);
        snprintf(phone, sizeof phone, "%s %03u %04u", countries[at].phone, pick(1000), pick(10000));
        insert(customer, "iissssssss", i + 1, (int)at + 1, name, contact, street, pick(20) ? postal : NULL,
               countries[at].cities[pick(4)], pick(6) ? email : NULL, pick(4) ? phone : NULL,
               date(since, FIRST_YEAR - 1 - (int)pick(12), (int)pick(365)));
    }
    sqlite3_finalize(customer);
}

static int prices[COUNT(categories) * 16]; /* cents, by product */

static void make_products(void)
{
    sqlite3_stmt *category = prepare("INSERT INTO category VALUES (?, ?)");
    sqlite3_stmt *product = prepare("INSERT INTO product VALUES (?, ?, ?, ?, ?, ?, ?)");
    int id = 0;

    for (unsigned i = 0; i < COUNT(categories); i++) {
        insert(category, "is", (int)i + 1, categories[i].category);
        for (unsigned kind = 0; kind < 4; kind++)
            for (unsigned make = 0; make < COUNT(makes); make++) {
                char code[16], name[96], price[32], cost[32];
                prices[id] = categories[i].price * (int)(100 + 35 * make + 12 * kind) / 100;
                snprintf(code, sizeof code, "%s-%02u%u", categories[i].code, kind + 1, make + 1);
                snprintf(name, sizeof name, "%s%s", categories[i].kinds[kind], makes[make]);
                insert(product, "iissssi", id + 1, (int)i + 1, code, name, cents(price, prices[id]),
                       pick(8) ? cents(cost, prices[id] * (int64_t)(45 + pick(25)) / 100) : NULL,
                       pick(12) == 0);
                id++;
            }
    }
    sqlite3_finalize(category);
    sqlite3_finalize(product);
}

/* More orders towards the end of a year, and more in each year than in the one before. */
static void pick_day(int *year, int *day)
{
    *year = FIRST_YEAR + (int)(pick(10) < 6 ? 1 + pick(YEARS - 1) : pick(YEARS));
    *day = pick(4) == 0 ? 300 + (int)pick(65) : (int)pick(365);
}

static void make_orders(void)
{
    sqlite3_stmt *order = prepare("INSERT INTO sales_order VALUES (?, ?, ?, ?, ?)");
    sqlite3_stmt *line = prepare("INSERT INTO order_line VALUES (?, ?, ?, ?, ?, ?, ?, ?)");

    for (int id = 1; id <= ORDERS; id++) {
        unsigned lines = 1 + pick(4) + pick(5);
        unsigned product = pick(COUNT(prices));
        int year, day;
        char ordered[48], shipped[48 + 16], shipped_day[48];

        pick_day(&year, &day);
        snprintf(shipped, sizeof shipped, "%s %02u:%02u:00", date(shipped_day, year, day + 1 + (int)pick(9)),
                 8 + pick(10), pick(60));
        insert(order, "iisss", id, (int)pick(CUSTOMERS) + 1, sellers[pick(COUNT(sellers))],
               date(ordered, year, day), pick(40) ? shipped : NULL);
        for (unsigned number = 1; number <= lines; number++) {
            int quantity = 1 + (int)pick(4) * (int)pick(5);
            int discount = pick(5) ? 0 : 5 * (1 + (int)pick(3));
            char price[32], amount[32];
            product = (product + 1 + pick(17)) % COUNT(prices);
            /* Cents, rounded half up: (quantity * price * (100 - discount) + 50) / 100. */
            int64_t total = ((int64_t)quantity * prices[product] * (100 - discount) + 50) / 100;
            sqlite3_bind_int(line, 8, 1 + (int)pick((unsigned)quantity));
            if (pick(30) != 0)
                sqlite3_bind_null(line, 8);
            insert(line, "iiiisis", id, (int)number, (int)product + 1, quantity, cents(price, prices[product]),
                   discount, cents(amount, total));
        }
    }
    sqlite3_finalize(order);
    sqlite3_finalize(line);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: generate FILE    make the sales database of the samples\n");
        return 2;
    }
    unlink(argv[1]);
    if (sqlite3_open(argv[1], &db) != SQLITE_OK)
        give_up(argv[1]);
    run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
    run(schema);
    make_places();
    make_customers();
    make_products();
    make_orders();
    run("COMMIT");
    if (sqlite3_close(db) != SQLITE_OK)
        give_up("close");
    return 0;
}
