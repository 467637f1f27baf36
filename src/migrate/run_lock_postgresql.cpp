// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.h"
#include "migrate/ledger_tables.h"
#include "migrate/query_rows.h"
#include "migrate/run_lock.h"

#include <cstdint>
#include <utility>

namespace majed::migrate {

namespace {

constexpr std::chrono::seconds lock_question_time{30};
constexpr std::chrono::seconds goodbye_time{2};

/// Another database, another schema, another key; the same for every program of this make.
std::int64_t key_of(std::string_view database, std::string_view schema) {
    std::string name("majed migrate\n");
    name.append(database).append("\n").append(schema).append("\n").append(ledger_table);
    const crypto::Digest digest = crypto::sha256(crypto::bytes_of(name));
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < sizeof key; ++i) {
        key = key << 8U | digest.at(i);
    }
    return static_cast<std::int64_t>(key);
}

class AdvisoryLock final : public RunLock {
public:
    AdvisoryLock(driver::Connection& working, std::int64_t key, std::int64_t process) noexcept
        : working_(working), key_(key), process_(process) {}
    AdvisoryLock(const AdvisoryLock&) = delete;
    AdvisoryLock& operator=(const AdvisoryLock&) = delete;
    ~AdvisoryLock() override {
        // Whatever this meets, the end of the session lets go as well.
        const Deadline soon = deadline_after(goodbye_time);
        if (working_.reusable() && working_.rollback(soon)) {
            static_cast<void>(
                fetch(working_, "SELECT pg_catalog.pg_advisory_unlock(:p_key)", {{"p_key", key_}}, soon));
        }
    }

    Result<void> check(Deadline deadline) override {
        // The halves of a key of 64 bits; objsubid 1 says that it was one.
        constexpr std::string_view sql =
            "SELECT pg_catalog.pg_backend_pid(), count(*) FROM pg_catalog.pg_locks "
            "WHERE locktype = 'advisory' AND pid = pg_catalog.pg_backend_pid() AND objsubid = 1 AND granted "
            "AND classid = CAST((CAST(:p_key AS bigint) >> 32) & 4294967295 AS oid) "
            "AND objid = CAST(CAST(:p_key AS bigint) & 4294967295 AS oid)";
        MAJED_TRY_ASSIGN(const std::vector<Row> rows, fetch(working_, sql, {{"p_key", key_}}, deadline));
        if (integer_of(rows.front()[0]) != process_) {
            return Error{
                .code = ErrorCode::unsupported,
                .message = "the connection changes its session between two statements",
                .hint = "a pooler in transaction mode cannot keep a lock: connect to the server itself"};
        }
        if (integer_of(rows.front()[1]) == 0) {
            return Error{.code = ErrorCode::unavailable,
                         .message = "the lock that keeps other runs away is gone",
                         .hint = "a migration must not let go of advisory locks that are not its own"};
        }
        return {};
    }

private:
    driver::Connection& working_;
    std::int64_t key_;
    std::int64_t process_;
};

}  // namespace

Result<std::unique_ptr<RunLock>> lock_advisory(driver::Connection& working, std::string_view schema,
                                               const LockWait& wait) {
    MAJED_TRY_ASSIGN(const std::vector<Row> named, fetch(working, "SELECT pg_catalog.current_database()", {},
                                                         deadline_after(lock_question_time)));
    const std::int64_t key = key_of(text_of(named.front().front()), schema);
    Patience patience(wait);
    for (;;) {
        MAJED_TRY_ASSIGN(
            const std::vector<Row> rows,
            fetch(working, "SELECT pg_catalog.pg_try_advisory_lock(:p_key), pg_catalog.pg_backend_pid()",
                  {{"p_key", key}}, deadline_after(lock_question_time)));
        if (integer_of(rows.front()[0]) != 0) {
            auto lock = std::make_unique<AdvisoryLock>(working, key, integer_of(rows.front()[1]));
            MAJED_TRY(lock->check(deadline_after(lock_question_time)));
            return std::unique_ptr<RunLock>(std::move(lock));
        }
        MAJED_TRY(patience.pause());
    }
}

}  // namespace majed::migrate
