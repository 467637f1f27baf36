// SPDX-License-Identifier: Apache-2.0
// What a name in an expression is: a column, a result column, a whole row, or nothing of the schema.
#include "core/short_text.h"
#include "sql/parser.h"
#include "sql/scope_pass.h"

#include <algorithm>
#include <array>
#include <string>

namespace majed::sql {
namespace {

/// Columns that every table of PostgreSQL has (src/backend/catalog/heap.c SysAtt).
constexpr std::array system_columns = {std::string_view("ctid"), std::string_view("xmin"),
                                       std::string_view("cmin"), std::string_view("xmax"),
                                       std::string_view("cmax"), std::string_view("tableoid")};

/// Oracle's, that are no functions.
constexpr std::array pseudo_columns = {std::string_view("ROWNUM"),
                                       std::string_view("LEVEL"),
                                       std::string_view("CONNECT_BY_ISLEAF"),
                                       std::string_view("CONNECT_BY_ISCYCLE"),
                                       std::string_view("COLUMN_VALUE"),
                                       std::string_view("USER"),
                                       std::string_view("UID")};

/// What TABLE(collection) calls its only column.
constexpr std::string_view collection_value = "COLUMN_VALUE";

template <std::size_t size>
bool is_in(const std::array<std::string_view, size>& names, std::string_view name) noexcept {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Oracle: may a name step into a column of this type? Into a document it may; an object may be a reference to a row of
/// another table, and what its type's name stands for is not known.
bool holds_document(std::string_view declared) noexcept {
    constexpr std::array types = {std::string_view("JSON"), std::string_view("VARCHAR2"),
                                  std::string_view("CLOB"), std::string_view("BLOB")};
    return is_in(types, declared.substr(0, declared.find('(')));
}

bool is_called(const FromItem& item, const Name& table, const Name* schema) noexcept {
    if (item.visible_name() != table.value) return false;
    if (schema == nullptr) return true;
    if (item.alias.present() || item.relation == nullptr) return false;
    return item.schema.present() ? item.schema.value == schema->value
                                 : item.relation->schema == schema->value;
}

}  // namespace

bool ScopePass::unknown_column(const Expr& expr) {
    std::string name = expr.table != nullptr ? std::string(expr.table->value) + "." : std::string();
    name += expr.name.value;
    return fail(Error{ErrorCode::not_found, "there is no column " + name}.at(expr.span.begin));
}

/// Every query between the name and where it was found depends on rows of the query around it.
void ScopePass::correlate(NameScope& from, const NameScope& level) {
    for (NameScope* each = &from; each != nullptr && each != &level; each = each->outer) {
        if (each->select != level.select) each->select->correlated = true;
    }
}

bool ScopePass::column(Expr& expr, NameScope& scope) {
    for (NameScope* level = &scope; level != nullptr; level = level->outer) {
        bool found = false;
        if (level->aliases && expr.table == nullptr && level->core != nullptr)
            found = alias_in(expr, *level->core);
        if (!found && !column_in(expr, *level, found)) return false;
        if (!found) continue;
        correlate(scope, *level);
        return true;
    }
    return other_name(expr, scope);
}

bool ScopePass::column_in(Expr& expr, NameScope& level, bool& found) {
    if (level.items == nullptr) return true;
    if (expr.table != nullptr) return qualified_in(expr, level, found);
    matches_.clear();
    search(expr, *level.items, level.first, level.until);
    if (error_) return false;
    if (matches_.empty()) return system_column_in(expr, level, found);
    found = true;
    // More than one is either joined by USING, which reads them all, or ambiguous, which the engine refuses.
    for (const auto& [item, index] : matches_) use(*item, index);
    const auto [item, index] = matches_.front();
    bind(expr, *item, index);
    return !error_;
}

/// The nearest item of that name decides; what is no column of it is looked for nowhere else.
bool ScopePass::qualified_in(Expr& expr, NameScope& level, bool& found) {
    FromItem* item = find_item(*expr.table, expr.schema, *level.items, level.first, level.until);
    if (item == nullptr) return path_of_column(expr, level, found);
    matches_.clear();
    if (item->kind == FromKind::group && item->shape == nullptr) {
        Expr bare = expr;
        bare.table = bare.schema = nullptr;
        search(bare, item->items, nullptr, nullptr);
    } else if (const auto index = find_column(*item, expr.name.value)) {
        matches_.emplace_back(item, *index);
    }
    if (error_) return false;
    if (!matches_.empty()) {
        found = true;
        for (const auto& [each, index] : matches_) use(*each, index);
        const auto [each, index] = matches_.front();
        bind(expr, *each, index);
        return !error_;
    }
    if (!system_column(expr, *item, found)) return false;
    if (found) return true;
    found = true;
    expr.source = item;
    expr.unsafe = true;
    expr.binding = Binding::opaque;
    // On Oracle a package may be called like the item, and a function of it like the column.
    if (is_open(*item) && (!dialect_.grammar.oracle || expr.name.value == collection_value)) return true;
    // t.f is f(t).
    if (!dialect_.scopes.whole_rows || !schema_.function_allowed(expr.name.value))
        return unknown_column(expr);
    resolution_.functions.push_back(expr.name.value);
    resolution_.whole_rows.push_back(item);
    if (expr.schema != nullptr) resolution_.qualified.push_back(&expr);
    use_all(*item);
    return true;
}

bool ScopePass::system_column(Expr& expr, FromItem& item, bool& found) {
    const bool postgres = dialect_.grammar.postgres && is_in(system_columns, expr.name.value);
    const bool oracle =
        dialect_.grammar.oracle && (expr.name.value == "ROWID" || expr.name.value == "ORA_ROWSCN");
    if ((!postgres && !oracle) || item.relation == nullptr) return true;
    const SchemaRelation& relation = *item.relation;
    if (!relation.has_rowid || relation.rowid_withheld) {
        return fail(Error{ErrorCode::unsupported, std::string(expr.name.value) + " of " + relation.name +
                                                      " cannot be read: it tells where rows are stored"}
                        .with_hint("Name a column of the table instead.")
                        .at(expr.span.begin));
    }
    found = true;
    expr.source = &item;
    expr.binding = Binding::opaque;
    expr.unsafe = true;
    return true;
}

/// Without a qualifier: of the only table that may have it.
bool ScopePass::system_column_in(Expr& expr, NameScope& level, bool& found) {
    bool seen = level.first == nullptr;
    for (FromItem& item : *level.items) {
        seen |= &item == level.first;
        if (&item == level.until || found) return true;
        if (seen && !system_column(expr, item, found)) return false;
    }
    return true;
}

/// Oracle: alias.column.step, column.step: steps into a document.
bool ScopePass::path_of_column(Expr& expr, NameScope& level, bool& found) {
    if (!dialect_.grammar.oracle || expr.table == nullptr) return true;
    Expr head = expr;
    head.name = *expr.table;
    head.table = expr.schema;
    head.schema = nullptr;
    matches_.clear();
    if (head.table == nullptr) {
        search(head, *level.items, level.first, level.until);
    } else if (FromItem* item = find_item(*head.table, nullptr, *level.items, level.first, level.until)) {
        if (const auto index = find_column(*item, head.name.value)) matches_.emplace_back(item, *index);
    }
    if (error_) return false;
    if (matches_.empty()) return true;
    found = true;
    for (const auto& [item, index] : matches_) use(*item, index);
    const auto [item, index] = matches_.front();
    bind(head, *item, index);
    const ItemColumns columns = columns_of(*item);
    const std::string_view declared = columns.relation != nullptr
                                          ? std::string_view(columns.relation->columns[index].declared_type)
                                          : columns.outputs[index].declared_type;
    if (!holds_document(declared)) {
        return fail(Error{ErrorCode::unsupported,
                          "only documents are stepped into: " + std::string(head.name.value) + " is none"}
                        .at(expr.span.begin));
    }
    if (head.masked) {
        return fail(Error{ErrorCode::unsupported, "what a mask shows is not stepped into: " +
                                                      std::string(head.name.value) + " is masked"}
                        .at(expr.span.begin));
    }
    expr.source = item;
    expr.binding = Binding::opaque;  // a part of it
    expr.unsafe = true;
    return !error_;
}

/// A result column: by its alias, or by the name that the engine gives it.
bool ScopePass::alias_in(Expr& expr, const Core& core) {
    for (const ResultColumn& result : core.columns) {
        if (result.kind == ResultKind::expression) {
            const bool named = result.alias.present()
                                   ? result.alias.value == expr.name.value
                                   : result_name(*result.expr, text_, dialect_) == expr.name.value;
            // Without an alias it is a column of that name or refused; Oracle knows aliases only.
            if (!named || (!result.alias.present() && dialect_.scopes.aliases_in_order)) continue;
            expr.binding = Binding::result_alias;
            expr.alias_of = result.expr;
            expr.unsafe |= result.expr->unsafe;
            expr.masked |= result.expr->masked;
            return true;
        }
        for (std::uint32_t i = 0; i < result.expanded_count; ++i) {
            const OutputColumn& column = result.expanded[i];
            if (column.name != expr.name.value) continue;
            bind(expr, *column.source, static_cast<std::uint32_t>(column.column));
            return true;
        }
    }
    return false;
}

bool ScopePass::other_name(Expr& expr, NameScope& scope) {
    bool found = false;
    if (dialect_.scopes.whole_rows && !row_of(expr, scope, found)) return false;
    if (!found && !bare_function(expr, found)) return false;
    if (!found && !open_column(expr, scope, found)) return false;
    return found || unknown_column(expr);
}

/// SELECT t FROM t: the row, with all its columns.
bool ScopePass::row_of(Expr& expr, NameScope& scope, bool& found) {
    if (expr.schema != nullptr) return true;
    NameScope* level = nullptr;
    FromItem* item = item_called(expr.name, expr.table, scope, level);
    if (item == nullptr) return !error_;
    found = true;
    correlate(scope, *level);
    expr.binding = Binding::whole_row;
    expr.source = item;
    expr.unsafe = true;
    resolution_.whole_rows.push_back(item);
    if (expr.table != nullptr) resolution_.qualified_rows.push_back(&expr);
    use_all(*item);
    SpareColumns::Lent lent_columns(spare_);
    OutputColumns& columns = *lent_columns;
    bool open = false;
    item_columns(*item, columns, open);
    for (const OutputColumn& column : columns) expr.masked |= column.masked;
    return !error_;
}

/// What a function in FROM makes may be called anything.
bool ScopePass::open_column(Expr& expr, NameScope& scope, bool& found) {
    if (expr.table != nullptr || dialect_.grammar.oracle) return true;  // There it may be a function.
    const auto open_in = [this](auto&& self, List<FromItem>& items, const FromItem* until) -> bool {
        for (FromItem& item : items) {
            if (&item == until) return false;
            if (is_open(item) || (item.kind == FromKind::group && self(self, item.items, nullptr)))
                return true;
        }
        return false;
    };
    for (NameScope* level = &scope; level != nullptr; level = level->outer) {
        if (level->items == nullptr || !open_in(open_in, *level->items, level->until)) continue;
        found = true;
        correlate(scope, *level);
        expr.binding = Binding::opaque;
        expr.unsafe = true;
        return true;
    }
    return true;
}

/// Oracle: SYSDATE, ROWNUM. Where a sequence stands, and what a package offers, is refused.
bool ScopePass::bare_function(Expr& expr, bool& found) {
    if (!dialect_.scopes.bare_functions) return true;
    if (expr.table != nullptr && (expr.name.value == "NEXTVAL" || expr.name.value == "CURRVAL")) {
        return fail(Error{ErrorCode::denied, "sequences are not allowed in queries"}.at(expr.span.begin));
    }
    if (expr.table != nullptr) return true;
    const bool quoted = expr.name.quote != Quote::none && expr.name.value != collection_value;
    found = !quoted && is_in(pseudo_columns, expr.name.value);
    const bool may_call = !found && expr.name.quote == Quote::none;
    if (may_call && schema_.function_allowed(ShortText::lower(expr.name.value).view())) {
        found = true;
        resolution_.functions.push_back(expr.name.value);
    }
    if (found) expr.binding = Binding::opaque;
    expr.unsafe |= found;
    return true;
}

void ScopePass::search(const Expr& expr, List<FromItem>& items, const FromItem* first,
                       const FromItem* until) {
    bool seen = first == nullptr;
    for (FromItem& item : items) {
        seen |= &item == first;
        if (!seen) continue;
        if (&item == until) return;
        if (item.kind == FromKind::group && item.shape == nullptr) {
            search(expr, item.items, nullptr, nullptr);
        } else if (const auto index = find_column(item, expr.name.value)) {
            matches_.emplace_back(&item, *index);
        }
    }
}

/// Inside a group with an alias only the alias is seen.
FromItem* ScopePass::find_item(const Name& table, const Name* schema, List<FromItem>& items,
                               const FromItem* first, const FromItem* until) {
    bool seen = first == nullptr;
    for (FromItem& item : items) {
        seen |= &item == first;
        if (!seen) continue;
        if (&item == until) return nullptr;
        // USING (a) AS j: j.a is a, of what stands to its right as well as of what stands to its left.
        const bool joined = item.using_alias.present() && item.using_alias.value == table.value;
        if (is_called(item, table, schema) || (joined && schema == nullptr)) return &item;
        if (item.kind != FromKind::group || item.alias.present()) continue;
        if (FromItem* inner = find_item(table, schema, item.items, nullptr, nullptr)) return inner;
    }
    return nullptr;
}

/// Here or in a query around; `level` is where.
FromItem* ScopePass::item_called(const Name& table, const Name* schema, NameScope& scope, NameScope*& level) {
    for (level = &scope; level != nullptr; level = level->outer) {
        if (level->items == nullptr) continue;
        if (FromItem* item = find_item(table, schema, *level->items, level->first, level->until)) return item;
    }
    return nullptr;
}

/// As ItemColumns::find, byte by byte and within the statement's budget; past it the statement is refused.
std::optional<std::uint32_t> ScopePass::find_column(const FromItem& item, std::string_view name) {
    const ItemColumns columns = columns_of(item);
    comparisons_ += columns.count;
    if (comparisons_ > limits::name_comparisons) {
        refuse_too_large("the statement joins too many columns", item.span);
        return std::nullopt;
    }
    // A rule's query names its table's columns in their order. Of a table no two are called alike.
    const bool table = columns.relation != nullptr && columns.outputs == nullptr;
    if (table && next_column_ < columns.count && columns.name(next_column_) == name) return next_column_++;
    for (std::uint32_t i = 0; i < columns.count; ++i) {
        if (columns.name(i) != name) continue;
        next_column_ = i + 1;
        return i;
    }
    return std::nullopt;
}

void ScopePass::use(FromItem& item, std::uint32_t column) {
    if (item.relation != nullptr) {
        if (column < item.relation->columns.size()) resolution_.columns.push_back({item.relation, column});
    } else if (item.kind == FromKind::group && item.shape != nullptr) {
        const OutputColumn& output = item.shape->columns[column];
        if (output.source != nullptr) use(*output.source, static_cast<std::uint32_t>(output.column));
    }
}

void ScopePass::use_all(FromItem& item) {
    SpareColumns::Lent lent_columns(spare_);
    OutputColumns& columns = *lent_columns;
    bool open = false;
    item_columns(item, columns, open);
    for (const OutputColumn& column : columns) use(*column.source, static_cast<std::uint32_t>(column.column));
}

void ScopePass::bind(Expr& expr, FromItem& item, std::uint32_t column) {
    expr.binding = Binding::column;
    expr.source = &item;
    expr.column = static_cast<std::int32_t>(column);
    if (expr.schema != nullptr) resolution_.qualified.push_back(&expr);
    const ItemColumns columns = columns_of(item);
    if (columns.relation == nullptr) {
        expr.masked |= columns.outputs[column].masked;
        expr.unsafe |= columns.outputs[column].unsafe;
        return;
    }
    const SchemaColumn& found = columns.relation->columns[column];
    expr.masked |= found.masked;
    expr.unsafe |= found.unsafe;
    if (found.encryption != 0) {
        fail(Error{ErrorCode::unsupported,
                   found.name + " is encrypted in the source, which is understood on SQLite only"}
                 .at(expr.span.begin));
    }
}

}  // namespace majed::sql
