// SPDX-License-Identifier: Apache-2.0
//
// Why a walk that began after a root was adopted sees everything that is not under it:
//   - SQLite lets one transaction write at a time, so all of them have an order, and the adoption is one of them.
//   - Who seals does it in the transaction that writes the text, under the root that is current there (StoreSeals::seal).
//     Whatever was written after the adoption is under the adopted root, or a later one.
//   - Whatever was written before is committed, and seen by every step that begins later. Ids only grow, a text is never
//     moved to another id, and the walk passes every id upwards.
// Each step adopts again and tells the root it worked under: when that has changed, the walk begins anew. So at its end,
// in a transaction where the same root is still the current one, everything is under it.
#include "store/seal_walk.h"

#include "core/deadline.h"
#include "store/records.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>
#include <utility>

namespace majed::store {
namespace {

using driver::sqlite::Database;

/// Of one transaction: others wait for it to end. Texts may be long, so they are bounded by their bytes too.
constexpr std::int64_t rows_of_a_step = 200;
constexpr std::size_t bytes_of_a_step = std::size_t{4} * 1024 * 1024;
/// For others who write: who rotates a key would rather wait than begin again.
constexpr std::chrono::seconds patience{30};
constexpr std::int64_t before_all_rows = std::numeric_limits<std::int64_t>::min();

struct StoredText {
    std::int64_t row = 0;
    std::string sealed;
};

constexpr auto all_columns = [] {
    std::array<Sealed, sealed_columns.size()> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Sealed>(i);
    return all;
}();

struct RootState {
    std::string id;        ///< Empty: nothing was ever sealed.
    bool resealed = true;  ///< Nothing is left under the roots before it.
};

Result<RootState> current_state(Database& database) {
    MAJED_TRY_ASSIGN(auto rows, database.prepare("SELECT root_id, resealed_at IS NOT NULL FROM"
                                                 " encryption_roots ORDER BY id DESC LIMIT 1"));
    MAJED_TRY_ASSIGN(const bool found, rows.step());
    return found ? RootState{rows.text(0), rows.integer(1) != 0} : RootState();
}

/// The next ones, at least one if there is any.
Result<std::vector<StoredText>> texts_after(Database& database, Sealed column, std::int64_t row) {
    const std::string name(place_of(column).column);
    MAJED_TRY_ASSIGN(auto rows,
                     database.prepare("SELECT id, " + name + " FROM " + std::string(place_of(column).table) +
                                      " WHERE id > ?1 AND " + name + " IS NOT NULL ORDER BY id LIMIT ?2"));
    MAJED_TRY(rows.bind(std::array<Value, 2>{row, rows_of_a_step}));
    std::vector<StoredText> texts;
    std::size_t bytes = 0;
    MAJED_TRY_ASSIGN(bool more, rows.step());
    while (more && bytes < bytes_of_a_step) {
        texts.push_back({rows.integer(0), rows.text(1)});
        bytes += texts.back().sealed.size();
        MAJED_TRY_ASSIGN(more, rows.step());
    }
    return texts;
}

Result<std::uint64_t> texts_in(Database& database, Sealed column) {
    MAJED_TRY_ASSIGN(auto rows, database.prepare("SELECT count(" + std::string(place_of(column).column) +
                                                 ") FROM " + std::string(place_of(column).table)));
    MAJED_TRY(rows.step());
    return static_cast<std::uint64_t>(rows.integer(0));
}

/// The same for every text that does not open, and for nothing else that `open`, `reseal` and `root_of` answer.
bool does_not_open(const Error& error) {
    return error == crypto::TextSeal::not_opened();
}

}  // namespace

struct SealWalk::Step {
    std::string root;  ///< Under which it worked.
    std::uint64_t texts = 0;
    std::uint64_t resealed = 0;
    std::vector<std::int64_t> unopened = {};
    std::int64_t last = 0;
};

SealWalk::SealWalk(std::shared_ptr<StoreConnection> connection, std::shared_ptr<StoreSeals> seals) noexcept
    : connection_(std::move(connection)), seals_(std::move(seals)) {}

Result<std::unique_ptr<SealWalk>> SealWalk::open(const std::string& path, std::shared_ptr<StoreSeals> seals,
                                                 WallClock clock) {
    MAJED_TRY_ASSIGN(auto database, Database::open(path, driver::sqlite::OpenMode::read_write, patience));
    // Nothing here is somebody's act on the store: whoever rotates or retires says so to the audit.
    MAJED_TRY_ASSIGN(auto connection, StoreConnection::over(std::move(database), nullptr, std::move(clock)));
    return std::unique_ptr<SealWalk>(new SealWalk(std::move(connection), std::move(seals)));
}

Result<std::string> SealWalk::adopt() {
    return connection_->maintain([this](Database& database) { return seals_->adopt_newest_root(database); });
}

Result<bool> SealWalk::is_pending() {
    MAJED_TRY_ASSIGN(const RootState state, connection_->read(current_state));
    if (state.id.empty() || !state.resealed) return !state.resealed;
    MAJED_TRY_ASSIGN(const std::string newest, seals_->newest_root());
    return newest != state.id;
}

Result<SealWalk::Step> SealWalk::step(Sealed column, std::int64_t after) {
    return connection_->maintain([&](Database& database) -> Result<Step> {
        Step step;
        MAJED_TRY_ASSIGN(step.root, seals_->adopt_newest_root(database));
        MAJED_TRY_ASSIGN(const auto texts, texts_after(database, column, after));
        const std::string update = "UPDATE " + std::string(place_of(column).table) + " SET " +
                                   std::string(place_of(column).column) + " = ?1 WHERE id = ?2";
        for (const StoredText& text : texts) {
            auto again = seals_->reseal(database, column, text.row, text.sealed);
            if (!again && !does_not_open(again.error())) return std::move(again).error();
            if (!again) {
                step.unopened.push_back(text.row);
            } else if (*again) {
                MAJED_TRY(change(database, update, {std::move(**again), text.row}));
                ++step.resealed;
            }
        }
        step.texts = texts.size();
        if (!texts.empty()) step.last = texts.back().row;
        return step;
    });
}

Result<SealWalk::ColumnEnd> SealWalk::walk_column(Sealed column, ResealReport& report,
                                                  const ResealWatch& watch) {
    MAJED_TRY_ASSIGN(const std::uint64_t total,
                     connection_->read([&](Database& database) { return texts_in(database, column); }));
    std::uint64_t done = 0;
    std::int64_t last = before_all_rows;
    for (;;) {
        const auto began = SteadyClock::now();
        MAJED_TRY_ASSIGN(const Step made, step(column, last));
        if (made.root != report.root) return ColumnEnd::root_replaced;
        if (made.texts == 0) return ColumnEnd::done;
        last = made.last;
        done += made.texts;
        report.texts += made.texts;
        report.resealed += made.resealed;
        report.unopened += made.unopened.size();
        for (const std::int64_t row : made.unopened) {
            if (report.unopened_places.size() == ResealReport::most_named) break;
            report.unopened_places.push_back(std::string(place_of(column).table) + "." +
                                             std::string(place_of(column).column) + " " +
                                             std::to_string(row));
        }
        if (watch({column, done, std::max(done, total)}) == WalkOn::no) return ColumnEnd::stopped;
        if (made.resealed > 0) {
            // Who waits for SQLite's lock asks for it now and then: without a pause we would always be first.
            constexpr std::chrono::nanoseconds longest_pause = std::chrono::milliseconds(50);
            std::this_thread::sleep_for(std::min(longest_pause, SteadyClock::now() - began));
        }
    }
}

Result<bool> SealWalk::conclude(ResealReport& report) {
    return connection_->maintain([&](Database& database) -> Result<bool> {
        MAJED_TRY_ASSIGN(const std::string root, seals_->adopt_newest_root(database));
        if (root != report.root) return false;
        if (report.unopened > 0) return true;
        MAJED_TRY(change(database,
                         "UPDATE encryption_roots SET resealed_at = ?1 WHERE root_id = ?2 AND resealed_at IS"
                         " NULL",
                         {connection_->now_text(), root}));
        report.complete = true;
        return true;
    });
}

Result<std::optional<ResealReport>> SealWalk::walk_once(const ResealWatch& watch) {
    ResealReport report;
    MAJED_TRY_ASSIGN(report.root, adopt());
    for (const Sealed column : all_columns) {
        MAJED_TRY_ASSIGN(const ColumnEnd end, walk_column(column, report, watch));
        if (end == ColumnEnd::root_replaced) return std::optional<ResealReport>();
        if (end == ColumnEnd::stopped) return std::optional(std::move(report));
    }
    MAJED_TRY_ASSIGN(const bool concluded, conclude(report));
    if (!concluded) return std::optional<ResealReport>();
    return std::optional(std::move(report));
}

Result<ResealReport> SealWalk::reseal(const ResealWatch& watch) {
    // Each turn but the last needs another rotation, and a key file holds few roots.
    for (;;) {
        MAJED_TRY_ASSIGN(auto report, walk_once(watch));
        if (report) return std::move(*report);
    }
}

Result<SealCensus> SealWalk::count_in(Database& database) {
    SealCensus census;
    MAJED_TRY_ASSIGN(census.current, StoreSeals::current_root(database));
    for (const Sealed column : all_columns) {
        MAJED_TRY_ASSIGN(auto texts, texts_after(database, column, before_all_rows));
        while (!texts.empty()) {
            for (const StoredText& text : texts) {
                const auto root = seals_->root_of(column, text.sealed);
                if (!root && !does_not_open(root.error())) return root.error();
                ++(root ? census.by_root[*root] : census.unknown);
            }
            MAJED_TRY_ASSIGN(texts, texts_after(database, column, texts.back().row));
        }
    }
    return census;
}

Result<SealCensus> SealWalk::count() {
    MAJED_TRY_ASSIGN(auto census,
                     connection_->read([this](Database& database) { return count_in(database); }));
    MAJED_TRY_ASSIGN(const bool pending, is_pending());
    census.resealed = !pending;
    return census;
}

Result<void> SealWalk::refuse_in_use(Database& database, std::string_view root) {
    MAJED_TRY_ASSIGN(const std::string current, StoreSeals::current_root(database));
    MAJED_TRY_ASSIGN(const std::string newest, seals_->newest_root());
    // Who seals next must find the current root in the file.
    if (current == root || (!current.empty() && current != newest)) {
        return Error{.code = ErrorCode::conflict,
                     .message = "the newest root key of the key file is not in use yet",
                     .hint = "majed key reseal, then again"};
    }
    MAJED_TRY_ASSIGN(const SealCensus census, count_in(database));
    const auto found = census.by_root.find(root);
    if (found == census.by_root.end()) return {};
    return Error{.code = ErrorCode::conflict,
                 .message = std::to_string(found->second) +
                            (found->second == 1 ? " stored text is" : " stored texts are") +
                            " sealed under the root key " + std::string(root),
                 .hint = "majed key reseal puts them under the newest one"};
}

/// A commit is in the log before it is on the disk: a power failure could bring back what was resealed. The log is brought to
/// the disk by a commit that waits for it, and such a one needs a page that was written. (A checkpoint would do it too, but
/// keeps others from writing while it waits for a reader.)
Result<void> SealWalk::make_durable() {
    const auto set = [this](std::string_view pragma) {
        return connection_->read([&](Database& database) { return database.execute(pragma); });
    };
    MAJED_TRY(set("PRAGMA synchronous = FULL"));
    auto written = connection_->maintain([](Database& database) {
        return database.execute(
            "UPDATE encryption_roots SET resealed_at = coalesce(resealed_at, '') || '?';"
            "UPDATE encryption_roots SET resealed_at = nullif(rtrim(resealed_at, '?'), '')");
    });
    MAJED_TRY(set("PRAGMA synchronous = NORMAL"));
    return written;
}

Result<void> SealWalk::retire(std::string_view root) {
    MAJED_TRY(seals_->may_retire(root));
    // What this finds keeps nobody waiting. From here on nothing new comes under the root, for it is not the current
    // one; and what is durable after this does not come back either.
    MAJED_TRY(connection_->read([&](Database& database) { return refuse_in_use(database, root); }));
    MAJED_TRY(make_durable());
    return connection_->maintain([&](Database& database) -> Result<void> {
        // Once more, while nobody writes.
        MAJED_TRY(refuse_in_use(database, root));
        return seals_->retire(root);
    });
}

}  // namespace majed::store
