// SPDX-License-Identifier: Apache-2.0
#include "fuzz/postgres_oracle.h"

#include "corpora/table_names.h"
#include "sql/parser.h"
#include "sql/write_span_check.h"

#include <pg_query.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <set>

namespace majed::fuzz {
namespace {

using simdjson::dom::element;

/// Names under `relname` and `ctename`, anywhere in the tree.
struct ServerNames {
    std::set<std::string> tables;
    std::set<std::string> local;

    void read(element node) {
        simdjson::dom::object object;
        simdjson::dom::array array;
        if (node.get(object) == simdjson::SUCCESS) {
            for (const auto [key, value] : object) {
                std::string_view name;
                if (key == "relname" && value.get(name) == simdjson::SUCCESS) tables.emplace(name);
                if (key == "ctename" && value.get(name) == simdjson::SUCCESS) local.emplace(name);
                // FOR UPDATE OF names what FROM has.
                if (key != "lockedRels") read(value);
            }
        } else if (node.get(array) == simdjson::SUCCESS) {
            for (const element each : array) read(each);
        }
    }
};

/// What the grammar's actions refuse and a grammar cannot: the server would refuse the statement all the same.
bool is_refused_meaning(std::string_view message) {
    static constexpr auto patterns = std::to_array<std::string_view>({
        "multiple ",
        "nested too deeply",
        "memory exhausted",
        "frame ",
        "out of range",
        "must be last",
        "not allowed",
        "not supported",
        "not valid",
        "must have an alias",
        "lists must all be the same length",
        "specified more than once",
        "invalid Unicode",
        "unsafe use",
        "stack depth",
        "improper use",
        "INTERVAL",
        "interval",
        "unrecognized",
        "precision",
        "invalid",
        "improper qualified name",
        "WITH TIES cannot",
        "cannot be ",
        "cannot have",
    });
    return std::any_of(patterns.begin(), patterns.end(), [message](std::string_view each) {
        return message.find(each) != std::string_view::npos;
    });
}

/// The table that the server's only statement writes to; empty when it is a query.
std::string target_of(element tree) {
    simdjson::dom::object statement;
    if (tree.at_pointer("/stmts/0/stmt").get(statement) != simdjson::SUCCESS) return {};
    for (const auto [kind, body] : statement) {
        std::string_view name;
        const bool found = body.at_pointer("/relation/relname").get(name) == simdjson::SUCCESS;
        if (kind.ends_with("Stmt") && kind != "SelectStmt" && found) return std::string(name);
    }
    return {};
}

std::string compare_trees(const sql::Statement& statement, element tree) {
    ServerNames server;
    server.read(tree);
    corpora::TableNames ours(sql::dialect_of(sql::DialectId::postgres));
    std::string target;
    if (statement.write != nullptr) {
        ours.write(*statement.write);
        target = statement.write->target->name.value;
    } else {
        ours.query(*statement.query);
    }
    for (const std::string& table : server.tables) {
        if (!server.local.contains(table) && !ours.found.contains(table))
            return "PostgreSQL sees a table that we do not: " + table;
    }
    const std::string theirs = target_of(tree);
    return theirs == target ? "" : "PostgreSQL writes to <" + theirs + ">, we to <" + target + ">";
}

std::string compare_with_server(const sql::Statement& statement, const std::string& text) {
    const PgQueryParseResult result = pg_query_parse(text.c_str());
    std::string broken;
    if (result.error != nullptr) {
        const std::string_view message = result.error->message;
        if (!is_refused_meaning(message))
            broken = "we parse what PostgreSQL does not: " + std::string(message);
    } else {
        simdjson::dom::parser json;
        element tree;
        if (json.parse(std::string_view(result.parse_tree)).get(tree) == simdjson::SUCCESS)
            broken = compare_trees(statement, tree);
    }
    pg_query_free_parse_result(result);
    return broken;
}

std::string check(std::string_view text, sql::DialectId id, sql::Statement& statement) {
    static sql::Parser postgres(sql::dialect_of(sql::DialectId::postgres));
    static sql::Parser oracle(sql::dialect_of(sql::DialectId::oracle));
    sql::Parser& parser = id == sql::DialectId::postgres ? postgres : oracle;
    const auto parsed = parser.parse_statement(text);
    if (!parsed) {
        const auto& offset = parsed.error().offset;
        return offset && *offset > text.size() ? "an error lies outside the text" : "";
    }
    statement = *parsed;
    return statement.write != nullptr ? sql::first_wrong_span(*statement.write, text)
                                      : sql::first_wrong_span(*statement.query, text, sql::dialect_of(id));
}

}  // namespace

std::string check_postgres_parse(std::string_view text) {
    sql::Statement statement;
    std::string broken = check(text, sql::DialectId::postgres, statement);
    const bool parsed = statement.query != nullptr || statement.write != nullptr;
    if (broken.empty() && parsed) broken = compare_with_server(statement, std::string(text));
    return broken;
}

std::string check_oracle_parse(std::string_view text) {
    sql::Statement statement;
    return check(text, sql::DialectId::oracle, statement);
}

}  // namespace majed::fuzz
