// SPDX-License-Identifier: Apache-2.0
#include "rewrite/inline_policy.h"

#include "core/ascii.h"
#include "rewrite/quoting.h"
#include "rewrite/splice.h"
#include "sql/parser.h"
#include "sql/resolver.h"
#include "sql/walk.h"

#include <algorithm>
#include <utility>

namespace majed::rewrite {
namespace {

/// Stands where a parameter will; no text that was read contains it.
constexpr char gap_mark = '\x01';
/// Stands where the row's name will.
constexpr char row_mark = '\x02';

Error about_policy(Error error) {
    Error result{ErrorCode::invalid_argument, std::move(error.message), std::move(error.hint)};
    result.offset = error.offset;
    return result;
}

void note_once(std::vector<std::string>& list, std::string_view item) {
    if (std::find(list.begin(), list.end(), item) == list.end()) list.emplace_back(item);
}

/// The text with its marks taken out; `attributes` are theirs, in the order of the text.
GappedText gapped(std::string_view marked, const std::vector<driver::AttributeParameter>& attributes) {
    GappedText result;
    auto attribute = attributes.begin();
    for (const char c : marked) {
        if (c == gap_mark) {
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
          qualifies_(names.row_is_gap) {}

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
        std::stable_sort(gaps_.begin(), gaps_.end(),
                         [](const Gap& a, const Gap& b) { return a.offset < b.offset; });
        std::vector<driver::AttributeParameter> attributes;
        for (Gap& gap : gaps_) attributes.push_back(std::move(gap.attribute));
        result_.sql = gapped(splicer_.apply(text), attributes);
        result_.unsafe = expr.unsafe;
        return std::move(result_);
    }

private:
    struct Gap {
        std::uint32_t offset = 0;
        driver::AttributeParameter attribute;
    };

    void table(const sql::FromItem& item) {
        const sql::SchemaRelation& relation = *item.relation;
        result_.tables.push_back(relation.schema + "." + relation.name);
        std::string target = quoted_name(relation.schema) + "." + quoted_name(relation.name);
        if (item.alias.present()) {
            splicer_.replace(item.alias.span, quoted_name(alias_of(item)));
        } else {
            target += " AS " + quoted_name(alias_of(item));
        }
        splicer_.replace(item.reference, std::move(target));
    }

    void look(sql::Expr& expr) {
        if (expr.select != nullptr) stars(*expr.select);
        // IS NULL says nothing of the type of a parameter.
        if (expr.kind == sql::ExprKind::is_null) untyped_ = expr.left;
        if (expr.binding == sql::Binding::whole_row && whole_row_ == nullptr) whole_row_ = &expr;
        if (expr.kind == sql::ExprKind::column) column(expr);
        const bool alone = expr.args.size == 1 && expr.args.first->kind == sql::ExprKind::attribute;
        if (alone && expr.kind == sql::ExprKind::quantified) {
            const sql::Expr& attribute = *expr.args.first;  // = ANY (:user.a), <> ALL (:user.a)
            taken_ = &attribute;
            list_gap(attribute);
            splicer_.replace(attribute.span, std::string(1, gap_mark));
        } else if (alone && expr.kind == sql::ExprKind::in_list) {
            const sql::Expr& attribute = *expr.args.first;
            taken_ = &attribute;
            list_gap(attribute);
            const std::string test = expr.negated ? " <> ALL (" : " = ANY (";
            splicer_.replace({expr.left->span.end, expr.span.end}, test + gap_mark + ")");
        } else if (expr.kind == sql::ExprKind::attribute && &expr != taken_) {
            gaps_.push_back({expr.span.begin, {std::string(expr.name.value), false}});
            note_once(result_.scalar_attributes, expr.name.value);
            splicer_.replace(expr.span, untyped_ == &expr ? std::string("CAST(") + gap_mark + " AS text)"
                                                          : std::string(1, gap_mark));
        }
    }

    void list_gap(const sql::Expr& attribute) {
        gaps_.push_back({attribute.span.begin, {std::string(attribute.name.value), true}});
        note_once(result_.list_attributes, attribute.name.value);
    }

    /// A name that no statement can use for a table of its own.
    [[nodiscard]] std::string alias_of(const sql::FromItem& item) const {
        return std::string(alias_) + "_" + std::string(item.visible_name());
    }

    void column(const sql::Expr& expr) {
        if (expr.source == nullptr || expr.source->relation == nullptr) return;
        const auto& items = resolution_.relations;
        const bool inner = std::find(items.begin(), items.end(), expr.source) != items.end();
        if (expr.table == nullptr) {
            if (qualifies_ && !inner) splicer_.insert(expr.name.span.begin, row_ + ".");
            return;
        }
        const std::uint32_t begin = expr.schema != nullptr ? expr.schema->span.begin : expr.table->span.begin;
        splicer_.replace({begin, expr.table->span.end}, inner ? quoted_name(alias_of(*expr.source)) : row_);
    }

    /// t.* would need the name that the rule does not know.
    void stars(sql::Select& select) {
        for (const sql::Core& core : select.cores) {
            for (const sql::ResultColumn& column : core.columns) {
                if (column.kind == sql::ResultKind::table_star && star_ == nullptr) star_ = &column;
            }
        }
    }

    const sql::Resolution& resolution_;
    std::string_view alias_;
    const std::string row_;  ///< The name of the row that the rule is about.
    const bool qualifies_;
    Splicer splicer_;
    std::vector<Gap> gaps_;
    InlinePredicate result_;
    const sql::Expr* taken_ = nullptr;
    const sql::Expr* untyped_ = nullptr;
    const sql::Expr* whole_row_ = nullptr;
    const sql::ResultColumn* star_ = nullptr;
};

/// The type without its length, which a mask need not keep to.
std::string type_without_length(std::string_view declared) {
    const std::size_t open = declared.find('(');
    if (open == std::string_view::npos) return std::string(declared);
    const std::size_t close = declared.find(')', open);
    std::string type(declared.substr(0, open));
    if (close != std::string_view::npos) type += declared.substr(close + 1);
    return type;
}

bool holds_text(std::string_view declared) {
    const std::string type = type_without_length(declared);
    return type == "text" || type == "character varying" || type == "character";
}

std::string masked_email(const std::string& column) {
    return "CASE WHEN " + column + " IS NULL THEN NULL WHEN strpos(" + column + ", '@') > 1 THEN left(" +
           column + ", 1) || '***' || substr(" + column + ", strpos(" + column + ", '@')) ELSE '***' END";
}

std::string masked_in_part(const std::string& column, const policy::Mask& mask) {
    const std::string kept = std::to_string(mask.keep_start + mask.keep_end);
    std::string shown = "'***'";
    if (mask.keep_start > 0)
        shown = "left(" + column + ", " + std::to_string(mask.keep_start) + ") || " + shown;
    if (mask.keep_end > 0) shown += " || right(" + column + ", " + std::to_string(mask.keep_end) + ")";
    return "CASE WHEN " + column + " IS NULL THEN NULL WHEN char_length(" + column + ") <= " + kept +
           " THEN '***' ELSE " + shown + " END";
}

/// HMAC-SHA-256 of the text (RFC 2104), its first 16 bytes as hex; the byte before the text is SQLite's mark of a text, so
/// that one value has one pseudonym in every source.
GappedText pseudonym(const std::string& column) {
    const std::string key = std::string("decode(") + gap_mark + ", 'hex')";
    const std::string marked = "left(encode(sha256(" + key + " || sha256(" + key +
                               " || decode('03', 'hex') || convert_to(" + column + ", 'UTF8'))), 'hex'), 32)";
    return gapped(marked, {{std::string(outer_hash_key), false}, {std::string(inner_hash_key), false}});
}

/// What a mask that knows the column's name alone shows.
GappedText shown_by(const policy::Mask& mask, const std::string& column) {
    switch (mask.kind) {
        case policy::MaskKind::email:
            return gapped(masked_email(column), {});
        case policy::MaskKind::partial:
            return gapped(masked_in_part(column, mask), {});
        case policy::MaskKind::hash:
            return pseudonym(column);
        case policy::MaskKind::constant:
            return {quoted_string(mask.text), {}};
        case policy::MaskKind::null:
        case policy::MaskKind::expression:
            break;
    }
    return {"NULL", {}};
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
    if (text.find(gap_mark) != std::string_view::npos || text.find(row_mark) != std::string_view::npos)
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
    if (makes_text(mask.kind) && !holds_text(column.declared_type)) {
        return Error{ErrorCode::invalid_argument,
                     "this mask makes text, and " + column.name + " is of type " + column.declared_type}
            .with_hint("Use null, a constant of that type, or sql: on it.");
    }
    InlinePredicate result;
    if (mask.kind == policy::MaskKind::expression) {
        MAJED_TRY_ASSIGN(result, compile_inline(mask.text, relation, names));
        // The line break ends a comment the operator may have left at its end.
        wrap(result.sql, "(", "\n)");
    } else {
        const std::string row = names.row_is_gap ? std::string(1, row_mark) + "." : std::string();
        result.sql = shown_by(mask, row + quoted_name(column.name));
    }
    std::string type = type_without_length(column.declared_type);
    // Which alone is one character.
    if (type == "character") type = "pg_catalog.bpchar";
    wrap(result.sql, "CAST(", " AS " + type + ")");
    return result;
}

}  // namespace majed::rewrite
