// SPDX-License-Identifier: Apache-2.0
// Records a second that are on disk, tree and signed heads included, when 1, 8 and 64 callers wait for each of theirs, and
// in batches of 1000; beside bare SQLite on the same table in the same mode, without a tree: a transaction for each
// record, and batches of 1000. Goal: one caller as fast as a transaction for each, many callers faster together. What it
// costs a query: latency_bench.cpp, in the same run.
#include "audit/audit_trail.h"
#include "crypto/signing_key.h"
#include "driver/sqlite/temporary_directory.h"
#include "store/primary_store_fixture.h"

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace majed::bench {
namespace {

constexpr int batch_size = 1000;
constexpr std::string_view details =
    R"({"sql":"SELECT CUSTOMER_ID, CUSTOMER_NAME, EMAIL FROM CUSTOMERS WHERE REGION = ? ORDER BY CUSTOMER_ID",)"
    R"("fingerprint":"5f0c3e0d9b2a4c71","row_filters":["CUSTOMERS"],"masked_columns":["CUSTOMERS.EMAIL"]})";

template <class R>
void check(const R& result) {
    if (!result) std::abort();
}

/// A new primary store, on the disk that temporary files are on, and its trail.
class Store {
public:
    Store() {
        check(store::make_primary_tables(path()));
        auto key = crypto::SigningKey::from_seed(Secret(std::string(32, 'k')));
        check(key);
        auto trail = audit::AuditTrail::open(
            {.database_path = path(),
             .signing_key = std::make_shared<const crypto::SigningKey>(std::move(*key)),
             .heads_path = directory_.file("majed.heads")});
        check(trail);
        trail_ = std::move(*trail);
    }
    [[nodiscard]] std::string path() const { return directory_.file("majed.db"); }
    [[nodiscard]] audit::AuditTrail& trail() { return *trail_; }

private:
    driver::sqlite::TemporaryDirectory directory_;
    std::unique_ptr<audit::AuditTrail> trail_;
};

std::optional<Store> current_store;

void make_store(const benchmark::State&) {
    current_store.emplace();
}
void drop_store(const benchmark::State&) {
    current_store.reset();
}

audit::AuditRecord record() {
    return {.phase = audit::Phase::intent,
            .event_id = "0123456789abcdef0123456789abcdef",
            .user_id = 7,
            .username = "nora",
            .role = "normal",
            .action = "query",
            .resource = "sales",
            .resource_id = "CUSTOMERS",
            .details = std::string(details),
            .ip_address = "127.0.0.1",
            .user_agent = "curl/7.88.1",
            .request_id = "0123456789abcdef0123456789abcdef"};
}

void strict(benchmark::State& state) {
    audit::AuditTrail& trail = current_store->trail();
    for (auto _ : state) check(trail.append(record(), audit::Assurance::strict));
    state.SetItemsProcessed(state.iterations());
}

void batches(benchmark::State& state) {
    audit::AuditTrail& trail = current_store->trail();
    for (auto _ : state) {
        for (int i = 0; i < batch_size; ++i) check(trail.append(record(), audit::Assurance::best_effort));
        trail.flush();
    }
    if (trail.stats().dropped != 0) std::abort();
    state.SetItemsProcessed(state.iterations() * batch_size);
}

/// What a program would write that has no audit of its own making.
class BareTable {
public:
    explicit BareTable(const std::string& path) {
        must(sqlite3_open_v2(path.c_str(), &connection_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                             nullptr));
        execute("PRAGMA synchronous = FULL");
        must(
            sqlite3_prepare_v2(connection_,
                               "INSERT INTO audit_log (event_id, phase, user_id, username, role, action, "
                               "resource, resource_id, details,"
                               " ip_address, user_agent, request_id, timestamp, success, error_message)"
                               " VALUES (?1, 'intent', 7, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, NULL)",
                               -1, &insert_, nullptr));
    }
    BareTable(const BareTable&) = delete;
    BareTable& operator=(const BareTable&) = delete;
    ~BareTable() {
        sqlite3_finalize(insert_);
        sqlite3_close_v2(connection_);
    }

    void write(int records) {
        constexpr std::array<std::string_view, 11> cells{"0123456789abcdef0123456789abcdef",
                                                         "nora",
                                                         "normal",
                                                         "query",
                                                         "sales",
                                                         "CUSTOMERS",
                                                         details,
                                                         "127.0.0.1",
                                                         "curl/7.88.1",
                                                         "0123456789abcdef0123456789abcdef",
                                                         "2025-01-31T23:59:59.123456Z"};
        execute("BEGIN IMMEDIATE");
        for (int i = 0; i < records; ++i) {
            for (std::size_t c = 0; c < cells.size(); ++c) {
                must(sqlite3_bind_text(insert_, static_cast<int>(c + 1), cells.at(c).data(),
                                       static_cast<int>(cells.at(c).size()), SQLITE_STATIC));
            }
            if (sqlite3_step(insert_) != SQLITE_DONE) std::abort();
            must(sqlite3_reset(insert_));
        }
        execute("COMMIT");
    }

private:
    static void must(int result) {
        if (result != SQLITE_OK) std::abort();
    }
    void execute(const char* sql) { must(sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr)); }

    sqlite3* connection_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
};

void bare(benchmark::State& state, int records) {
    BareTable table(current_store->path());
    for (auto _ : state) table.write(records);
    state.SetItemsProcessed(state.iterations() * records);
}

BENCHMARK(strict)
    ->Threads(1)
    ->Threads(8)
    ->Threads(64)
    ->UseRealTime()
    ->Setup(make_store)
    ->Teardown(drop_store);
BENCHMARK(batches)->UseRealTime()->Setup(make_store)->Teardown(drop_store);
BENCHMARK_CAPTURE(bare, a_transaction_each, 1)->UseRealTime()->Setup(make_store)->Teardown(drop_store);
BENCHMARK_CAPTURE(bare, batches, batch_size)->UseRealTime()->Setup(make_store)->Teardown(drop_store);

}  // namespace
}  // namespace majed::bench
