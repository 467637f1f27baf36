// SPDX-License-Identifier: Apache-2.0
// Every query of the Oracle corpus, with a rule for each of its tables: what would be sent must parse and resolve again, read
// the same tables, each inside its query, and answer with the same columns. A query without a rule is sent as it was written.
// Likewise every write, whose target a query of its rows stands in the place of.
#include "core/ascii.h"
#include "corpora/corpus.h"
#include "rewrite/inline_rewriter.h"
#include "rewrite/oracle_rewriter.h"
#include "sql/functions.h"
#include "sql/walk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace majed::corpora {
namespace oracle_rewrite {

using policy::Role;

constexpr const char* home = "MAJED";
constexpr const char* ruled_column = "MAJED_REGION";

const policy::ActionSet everything{policy::Action::select, policy::Action::insert, policy::Action::update,
                                   policy::Action::delete_};

/// Whatever a statement names, with every column it names anywhere.
class Anything final : public sql::Schema {
public:
    explicit Anything(std::set<std::string> columns) : columns_(std::move(columns)) {}

    const sql::SchemaRelation* find_relation(std::string_view qualifier,
                                             std::string_view name) const override {
        const std::string schema(qualifier.empty() ? home : qualifier);
        auto& relation = relations_[{schema, std::string(name)}];
        if (relation == nullptr) {
            relation = std::make_unique<sql::SchemaRelation>();
            relation->schema = schema;
            relation->name = name;
            relation->writable = true;
            for (const std::string& column : columns_)
                relation->columns.push_back({.name = column, .declared_type = "VARCHAR2(40)"});
        }
        return relation.get();
    }
    bool function_allowed(std::string_view name) const override {
        return sql::function_facts(name, sql::DialectId::oracle) != nullptr;
    }
    bool type_allowed(std::string_view /*name*/) const override { return true; }

    [[nodiscard]] catalog::Snapshot snapshot() const {
        std::vector<catalog::Relation> tables;
        for (const auto& [key, relation] : relations_) {
            catalog::Relation& table = tables.emplace_back();
            table.schema = key.first;
            table.name = key.second;
            for (const sql::SchemaColumn& column : relation->columns)
                table.columns.push_back({column.name, column.declared_type});
        }
        driver::ServerFacts server;
        server.make = driver::ServerMake::oracle;
        server.search_path = {home};
        server.sees_consequences = true;
        return {std::move(tables), std::move(server), 1};
    }
    [[nodiscard]] policy::PolicySet rules(const std::string& rows) const {
        std::vector<policy::RowPolicy> made;
        for (const auto& [key, relation] : relations_)
            made.push_back(
                {"", key.first + "." + key.second, {Role::normal}, rows, {}, "test", false, everything});
        return *policy::PolicySet::create(std::move(made), {});
    }

private:
    std::set<std::string> columns_;
    mutable std::map<std::pair<std::string, std::string>, std::unique_ptr<sql::SchemaRelation>> relations_;
};

/// The tables behind what was sent.
class Behind final : public sql::Schema {
public:
    explicit Behind(const rewrite::Enforcement& enforcement) : enforcement_(enforcement) {}
    const sql::SchemaRelation* find_relation(std::string_view qualifier,
                                             std::string_view name) const override {
        return enforcement_.base_relation(qualifier, name);
    }
    bool function_allowed(std::string_view name) const override {
        return sql::function_facts(name, sql::DialectId::oracle) != nullptr;
    }
    bool type_allowed(std::string_view /*name*/) const override { return true; }

private:
    const rewrite::Enforcement& enforcement_;
};

void collect(sql::List<sql::FromItem>& items, std::set<std::string>& names) {
    for (sql::FromItem& item : items) {
        for (const sql::NameNode& node : item.using_columns) names.emplace(node.name.value);
        collect(item.items, names);
        if (item.select == nullptr) continue;
        for (sql::Core& core : item.select->cores) collect(core.from, names);
    }
}

std::set<std::string> columns_named(sql::Select& select) {
    std::set<std::string> names{ruled_column};
    sql::walk_expressions(select, [&names](sql::Expr& expr) {
        if (expr.kind == sql::ExprKind::column) names.emplace(expr.name.value);
    });
    for (sql::Core& core : select.cores) collect(core.from, names);
    return names;
}

/// How many values an INSERT has, or the branch of a MERGE, that names no columns; 0: another statement, or a query's.
std::size_t values_without_list(const sql::Write& write) {
    for (const sql::MergeBranch& branch : write.branches) {
        if (branch.action == sql::MergeAction::insert && branch.columns.empty()) return branch.values.size;
    }
    if (!write.columns.empty() || write.source == nullptr) return 0;
    const sql::Core& core = *write.source->cores.first;
    return core.rows.empty() ? 0 : core.rows.first->cells.size;
}

bool is_bare_function(const sql::Expr& expr) {
    return expr.table == nullptr &&
           sql::function_facts(ascii_lower(expr.name.value), sql::DialectId::oracle) != nullptr;
}

std::set<std::string> columns_named(sql::Write& write) {
    std::set<std::string> names{ruled_column};
    sql::walk_expressions(write, [&names](sql::Expr& expr) {
        if (expr.kind == sql::ExprKind::column && !is_bare_function(expr)) names.emplace(expr.name.value);
        if (expr.select == nullptr) return;
        for (sql::Core& core : expr.select->cores) collect(core.from, names);
    });
    collect(write.from, names);
    const auto add = [&names](const sql::List<sql::NameNode>& columns) {
        for (const sql::NameNode& node : columns) names.emplace(node.name.value);
    };
    add(write.columns);
    for (const sql::Assignment& each : write.assignments) add(each.columns);
    for (const sql::MergeBranch& branch : write.branches) {
        add(branch.columns);
        for (const sql::Assignment& each : branch.assignments) add(each.columns);
    }
    for (std::size_t i = 0; names.size() < values_without_list(write); ++i)
        names.insert("MAJED_" + std::to_string(i));
    return names;
}

/// As Oracle calls columns: those without an alias by their text, without blanks.
std::vector<std::string> answered(const sql::Select& select) {
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < select.column_count; ++i) {
        std::string name = ascii_upper(select.columns[i].name);
        name.erase(std::remove_if(name.begin(), name.end(), [](char c) { return c == '"' || c <= ' '; }),
                   name.end());
        names.push_back(name.substr(0, 100));
    }
    return names;
}

struct Figures {
    std::size_t queries = 0;
    std::size_t rewritten = 0;
    std::size_t barriers = 0;
    std::map<std::string, std::size_t> refused;
};

class Judge {
public:
    Judge() : parser_(oracle()), verifier_(oracle()) {}

    void judge(const Record& record) {
        const auto parsed = parser_.parse(record.sql);
        if (!parsed) return;
        ++figures.queries;
        const Anything names(columns_named(**parsed));
        sql::Resolution looked_at;
        if (const auto resolved = sql::resolve(**parsed, parser_, names, looked_at); !resolved)
            return refuse(resolved.error());
        if (looked_at.relations.empty()) return;
        with_rules(record, names, std::string(ruled_column) + " = :user.region");
        without_rules(record, names);
    }

    Figures figures;

private:
    static const sql::Dialect& oracle() { return sql::dialect_of(sql::DialectId::oracle); }

    void refuse(const Error& error) { ++figures.refused[error.message.substr(0, 40)]; }

    std::shared_ptr<const rewrite::Enforcement> compiled(const Anything& names, const std::string& rows) {
        rewrite::Nonce nonce;
        nonce.text = "g_0123456789abcdef0123456789abcdef";
        const auto made =
            rewrite::Enforcement::compile(names.rules(rows), "source", names.snapshot(), std::move(nonce));
        EXPECT_TRUE(made) << made.error().message;
        return made ? *made : nullptr;
    }

    void with_rules(const Record& record, const Anything& names, const std::string& rows) {
        const auto enforcement = compiled(names, rows);
        if (enforcement == nullptr) return;
        const rewrite::Profile& profile = enforcement->profile(Role::normal, {{"region", {"EU"}}});
        const auto parsed = parser_.parse(record.sql);
        sql::Resolution resolution;
        const auto resolved = sql::resolve(**parsed, parser_, profile, resolution);
        if (!resolved) return refuse(resolved.error());
        const auto sent = rewrite::rewrite_oracle(**parsed, record.sql, resolution, *enforcement,
                                                  rewrite::oracle_marks(parser_));
        if (!sent) return refuse(sent.error());
        ++figures.rewritten;
        figures.barriers += sent->sql.find("ROWNUM >= 1)") != std::string::npos ? 1U : 0U;
        EXPECT_TRUE(rewrite::verify_inline(*sent, resolution, *enforcement, profile, verifier_))
            << record.id << ": " << record.sql << "\n"
            << sent->sql;
        check_answer(record, answered(**parsed), sent->sql, *enforcement);
    }

    void check_answer(const Record& record, const std::vector<std::string>& columns, const std::string& sent,
                      const rewrite::Enforcement& enforcement) {
        const auto again = verifier_.parse(sent);
        ASSERT_TRUE(again) << record.id << ": " << sent;
        const Behind behind(enforcement);
        sql::Resolution resolution;
        ASSERT_TRUE(sql::resolve(**again, verifier_, behind, resolution)) << record.id << ": " << sent;
        EXPECT_EQ(answered(**again), columns) << record.id << ": " << sent;
        std::set<std::string> tables;
        for (const sql::FromItem* item : resolution.relations) {
            EXPECT_EQ(item->alias.value, enforcement.inline_alias()) << record.id << ": " << sent;
            tables.insert(ascii_lower(item->relation->name));
        }
        tables.erase("dual");
        std::set<std::string> judged = record.tables.value_or(tables);
        judged.erase("dual");
        EXPECT_EQ(tables, judged) << record.id << ": " << record.sql;
    }

    void without_rules(const Record& record, const Anything& names) {
        const auto enforcement = compiled(names, "*");
        if (enforcement == nullptr) return;
        const rewrite::Profile& profile = enforcement->profile(Role::normal, {});
        const auto parsed = parser_.parse(record.sql);
        sql::Resolution resolution;
        const auto resolved = sql::resolve(**parsed, parser_, profile, resolution);
        if (!resolved) return;
        const auto sent = rewrite::rewrite_oracle(**parsed, record.sql, resolution, *enforcement,
                                                  rewrite::oracle_marks(parser_));
        if (!sent) return;
        std::string written = record.sql;
        if (const std::size_t end = written.find_last_not_of(" \t\r\n"); written[end] == ';')
            written.erase(end, 1);
        EXPECT_EQ(sent->sql, written) << record.id;
        EXPECT_TRUE(rewrite::verify_inline(*sent, resolution, *enforcement, profile, verifier_))
            << record.id << ": " << record.sql;
    }

    sql::Parser parser_;
    sql::Parser verifier_;
};

class WriteJudge {
public:
    WriteJudge() : parser_(sql::dialect_of(sql::DialectId::oracle)), verifier_(parser_.dialect()) {}

    void judge(const Record& record) {
        const auto parsed = parser_.parse_statement(record.sql);
        if (!parsed || parsed->write == nullptr) return;
        ++writes;
        const Anything names(columns_named(*parsed->write));
        sql::Resolution looked_at;
        const auto resolved = sql::resolve(*parsed->write, record.sql, names, parser_.arena(), looked_at);
        if (!resolved) {
            ++refused[resolved.error().message.substr(0, 40)];
            return;
        }
        with_rules(record, names, std::string(ruled_column) + " = :user.region", true);
        with_rules(record, names, "*", false);
    }

    std::size_t writes = 0;
    std::size_t rewritten = 0;
    std::size_t guarded = 0;
    std::map<std::string, std::size_t> refused;

private:
    void with_rules(const Record& record, const Anything& names, const std::string& rows, bool ruled) {
        rewrite::Nonce nonce;
        nonce.text = "g_0123456789abcdef0123456789abcdef";
        const auto made =
            rewrite::Enforcement::compile(names.rules(rows), "source", names.snapshot(), std::move(nonce));
        ASSERT_TRUE(made) << made.error().message;
        const rewrite::Profile& profile = (*made)->profile(Role::normal, {{"region", {"EU"}}});
        const auto parsed = parser_.parse_statement(record.sql);
        sql::Resolution resolution;
        const auto resolved = sql::resolve(*parsed->write, record.sql, profile, parser_.arena(), resolution);
        if (!resolved) {
            if (ruled) ++refused[resolved.error().message.substr(0, 40)];
            return;
        }
        const auto sent = rewrite::rewrite_oracle(*parsed->write, parser_, resolution, **made, profile);
        if (!sent) {
            if (ruled) ++refused[sent.error().message.substr(0, 40)];
            return;
        }
        EXPECT_TRUE(rewrite::verify_inline_write(*sent, resolution, **made, profile, verifier_))
            << record.id << ": " << record.sql << "\n"
            << sent->sql;
        if (ruled) {
            ++rewritten;
            guarded += sent->sql.find("CASE WHEN (") != std::string::npos ? 1U : 0U;
            const bool checks = sent->sql.find(" WITH CHECK OPTION)") != std::string::npos;
            EXPECT_EQ(checks, parsed->write->kind != sql::WriteKind::delete_) << record.id << sent->sql;
            return;
        }
        std::string written = record.sql;
        if (const std::size_t end = written.find_last_not_of(" \t\r\n"); written[end] == ';')
            written.erase(end, 1);
        EXPECT_EQ(sent->sql, written) << record.id;
    }

    sql::Parser parser_;
    sql::Parser verifier_;
};

TEST(OracleRewriteCorpus, what_is_sent_writes_the_same_table_by_a_query_of_its_rows) {
    std::string reason;
    const auto records = read_corpus("oracle", reason);
    if (!records) GTEST_SKIP() << reason;
    WriteJudge run;
    for (const Record& record : *records) {
        if (record.accepted) run.judge(record);
    }
    std::printf("%zu writes, %zu rewritten, %zu with a guard\n", run.writes, run.rewritten, run.guarded);
    for (const auto& [why, count] : run.refused) std::printf("%6zu refused: %s\n", count, why.c_str());
    EXPECT_GT(run.rewritten, run.writes * 4 / 5);
}

TEST(OracleRewriteCorpus, what_is_sent_reads_the_same_tables_inside_their_rules) {
    std::string reason;
    const auto records = read_corpus("oracle", reason);
    if (!records) GTEST_SKIP() << reason;
    Judge run;
    std::size_t number = 0;
    for (const Record& record : *records) {
        if (!record.accepted || ++number % corpus_parts != 0) continue;
        run.judge(record);
    }
    std::printf("%zu queries, %zu rewritten, %zu with a barrier\n", run.figures.queries,
                run.figures.rewritten, run.figures.barriers);
    for (const auto& [why, count] : run.figures.refused)
        if (count > 3) std::printf("%6zu refused: %s\n", count, why.c_str());
    EXPECT_GT(run.figures.rewritten, 1000U / corpus_parts);
}

}  // namespace oracle_rewrite
}  // namespace majed::corpora
