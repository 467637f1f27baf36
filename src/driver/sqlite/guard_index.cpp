// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/guard_index.h"

#include "core/ascii.h"

#include <algorithm>
#include <utility>

namespace majed::driver::sqlite {

namespace {

FoldedNames folded(const std::vector<std::string>& names) {
    FoldedNames result;
    for (const std::string& name : names) {
        result.insert(ascii_lower(name));
    }
    return result;
}

IndexedGrant indexed(const WriteGrant& grant) {
    IndexedGrant result{ascii_lower(grant.table), grant.inserts,       grant.deletes,
                        folded(grant.updates),    folded(grant.reads), {}};
    for (const TableColumns& each : grant.related) {
        result.related[ascii_lower(each.table)].merge(folded(each.columns));
    }
    return result;
}

}  // namespace

bool is_json_table(std::string_view name) {
    return equal_ascii_case(name, "json_each") || equal_ascii_case(name, "json_tree");
}

GuardIndex::GuardIndex(std::shared_ptr<const GuardSet> guard) : guard_(std::move(guard)) {
    for (const GuardView& view : guard_->views) {
        IndexedView indexed{ascii_lower(view.name), {}, view.uses_json_each};
        for (const std::string& table : view.reads) {
            indexed.reads.insert(ascii_lower(table));
        }
        views_.emplace(indexed.name, indexed);
    }
    for (const std::string& function : guard_->functions) {
        functions_.insert(ascii_lower(function));
    }
    for (const std::string& function : {guard_->attribute_function, guard_->attribute_list_function,
                                        guard_->hash_function, guard_->conflict_function}) {
        guard_functions_.insert(ascii_lower(function));
    }
}

const IndexedView* GuardIndex::view(std::string_view name) const {
    const auto found = views_.find(ascii_lower(name));
    return found == views_.end() ? nullptr : &found->second;
}

bool GuardIndex::users_may_call(std::string_view function) const {
    return functions_.contains(ascii_lower(function));
}

bool GuardIndex::is_guard_function(std::string_view function) const {
    return guard_functions_.contains(ascii_lower(function));
}

bool GuardIndex::names_a_secret(std::string_view text) const {
    const auto holds = [folded = ascii_lower(text)](const std::string& name) {
        return folded.find(ascii_lower(name)) != std::string::npos;
    };
    return holds(guard_->secret_prefix) || holds(guard_->base_schema);
}

Result<StatementScope> StatementScope::create(const GuardIndex& index, const AuthorizedStatement& statement) {
    if (statement.generation() != index.guard().generation) {
        return Error{ErrorCode::conflict,
                     "the policies or the schema changed while the statement was prepared"};
    }
    StatementScope scope;
    for (const std::string& name : statement.guard_views()) {
        const IndexedView* view = index.view(name);
        if (view == nullptr) {
            return Error{ErrorCode::internal, "a statement was authorized for a guard that does not exist"};
        }
        scope.views_.emplace(view->name, view);
        scope.views_read_json_ = scope.views_read_json_ || view->uses_json_each;
    }
    for (const std::string& name : statement.local_names()) {
        scope.local_names_.insert(ascii_lower(name));
    }
    if (statement.write()) {
        scope.grant_ = indexed(*statement.write());
    }
    scope.user_reads_json_ = statement.uses_json_tables();
    return scope;
}

const IndexedView* StatementScope::view(std::string_view name) const {
    const auto found = views_.find(ascii_lower(name));
    return found == views_.end() ? nullptr : found->second;
}

bool StatementScope::defines(std::string_view name) const {
    return local_names_.contains(ascii_lower(name));
}

bool StatementScope::write_reads(std::string_view table) const {
    if (!grant_) {
        return false;
    }
    const std::string name = ascii_lower(table);
    const bool counts_rows = grant_->inserts && name == sequence_table;
    return counts_rows || name == grant_->table || grant_->related.contains(name);
}

bool StatementScope::views_read(std::string_view table) const {
    return std::any_of(views_.begin(), views_.end(), [folded = ascii_lower(table)](const auto& entry) {
        return entry.second->reads.contains(folded);
    });
}

}  // namespace majed::driver::sqlite
