// SPDX-License-Identifier: Apache-2.0
// The same by length of the statement, in three dialects, with the memory blocks that each statement takes; beside them the
// engine's own: SQLite's prepare, which does a plan too, and PostgreSQL's parser, which looks nothing up.
#include "blocks.h"
#include "statements.h"
#include "subjects.h"

#include "rewrite/inline_rewriter.h"
#include "rewrite/oracle_rewriter.h"
#include "rewrite/rewriter.h"
#include "sql/fingerprint.h"
#include "sql/parser.h"
#include "sql/resolver.h"

#include <benchmark/benchmark.h>

extern "C" {
#include <pg_query.h>
}

#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

namespace majed::bench {
namespace {

struct Asked {
    std::string sql;
    const Subject* subject = nullptr;
};

/// How far a statement goes: to its tree, to the names it means, or to the text that the engine gets, checked.
enum class Depth { parse, resolve, verify };

/// What one thread of the gateway keeps.
struct Workbench {
    explicit Workbench(sql::DialectId id) : parser(sql::dialect_of(id)), verifier(sql::dialect_of(id)) {}

    [[nodiscard]] Result<rewrite::Rewritten> rewritten(sql::Select& select, const Asked& asked) const {
        const rewrite::Enforcement& enforcement = *asked.subject->enforcement;
        if (parser.dialect().id == sql::DialectId::sqlite)
            return rewrite::rewrite(select, asked.sql, resolution, enforcement);
        if (parser.dialect().id == sql::DialectId::oracle)
            return rewrite::rewrite_oracle(select, asked.sql, resolution, enforcement,
                                           rewrite::oracle_marks(parser));
        return rewrite::rewrite_inline(select, asked.sql, resolution, enforcement,
                                       rewrite::highest_parameter(parser));
    }

    [[nodiscard]] bool is_verified(const rewrite::Rewritten& rewritten, const Subject& subject) {
        const rewrite::Enforcement& enforcement = *subject.enforcement;
        if (parser.dialect().id == sql::DialectId::sqlite)
            return rewrite::verify(rewritten, resolution, enforcement, verifier).has_value();
        return rewrite::verify_inline(rewritten, resolution, enforcement, *subject.profile, verifier)
            .has_value();
    }

    /// False: it was refused. A statement that its rewriting does not understand ends the program.
    bool run(const Asked& asked, Depth depth) {
        const auto parsed = parser.parse(asked.sql);
        if (!parsed) return false;
        benchmark::DoNotOptimize(sql::fingerprint(parser.tokens(), asked.sql));
        if (depth == Depth::parse) return true;
        if (!sql::resolve(**parsed, parser, *asked.subject->profile, resolution)) return false;
        if (depth == Depth::resolve) return true;
        const auto made = rewritten(**parsed, asked);
        if (!made) return false;
        sent += made->sql.size();
        if (!is_verified(*made, *asked.subject)) std::abort();
        return true;
    }

    sql::Parser parser;
    sql::Parser verifier;
    sql::Resolution resolution;
    std::size_t sent = 0;  ///< Bytes of all that was rewritten.
};

/// Of the class that a benchmark's arguments name; all of them go the whole way.
const std::vector<Asked>& asked_of(sql::DialectId dialect, Lengths lengths) {
    static std::map<std::pair<sql::DialectId, std::size_t>, std::vector<Asked>> all;
    auto [known, fresh] = all.try_emplace({dialect, lengths.from});
    if (!fresh) return known->second;
    Workbench bench(dialect);
    for (Question& question : questions_with_schema(dialect, lengths)) {
        Asked asked{std::move(question.sql), &subject(dialect, question.ddl)};
        if (bench.run(asked, Depth::verify)) known->second.push_back(std::move(asked));
    }
    return known->second;
}

Lengths lengths_of(const benchmark::State& state) {
    return {static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1))};
}

/// Each statement in turn, `run` by whoever is measured.
template <class Run>
void each_in_turn(benchmark::State& state, sql::DialectId dialect, Run run) {
    const std::vector<Asked>& all = asked_of(dialect, lengths_of(state));
    if (all.empty()) return state.SkipWithError("the corpus does not lie beside the project");
    std::size_t bytes = 0;
    // Once before, so that what is kept between statements has grown to its size.
    for (const Asked& each : all) {
        bytes += each.sql.size();
        run(each);
    }
    std::size_t turn = 0;
    const std::size_t before = blocks_taken();
    for (auto _ : state) run(all[turn++ % all.size()]);
    const auto count = static_cast<double>(all.size());
    state.counters["blocks"] =
        static_cast<double>(blocks_taken() - before) / static_cast<double>(state.iterations());
    state.counters["bytes"] = static_cast<double>(bytes) / count;
    state.counters["statements"] = count;
}

void govern(benchmark::State& state, sql::DialectId dialect, Depth depth) {
    Workbench bench(dialect);
    std::size_t runs = 0;
    each_in_turn(state, dialect, [&](const Asked& asked) {
        ++runs;
        bench.run(asked, depth);
    });
    if (bench.sent > 0) state.counters["sent"] = static_cast<double>(bench.sent) / static_cast<double>(runs);
}

void sqlite_prepares(benchmark::State& state) {
    each_in_turn(state, sql::DialectId::sqlite, [](const Asked& asked) {
        sqlite3_stmt* statement = nullptr;
        sqlite3_prepare_v2(asked.subject->connection.get(), asked.sql.data(),
                           static_cast<int>(asked.sql.size()), &statement, nullptr);
        sqlite3_finalize(statement);
    });
}

/// split_with_parser is libpg_query's cheapest call that runs PostgreSQL's raw parser.
void postgres_parses(benchmark::State& state) {
    each_in_turn(state, sql::DialectId::postgres, [](const Asked& asked) {
        pg_query_free_split_result(pg_query_split_with_parser(asked.sql.c_str()));
    });
}

void by_length(benchmark::internal::Benchmark* benchmark) {
    benchmark->Args({100, 160})->Args({400, 1000})->Args({1900, 2600});
}

BENCHMARK_CAPTURE(govern, sqlite_parse, sql::DialectId::sqlite, Depth::parse)->Apply(by_length);
BENCHMARK_CAPTURE(govern, sqlite_resolve, sql::DialectId::sqlite, Depth::resolve)->Apply(by_length);
BENCHMARK_CAPTURE(govern, sqlite_verify, sql::DialectId::sqlite, Depth::verify)->Apply(by_length);
BENCHMARK(sqlite_prepares)->Apply(by_length);
BENCHMARK_CAPTURE(govern, postgres_parse, sql::DialectId::postgres, Depth::parse)->Apply(by_length);
BENCHMARK_CAPTURE(govern, postgres_resolve, sql::DialectId::postgres, Depth::resolve)->Apply(by_length);
BENCHMARK_CAPTURE(govern, postgres_verify, sql::DialectId::postgres, Depth::verify)->Apply(by_length);
BENCHMARK(postgres_parses)->Apply(by_length);
BENCHMARK_CAPTURE(govern, oracle_parse, sql::DialectId::oracle, Depth::parse)->Apply(by_length);
BENCHMARK_CAPTURE(govern, oracle_resolve, sql::DialectId::oracle, Depth::resolve)->Apply(by_length);
BENCHMARK_CAPTURE(govern, oracle_verify, sql::DialectId::oracle, Depth::verify)->Apply(by_length);

}  // namespace
}  // namespace majed::bench
