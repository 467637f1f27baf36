/// Reads the records of the audit: chosen by a filter, in pages.
///
/// Why      Evidence that nobody can look at is none; whoever looks must not hold up whoever writes.
/// Life     Move-only; over a connection of its own, which only reads. Opening one for one question is cheap.
/// Threads  One thread at a time. Others, and other processes, may write meanwhile.
/// Not here Whether they are as they were written (trail_verification.h), how they are shown (record_text.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/detail_seal.h"
#include "core/result.h"
#include "driver/sqlite/database.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace majed::audit {

/// A row of audit_log, column by column.
struct StoredRecord {
    std::int64_t id = 0;
    std::string event_id = {};
    std::string phase = {};  ///< intent, outcome, event
    std::optional<std::int64_t> user_id = {};
    std::optional<std::string> username = {};
    std::optional<std::string> role = {};
    std::string action = {};
    std::optional<std::string> resource = {};
    std::optional<std::string> resource_id = {};
    std::optional<std::string> details = {};
    std::optional<std::string> ip_address = {};
    std::optional<std::string> user_agent = {};
    std::optional<std::string> request_id = {};
    std::string timestamp = {};  ///< `2025-01-31T23:59:59.123456Z`
    bool success = true;
    std::optional<std::string> error_message = {};
    /// `details` without blanks between its parts, when it is a JSON object.
    std::optional<std::string> details_object = {};
};

/// All of it must hold; what is empty or absent is not asked for. A text finds the records that were written for it, however
/// they are escaped.
struct RecordFilter {
    std::string action = {};  ///< `user.add`; `user.*`: everything that begins with `user.`
    std::string username = {};
    std::string resource = {};
    std::string request_id = {};
    std::string event_id = {};
    std::optional<bool> success = {};
    std::string since = {};  ///< From this time on, as parse_time reads it.
    std::string until = {};  ///< Before this time.
};

enum class RecordOrder { newest_first, oldest_first };

struct PageRequest {
    RecordOrder order = RecordOrder::newest_first;
    std::size_t limit = 100;  ///< 1 to 1000.
    std::optional<std::int64_t> after =
        {};  ///< Goes on behind the record of this id: `next` of the page before.
};

struct RecordPage {
    std::vector<StoredRecord> records = {};
    std::optional<std::int64_t> next = {};  ///< For `after`; absent: these were the last.
};

inline constexpr std::size_t largest_record_page = 1000;

class RecordReader {
public:
    /// Errors: not_found (no such file), unavailable (cannot be opened).
    /// `seal` opens what is sealed in their details; without it, it is shown as unreadable.
    [[nodiscard]] static Result<RecordReader> open(const std::string& database_path,
                                                   std::shared_ptr<DetailSeal> seal = {});

    /// One moment of the trail. Records never change, and a newer one has a greater id: pages that follow each other by
    /// `next` miss none and repeat none. Errors: invalid_argument (limit, since, until), unavailable (cannot be read, or
    /// holds no audit of this program).
    [[nodiscard]] Result<RecordPage> read(const RecordFilter& filter, const PageRequest& page);

private:
    RecordReader(driver::sqlite::Database database, std::shared_ptr<DetailSeal> seal) noexcept;
    [[nodiscard]] StoredRecord record_of(const driver::sqlite::Statement& row) const;
    driver::sqlite::Database database_;
    std::shared_ptr<DetailSeal> seal_;
};

}  // namespace majed::audit
