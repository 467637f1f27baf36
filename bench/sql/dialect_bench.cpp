// SPDX-License-Identifier: Apache-2.0
// The same for PostgreSQL and Oracle: by length of the statement, with the memory blocks that each one takes. PostgreSQL's
// questions go the whole way, on their own schemas; beside them PostgreSQL's own parser.
#include "statements.h"

#include "rewrite/enforcement.h"
#include "rewrite/inline_rewriter.h"
#include "sql/fingerprint.h"
#include "sql/lexer.h"
#include "sql/parser.h"
#include "sql/resolver.h"

#include <benchmark/benchmark.h>

extern "C" {
#include <pg_query.h>
}

#include <cstdlib>
#include <map>
#include <memory>

namespace {

std::size_t blocks_taken = 0;

}  // namespace

extern "C" {
void* __libc_malloc(std::size_t size);

/// Counted; glibc's own does the work.
void* malloc(std::size_t size) noexcept {
    ++blocks_taken;
    return __libc_malloc(size);
}
}

namespace majed::bench {
namespace {

struct Server {
    std::shared_ptr<const rewrite::Enforcement> enforcement;
    const rewrite::Profile* profile = nullptr;
};

/// `create table "t" ("a" text, ...);` as the corpus has them.
std::vector<catalog::Relation> relations_of(const std::string& ddl) {
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
        relation.schema = "shop";
        relation.name = word(i + 2);
        for (i += 4; tokens[i].kind != sql::TokenKind::semicolon && tokens[i].kind != sql::TokenKind::end;
             ++i) {
            catalog::Column& column = relation.columns.emplace_back();
            column.name = word(i++);
            for (; tokens[i].kind != sql::TokenKind::comma && tokens[i].kind != sql::TokenKind::right_paren;
                 ++i)
                column.declared_type += (column.declared_type.empty() ? "" : " ") + word(i);
        }
    }
    return relations;
}

Server make_server(const std::string& ddl) {
    std::vector<policy::RowPolicy> rules;
    std::vector<catalog::Relation> relations = relations_of(ddl);
    for (const catalog::Relation& table : relations)
        rules.push_back({"", table.name, {policy::Role::normal}, ":user.region <> 'x'", {}, "bench"});
    driver::ServerFacts facts;
    facts.search_path = {"shop"};
    const catalog::Snapshot catalog(std::move(relations), std::move(facts), 1);
    auto policies = policy::PolicySet::create(std::move(rules), {});
    rewrite::Nonce nonce;
    nonce.text = "g_0123456789abcdef0123456789abcdef";
    Server server;
    server.enforcement = *rewrite::Enforcement::compile(*policies, "bench", catalog, std::move(nonce));
    server.profile = &server.enforcement->profile(policy::Role::normal, {{"region", {"NORTH"}}});
    return server;
}

struct Asked {
    std::string sql;
    const Server* server = nullptr;
};

std::vector<Asked> asked_of(sql::DialectId dialect, std::size_t from, std::size_t to, bool with_schema) {
    static std::map<std::string, Server> servers;
    std::vector<Asked> result;
    for (Question& question : questions_of(dialect)) {
        if (question.sql.size() < from || question.sql.size() >= to || (with_schema && question.ddl.empty()))
            continue;
        Asked& asked = result.emplace_back();
        asked.sql = std::move(question.sql);
        if (!with_schema) continue;
        auto known = servers.find(question.ddl);
        if (known == servers.end()) known = servers.emplace(question.ddl, make_server(question.ddl)).first;
        asked.server = &known->second;
    }
    if (result.empty()) result.push_back({"SELECT 1 FROM t WHERE a = 'x'", nullptr});
    return result;
}

void count(benchmark::State& state, const std::vector<Asked>& all, std::size_t blocks) {
    std::size_t bytes = 0;
    for (const Asked& each : all) bytes += each.sql.size();
    state.counters["bytes"] = static_cast<double>(bytes) / static_cast<double>(all.size());
    state.counters["statements"] = static_cast<double>(all.size());
    state.counters["blocks"] = static_cast<double>(blocks) / static_cast<double>(state.iterations());
}

void understand(benchmark::State& state, sql::DialectId dialect) {
    const std::vector<Asked> all = asked_of(dialect, static_cast<std::size_t>(state.range(0)),
                                            static_cast<std::size_t>(state.range(1)), false);
    sql::Parser parser(sql::dialect_of(dialect));
    std::size_t turn = 0;
    const std::size_t before = blocks_taken;
    for (auto _ : state) {
        const std::string& text = all[turn++ % all.size()].sql;
        benchmark::DoNotOptimize(parser.parse(text));
        benchmark::DoNotOptimize(sql::fingerprint(parser.tokens(), text));
    }
    count(state, all, blocks_taken - before);
}

/// How far a question of PostgreSQL goes: to the names it means, or to the text that the server gets, checked.
enum class Depth { resolve, verify };

void govern(benchmark::State& state, Depth depth) {
    const std::vector<Asked> all =
        asked_of(sql::DialectId::postgres, static_cast<std::size_t>(state.range(0)),
                 static_cast<std::size_t>(state.range(1)), true);
    sql::Parser parser(sql::dialect_of(sql::DialectId::postgres));
    sql::Parser verifier(sql::dialect_of(sql::DialectId::postgres));
    sql::Resolution resolution;
    std::size_t turn = 0;
    std::size_t refused = 0;
    const std::size_t before = blocks_taken;
    for (auto _ : state) {
        const Asked& asked = all[turn++ % all.size()];
        const auto parsed = parser.parse(asked.sql);
        if (!parsed || asked.server == nullptr) continue;
        benchmark::DoNotOptimize(sql::fingerprint(parser.tokens(), asked.sql));
        const rewrite::Enforcement& enforcement = *asked.server->enforcement;
        if (!sql::resolve(**parsed, parser, *asked.server->profile, resolution)) {
            ++refused;
            continue;
        }
        if (depth == Depth::resolve) continue;
        const auto rewritten = rewrite::rewrite_inline(**parsed, asked.sql, resolution, enforcement,
                                                       rewrite::highest_parameter(parser));
        if (!rewritten ||
            !rewrite::verify_inline(*rewritten, resolution, enforcement, *asked.server->profile, verifier))
            std::abort();
    }
    count(state, all, blocks_taken - before);
    state.counters["refused"] = static_cast<double>(refused);
}

void postgres_parser(benchmark::State& state) {
    const std::vector<Asked> all =
        asked_of(sql::DialectId::postgres, static_cast<std::size_t>(state.range(0)),
                 static_cast<std::size_t>(state.range(1)), false);
    std::size_t turn = 0;
    for (auto _ : state)
        pg_query_free_split_result(pg_query_split_with_parser(all[turn++ % all.size()].sql.c_str()));
    count(state, all, 0);
}

constexpr std::int64_t some = 100;
constexpr std::int64_t more = 160;
constexpr std::int64_t long_ones = 1200;
constexpr std::int64_t longest = 4000;

BENCHMARK_CAPTURE(understand, postgres, sql::DialectId::postgres)
    ->Args({some, more})
    ->Args({long_ones, longest});
BENCHMARK(postgres_parser)->Args({some, more})->Args({long_ones, longest});
BENCHMARK_CAPTURE(understand, oracle, sql::DialectId::oracle)->Args({some, more})->Args({long_ones, longest});
// The questions with a schema are short; the longest of them are a class of their own.
BENCHMARK_CAPTURE(govern, resolve, Depth::resolve)->Args({some, more})->Args({400, longest});
BENCHMARK_CAPTURE(govern, verify, Depth::verify)->Args({some, more})->Args({400, longest});

}  // namespace
}  // namespace majed::bench
