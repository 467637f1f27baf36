// SPDX-License-Identifier: Apache-2.0
#include "audit/record_purge.h"

#include "audit/purge_order.h"
#include "audit/record_leaf.h"
#include "audit/record_time.h"
#include "driver/sqlite/database.h"
#include "format/json.h"
#include "telemetry/request_id.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace majed::audit {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;
using driver::sqlite::Statement;

constexpr std::size_t largest_batch = 10000;
/// What is in no tree was put in by hand: it stays, for whoever checks to find.
constexpr std::string_view is_in_tree = "EXISTS (SELECT 1 FROM audit_leaves WHERE record_id = audit_log.id)";

Error no_audit(const Error& cause) {
    if (cause.code != ErrorCode::invalid_argument) return cause;
    return Error{.code = ErrorCode::unavailable,
                 .message = "the primary store holds no audit of this program",
                 .hint = "bring it up to date with: majed migrate up"};
}

Result<void> check(const PurgeOptions& options) {
    if (options.older_than < least_retention || options.older_than > longest_retention) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "records of the audit are kept for 30 days at least, and 36500 at most",
                     .hint = "a span such as 400d"};
    }
    if (options.batch < 1 || options.batch > largest_batch || options.signing_key == nullptr) {
        return Error{ErrorCode::invalid_argument, "a purge needs the key that signs, and a batch of 1 to " +
                                                      std::to_string(largest_batch) + " records"};
    }
    return {};
}

/// The first cell of the first row; 0 where there is none.
Result<std::int64_t> number(Database& database, const std::string& sql, std::vector<Value> values) {
    MAJED_TRY_ASSIGN(auto rows, database.prepare(sql));
    MAJED_TRY(rows.bind(values));
    MAJED_TRY_ASSIGN(const bool found, rows.step());
    return found ? rows.integer(0) : 0;
}

Result<PurgeReport> plan(Database& database, const PurgeOptions& options,
                         std::chrono::system_clock::time_point now) {
    const auto before = now - options.older_than;
    PurgeReport report{.before = timestamp(before)};
    const std::string time(comparable_time);
    MAJED_TRY_ASSIGN(const std::int64_t first_young,
                     number(database, "SELECT id FROM audit_log WHERE " + time + " >= ?1 ORDER BY id LIMIT 1",
                            {comparable_text(before)}));
    const std::int64_t end = first_young == 0 ? INT64_MAX : first_young;
    const std::string old = " FROM audit_log WHERE id < ?1 AND " + std::string(is_in_tree);
    MAJED_TRY_ASSIGN(report.through, number(database, "SELECT coalesce(max(id), 0)" + old, {end}));
    MAJED_TRY_ASSIGN(const std::int64_t count, number(database, "SELECT count(*)" + old, {end}));
    report.records = static_cast<std::uint64_t>(count);
    return report;
}

Result<std::string> log_id_of(Database& database) {
    MAJED_TRY_ASSIGN(auto rows, database.prepare("SELECT log_id FROM audit_tree"));
    MAJED_TRY_ASSIGN(const bool found, rows.step());
    return found ? rows.text(0) : std::string();
}

/// The deletes of one purge.
class Deletion {
public:
    [[nodiscard]] static Result<Deletion> prepare(Database& database, const PurgeReport& planned) {
        const std::string read = "SELECT l.hash, " + std::string(hashed_columns) +
                                 " FROM audit_log a JOIN audit_leaves l ON l.record_id = a.id"
                                 " WHERE a.id > ?1 AND a.id <= ?2 ORDER BY a.id LIMIT ?3";
        MAJED_TRY_ASSIGN(auto next, database.prepare(read));
        MAJED_TRY_ASSIGN(auto remove, database.prepare("DELETE FROM audit_log WHERE id = ?1"));
        return Deletion(database, std::move(next), std::move(remove), planned.through);
    }

    /// How many are gone; 0: none is left.
    [[nodiscard]] Result<std::uint64_t> take(std::size_t batch) {
        MAJED_TRY(database_.execute("BEGIN IMMEDIATE"));
        auto gone = take_in_transaction(batch);
        next_.reset();
        remove_.reset();
        if (gone) return gone;
        // Fails only when SQLite has rolled back by itself already.
        static_cast<void>(database_.execute("ROLLBACK"));
        return gone;
    }

private:
    Deletion(Database& database, Statement next, Statement remove, std::int64_t through)
        : database_(database), next_(std::move(next)), remove_(std::move(remove)), through_(through) {}

    [[nodiscard]] Result<std::uint64_t> take_in_transaction(std::size_t batch) {
        MAJED_TRY_ASSIGN(const auto ids, next_ones(batch));
        for (const std::int64_t id : ids) {
            const std::array<Value, 1> values{id};
            remove_.reset();
            MAJED_TRY(remove_.bind(values));
            MAJED_TRY(remove_.step());
        }
        MAJED_TRY(database_.execute("COMMIT"));
        if (!ids.empty()) last_ = ids.back();
        return ids.size();
    }

    [[nodiscard]] Result<std::vector<std::int64_t>> next_ones(std::size_t batch) {
        const std::array<Value, 3> values{last_, through_, static_cast<std::int64_t>(batch)};
        next_.reset();
        MAJED_TRY(next_.bind(values));
        std::vector<std::int64_t> ids;
        while (true) {
            MAJED_TRY_ASSIGN(const bool more, next_.step());
            if (!more) return ids;
            const std::int64_t id = next_.integer(1);
            if (!is_as_written()) {
                return Error{.code = ErrorCode::conflict,
                             .message = "record " + std::to_string(id) +
                                        " of the audit is not as it was written, and is not purged",
                             .hint = "see what is wrong with it: majed audit verify"};
            }
            ids.push_back(id);
        }
    }

    [[nodiscard]] bool is_as_written() {
        leaf_.clear();
        for (int i = 0; i < hashed_column_count; ++i) leaf_.add(next_.column(1 + i));
        const crypto::Digest hash = leaf_.hash();
        const ValueView stored = next_.column(0);
        const auto* const blob = std::get_if<BlobView>(&stored);
        return blob != nullptr && std::ranges::equal(blob->bytes, std::as_bytes(std::span(hash)));
    }

    Database& database_;
    Statement next_;
    Statement remove_;
    std::int64_t through_;
    std::int64_t last_ = 0;
    RecordLeaf leaf_;
};

Result<void> delete_all(Database& database, const PurgeOptions& options, PurgeReport& report) {
    MAJED_TRY_ASSIGN(auto deletion, Deletion::prepare(database, report));
    report.records = 0;
    while (true) {
        MAJED_TRY_ASSIGN(const std::uint64_t gone, deletion.take(options.batch));
        report.records += gone;
        if (gone < options.batch) break;
        if (options.stop && options.stop()) {
            report.complete = false;
            break;
        }
        std::this_thread::sleep_for(options.pause);
    }
    // The log of the database holds what the pages were before. A reader may keep it from being emptied; the next
    // checkpoint that can does it.
    static_cast<void>(database.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    return {};
}

std::string details_of(const PurgeReport& report, std::string_view member, std::string_view value) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("through").integer(report.through).key("before").text(report.before);
    json.key(member);
    if (member == "records") {
        json.unsigned_integer(report.records).key("complete").boolean(report.complete);
    } else {
        json.text(value);
    }
    json.end_object();
    return out;
}

}  // namespace

Result<PurgeReport> plan_purge(const PurgeOptions& options, std::chrono::system_clock::time_point now) {
    MAJED_TRY(check(options));
    MAJED_TRY_ASSIGN(auto database, Database::open(options.database_path, OpenMode::read_only));
    auto planned = plan(database, options, now);
    if (!planned) return no_audit(planned.error());
    return planned;
}

Result<PurgeReport> purge_records(AuditTrail& trail, const PurgeOptions& options,
                                  std::chrono::system_clock::time_point now) {
    MAJED_TRY(check(options));
    MAJED_TRY_ASSIGN(auto database, Database::open(options.database_path, OpenMode::read_write));
    // What is deleted is overwritten, not only forgotten. A delete that a loss of power takes back is made again.
    MAJED_TRY(database.execute("PRAGMA secure_delete = ON; PRAGMA synchronous = NORMAL"));
    auto planned = plan(database, options, now);
    if (!planned) return no_audit(planned.error());
    PurgeReport report = std::move(*planned);
    if (report.through == 0) return report;
    AuditRecord record{.phase = Phase::intent, .event_id = telemetry::make_request_id()};
    record.username = options.username;
    record.action = purge_action;
    record.resource = purge_resource;
    record.resource_id = std::to_string(report.through);
    record.request_id = record.event_id;
    MAJED_TRY_ASSIGN(std::string log_id, log_id_of(database));
    const PurgeOrder order{std::move(log_id), record.event_id, report.through, report.before};
    record.details = details_of(report, "signature", signature_of(order, *options.signing_key));
    MAJED_TRY(trail.append(record, Assurance::strict));
    const auto done = delete_all(database, options, report);
    record.phase = Phase::outcome;
    record.details = details_of(report, "records", {});
    if (!done) record.fail(done.error());
    const auto recorded = trail.append(std::move(record), Assurance::strict);
    if (!done) return done.error();
    MAJED_TRY(recorded);
    return report;
}

}  // namespace majed::audit
