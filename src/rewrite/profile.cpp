// SPDX-License-Identifier: Apache-2.0
// What a role sees of a source, as the resolver asks for it.
#include "core/ascii.h"
#include "rewrite/enforcement.h"
#include "sql/functions.h"
#include "sql/plain_types.h"

#include <algorithm>

namespace majed::rewrite {
namespace {

bool contains(const std::vector<std::string>& sorted, std::string_view name) {
    return std::binary_search(sorted.begin(), sorted.end(), name);
}

}  // namespace

const sql::SchemaRelation* Profile::find_relation(std::string_view qualifier, std::string_view name) const {
    if (server_ != nullptr) {
        ShortText room;
        const auto known = by_folded_name_.find(server_->full_key(qualifier, name, room));
        if (known != by_folded_name_.end()) return known->second;
        const sql::SchemaRelation* const always = server_->always;
        const bool meant =
            always != nullptr && always->name == name && (qualifier.empty() || qualifier == always->schema);
        return meant ? always : nullptr;
    }
    if (!qualifier.empty() && !equal_ascii_case(qualifier, "main")) return nullptr;
    const auto found = by_folded_name_.find(ShortText::lower(name).view());
    if (found != by_folded_name_.end()) return found->second;
    return qualifier.empty() ? json_table(name) : nullptr;
}

const sql::SchemaRelation* Profile::find_target(std::string_view qualifier, std::string_view name) const {
    if (server_ != nullptr) {
        ShortText room;
        const auto known = targets_.find(server_->full_key(qualifier, name, room));
        return known != targets_.end() ? &known->second->relation : nullptr;
    }
    if (!qualifier.empty() && !equal_ascii_case(qualifier, "main")) return nullptr;
    const auto found = targets_.find(ShortText::lower(name).view());
    return found != targets_.end() ? &found->second->relation : nullptr;
}

const WriteTarget& Profile::target(const sql::SchemaRelation& relation) const {
    return *targets_.at(server_ != nullptr ? key_on_server(relation.schema, relation.name)
                                           : ascii_lower(relation.name));
}

std::string_view ServerNames::full_key(std::string_view qualifier, std::string_view name,
                                       ShortText& room) const {
    if (!qualifier.empty()) {
        const std::string_view key = key_on_server(qualifier, name, room);
        const auto synonym = synonyms.find(key);
        return synonym != synonyms.end() ? std::string_view(synonym->second) : key;
    }
    const auto found = on_path.find(name);
    return found != on_path.end() ? std::string_view(found->second) : std::string_view();
}

bool Profile::function_allowed(std::string_view name) const {
    if (server_ == nullptr) return sql::function_facts(name) != nullptr;
    return sql::function_facts(name, server_->dialect->id) != nullptr &&
           !contains(server_->facts.functions, name);
}

bool Profile::type_allowed(std::string_view name) const {
    return server_ != nullptr && sql::is_plain_type(name, server_->dialect->id) &&
           !contains(server_->facts.types, name);
}

bool Profile::operator_allowed(std::string_view name) const {
    return server_ == nullptr || !contains(server_->facts.operators, name);
}

}  // namespace majed::rewrite
