// SPDX-License-Identifier: Apache-2.0
#include "statements.h"

#include "sql/parser.h"

#include <simdjson.h>

#include <fstream>
#include <iterator>
#include <map>

namespace majed::bench {
namespace {

constexpr const char* own_ddl =
    "CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT, email TEXT, region TEXT, created "
    "DATE);"
    "CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id INT, ordered DATE, total NUMERIC, status "
    "TEXT);"
    "CREATE TABLE products (product_id INTEGER PRIMARY KEY, title TEXT, category TEXT, price NUMERIC);"
    "CREATE TABLE lines (order_id INT, product_id INT, quantity INT);"
    "CREATE INDEX orders_of ON orders (customer_id); CREATE INDEX lines_of ON lines (order_id);";

constexpr const char* own_questions[] = {
    "SELECT count(*) FROM customers",
    "SELECT name, email FROM customers WHERE region = 'NORTH'",
    "SELECT name FROM customers WHERE customer_id = 17",
    "SELECT region, count(*) FROM customers GROUP BY region",
    "SELECT region FROM customers GROUP BY region HAVING count(*) > 100 ORDER BY count(*) DESC LIMIT 1",
    "SELECT T1.name FROM customers AS T1 JOIN orders AS T2 ON T1.customer_id = T2.customer_id WHERE T2.total "
    "> 1000",
    "SELECT T1.name, sum(T2.total) FROM customers AS T1 JOIN orders AS T2 ON T1.customer_id = T2.customer_id "
    "GROUP BY T1.name",
    "SELECT name FROM customers WHERE customer_id NOT IN (SELECT customer_id FROM orders)",
    "SELECT title FROM products ORDER BY price DESC LIMIT 3",
    "SELECT avg(price), max(price), min(price) FROM products WHERE category = 'tools'",
    "SELECT DISTINCT status FROM orders WHERE ordered BETWEEN '2024-01-01' AND '2024-12-31'",
    "SELECT name FROM customers WHERE name LIKE '%son%'",
    "SELECT T3.title FROM orders AS T1 JOIN lines AS T2 ON T1.order_id = T2.order_id JOIN products AS T3 ON "
    "T2.product_id = T3.product_id WHERE T1.customer_id = 5",
    "SELECT name FROM customers EXCEPT SELECT T1.name FROM customers AS T1 JOIN orders AS T2 ON "
    "T1.customer_id = T2.customer_id",
    "SELECT strftime('%Y', ordered), sum(total) FROM orders GROUP BY 1",
    "SELECT name FROM customers WHERE customer_id = (SELECT customer_id FROM orders ORDER BY total DESC "
    "LIMIT 1)",
    "SELECT category, count(*) FROM products GROUP BY category ORDER BY count(*) ASC",
    "SELECT T1.region, avg(T2.total) FROM customers AS T1 JOIN orders AS T2 ON T1.customer_id = "
    "T2.customer_id WHERE T2.status = 'paid' GROUP BY T1.region",
    "SELECT count(DISTINCT customer_id) FROM orders WHERE status = 'open' OR status = 'late'",
    "SELECT name, CASE WHEN region = 'NORTH' THEN 'home' ELSE 'abroad' END FROM customers ORDER BY name",
};

std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string schema_file(std::string database) {
    for (auto at = database.find('/'); at != std::string::npos; at = database.find('/'))
        database.replace(at, 1, "__");
    return database + ".sql";
}

}  // namespace

std::vector<Question> questions(std::string& origin) {
    const std::string corpora = std::string(MAJED_PROJECT_ROOT) + "/../shared/corpora/";
    std::vector<Question> result;
    std::ifstream lines(corpora + "sqlite.jsonl");
    std::map<std::string, std::string> schemas;
    simdjson::dom::parser parser;
    for (std::string line; std::getline(lines, line);) {
        simdjson::dom::element record;
        std::string_view sql;
        std::string_view database;
        bool readonly = false;
        if (parser.parse(line).get(record) || record["sql"].get(sql) || record["db"].get(database) ||
            record["readonly"].get(readonly) || !readonly) {
            continue;
        }
        std::string& ddl = schemas[std::string(database)];
        if (ddl.empty()) ddl = content(corpora + "schemas/" + schema_file(std::string(database)));
        result.push_back({std::string(sql), ddl});
    }
    origin =
        result.empty() ? "20 questions of our own" : std::to_string(result.size()) + " text-to-SQL questions";
    if (!result.empty()) return result;
    for (const char* question : own_questions) result.push_back({question, own_ddl});
    return result;
}

std::vector<Question> questions_of(sql::DialectId dialect) {
    const std::string corpora = std::string(MAJED_PROJECT_ROOT) + "/../shared/corpora/";
    const bool postgres = dialect == sql::DialectId::postgres;
    std::vector<Question> result;
    std::ifstream lines(corpora + (postgres ? "postgres.jsonl" : "oracle.jsonl"));
    simdjson::dom::parser parser;
    sql::Parser judge(sql::dialect_of(dialect));
    for (std::string line; std::getline(lines, line);) {
        simdjson::dom::element record;
        std::string_view sql;
        std::string_view id;
        std::string_view database;
        bool taken = false;
        if (parser.parse(line).get(record) || record["sql"].get(sql) || record["id"].get(id)) continue;
        if (record["db"].get(database)) database = "";
        if (record[postgres ? "pg_ok" : "antlr_ok"].get(taken) || !taken || !judge.parse(sql)) continue;
        const bool with_schema = id.starts_with("bird-pg");
        result.push_back(
            {std::string(sql),
             with_schema ? content(corpora + "schemas/" + schema_file(std::string(database))) : ""});
    }
    return result;
}

}  // namespace majed::bench
