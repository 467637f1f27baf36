/// What a statement may leave behind in its session, judged from its kind and its text.
///
/// Why      `reset` must take away every trace, and pays a round trip for each kind of trace: it asks for no more than what
///          could be there, and gives the session up when it could not be sure.
/// Life     A value.
/// Threads  Pure.
/// Not here The taking away (oracle_connection.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace majed::driver::oracle {

enum class StatementKind : std::uint8_t { query, dml, plsql, ddl, alter, lock, transaction_end, other };

struct SessionTrace {
    bool transaction = false;  ///< An open transaction, or locks.
    bool packages = false;     ///< State of PL/SQL packages.
    bool settings = false;     ///< Settings that session_settings.h sets again.
    bool unknown = false;      ///< Something that nothing of ours takes away.

    void add(const SessionTrace& other) noexcept;
    friend bool operator==(const SessionTrace&, const SessionTrace&) = default;
};

/// `native` is OCI's statement type; where OCI knows none, the first word of the text decides.
[[nodiscard]] StatementKind kind_of(unsigned native, std::string_view sql);

[[nodiscard]] SessionTrace trace_of(StatementKind kind, std::string_view sql);

/// The query may take locks, so it opens a transaction even outside of one: FOR UPDATE, or it reaches another database.
[[nodiscard]] bool may_lock(std::string_view sql);

}  // namespace majed::driver::oracle
