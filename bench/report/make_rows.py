"""The database of the benchmark: make_rows.py FILE ROWS. The same rows every time."""
import random
import sqlite3
import sys

REGIONS = ["North", "South", "East", "West", "Central", "Islands", "Coast", "Mountains"]


def main(path, count):
    chance = random.Random(7)
    products = [f"Product {i:03} {chance.choice(['small', 'large', 'blue', 'red & green'])}" for i in range(200)]
    customers = [f"Customer {i:04} {chance.choice(['Ltd', 'Inc', 'GmbH', 'SA'])}" for i in range(5000)]
    days = [f"{2020 + i // 336}-{i // 28 % 12 + 1:02}-{i % 28 + 1:02}" for i in range(5 * 336)]

    def rows():
        for i in range(count):
            quantity, cents = chance.randint(1, 40), chance.randint(99, 99999)
            yield (i + 1, chance.choice(REGIONS), chance.choice(products), chance.choice(customers), chance.choice(days),
                   quantity, f"{cents / 100:.2f}", f"{cents * quantity / 100:.2f}")

    database = sqlite3.connect(path)
    database.execute("CREATE TABLE sales (id INTEGER PRIMARY KEY, region TEXT, product TEXT, customer TEXT, ordered DATE,"
                     " quantity INTEGER, price DECIMAL(10,2), amount DECIMAL(12,2))")
    database.executemany("INSERT INTO sales VALUES (?,?,?,?,?,?,?,?)", rows())
    database.commit()


main(sys.argv[1], int(sys.argv[2]))
