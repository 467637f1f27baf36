// SPDX-License-Identifier: Apache-2.0
#include "catalog/snapshot.h"

#include "core/ascii.h"

#include <algorithm>
#include <utility>

namespace majed::catalog {
namespace {

/// Whose synonyms everybody finds, behind the search path; no schema can be called so.
constexpr std::string_view everybody = "PUBLIC";

/// A name that is taken, by something that we do not know.
constexpr std::size_t no_relation = static_cast<std::size_t>(-1);

/// A schema and a name may hold any character but NUL.
std::string exact_key(std::string_view schema, std::string_view name) {
    std::string key(schema);
    key += '\0';
    key += name;
    return key;
}

bool holds(const std::vector<std::string>& sorted, std::string_view name) {
    return std::binary_search(sorted.begin(), sorted.end(), name);
}

}  // namespace

std::string_view to_string(RelationKind kind) noexcept {
    switch (kind) {
        case RelationKind::table:
            return "table";
        case RelationKind::view:
            return "view";
        case RelationKind::virtual_table:
            return "virtual table";
        case RelationKind::shadow:
            return "shadow table";
        case RelationKind::partitioned_table:
            return "partitioned table";
        case RelationKind::foreign_table:
            return "foreign table";
        case RelationKind::materialized_view:
            return "materialized view";
        case RelationKind::internal:
            break;
    }
    return "internal";
}

Snapshot::Snapshot(std::vector<Relation> relations, std::optional<std::int64_t> schema_version)
    : relations_(std::move(relations)), schema_version_(schema_version) {
    by_key_.reserve(relations_.size());
    for (std::size_t i = 0; i < relations_.size(); ++i) {
        by_key_.emplace(ascii_lower(relations_[i].full_name()), i);
    }
}

Snapshot::Snapshot(std::vector<Relation> relations, driver::ServerFacts server,
                   std::optional<std::int64_t> schema_version)
    : relations_(std::move(relations)), schema_version_(schema_version), server_(std::move(server)) {
    by_key_.reserve(relations_.size());
    for (std::size_t i = 0; i < relations_.size(); ++i) {
        by_key_.emplace(exact_key(relations_[i].schema, relations_[i].name), i);
    }
    for (auto* const names : {&server_->functions, &server_->operators, &server_->types}) {
        std::sort(names->begin(), names->end());
    }
    follow_synonyms();
}

/// From the last of a chain to the first, until nothing is added. What is left leads nowhere (a circle, a link, a target
/// that we cannot see) and yet hides a public one of its name.
void Snapshot::follow_synonyms() {
    for (bool added = true; added;) {
        added = false;
        for (const driver::Synonym& each : server_->synonyms) {
            if (each.remote) continue;
            const auto target = by_key_.find(exact_key(each.target_schema, each.target));
            if (target == by_key_.end()) continue;
            const std::size_t relation = target->second;
            added |= by_key_.emplace(exact_key(each.schema, each.name), relation).second;
        }
    }
    for (const driver::Synonym& each : server_->synonyms)
        by_key_.emplace(exact_key(each.schema, each.name), no_relation);
}

const Relation* Snapshot::at(const std::string& key) const {
    const auto found = by_key_.find(key);
    return found == by_key_.end() || found->second == no_relation ? nullptr : &relations_[found->second];
}

const Relation* Snapshot::find(std::string_view name) const {
    if (!server_) return at(ascii_lower(name));
    if (const Relation* const found = find({}, name)) return found;
    // A dot may be part of either name: the first split that names something is meant.
    for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
        if (dot == 0) continue;
        if (const Relation* const found = at(exact_key(name.substr(0, dot), name.substr(dot + 1))))
            return found;
    }
    return nullptr;
}

const Relation* Snapshot::find(std::string_view schema, std::string_view name) const {
    if (!server_) {
        return schema.empty() ? find(name) : find(std::string(schema) + '.' + std::string(name));
    }
    if (!schema.empty()) return at(exact_key(schema, name));
    for (const std::string& each : server_->search_path) {
        const auto found = by_key_.find(exact_key(each, name));
        if (found != by_key_.end())
            return found->second == no_relation ? nullptr : &relations_[found->second];
    }
    return server_->make == driver::ServerMake::oracle ? at(exact_key(everybody, name)) : nullptr;
}

bool Snapshot::redefines_function(std::string_view name) const {
    return server_ && holds(server_->functions, name);
}

bool Snapshot::redefines_operator(std::string_view name) const {
    return server_ && holds(server_->operators, name);
}

bool Snapshot::redefines_type(std::string_view name) const {
    return server_ && holds(server_->types, name);
}

}  // namespace majed::catalog
