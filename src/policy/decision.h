/// What a principal's role may see of one table: the answer of policy/, the input of rewrite/.
///
/// Why      Three states without a default: a forgotten rule cannot read as "no restriction".
/// Life     Values, made once per (role, table) when a policy is loaded.
/// Threads  Immutable once made.
/// Not here How it is enforced (rewrite/, driver/sqlite).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace majed::policy {

struct Deny {
    std::string reason;  ///< For the audit, e.g. "no rule for table products and role normal".
};

/// Rows for which the predicate is true (false and NULL are invisible).
struct Filter {
    std::string predicate;                ///< SQL over the table's columns, with `:user.<attribute>`.
    std::vector<std::string> attributes;  ///< Attributes it needs; any absent one means no rows.
};

struct Unrestricted {
    std::string reason;  ///< Which rule said so.
};

/// Rows of one table. No default constructor: somebody must have decided.
class RowDecision {
public:
    RowDecision() = delete;
    // NOLINTBEGIN(google-explicit-constructor): a function that decides returns what it decided.
    RowDecision(Deny deny) : state_(std::move(deny)) {}
    RowDecision(Filter filter) : state_(std::move(filter)) {}
    RowDecision(Unrestricted unrestricted) : state_(std::move(unrestricted)) {}
    // NOLINTEND(google-explicit-constructor)

    [[nodiscard]] const Deny* denied() const noexcept { return std::get_if<Deny>(&state_); }
    [[nodiscard]] const Filter* filter() const noexcept { return std::get_if<Filter>(&state_); }
    [[nodiscard]] const Unrestricted* unrestricted() const noexcept {
        return std::get_if<Unrestricted>(&state_);
    }

private:
    std::variant<Deny, Filter, Unrestricted> state_;
};

enum class MaskKind { null, email, partial, hash, constant, expression };

/// `with = "..."` of a mask, parsed.
struct Mask {
    MaskKind kind = MaskKind::null;
    std::size_t keep_start = 0;  ///< partial: characters shown at the start.
    std::size_t keep_end = 0;    ///< partial: characters shown at the end.
    std::string text = {};       ///< constant: the value. expression: SQL over the row's columns.
    friend bool operator==(const Mask&, const Mask&) = default;
};

enum class ColumnState {
    shown,
    decrypted,  ///< Handed on as it is stored, and decrypted on its way out.
    masked,
    hidden,
};

struct ColumnDecision {
    std::string column;  ///< As the catalogue spells it.
    ColumnState state = ColumnState::hidden;
    Mask mask = {};              ///< Meaningful when masked.
    std::size_t encryption = 0;  ///< When decrypted: its rule's place in PolicySet::encrypted_columns().
};

struct TableDecision {
    RowDecision rows;
    std::vector<ColumnDecision> columns;  ///< Every column of the table, in table order.
};

}  // namespace majed::policy
