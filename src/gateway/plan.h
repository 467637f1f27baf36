/// Everything decided about one statement text for one profile: made once, run many times.
///
/// Why      Parsing, deciding and rewriting cost more than a point query; the answer is the same for every
///          principal with the same profile.
/// Life     Immutable, shared by running statements and the PlanCache.
/// Threads  Safe to read from any thread.
/// Not here Identity, parameters, limits: they come with each run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mutex.h"
#include "core/result.h"
#include "driver/authorized_statement.h"
#include "format/json.h"
#include "gateway/gateway.h"
#include "rewrite/enforcement.h"
#include "sql/resolver.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace majed::gateway {

struct Plan {
    driver::AuthorizedStatement statement;
    std::vector<ResultColumn> columns;
    std::vector<RelationReport> relations;
    std::vector<std::string> row_filters;
    std::vector<std::string> masked_columns;
    std::vector<std::string> decrypted_columns;
    std::vector<std::uint32_t>
        encryptions;     ///< As sql::Resolution: which columns of the answer to decrypt, and how.
    std::string tables;  ///< Comma-separated, for the audit.
    std::string fingerprint;
    std::string normalized;  ///< The statement without its values.
    std::string details;     ///< Audit JSON without its closing brace: each record adds what it knows.
    bool audited_strictly =
        false;  ///< It writes, or reads a table whose readers are recorded before they read.
    [[nodiscard]] bool writes() const noexcept { return statement.write().has_value(); }
};

/// What is known of a statement that was refused.
struct StatementFacts {
    std::string statement_class;
    std::string fingerprint;
    std::string normalized;
};

/// As members of the audit's details.
void append_facts(format::JsonWriter& json, const StatementFacts& facts);

/// Parses, resolves, decides, rewrites, verifies. `facts` is filled as far as it gets. A write is decided by
/// write_plan.cpp, and refused where `takes_writes` is false.
/// Errors: parse_error, denied, not_found, invalid_argument, unsupported, too_large, internal.
[[nodiscard]] Result<std::shared_ptr<const Plan>> make_plan(std::string_view text,
                                                            const rewrite::Profile& profile,
                                                            const rewrite::Enforcement& enforcement,
                                                            bool takes_writes, StatementFacts& facts);

/// The answer's columns, and what is read, as a plan tells of them.
[[nodiscard]] std::vector<ResultColumn> columns_of(const sql::Select& select);
[[nodiscard]] std::vector<RelationReport> relations_of(const sql::Resolution& resolution,
                                                       const rewrite::Enforcement& enforcement,
                                                       std::vector<std::string>& masked);
/// Adds the target of a write, whose columns read are in the resolution. `verdict` is of the rows it reaches.
void add_target(const sql::Write& write, const sql::Resolution& resolution,
                const rewrite::WriteTarget& target, std::vector<RelationReport>& relations);

/// Plans by profile and text, least recently used ones dropped.
class PlanCache {
public:
    explicit PlanCache(std::size_t capacity) : capacity_(capacity) {}

    /// nullptr when there is none.
    [[nodiscard]] std::shared_ptr<const Plan> find(std::uint64_t profile, std::string_view text);
    void put(std::uint64_t profile, std::string_view text, std::shared_ptr<const Plan> plan);

private:
    struct Key {
        std::uint64_t profile;
        std::string_view text;  // into the entry's own copy
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const noexcept;
    };
    struct Entry {
        std::uint64_t profile;
        std::string text;
        std::shared_ptr<const Plan> plan;
    };

    const std::size_t capacity_;
    Mutex mutex_;
    std::list<Entry> recent_ MAJED_GUARDED_BY(mutex_);  // most recent first
    std::unordered_map<Key, std::list<Entry>::iterator, KeyHash> entries_ MAJED_GUARDED_BY(mutex_);
};

}  // namespace majed::gateway
