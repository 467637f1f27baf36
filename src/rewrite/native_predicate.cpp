// SPDX-License-Identifier: Apache-2.0
#include "rewrite/native_predicate.h"

#include "driver/native_context.h"
#include "rewrite/quoting.h"
#include "rewrite/splice.h"
#include "sql/parser.h"
#include "sql/walk.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace majed::rewrite {
namespace {

/// Of a setting's name: the shortest any server allows.
constexpr std::size_t longest_name = 30;

bool names_a_setting(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && name.size() <= longest_name && letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool compares(const sql::Expr& expr) {
    return expr.kind == sql::ExprKind::binary &&
           (expr.op == sql::Operator::equal || expr.op == sql::Operator::not_equal ||
            expr.op == sql::Operator::is || expr.op == sql::Operator::is_not ||
            expr.op == sql::Operator::less || expr.op == sql::Operator::less_equal ||
            expr.op == sql::Operator::greater || expr.op == sql::Operator::greater_equal);
}

void add_name(std::vector<std::string>& names, std::string_view name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

/// Without its modifier: a cast to `character varying(5)` would cut a longer value until it fits a row that it is not.
/// Empty where text compares as it is, or no such type has a name.
std::string plain_type(std::string_view type) {
    std::string plain;
    int depth = 0;
    for (const char c : type) {
        depth += c == '(' ? 1 : 0;
        if (depth == 0) plain += c;
        depth -= c == ')' ? 1 : 0;
    }
    if (plain == "text" || plain == "character varying" || plain.starts_with("bit")) return {};
    return plain == "character" ? "pg_catalog.bpchar" : plain;
}

/// How PostgreSQL reads what the session told it. `type`: of the column it is compared with, as the catalogue says it; empty:
/// text.
class AttributeWords {
public:
    // Queries without a table are asked once for a statement, not for each row.
    /// Its only value.
    static std::string scalar(std::string_view name, std::string_view type) {
        return "(SELECT (" + values(name) + ")[1]" + cast(type) + ")";
    }
    /// A query of all its values, without parentheses.
    static std::string list(std::string_view name, std::string_view type) {
        return "SELECT pg_catalog.unnest(" + values(name) + ")" + cast(type);
    }
    /// All its values, as what stands in ANY (...).
    static std::string any_of(std::string_view name, std::string_view type) {
        const std::string plain = plain_type(type);
        return values(name) + (plain.empty() ? "" : "::" + plain + "[]");
    }
    /// True for exactly one value; for at least one.
    static std::string has_one(std::string_view name) {
        return "(SELECT pg_catalog.cardinality(" + values(name) + ") = 1)";
    }
    static std::string has_any(std::string_view name) {
        return "(SELECT pg_catalog.cardinality(" + values(name) + ") >= 1)";
    }

private:
    /// NULL when it is absent: once a transaction had it, the setting reads as an empty text.
    static std::string values(std::string_view name) {
        return "NULLIF(pg_catalog.current_setting(" + quoted_string(driver::native_attribute_setting(name)) +
               ", true), '')::pg_catalog.text[]";
    }
    static std::string cast(std::string_view type) {
        const std::string plain = plain_type(type);
        return plain.empty() ? "" : "::" + plain;
    }
};

class PredicateTranslation {
public:
    PredicateTranslation(const catalog::Relation& relation, const catalog::Snapshot& catalog)
        : catalog_(catalog), own_(relation) {}

    Result<NativePredicate> run(std::string_view text) {
        sql::Parser parser(sql::dialect_of(sql::DialectId::postgres));
        auto parsed = parser.parse_policy_expression(text);
        if (!parsed) {
            Error error = std::move(parsed).error();
            error.code = ErrorCode::invalid_argument;
            return error;
        }
        sql::walk_expressions(**parsed, [this](sql::Expr& each) { find_relations(each); });
        sql::walk_expressions(**parsed, [this](sql::Expr& each) { find_types(each); });
        sql::walk_expressions(**parsed, [this](sql::Expr& each) { replace(each); });
        if (!refused_.empty()) return Error{ErrorCode::invalid_argument, refused_};
        NativePredicate result;
        for (const std::string& name : scalars_) {
            result.sql += AttributeWords::has_one(name) + " AND ";
            add_name(result.attributes, name);
        }
        for (const std::string& name : lists_) {
            result.sql += AttributeWords::has_any(name) + " AND ";
            add_name(result.attributes, name);
        }
        // A comment at its end must not reach what follows.
        result.sql += '(' + splicer_.apply(text) + "\n)";
        return result;
    }

private:
    void find_relations(sql::Expr& expr) {
        if (expr.select != nullptr) {
            for (sql::Core& core : expr.select->cores) find_relations(core.from);
            sql::walk_expressions(*expr.select, [this](sql::Expr& each) { nested_.insert(&each); });
        }
    }
    void find_relations(sql::List<sql::FromItem>& items) {
        for (sql::FromItem& item : items) {
            find_relations(item.items);
            const auto* const relation = catalog_.find(item.schema.value, item.name.value);
            if (item.name.present() && relation != nullptr) {
                named_.insert_or_assign(std::string(item.visible_name()), relation);
            }
        }
    }

    /// Of a column; empty when it cannot be told.
    [[nodiscard]] std::string type_of(const sql::Expr* expr) const {
        if (expr == nullptr || expr->kind != sql::ExprKind::column) return {};
        if (expr->table != nullptr) {
            const auto found = named_.find(std::string(expr->table->value));
            const auto* const relation = found != named_.end() ? found->second : &own_;
            return type_in(*relation, expr->name.value);
        }
        if (!nested_.contains(expr)) return type_in(own_, expr->name.value);
        // The innermost query's column is meant, if it has one; which that is only a resolver knows.
        std::string type;
        for (const auto& [name, relation] : named_) {
            const std::string there = type_in(*relation, expr->name.value);
            if (!there.empty() && !type.empty() && there != type) return {};
            type = there.empty() ? type : there;
        }
        const std::string here = type_in(own_, expr->name.value);
        if (!here.empty() && !type.empty() && here != type) return {};
        return type.empty() ? here : type;
    }
    static std::string type_in(const catalog::Relation& relation, std::string_view column) {
        const auto found = std::find_if(relation.columns.begin(), relation.columns.end(),
                                        [&](const auto& each) { return each.name == column; });
        return found == relation.columns.end() ? std::string() : found->declared_type;
    }

    void find_types(sql::Expr& expr) {
        if (compares(expr)) {
            types_[expr.left] = type_of(expr.right);
            types_[expr.right] = type_of(expr.left);
        } else if (expr.kind == sql::ExprKind::between) {
            types_[expr.right] = types_[expr.extra] = type_of(expr.left);
        } else if (expr.kind == sql::ExprKind::in_list || expr.kind == sql::ExprKind::quantified) {
            for (sql::Expr& each : expr.args) types_[&each] = type_of(expr.left);
        }
    }

    void replace(sql::Expr& expr) {
        const sql::Expr* const only = expr.args.size == 1 ? expr.args.first : nullptr;
        const bool stands_alone = only != nullptr && only->kind == sql::ExprKind::attribute;
        if (stands_alone && expr.kind == sql::ExprKind::in_list) {
            take(*only, lists_, AttributeWords::list(only->name.value, types_[only]));
        } else if (stands_alone && expr.kind == sql::ExprKind::quantified) {
            take(*only, lists_, AttributeWords::any_of(only->name.value, types_[only]));
        } else if (expr.kind == sql::ExprKind::attribute && &expr != taken_) {
            take(expr, scalars_, AttributeWords::scalar(expr.name.value, types_[&expr]));
        }
    }
    void take(const sql::Expr& attribute, std::vector<std::string>& names, std::string_view words) {
        taken_ = &attribute;
        const std::string name(attribute.name.value);
        if (!names_a_setting(name)) {
            refused_ = "attribute " + name + " has a name that no setting of a server can have";
        }
        splicer_.replace(attribute.span, words);
        add_name(names, name);
    }

    const catalog::Snapshot& catalog_;
    const catalog::Relation& own_;
    std::map<std::string, const catalog::Relation*>
        named_;                                      ///< In queries of the predicate, by visible name.
    std::set<const sql::Expr*> nested_;              ///< Of those queries.
    std::map<const sql::Expr*, std::string> types_;  ///< What an operand is compared with.
    std::vector<std::string> scalars_;
    std::vector<std::string> lists_;
    Splicer splicer_;
    std::string refused_;
    const sql::Expr* taken_ = nullptr;  ///< As part of what it stands in: walks come from outside in.
};

}  // namespace

Result<NativePredicate> native_predicate(std::string_view text, const catalog::Relation& relation,
                                         const catalog::Snapshot& catalog) {
    return PredicateTranslation(relation, catalog).run(text);
}

}  // namespace majed::rewrite
