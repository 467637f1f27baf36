// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/authorizer.h"

#include "core/ascii.h"

#include <sqlite3.h>

#include <new>

namespace majed::driver::sqlite {

namespace {

std::string_view view_of(const char* text) {
    return text == nullptr ? std::string_view() : std::string_view(text);
}

}  // namespace

void Authorizer::install(sqlite3* database) {
    sqlite3_set_authorizer(database, &Authorizer::answer, this);
}

// The signature is SQLite's. NOLINTNEXTLINE(readability-function-size)
int Authorizer::answer(void* self, int action, const char* first, const char* second, const char* schema,
                       const char* accessor) {
    try {
        const Question question{action, view_of(first), view_of(second), view_of(schema), view_of(accessor)};
        return static_cast<const Authorizer*>(self)->allows(question) ? SQLITE_OK : SQLITE_DENY;
    } catch (const std::bad_alloc&) {
        return SQLITE_DENY;
    }
}

bool Authorizer::allows(const Question& question) const {
    if (own_work_) {
        return true;
    }
    if (scope_ == nullptr) {
        return false;
    }
    // A guard view that was not authorized is noticed whatever it asks for: when all its columns are
    // constants, expanding it is the only sign of it.
    if (index_.view(question.accessor) != nullptr && scope_->view(question.accessor) == nullptr) {
        return false;
    }
    switch (question.action) {
        case SQLITE_SELECT:
        case SQLITE_RECURSIVE:
            return true;
        case SQLITE_FUNCTION:
            return allows_function(question);
        case SQLITE_READ:
            return allows_read(question);
        case SQLITE_INSERT:
        case SQLITE_UPDATE:
        case SQLITE_DELETE:
            return allows_write(question);
        default:
            return false;
    }
}

bool Authorizer::allows_function(const Question& question) const {
    // The accessor is the name of the FROM item, which a common table expression could borrow; only an
    // unguessable one proves that a guard view asks.
    return index_.is_guard_function(question.second) ? scope_->view(question.accessor) != nullptr
                                                     : index_.users_may_call(question.second);
}

bool Authorizer::allows_read(const Question& question) const {
    const std::string_view table = question.first;
    if (equal_ascii_case(question.schema, index_.guard().base_schema)) {
        return allows_base_read(question);
    }
    if (equal_ascii_case(question.schema, "temp")) {
        return scope_->view(table) != nullptr;
    }
    if (equal_ascii_case(question.schema, "main")) {
        return allows_json(question);
    }
    // A reference that uses no column comes with the name as written and, unless one was written, no schema.
    const bool uses_no_column = question.second.empty();
    return question.schema.empty() && uses_no_column &&
           (scope_->view(table) != nullptr || scope_->defines(table) || allows_json(question));
}

bool Authorizer::allows_base_read(const Question& question) const {
    if (const IndexedView* view = scope_->view(question.accessor)) {
        return view->reads.contains(ascii_lower(question.first));
    }
    if (allows_read_by_write(question)) {
        return true;
    }
    // Once a guard view is flattened into its reader, SQLite reports a table of which no column is used (all
    // masked by constants, or under EXISTS) without naming the view. The schema name stands as it was
    // written, so only the text of a guard view can have brought it here.
    return question.second.empty() && scope_->views_read(question.first);
}

/// Only the table that was granted, only under the schema name nobody can guess, and only by the statement itself.
bool Authorizer::allows_write(const Question& question) const {
    const IndexedGrant* grant = scope_->grant();
    const bool target = grant != nullptr && question.accessor.empty() &&
                        equal_ascii_case(question.schema, index_.guard().base_schema) &&
                        ascii_lower(question.first) == grant->table;
    if (!target) {
        return false;
    }
    switch (question.action) {
        case SQLITE_INSERT:
            return grant->inserts;
        case SQLITE_DELETE:
            return grant->deletes;
        default:
            return grant->updates.contains(ascii_lower(question.second));
    }
}

/// Columns of the target that the statement itself names, and both ends of foreign keys, which the engine looks up.
bool Authorizer::allows_read_by_write(const Question& question) const {
    const IndexedGrant* grant = scope_->grant();
    if (grant == nullptr || !question.accessor.empty()) {
        return false;
    }
    const std::string table = ascii_lower(question.first);
    const std::string column = ascii_lower(question.second);
    if (table == grant->table && (column.empty() || grant->reads.contains(column))) {
        return true;
    }
    const auto related = grant->related.find(table);
    return related != grant->related.end() && (column.empty() || related->second.contains(column));
}

bool Authorizer::allows_json(const Question& question) const {
    if (!is_json_table(question.first)) {
        return false;
    }
    if (scope_->user_reads_json()) {
        return true;
    }
    const IndexedView* view = scope_->view(question.accessor);
    return view != nullptr ? view->uses_json_each : question.second.empty() && scope_->views_read_json();
}

}  // namespace majed::driver::sqlite
