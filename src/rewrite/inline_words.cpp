// SPDX-License-Identifier: Apache-2.0
#include "rewrite/inline_words.h"

namespace majed::rewrite {
namespace {

/// The type without its length, which a mask need not keep to.
std::string type_without_length(std::string_view declared) {
    const std::size_t open = declared.find('(');
    if (open == std::string_view::npos) return std::string(declared);
    const std::size_t close = declared.find(')', open);
    std::string type(declared.substr(0, open));
    if (close != std::string_view::npos) type += declared.substr(close + 1);
    return type;
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
std::string pseudonym(const std::string& column) {
    const std::string key = std::string("decode(") + parameter_mark + ", 'hex')";
    return "left(encode(sha256(" + key + " || sha256(" + key + " || decode('03', 'hex') || convert_to(" +
           column + ", 'UTF8'))), 'hex'), 32)";
}

class PostgresInlineWords final : public InlineWords {
public:
    [[nodiscard]] std::string_view before_alias() const noexcept override { return " AS "; }
    [[nodiscard]] std::string_view no_rows() const noexcept override { return "false"; }
    [[nodiscard]] std::size_t longest_name() const noexcept override { return 63; }
    [[nodiscard]] bool empty_is_null() const noexcept override { return false; }
    [[nodiscard]] bool qualifies_columns() const noexcept override { return false; }
    [[nodiscard]] bool lists_are_queries() const noexcept override { return false; }
    [[nodiscard]] bool alias_comes_last() const noexcept override { return false; }

    /// IS NULL says nothing of the type of a parameter.
    [[nodiscard]] std::string one_value(bool tested) const override {
        const std::string mark(1, parameter_mark);
        return tested ? "CAST(" + mark + " AS text)" : mark;
    }
    [[nodiscard]] std::string in_values(bool negated, std::string_view values) const override {
        return std::string(negated ? " <> ALL (" : " = ANY (") + std::string(values) + ")";
    }
    [[nodiscard]] std::optional<std::string> all_values(const sql::Expr& /*beside*/,
                                                        std::string_view /*alias*/) const override {
        return std::string(1, parameter_mark);
    }

    [[nodiscard]] bool holds_text(std::string_view declared) const override {
        const std::string type = type_without_length(declared);
        return type == "text" || type == "character varying" || type == "character";
    }
    [[nodiscard]] std::optional<std::pair<std::string, std::string>> typed(
        std::string_view declared) const override {
        std::string type = type_without_length(declared);
        // Which alone is one character.
        if (type == "character") type = "pg_catalog.bpchar";
        return std::pair<std::string, std::string>("CAST(", " AS " + type + ")");
    }
    [[nodiscard]] std::optional<std::string> masked_text(const policy::Mask& mask, const std::string& column,
                                                         std::string_view /*declared*/) const override {
        if (mask.kind == policy::MaskKind::email) return masked_email(column);
        return mask.kind == policy::MaskKind::partial ? masked_in_part(column, mask) : pseudonym(column);
    }
};

}  // namespace

const InlineWords& postgres_words() {
    static const PostgresInlineWords words;
    return words;
}

const InlineWords& inline_words_of(sql::DialectId id) {
    return id == sql::DialectId::oracle ? oracle_words() : postgres_words();
}

}  // namespace majed::rewrite
