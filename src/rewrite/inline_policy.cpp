// SPDX-License-Identifier: Apache-2.0
#include "rewrite/inline_policy.h"

#include "core/ascii.h"
#include "rewrite/inline_words.h"
#include "rewrite/quoting.h"
#include "rewrite/splice.h"
#include "sql/parser.h"
#include "sql/resolver.h"
#include "sql/walk.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace majed::rewrite {
namespace {

/// Stands where the row's name will; no text that was read contains it.
constexpr char row_mark = '\x02';

Error about_policy(Error error) {
    Error result{ErrorCode::invalid_argument, std::move(error.message), std::move(error.hint)};
    result.offset = error.offset;
    return result;
}

void note_once(std::vector<std::string>& list, std::string_view item) {
    if (std::find(list.begin(), list.end(), item) == list.end()) list.emplace_back(item);
}

bool is_comparison(sql::Operator op) {
    return op == sql::Operator::equal || op == sql::Operator::not_equal || op == sql::Operator::less ||
           op == sql::Operator::less_equal || op == sql::Operator::greater ||
           op == sql::Operator::greater_equal;
}

bool is_arithmetic(sql::Operator op) {
    return op == sql::Operator::add || op == sql::Operator::subtract || op == sql::Operator::multiply ||
           op == sql::Operator::divide;
}

/// What they answer is of one type, whatever text they are given.
bool is_of_one_type(const sql::Expr& call) {
    constexpr std::array names = std::to_array<std::string_view>(
        {"instr", "length", "ltrim", "rtrim", "to_char", "to_date", "to_number", "to_timestamp"});
    return std::find(names.begin(), names.end(), ascii_lower(call.name.value)) != names.end();
}

/// The text with its marks taken out; `attributes` are theirs, in the order of the text.
GappedText gapped(std::string_view marked, const std::vector<driver::AttributeParameter>& attributes) {
    GappedText result;
    auto attribute = attributes.begin();
    for (const char c : marked) {
        if (c == parameter_mark) {
            result.gaps.push_back({result.text.size(), *attribute++});
        } else if (c == row_mark) {
            result.gaps.push_back({result.text.size(), {}, true});
        } else {
            result.text += c;
        }
    }
    return result;
}

class PolicySplicer {
public:
    PolicySplicer(const sql::Resolution& resolution, const InlineNames& names)
        : resolution_(resolution),
          alias_(names.alias),
          row_(names.row_is_gap ? std::string(1, row_mark) : quoted_name(names.alias)),
          qualifies_(names.row_is_gap || inline_words_of(names.dialect.id).qualifies_columns()),
          words_(inline_words_of(names.dialect.id)),
          spells_lists_(names.row_is_gap && !names.lists_whole && words_.lists_are_queries()) {}

    Result<InlinePredicate> run(sql::Expr& expr, std::string_view text) {
        for (const sql::FromItem* item : resolution_.relations) table(*item);
        sql::walk_expressions(expr, [this](sql::Expr& each) { look(each); });
        if (whole_row_ != nullptr) {
            return Error{ErrorCode::invalid_argument, "a rule cannot use a whole row"}.at(
                whole_row_->span.begin);
        }
        if (star_ != nullptr) {
            return Error{ErrorCode::invalid_argument, "a rule cannot use table.*: name the columns"}.at(
                star_->span.begin);
        }
        if (step_ != nullptr) {
            return Error{ErrorCode::invalid_argument, "a rule cannot step into a column"}
                .with_hint("Take JSON_VALUE(column, '$.step').")
                .at(step_->span.begin);
        }
        if (untold_ != nullptr) {
            return Error{ErrorCode::invalid_argument, "it cannot be told as what the values of :user." +
                                                          std::string(untold_->name.value) +
                                                          " are to be compared"}
                .with_hint("Compare a column with them, or CAST(... AS VARCHAR2(n)).")
                .at(untold_->span.begin);
        }
        std::stable_sort(gaps_.begin(), gaps_.end(),
                         [](const Gap& a, const Gap& b) { return a.offset < b.offset; });
        std::vector<driver::AttributeParameter> attributes;
        for (Gap& gap : gaps_) attributes.push_back(std::move(gap.attribute));
        result_.sql = gapped(splicer_.apply(text), attributes);
        auto compared = gaps_.begin();
        for (GappedText::Gap& gap : result_.sql.gaps) {
            if (!gap.row) gap.compared = std::move((compared++)->compared);
        }
        find_unnameable();
        if (has_filled_) result_.unfilled = unfilled_;
        result_.unsafe = expr.unsafe;
        return std::move(result_);
    }

private:
    struct Gap {
        std::uint32_t offset = 0;
        driver::AttributeParameter attribute;
        std::string compared = {};
    };

    void table(const sql::FromItem& item) {
        const sql::SchemaRelation& relation = *item.relation;
        result_.tables.push_back(relation.schema + "." + relation.name);
        std::string target = quoted_name(relation.schema) + "." + quoted_name(relation.name);
        const std::string named = std::string(words_.before_alias()) + quoted_name(alias_of(item));
        if (item.alias.present()) {
            splicer_.replace(item.alias.span, quoted_name(alias_of(item)));
        } else if (words_.alias_comes_last() && item.span.end > item.reference.end) {
            splicer_.insert(item.span.end, named);
        } else {
            target += named;
        }
        splicer_.replace(item.reference, std::move(target));
    }

    void look(sql::Expr& expr) {
        if (expr.select != nullptr) {
            stars(*expr.select);
            result_.facts.asks = true;
        }
        note_operands(expr);
        note_settled(expr);
        const bool typed = expr.kind == sql::ExprKind::column || expr.kind == sql::ExprKind::cast;
        has_filled_ |= typed && words_.compared_as(expr).ends_with("CHAR");
        // IS NULL says nothing of the type of a parameter.
        if (expr.kind == sql::ExprKind::is_null) untyped_ = expr.left;
        if (expr.binding == sql::Binding::whole_row && whole_row_ == nullptr) whole_row_ = &expr;
        if (expr.kind == sql::ExprKind::column) column(expr);
        const bool alone = expr.args.size == 1 && expr.args.first->kind == sql::ExprKind::attribute;
        if (alone && expr.kind == sql::ExprKind::quantified) {
            const sql::Expr& attribute = *expr.args.first;  // = ANY (:user.a), <> ALL (:user.a)
            splicer_.replace(attribute.span, list_gap(attribute, *expr.left));
        } else if (alone && expr.kind == sql::ExprKind::in_list) {
            splicer_.replace({expr.left->span.end, expr.span.end},
                             words_.in_values(expr.negated, list_gap(*expr.args.first, *expr.left)));
        } else if (expr.kind == sql::ExprKind::attribute && &expr != taken_) {
            const auto beside = beside_.find(&expr);
            const std::string compared = beside == beside_.end() ? "" : words_.compared_as(*beside->second);
            if (compared.empty() && !settled_.contains(&expr)) unfilled_ = expr.name.value;
            gaps_.push_back({expr.span.begin, {std::string(expr.name.value), false}, compared});
            note_once(result_.scalar_attributes, expr.name.value);
            splicer_.replace(expr.span, words_.one_value(untyped_ == &expr));
        }
    }

    /// What an operand is compared with.
    void note_operands(const sql::Expr& expr) {
        if (expr.kind == sql::ExprKind::binary && is_comparison(expr.op)) {
            beside_[expr.left] = expr.right;
            beside_[expr.right] = expr.left;
        } else if (expr.kind == sql::ExprKind::between) {
            beside_[expr.right] = beside_[expr.extra] = expr.left;
        } else if (expr.kind == sql::ExprKind::in_list || expr.kind == sql::ExprKind::quantified) {
            for (const sql::Expr& each : expr.args) beside_[&each] = expr.left;
        }
    }

    /// Operands that need no type of their own.
    void note_settled(const sql::Expr& expr) {
        const bool arithmetic = (expr.kind == sql::ExprKind::binary && is_arithmetic(expr.op)) ||
                                (expr.kind == sql::ExprKind::unary && expr.op == sql::Operator::negate);
        if (arithmetic || expr.kind == sql::ExprKind::like || expr.kind == sql::ExprKind::cast ||
            expr.kind == sql::ExprKind::is_null)
            settled_.insert({expr.left, expr.right, expr.extra});
        if (expr.kind != sql::ExprKind::call || !is_of_one_type(expr)) return;
        for (const sql::Expr& each : expr.args) settled_.insert(&each);
    }

    std::string list_gap(const sql::Expr& attribute, const sql::Expr& beside) {
        taken_ = &attribute;
        note_once(result_.list_attributes, attribute.name.value);
        if (spells_lists_) return spelled_list(attribute);
        result_.facts.asks |= words_.lists_are_queries();
        gaps_.push_back({attribute.span.begin, {std::string(attribute.name.value), true}});
        auto values = words_.all_values(beside, std::string(alias_) + "_values");
        if (!values) untold_ = &attribute;
        return values.value_or(std::string(1, parameter_mark));
    }

    /// Value by value: WITH CHECK OPTION holds no condition with a query in it.
    std::string spelled_list(const sql::Expr& attribute) {
        std::string values;
        for (std::size_t place = 1; place <= driver::most_spelled_values; ++place) {
            gaps_.push_back({attribute.span.begin, {std::string(attribute.name.value), true, place}});
            values += (place == 1 ? "" : ", ") + std::string(1, parameter_mark);
        }
        return values;
    }

    /// A name that no statement can use for a table of its own.
    [[nodiscard]] std::string alias_of(const sql::FromItem& item) const {
        std::string name = std::string(alias_) + "_" + std::string(item.visible_name());
        if (name.size() <= words_.longest_name()) return name;
        const auto& items = resolution_.relations;
        const auto place = std::find(items.begin(), items.end(), &item) - items.begin();
        return std::string(alias_) + "_" + std::to_string(place + 1);
    }

    void column(const sql::Expr& expr) {
        if (expr.source == nullptr || expr.source->relation == nullptr) return;
        const bool inner = is_of_query(*expr.source);
        if (!inner && expr.column >= 0)
            result_.facts.columns.push_back(
                expr.source->relation->columns[static_cast<std::size_t>(expr.column)].name);
        if (expr.table == nullptr) {
            if (qualifies_ && !inner && expr.binding == sql::Binding::column)
                splicer_.insert(expr.name.span.begin, row_ + ".");
            return;
        }
        if (words_.qualifies_columns() && expr.binding != sql::Binding::column) step_ = &expr;
        const std::uint32_t begin = expr.schema != nullptr ? expr.schema->span.begin : expr.table->span.begin;
        if (!inner) named_.push_back(&expr);
        splicer_.replace({begin, expr.table->span.end}, inner ? quoted_name(alias_of(*expr.source)) : row_);
    }

    /// Is it a table of a query inside the rule?
    [[nodiscard]] bool is_of_query(const sql::FromItem& item) const {
        const auto& items = resolution_.relations;
        return std::find(items.begin(), items.end(), &item) != items.end();
    }

    void find_unnameable() {
        for (const sql::Expr* column : named_) {
            const std::string_view name = column->name.value;
            const auto& items = resolution_.relations;
            const bool taken = renames_ ||
                               std::find(renamed_.begin(), renamed_.end(), name) != renamed_.end() ||
                               std::any_of(items.begin(), items.end(), [name](const sql::FromItem* item) {
                                   const auto& columns = item->relation->columns;
                                   return std::any_of(columns.begin(), columns.end(),
                                                      [name](const auto& each) { return each.name == name; });
                               });
            if (taken) result_.unnameable = name;
        }
    }

    void find_derived(const sql::List<sql::FromItem>& items) {
        for (const sql::FromItem& item : items) {
            renames_ |= item.relation == nullptr && item.items.empty();
            find_derived(item.items);
        }
    }

    /// t.* would need the name that the rule does not know.
    void stars(sql::Select& select) {
        renames_ |= select.with != nullptr;
        for (const sql::Core& core : select.cores) {
            find_derived(core.from);
            for (const sql::ResultColumn& column : core.columns) {
                if (column.kind == sql::ResultKind::table_star && star_ == nullptr) star_ = &column;
                if (column.alias.present()) renamed_.push_back(column.alias.value);
            }
        }
    }

    const sql::Resolution& resolution_;
    std::string_view alias_;
    const std::string row_;  ///< The name of the row that the rule is about.
    const bool qualifies_;
    const InlineWords& words_;
    const bool spells_lists_;  ///< Values of an attribute have a parameter each.
    Splicer splicer_;
    std::vector<Gap> gaps_;
    InlinePredicate result_;
    std::map<const sql::Expr*, const sql::Expr*> beside_;
    std::set<const sql::Expr*> settled_;
    std::string unfilled_;
    bool has_filled_ = false;
    std::vector<const sql::Expr*> named_;  ///< Columns of the row with its table's name before them.
    bool renames_ = false;  ///< FROM or WITH has a query, or JSON_TABLE: columns of their own names.
    std::vector<std::string_view> renamed_;  ///< Columns of queries that have a name of their own.
    const sql::Expr* taken_ = nullptr;
    const sql::Expr* untyped_ = nullptr;
    const sql::Expr* untold_ = nullptr;
    const sql::Expr* step_ = nullptr;
    const sql::Expr* whole_row_ = nullptr;
    const sql::ResultColumn* star_ = nullptr;
};

/// What the marks in `marked` stand for: the halves of the hash's key, in turns.
std::vector<driver::AttributeParameter> hash_keys(std::string_view marked) {
    std::vector<driver::AttributeParameter> keys;
    for (auto left = std::count(marked.begin(), marked.end(), parameter_mark); left > 0; --left)
        keys.push_back({std::string(keys.size() % 2 == 0 ? outer_hash_key : inner_hash_key), false});
    return keys;
}

bool makes_text(policy::MaskKind kind) {
    return kind == policy::MaskKind::email || kind == policy::MaskKind::partial ||
           kind == policy::MaskKind::hash;
}

/// `before` text `after`, with the gaps where they then are.
void wrap(GappedText& gapped_text, std::string_view before, std::string_view after) {
    gapped_text.text = std::string(before) + gapped_text.text + std::string(after);
    for (GappedText::Gap& gap : gapped_text.gaps) gap.offset += before.size();
}

}  // namespace

Result<InlinePredicate> compile_inline(std::string_view text, const sql::SchemaRelation& relation,
                                       const InlineNames& names) {
    if (text.find(parameter_mark) != std::string_view::npos || text.find(row_mark) != std::string_view::npos)
        return Error{ErrorCode::invalid_argument, "a rule cannot hold control characters"};
    sql::Parser parser(names.dialect);
    auto parsed = parser.parse_policy_expression(text);
    if (!parsed) return about_policy(std::move(parsed).error());
    sql::Resolution resolution;
    auto resolved = sql::resolve_over(**parsed, relation, parser, names.catalog, resolution);
    if (!resolved) return about_policy(std::move(resolved).error());
    return PolicySplicer(resolution, names).run(**parsed, text);
}

Result<InlinePredicate> compile_inline_mask(const policy::Mask& mask, const sql::SchemaColumn& column,
                                            const sql::SchemaRelation& relation, const InlineNames& names) {
    const InlineWords& words = inline_words_of(names.dialect.id);
    const bool of_text = makes_text(mask.kind);
    const std::string row = names.row_is_gap ? std::string(1, row_mark) + "." : std::string();
    std::optional<std::string> shown;
    if (of_text && words.holds_text(column.declared_type))
        shown = words.masked_text(mask, row + quoted_name(column.name), column.declared_type);
    const auto type = words.typed(column.declared_type);
    if (!type || (of_text && !shown)) {
        return Error{ErrorCode::invalid_argument,
                     (of_text ? "this mask makes text, and " : "no mask suits ") + column.name +
                         (of_text ? " is of type " : ", of type ") + column.declared_type}
            .with_hint(type ? "Use null, a constant of that type, or sql: on it." : "Leave the column out.");
    }
    InlinePredicate result;
    if (mask.kind == policy::MaskKind::expression) {
        MAJED_TRY_ASSIGN(result, compile_inline(mask.text, relation, names));
        // The line break ends a comment the operator may have left at its end.
        wrap(result.sql, "(", "\n)");
    } else if (of_text) {
        result.sql = gapped(*shown, hash_keys(*shown));
    } else {
        result.sql.text = mask.kind == policy::MaskKind::constant ? quoted_string(mask.text) : "NULL";
    }
    wrap(result.sql, type->first, type->second);
    return result;
}

}  // namespace majed::rewrite
