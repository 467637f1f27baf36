// SPDX-License-Identifier: Apache-2.0
#include "store/store_connection.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace majed::store {

WallClock or_system_clock(WallClock clock) {
    if (clock) return clock;
    return [] { return std::chrono::system_clock::now(); };
}

StoreConnection::StoreConnection(driver::sqlite::Database connection, std::shared_ptr<ChangeJournal> journal,
                                 WallClock clock) noexcept
    : connection_(std::move(connection)), journal_(std::move(journal)), clock_(std::move(clock)) {}

Result<std::shared_ptr<StoreConnection>> StoreConnection::over(driver::sqlite::Database connection,
                                                               std::shared_ptr<ChangeJournal> journal,
                                                               WallClock clock) {
    MAJED_TRY(connection.execute(
        "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON"));
    auto made = std::unique_ptr<StoreConnection>(
        new StoreConnection(std::move(connection), std::move(journal), or_system_clock(std::move(clock))));
    return std::shared_ptr<StoreConnection>(std::move(made));
}

std::string StoreConnection::time_text(std::chrono::system_clock::time_point when) {
    using std::chrono::floor;
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    const auto whole = floor<seconds>(when);
    const auto rest = floor<milliseconds>(when - whole).count();
    const std::time_t counted = std::chrono::system_clock::to_time_t(whole);
    std::tm parts{};
    ::gmtime_r(&counted, &parts);
    std::array<char, 32> date{};
    std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%s.%03dZ", date.data(), static_cast<int>(rest));
    return text.data();
}

void StoreConnection::roll_back() {
    // Fails only when SQLite has rolled back by itself already.
    static_cast<void>(connection_.execute("ROLLBACK"));
}

}  // namespace majed::store
