/// Prepares statements on one connection and keeps the last used ones.
///
/// Why      The server holds what is prepared until told otherwise: an evicted statement is dropped there too, in the
///          round trip that prepares the next.
/// Life     As the connection. A pointer to a statement lives until the next `get` or `forget`.
/// Threads  One.
/// Not here Running (statement_run.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/lru_cache.h"
#include "core/result.h"
#include "driver/postgres/prepared_statement.h"
#include "driver/postgres/wire.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::driver::postgres {

class StatementCache {
public:
    /// Whose statements are prepared: ours, as callers write them, or users', as rewrite/ made them.
    enum class Texts { callers, rewritten };

    StatementCache(Wire& wire, std::size_t capacity, Texts texts = Texts::callers)
        : wire_(wire), texts_(texts), kept_(capacity) {}

    struct Found {
        const PreparedStatement* statement;
        bool fresh;  ///< Prepared just now, not kept from earlier.
    };
    /// Within an operation of the wire. Errors: invalid_argument (with `offset`), unsupported, unavailable, timeout,
    /// cancelled.
    [[nodiscard]] Result<Found> get(std::string_view sql);

    /// The server no longer knows it, or not in this form: it is prepared again when next asked for.
    void forget(std::string_view sql);
    /// The server knows none of them any more.
    void forget_all() { kept_.clear(); }
    /// The schema changed: the server would go on taking values for the types that parameters had before.
    void drop_all();

private:
    [[nodiscard]] Result<PreparedStatement> prepare(StatementText text);
    void describe(const PGresult* result, PreparedStatement& statement);
    [[nodiscard]] Result<void> name_own_types(PreparedStatement& statement);

    Wire& wire_;
    const Texts texts_;
    LruCache<std::string, PreparedStatement> kept_;
    std::vector<std::string> doomed_;       ///< Names to drop at the server.
    std::map<Oid, std::string> own_types_;  ///< Names of types that the database itself defines.
    std::vector<Oid> column_types_;         ///< Of the statement being prepared.
    std::uint64_t named_ = 0;               ///< No name is ever used twice.
};

}  // namespace majed::driver::postgres
