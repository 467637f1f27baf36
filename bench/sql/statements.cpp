// SPDX-License-Identifier: Apache-2.0
#include "statements.h"

#include "named_tables.h"

#include "sql/parser.h"

#include <simdjson.h>

#include <algorithm>
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

namespace {

constexpr std::size_t enough = 20;
constexpr std::size_t most = 200;

/// `WITH q1 AS (...), ... SELECT (SELECT count(*) FROM q1), ...`, as long as it should be.
class Report {
public:
    explicit Report(sql::DialectId dialect) : dialect_(dialect) {}

    void add(const std::string& question) {
        const std::string name = "q" + std::to_string(++count_);
        with_ += (count_ == 1 ? "WITH " : ", ") + name + " AS (" + question + ")";
        select_ += (count_ == 1 ? " SELECT " : ", ") + ("(SELECT count(*) FROM " + name + ")");
    }
    [[nodiscard]] std::string text() const {
        return with_ + select_ + (dialect_ == sql::DialectId::oracle ? " FROM DUAL" : "");
    }

private:
    sql::DialectId dialect_;
    std::size_t count_ = 0;
    std::string with_;
    std::string select_;
};

/// Questions of one database, in the order of the corpus.
void put_together(const std::vector<std::string>& all, const std::string& ddl, sql::DialectId dialect,
                  Lengths lengths, std::vector<Question>& into) {
    Report report(dialect);
    for (const std::string& question : all) {
        report.add(question);
        const std::size_t length = report.text().size();
        if (length < lengths.from) continue;
        if (lengths.contain(length)) into.push_back({report.text(), ddl});
        if (into.size() == most) return;
        report = Report(dialect);
    }
}

/// What can stand in parentheses: a SELECT without an end mark.
bool can_be_put_together(const Question& question) {
    constexpr std::size_t plain_length = 400;
    const std::string start = question.sql.substr(0, 6);
    return question.sql.size() < plain_length && (start == "SELECT" || start == "select") &&
           question.sql.find(';') == std::string::npos && question.sql.find("--") == std::string::npos;
}

std::vector<Question> all_with_schema(sql::DialectId dialect) {
    std::string origin;
    std::vector<Question> all = dialect == sql::DialectId::sqlite ? questions(origin) : questions_of(dialect);
    if (dialect != sql::DialectId::oracle)
        all.erase(
            std::remove_if(all.begin(), all.end(), [](const Question& each) { return each.ddl.empty(); }),
            all.end());
    return all;
}

}  // namespace

std::vector<Question> questions_with_schema(sql::DialectId dialect, Lengths lengths) {
    const std::vector<Question> all = all_with_schema(dialect);
    const bool oracle = dialect == sql::DialectId::oracle;
    std::vector<Question> result;
    for (const Question& each : all) {
        if (result.size() == most) break;
        if (lengths.contain(each.sql.size()))
            result.push_back({each.sql, oracle ? tables_named_in(each.sql) : each.ddl});
    }
    if (result.size() >= enough) return result;
    // Oracle's questions are of one database each, which is called "" here.
    std::map<std::string, std::vector<std::string>> by_database;
    for (const Question& each : all) {
        if (can_be_put_together(each)) by_database[each.ddl].push_back(each.sql);
    }
    for (const auto& [ddl, texts] : by_database) put_together(texts, ddl, dialect, lengths, result);
    for (Question& each : result) {
        if (oracle && each.ddl.empty()) each.ddl = tables_named_in(each.sql);
    }
    return result;
}

}  // namespace majed::bench
