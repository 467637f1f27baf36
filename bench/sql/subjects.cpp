// SPDX-License-Identifier: Apache-2.0
#include "subjects.h"

#include "sql/lexer.h"

#include <map>
#include <utility>
#include <vector>

namespace majed::bench {
namespace {

std::vector<catalog::Relation> relations_of(sqlite3* connection) {
    std::vector<catalog::Relation> relations;
    sqlite3_stmt* columns = nullptr;
    sqlite3_prepare_v2(connection,
                       "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c"
                       " WHERE m.type = 'table' ORDER BY m.rowid, c.cid",
                       -1, &columns, nullptr);
    const auto text = [columns](int column) {
        return std::string(reinterpret_cast<const char*>(sqlite3_column_text(columns, column)));
    };
    while (sqlite3_step(columns) == SQLITE_ROW) {
        if (relations.empty() || relations.back().name != text(0)) relations.emplace_back().name = text(0);
        catalog::Column& column = relations.back().columns.emplace_back();
        column.name = text(1);
        column.declared_type = text(2);
    }
    sqlite3_finalize(columns);
    return relations;
}

/// `create table "t" ("a" varchar2(40), ...);` as the corpus and named_tables.h have them.
std::vector<catalog::Relation> relations_of(const std::string& ddl, const char* schema) {
    std::vector<catalog::Relation> relations;
    std::vector<sql::Token> tokens;
    if (!sql::tokenize(ddl, tokens, sql::dialect_of(sql::DialectId::postgres))) return relations;
    const auto word = [&](std::size_t i) {
        std::string text(tokens[i].span().in(ddl));
        return text.front() == '"' ? text.substr(1, text.size() - 2) : text;
    };
    for (std::size_t i = 0; i + 4 < tokens.size(); ++i) {
        if (word(i) != "create" || word(i + 1) != "table") continue;
        catalog::Relation& relation = relations.emplace_back();
        relation.schema = schema;
        relation.name = word(i + 2);
        for (i += 4; tokens[i].kind != sql::TokenKind::semicolon && tokens[i].kind != sql::TokenKind::end;
             ++i) {
            catalog::Column& column = relation.columns.emplace_back();
            column.name = word(i++);
            int depth = 0;
            for (; depth > 0 ||
                   (tokens[i].kind != sql::TokenKind::comma && tokens[i].kind != sql::TokenKind::right_paren);
                 ++i) {
                depth += tokens[i].kind == sql::TokenKind::left_paren ? 1 : 0;
                depth -= tokens[i].kind == sql::TokenKind::right_paren ? 1 : 0;
                const bool apart =
                    tokens[i].kind == sql::TokenKind::identifier || tokens[i].kind == sql::TokenKind::keyword;
                column.declared_type += (column.declared_type.empty() || !apart ? "" : " ") + word(i);
            }
        }
    }
    return relations;
}

catalog::Snapshot catalog_of(sql::DialectId dialect, const std::string& ddl, sqlite3* connection) {
    if (dialect == sql::DialectId::sqlite) return catalog::Snapshot(relations_of(connection));
    const bool oracle = dialect == sql::DialectId::oracle;
    const char* const schema = oracle ? "SHOP" : "shop";
    driver::ServerFacts facts;
    facts.search_path = {schema};
    if (oracle) facts.make = driver::ServerMake::oracle;
    return {relations_of(ddl, schema), std::move(facts), 1};
}

Subject make_subject(sql::DialectId dialect, const std::string& ddl) {
    Subject subject;
    if (dialect == sql::DialectId::sqlite) {
        sqlite3* connection = nullptr;
        sqlite3_open(":memory:", &connection);
        subject.connection.reset(connection);
        sqlite3_exec(connection, ddl.c_str(), nullptr, nullptr, nullptr);
    }
    const catalog::Snapshot catalog = catalog_of(dialect, ddl, subject.connection.get());
    std::vector<policy::RowPolicy> rules;
    for (const catalog::Relation& table : catalog.relations())
        rules.push_back({"", table.name, {policy::Role::normal}, ":user.region <> 'x'", {}, "bench"});
    auto policies = policy::PolicySet::create(std::move(rules), {});
    rewrite::Nonce nonce;
    nonce.text = "g_0123456789abcdef0123456789abcdef";
    subject.enforcement = *rewrite::Enforcement::compile(*policies, "bench", catalog, std::move(nonce));
    subject.profile = &subject.enforcement->profile(policy::Role::normal, {{"region", {"NORTH"}}});
    return subject;
}

}  // namespace

const Subject& subject(sql::DialectId dialect, const std::string& ddl) {
    static std::map<std::pair<sql::DialectId, std::string>, Subject> all;
    auto known = all.find({dialect, ddl});
    if (known == all.end()) known = all.emplace(std::pair(dialect, ddl), make_subject(dialect, ddl)).first;
    return known->second;
}

}  // namespace majed::bench
