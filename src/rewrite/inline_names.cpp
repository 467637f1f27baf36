// SPDX-License-Identifier: Apache-2.0
#include "rewrite/inline_names.h"

#include "rewrite/inline_rewriter.h"

#include <algorithm>
#include <array>

namespace majed::rewrite {
namespace {

/// What the rewriter itself calls.
constexpr std::array<std::string_view, 10> of_the_rewriter{
    "convert_to", "sha256", "encode", "decode", "left", "right", "strpos", "substr", "now", "concat"};

}  // namespace

const sql::SchemaRelation* InlinedNames::find_relation(std::string_view qualifier,
                                                       std::string_view name) const {
    if (!qualifier.empty()) {
        if (const auto* const base = enforcement_.base_relation(qualifier, name)) return base;
    }
    const sql::SchemaRelation* found = profile_.find_relation(qualifier, name);
    const bool whole = found != nullptr && enforcement_.variant(*found).inlined.whole;
    return whole ? enforcement_.base_relation(found->schema, found->name) : nullptr;
}

const sql::SchemaRelation* InlinedNames::find_target(std::string_view qualifier,
                                                     std::string_view name) const {
    const TableFacts* const table = enforcement_.base_table(qualifier, name);
    return table != nullptr ? &table->base : nullptr;
}

bool InlinedNames::function_allowed(std::string_view name) const {
    return profile_.function_allowed(name) ||
           std::find(of_the_rewriter.begin(), of_the_rewriter.end(), name) != of_the_rewriter.end();
}

Reads expected_reads(const sql::Resolution& original, const Enforcement& enforcement) {
    Reads reads;
    for (const sql::FromItem* item : original.relations) {
        const InlineView& view = enforcement.variant(*item->relation).inlined;
        ++reads[{view.full_name, !view.whole}];
    }
    return reads;
}

Reads found_reads(const sql::Resolution& resolution, const std::string& alias) {
    Reads reads;
    for (const sql::FromItem* item : resolution.relations) {
        const bool of_a_rule = item->alias.value.starts_with(alias + "_");
        if (of_a_rule) continue;
        ++reads[{item->relation->schema + "." + item->relation->name, item->alias.value == alias}];
    }
    return reads;
}

bool parameters_fit(const Rewritten& rewritten, const sql::Parser& parser) {
    return rewritten.attributes.empty() ||
           highest_parameter(parser) == rewritten.caller_parameters + rewritten.attributes.size();
}

}  // namespace majed::rewrite
