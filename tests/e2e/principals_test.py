#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Four principals get exactly the rows of a copy to which the rules of the demonstration were applied by hand."""
import sqlite3
import unittest

from majed_process import InstalledTest, bearer

COLUMNS = {
    "CUSTOMERS": ["CUSTOMER_ID", "CUSTOMER_NAME", "EMAIL", "PHONE", "REGION", "CREATED_DATE"],
    "ORDERS": ["ORDER_ID", "CUSTOMER_ID", "ORDER_DATE", "TOTAL_AMOUNT", "STATUS", "DELIVERY_DATE"],
    "PRODUCTS": ["PRODUCT_ID", "PRODUCT_NAME", "CATEGORY", "PRICE", "STOCK_QUANTITY", "SUPPLIER_ID"],
}
REGIONS = {"sam": {"NORTH", "EAST"}, "nora": {"NORTH"}}
PUBLIC = {"CUSTOMERS": {"CUSTOMER_ID", "REGION", "CREATED_DATE"},
          "ORDERS": {"ORDER_ID", "CUSTOMER_ID", "ORDER_DATE", "STATUS"}}


def masked_email(text):
    if text is None:
        return None
    at = text.find("@")
    return text[0] + "***" + text[at:] if at > 0 else "***"


def last_four(text):
    if text is None:
        return None
    return "***" + text[-4:] if len(text) > 4 else "***"


def seen(principal, table, row, region):
    """The row as the principal sees it; None: not at all."""
    if principal in REGIONS and table != "PRODUCTS" and region not in REGIONS[principal]:
        return None
    row = dict(zip(COLUMNS[table], row))
    if principal == "acme":
        row = {name: value if name in PUBLIC[table] else None for name, value in row.items()}
    if table == "CUSTOMERS" and principal == "sam":
        row["PHONE"] = last_four(row["PHONE"])
    if table == "CUSTOMERS" and principal == "nora":
        row["EMAIL"], row["PHONE"] = masked_email(row["EMAIL"]), None
    return list(row.values())


def copy_for(principal, path):
    """A database that holds only what the principal may see."""
    source = sqlite3.connect(path)
    copy = sqlite3.connect(":memory:")
    for (statement,) in source.execute("SELECT sql FROM sqlite_schema WHERE type = 'table'"):
        copy.execute(statement.replace(" NOT NULL", ""))
    region_of = dict(source.execute("SELECT CUSTOMER_ID, REGION FROM CUSTOMERS"))
    tables = ["CUSTOMERS", "ORDERS"] + (["PRODUCTS"] if principal in ("admin", "sam") else [])
    for table in tables:
        names = COLUMNS[table]
        key = names.index("CUSTOMER_ID") if "CUSTOMER_ID" in names else None
        for row in source.execute(f"SELECT {', '.join(names)} FROM {table}"):
            shown = seen(principal, table, row, region_of[row[key]] if key is not None else None)
            if shown is not None:
                copy.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?)", shown)
    source.close()
    return copy


STATEMENTS = [
    "SELECT * FROM CUSTOMERS ORDER BY CUSTOMER_ID",
    "SELECT count(*), count(EMAIL), count(PHONE), min(CREATED_DATE) FROM CUSTOMERS",
    "SELECT customer_name, email FROM customers WHERE region = 'EAST' ORDER BY customer_id LIMIT 20",
    "SELECT CUSTOMER_ID FROM CUSTOMERS WHERE EMAIL LIKE 'a%' ORDER BY 1",
    "SELECT CUSTOMER_ID, PHONE FROM CUSTOMERS WHERE PHONE LIKE '%0150' ORDER BY 1",
    "SELECT * FROM ORDERS WHERE ORDER_ID BETWEEN 510000 AND 510400 ORDER BY ORDER_ID",
    "SELECT STATUS, count(*), round(sum(TOTAL_AMOUNT), 2) FROM ORDERS GROUP BY STATUS ORDER BY STATUS",
    "SELECT c.REGION, count(*), round(sum(o.TOTAL_AMOUNT), 2) FROM CUSTOMERS c JOIN ORDERS o USING (CUSTOMER_ID) "
    "GROUP BY c.REGION ORDER BY 1",
    "SELECT c.CUSTOMER_ID, count(o.ORDER_ID) AS n FROM CUSTOMERS c LEFT JOIN ORDERS o ON o.CUSTOMER_ID = c.CUSTOMER_ID "
    "GROUP BY c.CUSTOMER_ID ORDER BY n DESC, 1 LIMIT 30",
    "SELECT CUSTOMER_ID FROM CUSTOMERS c WHERE NOT EXISTS "
    "(SELECT 1 FROM ORDERS o WHERE o.CUSTOMER_ID = c.CUSTOMER_ID) ORDER BY 1",
    "WITH big AS (SELECT CUSTOMER_ID, max(TOTAL_AMOUNT) AS most FROM ORDERS GROUP BY CUSTOMER_ID) "
    "SELECT count(*), round(max(most), 2) FROM big",
    "SELECT REGION FROM CUSTOMERS UNION SELECT STATUS FROM ORDERS ORDER BY 1",
    "SELECT ORDER_ID, row_number() OVER (PARTITION BY STATUS ORDER BY ORDER_ID) FROM ORDERS ORDER BY ORDER_ID LIMIT 40",
    "SELECT strftime('%Y', ORDER_DATE) AS year, count(*) FROM ORDERS GROUP BY year ORDER BY year",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) "
    "SELECT i, (SELECT count(*) FROM CUSTOMERS WHERE CUSTOMER_ID % 5 = i - 1) FROM n",
    "SELECT DISTINCT upper(substr(CUSTOMER_NAME, 1, 1)) FROM CUSTOMERS ORDER BY 1",
    "SELECT (SELECT max(ORDER_DATE) FROM ORDERS o WHERE o.CUSTOMER_ID = c.CUSTOMER_ID) FROM CUSTOMERS c "
    "ORDER BY c.CUSTOMER_ID LIMIT 25",
    "SELECT CUSTOMER_NAME || ' <' || EMAIL || '>' FROM CUSTOMERS ORDER BY CUSTOMER_ID LIMIT 10",
    "SELECT rowid, REGION FROM CUSTOMERS ORDER BY rowid LIMIT 15",
    "SELECT 1 + 1, 'text', NULL, x'00ff', 2.5",
]
PRODUCTS = [
    "SELECT CATEGORY, count(*), round(avg(PRICE), 2), sum(STOCK_QUANTITY) FROM PRODUCTS GROUP BY CATEGORY ORDER BY 1",
    "SELECT * FROM PRODUCTS WHERE STOCK_QUANTITY < 100 ORDER BY PRODUCT_ID",
]


class Principals(InstalledTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.enterClassContext(cls.majed.serving())
        cls.credentials = {name: cls.server.login(name, password) for name, password in cls.majed.passwords.items()}
        cls.credentials["acme"] = cls.majed.api_key

    def expect_rows_of_the_copy(self, principal, statements):
        copy = copy_for(principal, self.majed.path("sales.db"))
        some = 0
        for sql in statements:
            with self.subTest(principal=principal, sql=sql):
                expected = [[("AP8=" if cell == b"\x00\xff" else cell) for cell in row] for row in copy.execute(sql)]
                headers = bearer(self.credentials[principal])
                status, _, answer = self.server.call("POST", "/api/v1/query", {"sql": sql}, headers)
                self.assertEqual(status, 200, answer)
                self.assertEqual(answer["rows"], expected)
                self.assertEqual(answer["row_count"], len(expected))
                self.assertFalse(answer["truncated"])
                some += bool(expected)
        copy.close()
        self.assertGreaterEqual(some, len(statements) - 4, "too few statements with rows to mean something")

    def test_the_administrator_sees_everything(self):
        self.expect_rows_of_the_copy("admin", STATEMENTS + PRODUCTS)

    def test_a_superuser_sees_the_regions_of_the_attribute(self):
        self.expect_rows_of_the_copy("sam", STATEMENTS + PRODUCTS)

    def test_a_normal_user_sees_the_own_region(self):
        self.expect_rows_of_the_copy("nora", STATEMENTS)

    def test_a_client_sees_public_columns(self):
        self.expect_rows_of_the_copy("acme", STATEMENTS)

    def test_a_table_without_a_rule_is_as_good_as_absent(self):
        for principal in ("nora", "acme"):
            denied = self.majed.run("query", "--as", principal, "SELECT * FROM PRODUCTS")
            absent = self.majed.run("query", "--as", principal, "SELECT * FROM PRODUCTZ")
            self.assertEqual((denied.returncode, denied.stdout), (3, ""))
            self.assertEqual(denied.stderr.replace("PRODUCTS", "PRODUCTZ"), absent.stderr)

    def test_what_was_applied_is_said(self):
        answer = self.majed.query("nora", "SELECT EMAIL FROM CUSTOMERS LIMIT 1")
        self.assertEqual(answer["applied"], {"row_filters": ["CUSTOMERS"], "masked_columns": ["CUSTOMERS.EMAIL"]})
        self.assertEqual(answer["columns"], [{"name": "EMAIL", "type": "TEXT", "masked": True}])

    def test_a_change_of_an_attribute_changes_the_rows(self):
        count = "SELECT DISTINCT REGION FROM CUSTOMERS ORDER BY 1"
        self.assertEqual(self.majed.query("nora", count)["rows"], [["NORTH"]])
        try:
            self.assertEqual(self.majed.run("user", "set-attribute", "nora", "region", "WEST").returncode, 0)
            self.assertEqual(self.majed.query("nora", count)["rows"], [["WEST"]])
            self.assertEqual(self.majed.run("user", "set-attribute", "nora", "region").returncode, 0)
            self.assertEqual(self.majed.query("nora", count)["rows"], [], "an absent attribute means no rows")
        finally:
            self.majed.run("user", "set-attribute", "nora", "region", "NORTH")


if __name__ == "__main__":
    unittest.main()
