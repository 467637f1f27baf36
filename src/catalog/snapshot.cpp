// SPDX-License-Identifier: Apache-2.0
#include "catalog/snapshot.h"

#include "core/ascii.h"

#include <utility>

namespace majed::catalog {

Snapshot::Snapshot(std::vector<Relation> relations, std::optional<std::int64_t> schema_version)
    : relations_(std::move(relations)), schema_version_(schema_version) {
    by_folded_name_.reserve(relations_.size());
    for (std::size_t i = 0; i < relations_.size(); ++i) {
        by_folded_name_.emplace(ascii_lower(relations_[i].name), i);
    }
}

const Relation* Snapshot::find(std::string_view name) const {
    const auto found = by_folded_name_.find(ascii_lower(name));
    return found == by_folded_name_.end() ? nullptr : &relations_[found->second];
}

}  // namespace majed::catalog
