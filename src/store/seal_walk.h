/// Walks through every text that is stored sealed: to put it under the current root, to count, to let go of a root.
///
/// Why      A root key that is replaced must leave nothing behind under it, and may go only when nothing is.
/// Life     Has a connection of its own to the store's file, so that a walk keeps nobody of this process from reading.
/// Threads  One thread at a time; others, and other processes, may write and walk meanwhile.
/// Not here Which columns there are (store_seals.h), how the key file is changed (crypto/key_file.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "store/store_connection.h"
#include "store/store_seals.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace majed::store {

struct ResealProgress {
    Sealed column;
    std::uint64_t done = 0;
    std::uint64_t total = 0;  ///< Of the column, when its walk began, or `done` when rows came since.
};

enum class WalkOn : std::uint8_t { yes, no };
/// Called after each step; `no` ends the walk between two steps, and another one takes it up.
using ResealWatch = std::function<WalkOn(const ResealProgress&)>;

struct ResealReport {
    static constexpr std::size_t most_named = 10;

    std::string root;            ///< The current one.
    std::uint64_t texts = 0;     ///< Looked at.
    std::uint64_t resealed = 0;  ///< That were not under `root`.
    std::uint64_t unopened = 0;  ///< Left as they are: changed, moved, or of a root that the key file lacks.
    std::vector<std::string> unopened_places = {};  ///< The first `most_named`: `conversations.message 17`.
    bool complete = false;                          ///< Everything is under `root`, and the store says so.
};

struct SealCensus {
    std::string current;                                        ///< Empty: nothing was ever sealed.
    bool resealed = true;                                       ///< Nothing is left under former roots.
    std::map<std::string, std::uint64_t, std::less<>> by_root;  ///< Texts, by the id of the root.
    std::uint64_t unknown = 0;                                  ///< Texts under no root of the key file.
};

class SealWalk {
public:
    /// A store that was opened before, and so is of this program. Errors: not_found, unavailable.
    [[nodiscard]] static Result<std::unique_ptr<SealWalk>> open(const std::string& path,
                                                                std::shared_ptr<StoreSeals> seals,
                                                                WallClock clock = {});

    /// Makes the newest root of the key file the current one; answers it. Errors: as StoreSeals::seal.
    [[nodiscard]] Result<std::string> adopt();
    /// Whether a root was replaced and not everything is known to be under the one that came.
    /// Errors: of the key file and the database.
    [[nodiscard]] Result<bool> is_pending();
    /// Adopts, then puts everything under that root, in small transactions: killed anywhere, it has lost nothing and is
    /// taken up by the next call. Errors: as StoreSeals::seal; what does not open is no error but in the report.
    [[nodiscard]] Result<ResealReport> reseal(const ResealWatch& watch);
    /// Errors: of the key file and the database.
    [[nodiscard]] Result<SealCensus> count();
    /// Takes a root out of the key file while nobody can write to the store, when nothing is sealed under it.
    /// Errors: conflict (something is; or a newer root waits to be adopted); as crypto::KeyFile::retire; unavailable.
    [[nodiscard]] Result<void> retire(std::string_view root);

private:
    struct Step;
    SealWalk(std::shared_ptr<StoreConnection> connection, std::shared_ptr<StoreSeals> seals) noexcept;
    /// nullopt: another root became current meanwhile.
    [[nodiscard]] Result<std::optional<ResealReport>> walk_once(const ResealWatch& watch);
    enum class ColumnEnd : std::uint8_t { done, stopped, root_replaced };
    [[nodiscard]] Result<ColumnEnd> walk_column(Sealed column, ResealReport& report,
                                                const ResealWatch& watch);
    [[nodiscard]] Result<Step> step(Sealed column, std::int64_t after);
    [[nodiscard]] Result<bool> conclude(ResealReport& report);
    [[nodiscard]] Result<SealCensus> count_in(driver::sqlite::Database& database);
    [[nodiscard]] Result<void> refuse_in_use(driver::sqlite::Database& database, std::string_view root);
    [[nodiscard]] Result<void> make_durable();

    const std::shared_ptr<StoreConnection> connection_;
    const std::shared_ptr<StoreSeals> seals_;
};

}  // namespace majed::store
