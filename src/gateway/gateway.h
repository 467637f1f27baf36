/// The life of a statement, from text and principal to rows: the only way to a source.
///
/// Why      One function holds the order: parse, resolve, decide, rewrite, verify, audit intent, lease, run,
///          audit outcome. A door that calls it cannot forget a step.
/// Life     Built by app/; outlives the doors. Borrows its sources, audit trail and policies.
/// Threads  All methods may be called from any thread.
/// Not here Credentials (store/), bytes of a protocol (api/, cli/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/value.h"
#include "driver/session.h"
#include "policy/action.h"
#include "policy/principal.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majed::audit {
class AuditTrail;
}
namespace majed::source {
class SourceRegistry;
}
namespace majed::policy {
class PolicySet;
}
namespace majed::crypto {
class KeyRing;
}

namespace majed::gateway {

/// What opens the encrypted columns of a policy set.
using ColumnKeys = std::vector<crypto::KeyRing>;

/// Where a request came from; goes to the audit as it is.
struct RequestOrigin {
    std::string request_id;
    std::string ip_address;
    std::string user_agent;
};

struct QueryRequest {
    std::string source;  ///< Empty: the only source, when there is exactly one.
    std::string sql;
    driver::Parameters parameters;
    std::optional<std::uint64_t> max_rows;             ///< The smaller of this and the source's limit holds.
    std::optional<std::chrono::milliseconds> timeout;  ///< Likewise.
    RequestOrigin origin;
    bool may_administer = false;  ///< The door takes administrators' statements about the schema, too.
};

struct ResultColumn {
    std::string name;
    std::string type;  ///< Declared type where the column comes straight from a table, else empty.
    bool masked = false;
};

/// Receives the answer as it is produced.
class ResultSink {
public:
    ResultSink() = default;
    ResultSink(const ResultSink&) = delete;
    ResultSink& operator=(const ResultSink&) = delete;
    virtual ~ResultSink() = default;
    /// Called once, before the first row.
    [[nodiscard]] virtual Result<void> columns(std::span<const ResultColumn> columns) = 0;
    /// Views die when the call returns.
    [[nodiscard]] virtual Result<void> row(std::span<const ValueView> cells) = 0;
};

struct QuerySummary {
    std::string query_id;
    std::string source;
    std::uint64_t row_count = 0;
    bool truncated = false;
    std::optional<std::uint64_t> rows_affected;  ///< Of a write; none: it read.
    std::chrono::microseconds elapsed{0};
    std::vector<std::string> row_filters;        ///< Tables whose rows were filtered.
    std::vector<std::string> masked_columns;     ///< `table.column` read through a mask.
    std::vector<std::string> decrypted_columns;  ///< `table.column` shown decrypted.
    std::uint64_t undecryptable = 0;             ///< Cells of theirs that could not be decrypted: CellError.
};

enum class RelationVerdict { deny, filter, unrestricted };

/// `deny`, `filter`, `unrestricted`: as every door spells it.
[[nodiscard]] std::string_view to_string(RelationVerdict verdict) noexcept;

struct RelationReport {
    std::string table;
    std::vector<std::string> columns;  ///< Columns the statement uses.
    RelationVerdict verdict = RelationVerdict::deny;
    std::string filter;                       ///< The predicate; shown to admins only.
    std::vector<std::string> decrypted = {};  ///< Columns it shows decrypted.
    std::string rule =
        {};  ///< Where the rule is written that decides: `majed.toml:12`; for who runs the gateway.
    policy::Action action = policy::Action::select;  ///< Of a write's target: what is done to its rows.
    std::vector<std::string> written = {};           ///< Columns it gives values to.
};

/// From 1, as people count.
struct TextPlace {
    std::size_t line = 1;
    std::size_t column = 1;
};

/// What `check` finds without running anything.
struct CheckReport {
    bool allowed = false;
    std::string statement_class;  ///< read, write, ddl, transaction, session, other.
    std::string fingerprint;      ///< 16 hex digits; empty when not parsed.
    std::vector<RelationReport> relations;
    bool audited_strictly = false;  ///< It would not run unless its intent is on disk.
    std::vector<Error> problems;
    std::optional<TextPlace> place;  ///< Of the first problem, where it has one.
    std::string rewritten;  ///< What would be sent, guard names replaced by readable ones; admins only.
};

class Gateway {
public:
    /// `pseudonym_key`: 32 secret bytes, key of `hash` masks; the same key gives the same pseudonyms.
    Gateway(source::SourceRegistry& sources, audit::AuditTrail& audit,
            std::vector<std::uint8_t> pseudonym_key);
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;
    ~Gateway();

    /// Checks `policies` against the catalogue of every source and takes them up as a whole; until the first
    /// success every statement is refused. `keys`: one for each of the policies' encrypted columns, in their order.
    /// Errors: invalid_argument (naming the rule's origin: unknown table or column, predicate that does not parse; as
    /// many keys as encrypted columns), unavailable.
    [[nodiscard]] Result<void> install_policies(std::shared_ptr<const policy::PolicySet> policies,
                                                std::shared_ptr<const ColumnKeys> keys = nullptr);

    /// Runs one statement for `principal`, streaming into `sink`. A write is done wholly or not at all; its rows come when
    /// it is done, and a sink that refuses them undoes nothing. `sink` hears of no columns where a write answers none.
    /// Errors: every code of ErrorCode but unauthenticated and in_doubt; conflict only of a write.
    [[nodiscard]] Result<QuerySummary> query(const policy::Principal& principal, const QueryRequest& request,
                                             ResultSink& sink);

    /// Says whether `query` would run it and under which rules; audited, runs nothing.
    /// Errors: not_found (source). Problems of the statement are in the report.
    [[nodiscard]] Result<CheckReport> check(const policy::Principal& principal, const QueryRequest& request);

private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace majed::gateway
