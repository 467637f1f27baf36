// SPDX-License-Identifier: Apache-2.0
#include "rewrite/inline_names.h"

#include "core/short_text.h"
#include "rewrite/inline_rewriter.h"

#include <algorithm>
#include <array>

namespace majed::rewrite {
namespace {

/// What the rewriter itself calls.
constexpr std::array<std::string_view, 10> of_the_rewriter{
    "convert_to", "sha256", "encode", "decode", "left", "right", "strpos", "substr", "now", "concat"};

/// `schema.table`, which lives as long as the tree.
std::string_view full_name(const sql::SchemaRelation& relation, sql::Arena& arena) {
    ShortText name(relation.schema);
    return arena.copy(name.add('.').add(relation.name).view());
}

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
    Reads reads(original.scratch());
    reads.reserve(original.relations.size());
    for (const sql::FromItem* item : original.relations) {
        const InlineView& view = enforcement.variant(*item->relation).inlined;
        reads.emplace_back(view.full_name, !view.whole);
    }
    std::sort(reads.begin(), reads.end());
    return reads;
}

Reads found_reads(const sql::Resolution& resolution, std::string_view alias) {
    Reads reads(resolution.scratch());
    reads.reserve(resolution.relations.size());
    for (const sql::FromItem* item : resolution.relations) {
        const std::string_view called = item->alias.value;
        const bool of_a_rule = called.starts_with(alias) && called.substr(alias.size()).starts_with('_');
        if (of_a_rule) continue;
        reads.emplace_back(full_name(*item->relation, *resolution.arena), called == alias);
    }
    std::sort(reads.begin(), reads.end());
    return reads;
}

bool parameters_fit(const Rewritten& rewritten, const sql::Parser& parser) {
    return rewritten.attributes.empty() ||
           highest_parameter(parser) == rewritten.caller_parameters + rewritten.attributes.size();
}

}  // namespace majed::rewrite
