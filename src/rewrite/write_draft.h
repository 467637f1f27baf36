/// A table as one role may write to it, before it is known which attributes its principal has.
///
/// Why      Rules are compiled once per policy; which of them holds in full depends on the attributes that are present.
/// Life     Drafts are part of an Enforcement; targets are made from them with a Profile.
/// Threads  Immutable once made.
/// Not here Compiling the rules (write_rules.h, inline_write_rules.h), one principal's target (write_target.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/attributes.h"
#include "core/text_map.h"
#include "policy/decision.h"
#include "rewrite/write_target.h"

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace majed::rewrite {

struct Variant;

/// A rule whose rows may depend on attributes.
struct DraftRule {
    WriteRule rule;
    std::vector<std::string> scalar_attributes;
    std::vector<std::string> list_attributes;
    std::string empty_view;  ///< Instead of rows_view, for those who lack an attribute.
};

struct TargetDraft {
    const TableFacts* facts = nullptr;
    sql::SchemaRelation relation;  ///< For who may not read the table; else that of the variant read.
    std::array<DraftRule, 3> rules;
    std::string no_rows = "false";                            ///< A condition that no row meets.
    std::unordered_map<std::size_t, std::string> read_views;  ///< By variant.
    std::unordered_map<std::size_t, RowsRead> rows_read;      ///< By variant, on a server.
};

/// A rule as a decision makes it, but for its rows: what is refused, which columns may be written.
[[nodiscard]] DraftRule draft_rule(const policy::TableDecision& decision);

using FactsByTable = TextMap<std::unique_ptr<TableFacts>>;

/// For who may write to a table that they may not read: the columns some action may write, as if there were no others.
[[nodiscard]] sql::SchemaRelation written_relation(const TableFacts& facts,
                                                   const std::array<DraftRule, 3>& rules);

/// `read`: the variant through which this principal reads; nullptr: it does not.
[[nodiscard]] std::unique_ptr<WriteTarget> target_of(const TargetDraft& draft, const Variant* read,
                                                     const Attributes& attributes);

/// Has the attribute exactly one value, or any?
[[nodiscard]] bool has_exactly_one(const Attributes& attributes, const std::string& name);
[[nodiscard]] bool has_any(const Attributes& attributes, const std::string& name);

}  // namespace majed::rewrite
