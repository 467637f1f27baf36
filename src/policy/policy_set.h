/// The rules an operator wrote, checked, and the decision they make for a role and a table.
///
/// Why      One pure function from (rules, role, table) to a decision: testable as a table of cases.
/// Life     Immutable; a new file makes a new PolicySet, swapped as a whole.
/// Threads  Safe to read from any thread.
/// Not here Reading the file (config/), the tables that exist (catalog/), SQL of predicates (rewrite/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "policy/action.h"
#include "policy/decision.h"
#include "policy/principal.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majed::policy {

/// One `[[policies]]` entry.
struct RowPolicy {
    std::string source;  ///< Empty: any source that has the table.
    std::string table;
    std::vector<Role> roles;
    std::string rows;  ///< `*`, `all`, `none`, `own_region`, `region_based`, `public_only`, or a predicate.
    std::vector<std::string> columns;  ///< Columns shown; empty: all (all but masked).
    std::string origin;                ///< `majed.toml:12`, for messages.
    bool audit_strictly = false;       ///< No statement reads the table unless its intent is on disk.
    /// What it speaks of. `rows` are those that may be read, changed or deleted, and those that a new or changed row must
    /// be among; `columns` those that are shown, or may be written.
    ActionSet actions = {};
};

/// One `[[masks]]` entry.
struct MaskPolicy {
    std::string source;
    std::string table;
    std::string column;
    std::vector<Role> roles;
    Mask mask;
    std::string origin;
};

/// One `[[encrypted]]` entry: a column that holds Fernet tokens. Its keys are not here (gateway/).
struct EncryptedColumn {
    std::string source;
    std::string table;
    std::string column;
    std::vector<Role> roles;  ///< Who sees it decrypted; all others see NULL.
    std::string origin;
};

/// Parses the `with` of a mask: null | email | partial(a,b) | hash | constant:x | sql: expression.
/// Errors: invalid_argument.
[[nodiscard]] Result<Mask> parse_mask(std::string_view text);

/// The predicate behind a named rule: `own_region` is `region = :user.region`, `region_based` is
/// `region IN (:user.regions)`; anything else is returned as it is.
[[nodiscard]] std::string predicate_of(std::string_view rows);

/// Names after `:user.` in a predicate, each once, in order of appearance. Text in quotes and comments does
/// not count.
[[nodiscard]] std::vector<std::string> attributes_in(std::string_view predicate);

class PolicySet {
public:
    /// Checks the rules against each other. Errors: invalid_argument (empty roles or actions, two row policies for
    /// one table, role and action, two masks for one column and role, two encryptions of one column, a mask of an encrypted
    /// column, whatever its roles), naming both origins.
    [[nodiscard]] static Result<PolicySet> create(std::vector<RowPolicy> rows, std::vector<MaskPolicy> masks,
                                                  std::vector<EncryptedColumn> encrypted = {});

    /// What `role` may see of `table`. No rule: Deny. `columns` in table order; names match without case.
    /// `public_only` shows the listed columns of all rows and masks the rest with NULL; with any other
    /// rows rule a column that is not listed is hidden (as if the table had no such column), and masks
    /// apply to the columns shown. Of those an encrypted one is decrypted for the roles of its rule, and masked with
    /// NULL for all others.
    [[nodiscard]] TableDecision decide(Role role, std::string_view source, std::string_view table,
                                       std::span<const std::string> columns) const;

    /// What `role` may do to rows of `table` by `action`, which is not select. No rule: Deny. Columns are of what may be
    /// written by it: listed, and shown to the role as they are stored wherever it may read the table; others are hidden
    /// or masked. DELETE writes none.
    [[nodiscard]] TableDecision decide_write(Action action, Role role, std::string_view source,
                                             std::string_view table,
                                             std::span<const std::string> columns) const;

    /// Where the row policy is written that decides about the table for this role; empty: there is none.
    [[nodiscard]] std::string_view origin_of(Role role, std::string_view source, std::string_view table,
                                             Action action = Action::select) const;

    /// True when one rule for the table says so, whatever its role: what must be recorded is the table's, not the reader's.
    [[nodiscard]] bool audits_strictly(std::string_view source, std::string_view table) const;

    [[nodiscard]] std::span<const RowPolicy> row_policies() const noexcept { return rows_; }
    [[nodiscard]] std::span<const MaskPolicy> mask_policies() const noexcept { return masks_; }
    [[nodiscard]] std::span<const EncryptedColumn> encrypted_columns() const noexcept { return encrypted_; }
    /// The rule's place among encrypted_columns(), whatever its roles; nullopt: the column is not encrypted.
    [[nodiscard]] std::optional<std::size_t> encryption_of(std::string_view source, std::string_view table,
                                                           std::string_view column) const;

private:
    PolicySet(std::vector<RowPolicy> rows, std::vector<MaskPolicy> masks,
              std::vector<EncryptedColumn> encrypted);
    /// nullptr: no rule speaks of this.
    [[nodiscard]] const RowPolicy* rule_for(Action action, Role role, std::string_view source,
                                            std::string_view table) const;
    [[nodiscard]] ColumnDecision decide_column(const RowPolicy& policy, Role role, std::string_view source,
                                               std::string_view table, const std::string& column) const;
    std::vector<RowPolicy> rows_;
    std::vector<MaskPolicy> masks_;
    std::vector<EncryptedColumn> encrypted_;
};

}  // namespace majed::policy
