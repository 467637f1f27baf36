/// Walks a script with SQLite itself: prepare, run, go on where the engine stopped reading.
///
/// Why      Nobody knows better than the engine where its statements end.
/// Life     Free functions; a database in memory for each call.
/// Threads  Pure.
/// Not here Our own cuts (migrate/script.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace majed::splitting {

struct Piece {
    std::size_t begin = 0;
    std::size_t end = 0;
};

struct EngineCuts {
    std::vector<Piece> pieces;  ///< Up to the first that the engine refuses.
    std::string refusal;        ///< Why it refused; empty when it read the whole script.
};

[[nodiscard]] EngineCuts cut_by_sqlite(std::string_view script);

/// Empty when we cut as the engine did, as far as it read; else what differs.
[[nodiscard]] std::string compare_with_sqlite(std::string_view script, const EngineCuts& engine);

}  // namespace majed::splitting
