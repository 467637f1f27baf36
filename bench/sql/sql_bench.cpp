// SPDX-License-Identifier: Apache-2.0
// What understanding and guarding a statement costs, beside SQLite's own prepare and PostgreSQL's parser on the same
// statements. One iteration is one statement, in turn.
#include "statements.h"

#include "rewrite/enforcement.h"
#include "rewrite/rewriter.h"
#include "sql/fingerprint.h"
#include "sql/parser.h"
#include "sql/resolver.h"

#include <benchmark/benchmark.h>
#include <sqlite3.h>

extern "C" {
#include <pg_query.h>
}

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

namespace majed::bench {
namespace {

struct CloseConnection {
    void operator()(sqlite3* connection) const noexcept { sqlite3_close_v2(connection); }
};

/// One database of the questions: in memory for SQLite, compiled for us; everyone sees two thirds of every table.
struct Subject {
    std::unique_ptr<sqlite3, CloseConnection> connection;
    std::shared_ptr<const rewrite::Enforcement> enforcement;
    const rewrite::Profile* profile = nullptr;
};

catalog::Snapshot catalog_of(sqlite3* connection) {
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
    return catalog::Snapshot(std::move(relations));
}

Subject make_subject(const std::string& ddl) {
    Subject subject;
    sqlite3* connection = nullptr;
    sqlite3_open(":memory:", &connection);
    subject.connection.reset(connection);
    sqlite3_exec(connection, ddl.c_str(), nullptr, nullptr, nullptr);
    const catalog::Snapshot catalog = catalog_of(connection);
    std::vector<policy::RowPolicy> rules;
    for (const catalog::Relation& table : catalog.relations()) {
        rules.push_back({"", table.name, {policy::Role::normal}, ":user.region <> 'x'", {}, "bench"});
    }
    auto policies = policy::PolicySet::create(std::move(rules), {});
    rewrite::Nonce nonce;
    nonce.text = "g_0123456789abcdef0123456789abcdef";
    subject.enforcement = *rewrite::Enforcement::compile(*policies, "bench", catalog, std::move(nonce));
    subject.profile = &subject.enforcement->profile(policy::Role::normal, {{"region", {"NORTH"}}});
    return subject;
}

struct Case {
    std::string sql;
    const Subject* subject;
};

const std::vector<Case>& cases() {
    static std::map<std::string, Subject> subjects;
    static const std::vector<Case> all = [] {
        std::vector<Case> result;
        std::string origin;
        for (Question& question : questions(origin)) {
            auto known = subjects.find(question.ddl);
            if (known == subjects.end())
                known = subjects.emplace(question.ddl, make_subject(question.ddl)).first;
            result.push_back({std::move(question.sql), &known->second});
        }
        std::fprintf(stderr, "statements: %s\n", origin.c_str());
        return result;
    }();
    return all;
}

const Case& next(std::size_t& turn) {
    const std::vector<Case>& all = cases();
    return all[turn++ % all.size()];
}

/// How far down the pipeline a benchmark goes.
enum class Depth { parse, fingerprint, resolve, rewrite, verify };

void pipeline(benchmark::State& state, Depth depth) {
    sql::Parser parser;
    sql::Parser verifier;
    sql::Resolution resolution;
    std::size_t turn = 0;
    std::size_t refused = 0;
    static_cast<void>(cases());
    for (auto _ : state) {
        const Case& each = next(turn);
        const auto parsed = parser.parse(each.sql);
        if (depth >= Depth::fingerprint)
            benchmark::DoNotOptimize(sql::fingerprint(parser.tokens(), each.sql));
        if (!parsed || depth < Depth::resolve) continue;
        if (!sql::resolve(**parsed, each.sql, *each.subject->profile, parser.arena(), resolution)) {
            ++refused;
            continue;
        }
        if (depth < Depth::rewrite) continue;
        const auto rewritten = rewrite::rewrite(**parsed, each.sql, resolution, *each.subject->enforcement);
        benchmark::DoNotOptimize(rewritten);
        if (depth < Depth::verify || !rewritten) continue;
        if (!rewrite::verify(*rewritten, resolution, *each.subject->enforcement, verifier)) std::abort();
    }
    state.counters["refused"] = static_cast<double>(refused);
}

void sqlite_prepare(benchmark::State& state) {
    std::size_t turn = 0;
    static_cast<void>(cases());
    for (auto _ : state) {
        const Case& each = next(turn);
        sqlite3_stmt* statement = nullptr;
        sqlite3_prepare_v2(each.subject->connection.get(), each.sql.data(), static_cast<int>(each.sql.size()),
                           &statement, nullptr);
        sqlite3_finalize(statement);
    }
}

/// split_with_parser is libpg_query's cheapest call that runs PostgreSQL's raw parser.
void pg_query_raw_parse(benchmark::State& state) {
    std::size_t turn = 0;
    static_cast<void>(cases());
    for (auto _ : state) pg_query_free_split_result(pg_query_split_with_parser(next(turn).sql.c_str()));
}

BENCHMARK_CAPTURE(pipeline, lex_and_parse, Depth::parse);
BENCHMARK_CAPTURE(pipeline, and_fingerprint, Depth::fingerprint);
BENCHMARK_CAPTURE(pipeline, and_resolve, Depth::resolve);
BENCHMARK_CAPTURE(pipeline, and_rewrite, Depth::rewrite);
BENCHMARK_CAPTURE(pipeline, and_verify, Depth::verify);
BENCHMARK(sqlite_prepare);
BENCHMARK(pg_query_raw_parse);

}  // namespace
}  // namespace majed::bench
