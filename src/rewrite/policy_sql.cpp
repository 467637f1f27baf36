// SPDX-License-Identifier: Apache-2.0
#include "rewrite/policy_sql.h"

#include "core/ascii.h"
#include "rewrite/quoting.h"
#include "rewrite/splice.h"
#include "sql/parser.h"
#include "sql/resolver.h"
#include "sql/walk.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace majed::rewrite {
namespace {

Error policy_error(Error error) {
    Error result{ErrorCode::invalid_argument, std::move(error.message), std::move(error.hint)};
    result.offset = error.offset;
    return result;
}

void add_once(std::vector<std::string>& list, std::string_view item) {
    if (std::find(list.begin(), list.end(), item) == list.end()) list.emplace_back(item);
}

/// Replaces attributes by calls of the guard's functions.
class AttributeSplicer {
public:
    AttributeSplicer(const PolicyNames& names, Splicer& splicer, CompiledPredicate& result)
        : names_(names), splicer_(splicer), result_(result) {}

    void look(sql::Expr& expr) {
        const bool list = expr.kind == sql::ExprKind::in_list && expr.args.size == 1 &&
                          expr.args.first->kind == sql::ExprKind::attribute;
        if (list) {
            const sql::Expr& attribute = *expr.args.first;
            splicer_.replace(attribute.span, "SELECT value FROM json_each(" +
                                                 call(names_.attribute_list_function, attribute.name.value) +
                                                 ")");
            add_once(result_.list_attributes, attribute.name.value);
            taken_ = &attribute;
        } else if (expr.kind == sql::ExprKind::attribute && &expr != taken_) {
            splicer_.replace(expr.span, call(names_.attribute_function, expr.name.value));
            add_once(result_.scalar_attributes, expr.name.value);
        }
    }

private:
    static std::string call(const std::string& function, std::string_view attribute) {
        return quoted_name(function) + "(" + quoted_string(attribute) + ")";
    }

    const PolicyNames& names_;
    Splicer& splicer_;
    CompiledPredicate& result_;
    const sql::Expr* taken_ = nullptr;
};

/// Splices what every policy text needs: tables of the source, attributes, strings in double quotes.
void splice(sql::Expr& expr, const sql::Resolution& resolution, const PolicyNames& names, Splicer& splicer,
            CompiledPredicate& result) {
    for (const sql::FromItem* item : resolution.relations) {
        if (item->relation->table_function) continue;
        add_once(result.tables, item->relation->name);
        std::string target = quoted_name(names.base_schema) + "." + quoted_name(item->relation->name);
        if (!item->alias.present() && !item->in_operand) target += " AS " + quoted_name(item->name.value);
        splicer.replace(item->reference, std::move(target));
    }
    for (const sql::Expr* text : resolution.quoted_strings) {
        if (text->binding == sql::Binding::string)
            splicer.replace(text->name.span, quoted_string(text->name.value));
    }
    for (const sql::Expr* column : resolution.qualified) {
        splicer.replace({column->schema->span.begin, column->table->span.begin}, "");
    }
    AttributeSplicer attributes(names, splicer, result);
    sql::walk_expressions(expr, [&attributes](sql::Expr& each) { attributes.look(each); });
}

/// A number SQLite would keep as a number.
bool is_number(const std::string& text) {
    if (text.empty()) return false;
    char* end = nullptr;
    static_cast<void>(std::strtod(text.c_str(), &end));
    const bool plain = text.find_first_not_of("+-0123456789.eE") == std::string::npos;
    return plain && end == text.c_str() + text.size();
}

std::string email_mask(const std::string& column) {
    return "CASE WHEN " + column + " IS NULL THEN NULL WHEN instr(" + column + ", '@') > 1 THEN substr(" +
           column + ", 1, 1) || '***' || substr(" + column + ", instr(" + column + ", '@')) ELSE '***' END";
}

std::string partial_mask(const std::string& column, const policy::Mask& mask) {
    const std::string kept = std::to_string(mask.keep_start + mask.keep_end);
    std::string shown = "'***'";
    if (mask.keep_start > 0)
        shown = "substr(" + column + ", 1, " + std::to_string(mask.keep_start) + ") || " + shown;
    if (mask.keep_end > 0) shown += " || substr(" + column + ", -" + std::to_string(mask.keep_end) + ")";
    return "CASE WHEN " + column + " IS NULL THEN NULL WHEN length(" + column + ") <= " + kept +
           " THEN '***' ELSE " + shown + " END";
}

/// A name under which the row id can be read, whatever the table's columns are called; empty: there is none.
std::string_view row_id_name(const sql::SchemaRelation& relation) {
    if (!relation.has_rowid) return {};
    for (const std::string_view name : {"rowid", "oid", "_rowid_"}) {
        const bool taken =
            std::any_of(relation.columns.begin(), relation.columns.end(),
                        [name](const sql::SchemaColumn& column) { return ascii_lower(column.name) == name; });
        if (!taken) return name;
    }
    return {};
}

/// CAST gives the masked value the affinity that comparisons with the column had; only where it keeps the value.
std::string with_affinity(std::string sql, std::string_view affinity, bool numeric) {
    const bool keeps = affinity == "TEXT" || (numeric && affinity != "BLOB");
    return keeps ? "CAST(" + std::move(sql) + " AS " + std::string(affinity) + ")" : std::move(sql);
}

}  // namespace

std::string_view affinity_of(std::string_view declared_type) {
    const std::string type = ascii_lower(declared_type);
    const auto has = [&type](std::string_view part) { return type.find(part) != std::string::npos; };
    if (has("int")) return "INTEGER";
    if (has("char") || has("clob") || has("text")) return "TEXT";
    if (has("blob") || type.empty()) return "BLOB";
    if (has("real") || has("floa") || has("doub")) return "REAL";
    return "NUMERIC";
}

Result<CompiledPredicate> compile_predicate(std::string_view text, const sql::SchemaRelation& relation,
                                            const sql::Schema& catalog, const PolicyNames& names) {
    sql::Parser parser;
    auto parsed = parser.parse_policy_expression(text);
    if (!parsed) return policy_error(std::move(parsed).error());
    sql::Resolution resolution;
    auto resolved = sql::resolve_over(**parsed, relation, parser, catalog, resolution);
    if (!resolved) return policy_error(std::move(resolved).error());
    CompiledPredicate result;
    Splicer splicer;
    splice(**parsed, resolution, names, splicer, result);
    result.sql = splicer.apply(text);
    result.unsafe = (*parsed)->unsafe;
    return result;
}

Result<CompiledPredicate> compile_mask(const policy::Mask& mask, const sql::SchemaColumn& column,
                                       const sql::SchemaRelation& relation, const sql::Schema& catalog,
                                       const PolicyNames& names) {
    const std::string name = quoted_name(column.name);
    const std::string_view affinity = affinity_of(column.declared_type);
    CompiledPredicate result;
    switch (mask.kind) {
        case policy::MaskKind::null:
            result.sql = with_affinity("NULL", affinity, true);
            break;
        case policy::MaskKind::email:
            result.sql = with_affinity(email_mask(name), affinity, false);
            break;
        case policy::MaskKind::partial:
            result.sql = with_affinity(partial_mask(name, mask), affinity, false);
            break;
        case policy::MaskKind::hash:
            result.sql = with_affinity(quoted_name(names.hash_function) + "(" + name + ")", affinity, false);
            break;
        case policy::MaskKind::constant: {
            const bool numeric = affinity != "TEXT" && is_number(mask.text);
            std::string value = numeric ? mask.text : quoted_string(mask.text);
            // A row that an aggregate without rows makes up has NULL in every column, masked or not. The engine
            // takes a bare row id for never NULL.
            const std::string_view row_id = row_id_name(relation);
            if (!row_id.empty()) {
                value =
                    "CASE WHEN " + std::string(row_id) + " + 0 IS NOT NULL THEN " + std::move(value) + " END";
            }
            result.sql = with_affinity(std::move(value), affinity, numeric);
            break;
        }
        case policy::MaskKind::expression: {
            MAJED_TRY_ASSIGN(result, compile_predicate(mask.text, relation, catalog, names));
            result.sql = with_affinity("(" + result.sql + ")", affinity, false);
            break;
        }
    }
    return result;
}

}  // namespace majed::rewrite
