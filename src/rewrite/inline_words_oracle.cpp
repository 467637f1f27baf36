// SPDX-License-Identifier: Apache-2.0
// Oracle Database 19c and 23ai. Sources: SQL Language Reference, "Data Type Comparison Rules" (blank-padded and nonpadded
// comparison), "CAST" (no LOBs), "RAWTOHEX", "STANDARD_HASH", "JSON_TABLE". Nothing here was run on a real server.
//
// An attribute with one value is bound as CHAR (driver/oracle), and so compares like a literal: blank-padded with a CHAR,
// exactly with a VARCHAR2, as a number with a number. Several values come as one JSON text, whose values are VARCHAR2; so
// what they are compared with decides what is made of them.
#include "core/ascii.h"
#include "rewrite/inline_words.h"
#include "rewrite/quoting.h"
#include "sql/resolver.h"
#include "sql/schema.h"

#include <algorithm>
#include <array>

namespace majed::rewrite {
namespace oracle_forms {
namespace {

/// Bytes of a text that RAWTOHEX and HEXTORAW take together with a key, within the 4000 of a VARCHAR2.
constexpr std::string_view longest_hashed = "1900";

constexpr std::string_view iso_date = "'YYYY-MM-DD\"T\"HH24:MI:SS'";
constexpr std::string_view iso_timestamp = "'YYYY-MM-DD\"T\"HH24:MI:SS.FF'";
constexpr std::string_view iso_zoned = "'YYYY-MM-DD\"T\"HH24:MI:SS.FFTZH:TZM'";

/// `VARCHAR2(40)` is VARCHAR2, `TIMESTAMP(6) WITH TIME ZONE` is TIMESTAMP WITH TIME ZONE.
std::string without_lengths(std::string_view declared) {
    std::string stem;
    int depth = 0;
    for (const char c : declared) {
        depth += c == '(' ? 1 : 0;
        if (depth == 0) stem += ascii_upper(c);
        depth -= c == ')' ? 1 : 0;
    }
    while (!stem.empty() && stem.back() == ' ') stem.pop_back();
    return stem;
}

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_padded(std::string_view type) {
    return type == "CHAR" || type == "NCHAR";
}

bool is_clob(std::string_view type) {
    return type == "CLOB" || type == "NCLOB";
}

/// Of what an attribute's values are compared with; empty: it cannot be told.
std::string type_of(const sql::Expr& expr) {
    if (expr.kind == sql::ExprKind::column && expr.binding == sql::Binding::column &&
        expr.source != nullptr && expr.source->relation != nullptr) {
        return without_lengths(
            expr.source->relation->columns[static_cast<std::size_t>(expr.column)].declared_type);
    }
    if (expr.kind == sql::ExprKind::cast) {
        const std::string type = without_lengths(expr.name.value);
        if (type == "VARCHAR") return "VARCHAR2";
        const bool padded = type.ends_with("CHAR") || type.ends_with("CHARACTER");  // NATIONAL CHARACTER
        return padded ? "CHAR" : type;
    }
    if (expr.kind != sql::ExprKind::call || expr.args.empty()) return {};
    const std::string name = ascii_lower(expr.name.value);
    // They keep the type of their argument; RTRIM and TO_CHAR are always VARCHAR2.
    if (name == "upper" || name == "lower") return type_of(*expr.args.first);
    constexpr std::array texts = std::to_array<std::string_view>({"rtrim", "ltrim", "to_char"});
    return is_one_of(texts, name) ? "VARCHAR2" : "";
}

/// A value of an attribute's JSON text, as what it is compared with; nullopt: not as that.
std::optional<std::string> converted(const std::string& value, std::string_view type) {
    if (type == "VARCHAR2" || type == "NVARCHAR2") return value;
    if (is_padded(type)) return "CAST(" + value + " AS CHAR(2000))";
    if (type == "NUMBER" || type == "FLOAT") return "TO_NUMBER(" + value + ")";
    if (type == "BINARY_DOUBLE" || type == "BINARY_FLOAT") return "TO_BINARY_DOUBLE(" + value + ")";
    if (type == "DATE") return "TO_DATE(" + value + ", " + std::string(iso_date) + ")";
    if (type == "TIMESTAMP") return "TO_TIMESTAMP(" + value + ", " + std::string(iso_timestamp) + ")";
    if (type == "TIMESTAMP WITH TIME ZONE" || type == "TIMESTAMP WITH LOCAL TIME ZONE")
        return "TO_TIMESTAMP_TZ(" + value + ", " + std::string(iso_zoned) + ")";
    return std::nullopt;
}

std::string masked_email(const std::string& column) {
    return "CASE WHEN " + column + " IS NULL THEN NULL WHEN INSTR(" + column + ", '@') > 1 THEN SUBSTR(" +
           column + ", 1, 1) || '***' || SUBSTR(" + column + ", INSTR(" + column + ", '@')) ELSE '***' END";
}

std::string masked_in_part(const std::string& column, const policy::Mask& mask) {
    const std::string kept = std::to_string(mask.keep_start + mask.keep_end);
    std::string shown = "'***'";
    if (mask.keep_start > 0)
        shown = "SUBSTR(" + column + ", 1, " + std::to_string(mask.keep_start) + ") || " + shown;
    if (mask.keep_end > 0) shown += " || SUBSTR(" + column + ", -" + std::to_string(mask.keep_end) + ")";
    return "CASE WHEN " + column + " IS NULL THEN NULL WHEN LENGTH(" + column + ") <= " + kept +
           " THEN '***' ELSE " + shown + " END";
}

/// As PostgreSQL's (inline_words.cpp): one value has one pseudonym in every source whose characters are UTF-8. RAWTOHEX
/// of a text is that of its bytes. A text too long for that is hashed before: its pseudonym is one of Oracle's alone.
std::string pseudonym(const std::string& column) {
    const std::string key(1, parameter_mark);
    const auto keyed = [&key](const std::string& hex) {
        const std::string inner =
            "RAWTOHEX(STANDARD_HASH(HEXTORAW(" + key + " || '03' || " + hex + "), 'SHA256'))";
        // The inner key stands inside what the outer one is put before.
        const std::string outer = "STANDARD_HASH(HEXTORAW(" + key + " || " + inner + "), 'SHA256')";
        return "LOWER(SUBSTR(RAWTOHEX(" + outer + "), 1, 32))";
    };
    return "CASE WHEN " + column + " IS NULL THEN NULL WHEN LENGTHB(" + column +
           ") <= " + std::string(longest_hashed) + " THEN " + keyed("RAWTOHEX(" + column + ")") + " ELSE " +
           keyed("RAWTOHEX(STANDARD_HASH(" + column + ", 'SHA256'))") + " END";
}

class OracleInlineWords final : public InlineWords {
public:
    [[nodiscard]] std::string_view before_alias() const noexcept override { return " "; }
    [[nodiscard]] std::string_view no_rows() const noexcept override { return "1 = 0"; }
    [[nodiscard]] std::size_t longest_name() const noexcept override { return 128; }
    [[nodiscard]] bool empty_is_null() const noexcept override { return true; }
    [[nodiscard]] bool qualifies_columns() const noexcept override { return true; }
    [[nodiscard]] bool lists_are_queries() const noexcept override { return true; }
    [[nodiscard]] bool alias_comes_last() const noexcept override { return true; }

    [[nodiscard]] std::string one_value(bool /*tested*/) const override {
        return std::string(1, parameter_mark);
    }
    [[nodiscard]] std::string in_values(bool negated, std::string_view values) const override {
        return std::string(negated ? " NOT IN (" : " IN (") + std::string(values) + ")";
    }
    /// No value is NULL: NOT IN of a list that has one would never be true. (driver/oracle leaves empty ones out.)
    [[nodiscard]] std::optional<std::string> all_values(const sql::Expr& beside,
                                                        std::string_view alias) const override {
        const std::string table = quoted_name(alias);
        auto value = converted(table + ".\"V\"", type_of(beside));
        if (!value) return std::nullopt;
        return "SELECT " + *value + " FROM JSON_TABLE(" + parameter_mark +
               ", '$[*]' COLUMNS (\"V\" VARCHAR2(4000) PATH '$')) " + table;
    }

    /// Of literals and attributes as of a CHAR: both compare as if filled with blanks.
    [[nodiscard]] std::string compared_as(const sql::Expr& beside) const override {
        const bool text = beside.kind == sql::ExprKind::attribute ||
                          (beside.kind == sql::ExprKind::literal && beside.op == sql::Operator::string);
        return text ? "CHAR" : type_of(beside);
    }

    [[nodiscard]] bool holds_text(std::string_view declared) const override {
        const std::string type = without_lengths(declared);
        return type == "VARCHAR2" || type == "NVARCHAR2" || is_padded(type) || is_clob(type);
    }
    /// CAST takes no LOB.
    [[nodiscard]] std::optional<std::pair<std::string, std::string>> typed(
        std::string_view declared) const override {
        using Around = std::pair<std::string, std::string>;
        const std::string type = without_lengths(declared);
        if (type == "VARCHAR2" || is_padded(type)) return Around("CAST(", " AS VARCHAR2(4000))");
        if (type == "NVARCHAR2") return Around("CAST(", " AS NVARCHAR2(2000))");
        if (type == "RAW") return Around("CAST(", " AS RAW(2000))");
        if (is_clob(type) || type == "BLOB") return Around("TO_" + type + "(", ")");
        constexpr std::array plain = std::to_array<std::string_view>(
            {"NUMBER", "FLOAT", "BINARY_DOUBLE", "BINARY_FLOAT", "DATE", "TIMESTAMP",
             "TIMESTAMP WITH TIME ZONE", "TIMESTAMP WITH LOCAL TIME ZONE", "INTERVAL YEAR TO MONTH",
             "INTERVAL DAY TO SECOND"});
        if (!is_one_of(plain, type)) return std::nullopt;
        return Around("CAST(", " AS " + type + ")");
    }
    [[nodiscard]] std::optional<std::string> masked_text(const policy::Mask& mask, const std::string& column,
                                                         std::string_view declared) const override {
        const std::string type = without_lengths(declared);
        // The blanks that fill a CHAR are none of its text.
        const std::string text = is_padded(type) ? "RTRIM(" + column + ")" : column;
        if (mask.kind == policy::MaskKind::email) return masked_email(text);
        if (mask.kind == policy::MaskKind::partial) return masked_in_part(text, mask);
        if (is_clob(type)) return std::nullopt;  // STANDARD_HASH takes no LOB.
        return pseudonym(type == "NVARCHAR2" || type == "NCHAR" ? "TO_CHAR(" + text + ")" : text);
    }
};

}  // namespace
}  // namespace oracle_forms

std::string oracle_value_as(const std::string& value, std::string_view compared) {
    return oracle_forms::converted(value, compared).value_or(value);
}

const InlineWords& oracle_words() {
    static const oracle_forms::OracleInlineWords words;
    return words;
}

}  // namespace majed::rewrite
