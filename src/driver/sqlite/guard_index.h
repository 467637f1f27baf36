/// A GuardSet arranged for the questions the engine asks while it compiles.
///
/// Why      The authorizer is called for every column of every view; it must answer by look-up.
/// Life     Immutable; lives as long as the session. Keeps the GuardSet alive.
/// Threads  Safe to read from any thread.
/// Not here Answering (authorizer.h, program_audit.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/authorized_statement.h"
#include "driver/guard.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace majed::driver::sqlite {

using FoldedNames = std::unordered_set<std::string>;

/// Where the engine keeps the last row id of tables with AUTOINCREMENT; an insert reads and writes it by itself.
inline constexpr std::string_view sequence_table = "sqlite_sequence";

/// json_each or json_tree, the only table-valued functions there are for users.
[[nodiscard]] bool is_json_table(std::string_view name);

/// One guard view; its names folded.
struct IndexedView {
    std::string name;
    FoldedNames reads;
    bool uses_json_each = false;
};

/// A WriteGrant arranged for look-up; its names folded.
struct IndexedGrant {
    std::string table;
    bool inserts = false;
    bool deletes = false;
    FoldedNames updates;
    FoldedNames reads;
    std::unordered_map<std::string, FoldedNames> related;
};

class GuardIndex {
public:
    explicit GuardIndex(std::shared_ptr<const GuardSet> guard);

    [[nodiscard]] const GuardSet& guard() const noexcept { return *guard_; }
    /// nullptr when no guard view is called so.
    [[nodiscard]] const IndexedView* view(std::string_view name) const;
    [[nodiscard]] bool users_may_call(std::string_view function) const;
    /// One of the functions that only guard views may call.
    [[nodiscard]] bool is_guard_function(std::string_view function) const;
    /// True when `text` holds a name no user may see.
    [[nodiscard]] bool names_a_secret(std::string_view text) const;

private:
    std::shared_ptr<const GuardSet> guard_;
    std::unordered_map<std::string, IndexedView> views_;
    FoldedNames functions_;
    FoldedNames guard_functions_;
};

/// What one authorized statement may reach: a selection of the index.
class StatementScope {
public:
    /// Errors: conflict (written for another generation), internal (it names a guard view that does not
    /// exist).
    [[nodiscard]] static Result<StatementScope> create(const GuardIndex& index,
                                                       const AuthorizedStatement& statement);

    /// nullptr unless `name` is a guard view of this statement.
    [[nodiscard]] const IndexedView* view(std::string_view name) const;
    [[nodiscard]] bool defines(std::string_view name) const;
    /// Does some guard view of this statement account for `table`?
    [[nodiscard]] bool views_read(std::string_view table) const;
    /// nullptr: the statement only reads.
    [[nodiscard]] const IndexedGrant* grant() const noexcept { return grant_ ? &*grant_ : nullptr; }
    /// May the engine open b-trees of `table` to read, for the write itself or for its foreign keys?
    [[nodiscard]] bool write_reads(std::string_view table) const;
    [[nodiscard]] bool user_reads_json() const noexcept { return user_reads_json_; }
    [[nodiscard]] bool views_read_json() const noexcept { return views_read_json_; }

private:
    StatementScope() = default;
    std::unordered_map<std::string, const IndexedView*> views_;
    FoldedNames local_names_;
    std::optional<IndexedGrant> grant_;
    bool user_reads_json_ = false;
    bool views_read_json_ = false;
};

}  // namespace majed::driver::sqlite
