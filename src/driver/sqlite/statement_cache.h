/// The statements a session keeps prepared, least recently used out first.
///
/// Why      Preparing costs as much as a point query; a look-up costs a hundredth.
/// Life     Dies before the connection its statements belong to.
/// Threads  One.
/// Not here Preparing: governed_session.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/sqlite/database.h"
#include "driver/sqlite/guard_index.h"
#include "driver/sqlite/statement_parameters.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <utility>

namespace majed::driver::sqlite {

/// A statement that passed every lock, ready to be bound and run.
struct PreparedStatement {
    std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement;
    StatementScope scope;
    StatementParameters parameters;
    std::size_t columns = 0;
};

class StatementCache {
public:
    explicit StatementCache(std::size_t capacity) noexcept : capacity_(capacity) {}

    /// nullptr when it is not kept. The pointer lives until the next `put`.
    [[nodiscard]] PreparedStatement* find(std::uint64_t id);
    PreparedStatement* put(std::uint64_t id, PreparedStatement prepared);
    /// Forgets every statement without finalising it: see Lendable::abandon.
    void abandon() noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
    using Entries = std::list<std::pair<std::uint64_t, PreparedStatement>>;
    std::size_t capacity_;
    Entries entries_;  ///< Most recently used first.
    std::unordered_map<std::uint64_t, Entries::iterator> by_id_;
};

}  // namespace majed::driver::sqlite
