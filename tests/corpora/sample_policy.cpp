// SPDX-License-Identifier: Apache-2.0
#include "corpora/sample_policy.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>

namespace majed::corpora {
namespace {

constexpr std::size_t row_forms = 7;

struct MaskForm {
    const char* written;
    const char* plain;  // %s is the column; nullptr: no mask
};

constexpr std::array<MaskForm, 7> mask_forms{{
    {"", nullptr},
    {"null", "NULL"},
    {"constant:***", "'***'"},
    {"partial(1,1)",
     "CASE WHEN %s IS NULL THEN NULL WHEN length(%s) <= 2 THEN '***' ELSE "
     "substr(%s,1,1)||'***'||substr(%s,-1) END"},
    {"email",
     "CASE WHEN %s IS NULL THEN NULL WHEN instr(%s,'@') > 1 THEN "
     "substr(%s,1,1)||'***'||substr(%s,instr(%s,'@')) ELSE '***' END"},
    {"constant:7", "7"},
    {"sql: 'm' || rtrim(upper(%s), 'S')", "'m' || rtrim(upper(%s), 'S')"},
}};

std::string filled(std::string text, const std::string& column) {
    for (std::size_t at = text.find("%s"); at != std::string::npos;
         at = text.find("%s", at + column.size())) {
        text.replace(at, 2, column);
    }
    return text;
}

/// Every other one of the column's values, as text.
std::vector<std::string> half_of(PlainDatabase& full, const std::string& table, const std::string& column) {
    const auto all = full.list("SELECT DISTINCT CAST(" + column + " AS TEXT) FROM " + table + " WHERE " +
                               column + " IS NOT NULL ORDER BY 1");
    std::vector<std::string> half;
    for (std::size_t i = 0; i < all.size(); i += 2) half.push_back(all[i]);
    if (half.empty()) half.emplace_back("x");
    return half;
}

std::string listed(const std::vector<std::string>& values) {
    std::string out;
    for (const std::string& value : values) out += (out.empty() ? "" : ",") + quoted_text(value);
    return out;
}

}  // namespace

SamplePolicy::SamplePolicy(const SampleRows& sample, PlainDatabase& full, std::size_t turn) {
    access_list_ = "CREATE TABLE majed_access(k TEXT, v);";
    for (std::size_t i = 0; i < sample.tables().size(); ++i) {
        const SampleTable& table = sample.tables()[i];
        const std::string name = quoted_name(table.name);
        const Rule rule = rule_for(table, full, (i + turn) % row_forms, i);
        rows_.push_back(
            {"", table.name, {policy::Role::normal, policy::Role::admin}, rule.rows, {}, "sample"});
        const std::string keep = "keep_" + std::to_string(i);
        keeps_ +=
            "CREATE TEMP TABLE " + keep + " AS SELECT rowid AS r FROM " + name + " WHERE " + rule.plain + ";";
        deletes_ += "DELETE FROM " + name + " WHERE rowid NOT IN (SELECT r FROM temp." + keep +
                    ");DROP TABLE temp." + keep + ";";
        const std::size_t last = table.columns.size() - 1;
        add_mask(table, last, (i + 2 * turn) % mask_forms.size());
        if (last > 1) add_mask(table, last / 2, (i + turn + 3) % mask_forms.size());
    }
    physical_ = "BEGIN;" + keeps_ + deletes_ + updates_ + "COMMIT;";
}

SamplePolicy::Rule SamplePolicy::rule_for(const SampleTable& table, PlainDatabase& full, std::size_t form,
                                          std::size_t number) {
    const std::string name = quoted_name(table.name);
    const std::string column = quoted_name(table.columns[(number + form) % table.columns.size()].name);
    const auto half = half_of(full, name, column);
    const std::string attribute = "a" + std::to_string(number);
    const std::string key = quoted_text("k" + std::to_string(number));
    switch (form) {
        case 0: {
            const std::string rule =
                column + " <> " + quoted_text(half.front()) + " OR " + column + " IS NULL";
            return {rule, rule};
        }
        case 1:
            attributes_[attribute] = {half.front()};
            return {column + " <> :user." + attribute, column + " <> " + quoted_text(half.front())};
        case 2:
            attributes_[attribute] = half;
            return {column + " IN (:user." + attribute + ")", column + " IN (" + listed(half) + ")"};
        case 3:
        case 4: {
            for (const std::string& value : half) {
                access_list_ += "INSERT INTO majed_access VALUES(" + key + "," + quoted_text(value) + ");";
            }
            const std::string from = "FROM majed_access AS x WHERE x.k = " + key;
            // Compared as text: the access list has no types.
            const std::string value = "CAST(" + name + "." + column + " AS TEXT)";
            const std::string rule = form == 3 ? "EXISTS (SELECT 1 " + from + " AND x.v = " + value + ")"
                                               : value + " IN (SELECT x.v " + from + ")";
            return {rule, rule};
        }
        case 5: {
            const std::string rule = "length(" + column + ") % 3 <> 1 AND NOT abs(" + column + ") = 5";
            return {rule, rule};
        }
        default:
            return {"*", "1"};
    }
}

void SamplePolicy::add_mask(const SampleTable& table, std::size_t column, std::size_t form) {
    const MaskForm& mask = mask_forms.at(form);
    if (mask.plain == nullptr || table.integer_key == column) return;
    const std::string name = quoted_name(table.columns[column].name);
    const auto parsed = policy::parse_mask(filled(mask.written, name));
    EXPECT_TRUE(parsed) << mask.written;
    if (!parsed) return;
    masks_.push_back({"",
                      table.name,
                      table.columns[column].name,
                      {policy::Role::normal, policy::Role::admin},
                      *parsed,
                      "sample"});
    updates_ += "UPDATE " + quoted_name(table.name) + " SET " + name + " = " + filled(mask.plain, name) + ";";
}

std::shared_ptr<const policy::PolicySet> SamplePolicy::policies() const {
    auto set = policy::PolicySet::create(rows_, masks_);
    EXPECT_TRUE(set) << set.error().message;
    return set ? std::make_shared<const policy::PolicySet>(*std::move(set)) : nullptr;
}

std::string SamplePolicy::text() const {
    std::string out;
    for (const policy::RowPolicy& rule : rows_) out += "  " + rule.table + ": " + rule.rows + "\n";
    return out + "  " + updates_ + "\n";
}

}  // namespace majed::corpora
