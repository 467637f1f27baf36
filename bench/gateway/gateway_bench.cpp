// SPDX-License-Identifier: Apache-2.0
// A governed point query in process, audit in best-effort mode, beside the bare SQLite C API on the same file: the same
// statement prepared once, a key bound, one row read. Goal: at least half the bare rate.
#include "audit/audit_trail.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/temporary_directory.h"
#include "gateway/gateway.h"
#include "policy/policy_set.h"
#include "source/source_fixture.h"
#include "source/source_registry.h"
#include "store/primary_store_fixture.h"

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace majed::bench {
namespace {

constexpr std::int64_t customers = 10000;

class NoSink final : public gateway::ResultSink {
public:
    Result<void> columns(std::span<const gateway::ResultColumn>) override { return {}; }
    Result<void> row(std::span<const ValueView> cells) override {
        benchmark::DoNotOptimize(cells.data());
        ++rows;
        return {};
    }
    std::uint64_t rows = 0;
};

/// One file and one gateway for all benchmarks of the run.
class Shop {
public:
    Shop() {
        auto file = driver::sqlite::Database::open(path(), driver::sqlite::OpenMode::create);
        check(file->execute(
            "PRAGMA journal_mode = WAL; CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT,"
            " email TEXT, region TEXT); WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n"
            " WHERE i < 10000) INSERT INTO customers SELECT i, 'name ' || i, 'm' || i || '@example.org',"
            " CASE i % 2 WHEN 0 THEN 'NORTH' ELSE 'SOUTH' END FROM n"));
        store_ = *store::make_primary_store(directory_.file("majed.db"));
        trail_ = *audit::AuditTrail::open({.database_path = directory_.file("majed.db")});
        source::SourceOptions options;
        options.name = "shop";
        check(sources_.add(*source::start_sqlite(std::move(options), path())));
        gateway_ = std::make_unique<gateway::Gateway>(sources_, *trail_, std::vector<std::uint8_t>(32, 1));
        auto rules = policy::PolicySet::create(
            {{"", "customers", {policy::Role::normal}, "region = :user.region", {}, "bench"}}, {});
        check(gateway_->install_policies(std::make_shared<policy::PolicySet>(*std::move(rules))));
    }

    [[nodiscard]] std::string path() const { return directory_.file("shop.db"); }
    [[nodiscard]] gateway::Gateway& gateway() { return *gateway_; }

private:
    template <class R>
    static void check(const R& result) {
        if (!result) std::abort();
    }
    driver::sqlite::TemporaryDirectory directory_;
    std::unique_ptr<store::PrimaryStore> store_;
    std::unique_ptr<audit::AuditTrail> trail_;
    source::SourceRegistry sources_;
    std::unique_ptr<gateway::Gateway> gateway_;
};

Shop& shop() {
    static Shop instance;
    return instance;
}

/// Even keys: rows the principal may see.
std::int64_t key(std::uint64_t turn) {
    return static_cast<std::int64_t>(turn * 7919 % (customers / 2)) * 2 + 2;
}

void bare(benchmark::State& state, const char* sql) {
    sqlite3* connection = nullptr;
    sqlite3_stmt* statement = nullptr;
    sqlite3_open_v2(shop().path().c_str(), &connection, SQLITE_OPEN_READONLY, nullptr);
    sqlite3_prepare_v2(connection, sql, -1, &statement, nullptr);
    std::uint64_t turn = 0;
    for (auto _ : state) {
        sqlite3_bind_int64(statement, 1, key(turn++));
        if (sqlite3_step(statement) != SQLITE_ROW) std::abort();
        benchmark::DoNotOptimize(sqlite3_column_text(statement, 1));
        if (sqlite3_step(statement) != SQLITE_DONE) std::abort();
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    sqlite3_close_v2(connection);
}

void governed(benchmark::State& state) {
    policy::Principal principal;
    principal.name = "bench";
    principal.role = policy::Role::normal;
    principal.attributes = {{"region", {"NORTH"}}};
    gateway::QueryRequest request;
    request.sql = "SELECT id, name, email FROM customers WHERE id = ?1";
    NoSink sink;
    std::uint64_t turn = 0;
    gateway::Gateway& gateway = shop().gateway();
    for (auto _ : state) {
        request.parameters.positional.assign(1, Value(key(turn++)));
        if (!gateway.query(principal, request, sink)) std::abort();
    }
    if (sink.rows != turn) std::abort();
}

BENCHMARK_CAPTURE(bare, no_policy, "SELECT id, name, email FROM customers WHERE id = ?1");
BENCHMARK_CAPTURE(bare, filter_written_by_hand,
                  "SELECT id, name, email FROM customers WHERE id = ?1 AND region = 'NORTH'");
BENCHMARK(governed);

}  // namespace
}  // namespace majed::bench
