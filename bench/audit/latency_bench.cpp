// SPDX-License-Identifier: Apache-2.0
// What the audit adds to a query: a governed point query in process, when its records go to disk behind it (best effort),
// when its intent must be there before it runs and its outcome before it ends (strict: two waits for the disk), and the
// bare SQLite C API without policy and audit. p50 and p99 in microseconds, for one caller and for eight at a time, who
// share commits. The difference of strict and best effort is two commits of this disk: see strict/threads:1 of the same run.
#include "audit/audit_trail.h"
#include "crypto/signing_key.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/temporary_directory.h"
#include "gateway/gateway.h"
#include "policy/policy_set.h"
#include "source/source_fixture.h"
#include "source/source_registry.h"
#include "store/primary_store_fixture.h"

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace majed::bench {
namespace {

constexpr std::int64_t most_rows = 10000;

template <class R>
void need(const R& result) {
    if (!result) std::abort();
}

class CountingSink final : public gateway::ResultSink {
public:
    Result<void> columns(std::span<const gateway::ResultColumn>) override { return {}; }
    Result<void> row(std::span<const ValueView> cells) override {
        benchmark::DoNotOptimize(cells.data());
        ++rows;
        return {};
    }
    std::uint64_t rows = 0;
};

/// Two tables alike; readers of one must be on record first.
class AuditedShop {
public:
    AuditedShop() {
        auto file = driver::sqlite::Database::open(path(), driver::sqlite::OpenMode::create);
        need(file);
        need(file->execute("PRAGMA journal_mode = WAL"));
        for (const std::string table : {"customers", "patients"}) {
            need(file->execute(
                "CREATE TABLE " + table + " (id INTEGER PRIMARY KEY, name TEXT, region TEXT); INSERT INTO " +
                table +
                " WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
                " SELECT i, 'name ' || i, 'NORTH' FROM n"));
        }
        need(store::make_primary_tables(directory_.file("majed.db")));
        auto key = crypto::SigningKey::from_seed(Secret(std::string(32, 'k')));
        need(key);
        auto trail = audit::AuditTrail::open(
            {.database_path = directory_.file("majed.db"),
             .signing_key = std::make_shared<const crypto::SigningKey>(std::move(*key)),
             .heads_path = directory_.file("majed.heads")});
        need(trail);
        trail_ = std::move(*trail);
        source::SourceOptions options;
        options.name = "shop";
        need(sources_.add(*source::start_sqlite(std::move(options), path())));
        gateway_ = std::make_unique<gateway::Gateway>(sources_, *trail_, std::vector<std::uint8_t>(32, 1));
        policy::RowPolicy loose{"", "customers", {policy::Role::normal}, "region = :user.region",
                                {}, "bench"};
        policy::RowPolicy strict = loose;
        strict.table = "patients";
        strict.audit_strictly = true;
        auto rules = policy::PolicySet::create({loose, strict}, {});
        need(rules);
        need(gateway_->install_policies(std::make_shared<policy::PolicySet>(*std::move(rules))));
    }
    [[nodiscard]] std::string path() const { return directory_.file("shop.db"); }
    [[nodiscard]] gateway::Gateway& gateway() { return *gateway_; }
    [[nodiscard]] audit::AuditTrail& trail() { return *trail_; }

private:
    driver::sqlite::TemporaryDirectory directory_;
    std::unique_ptr<audit::AuditTrail> trail_;
    source::SourceRegistry sources_;
    std::unique_ptr<gateway::Gateway> gateway_;
};

AuditedShop& audited_shop() {
    static AuditedShop instance;
    return instance;
}

/// How long each took, and the two numbers that are told of them.
class Latencies {
public:
    explicit Latencies(benchmark::State& state) : state_(state) {}
    Latencies(const Latencies&) = delete;
    Latencies& operator=(const Latencies&) = delete;
    ~Latencies() {
        std::sort(taken_.begin(), taken_.end());
        state_.counters["p50_us"] = {at(0.50), benchmark::Counter::kAvgThreads};
        state_.counters["p99_us"] = {at(0.99), benchmark::Counter::kAvgThreads};
    }
    template <class Work>
    void measure(Work&& work) {
        const auto begun = std::chrono::steady_clock::now();
        work();
        taken_.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begun).count());
    }

private:
    [[nodiscard]] double at(double part) const {
        if (taken_.empty()) return 0;
        return taken_[static_cast<std::size_t>(part * static_cast<double>(taken_.size() - 1))];
    }
    benchmark::State& state_;
    std::vector<double> taken_;
};

std::int64_t row_of(std::uint64_t turn) {
    return static_cast<std::int64_t>(turn * 7919 % static_cast<std::uint64_t>(most_rows)) + 1;
}

void query_bare(benchmark::State& state) {
    sqlite3* connection = nullptr;
    sqlite3_stmt* statement = nullptr;
    sqlite3_open_v2(audited_shop().path().c_str(), &connection, SQLITE_OPEN_READONLY, nullptr);
    sqlite3_prepare_v2(connection, "SELECT id, name FROM customers WHERE id = ?1 AND region = 'NORTH'", -1,
                       &statement, nullptr);
    {
        Latencies latencies(state);
        std::uint64_t turn = 0;
        for (auto _ : state) {
            latencies.measure([&] {
                sqlite3_bind_int64(statement, 1, row_of(turn++));
                if (sqlite3_step(statement) != SQLITE_ROW) std::abort();
                benchmark::DoNotOptimize(sqlite3_column_text(statement, 1));
                if (sqlite3_step(statement) != SQLITE_DONE) std::abort();
                sqlite3_reset(statement);
            });
        }
    }
    sqlite3_finalize(statement);
    sqlite3_close_v2(connection);
}

void query_governed(benchmark::State& state, const std::string& table) {
    policy::Principal principal;
    principal.name = "bench";
    principal.role = policy::Role::normal;
    principal.attributes = {{"region", {"NORTH"}}};
    gateway::QueryRequest request;
    request.sql = "SELECT id, name FROM " + table + " WHERE id = ?1";
    CountingSink sink;
    gateway::Gateway& gateway = audited_shop().gateway();
    Latencies latencies(state);
    std::uint64_t turn = 0;
    for (auto _ : state) {
        latencies.measure([&] {
            request.parameters.positional.assign(1, Value(row_of(turn++)));
            need(gateway.query(principal, request, sink));
        });
    }
    if (sink.rows != turn) std::abort();
    if (state.thread_index() == 0) audited_shop().trail().flush();
}

BENCHMARK(query_bare)->UseRealTime();
BENCHMARK_CAPTURE(query_governed, best_effort, "customers")->Threads(1)->Threads(8)->UseRealTime();
BENCHMARK_CAPTURE(query_governed, strict, "patients")->Threads(1)->Threads(8)->UseRealTime();

}  // namespace
}  // namespace majed::bench
