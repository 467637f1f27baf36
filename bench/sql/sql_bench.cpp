// SPDX-License-Identifier: Apache-2.0
// What understanding and guarding a statement costs, beside SQLite's own prepare and PostgreSQL's parser on the same
// statements. One iteration is one statement, in turn.
#include "blocks.h"
#include "statements.h"
#include "subjects.h"

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

namespace majed::bench {
namespace {

struct Case {
    std::string sql;
    const Subject* subject;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all = [] {
        std::vector<Case> result;
        std::string origin;
        for (Question& question : questions(origin))
            result.push_back({std::move(question.sql), &subject(sql::DialectId::sqlite, question.ddl)});
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
