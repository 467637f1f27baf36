// SPDX-License-Identifier: Apache-2.0
#include "fuzz/postgres_rules.h"

#include "driver/guard.h"
#include "fuzz/governed_server.h"
#include "fuzz/postgres_tree.h"

#include <algorithm>
#include <cstdlib>

namespace majed::fuzz {
namespace {

using policy::Action;

constexpr std::string_view row_name = PostgresRules::row_name;
const Telling as_templates{{"@region", "@regions", "@outer", "@inner"}, std::string(row_name)};

constexpr policy::ActionSet everything{Action::select, Action::insert, Action::update, Action::delete_};

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

std::string for_all(std::string_view sql, std::string_view row) {
    return replaced(std::string(sql), "%", row);
}

const policy::ActionSet nothing(std::initializer_list<Action>{});

std::array<std::string, 4> same_for_all(const std::string& rule) {
    return {rule, rule, rule, rule};
}

constexpr const char* mask_of_t =
    "CAST(CASE WHEN %a IS NULL THEN NULL WHEN char_length(%a) <= 2 THEN '***' "
    "ELSE left(%a, 1) || '***' || right(%a, 1) END AS text)";
constexpr const char* mask_of_m =
    "CAST(left(encode(sha256(decode($3, 'hex') || sha256(decode($4, 'hex') || decode('03', 'hex') || "
    "convert_to(%e, 'UTF8'))), 'hex'), 32) AS text)";

std::vector<RuledTable> tables() {
    const std::string within =
        "%t_id IN (SELECT id FROM shop.t AS " + std::string(nonce_text) + "_t WHERE region = ANY ($2))";
    std::vector<RuledTable> all{
        {"shop",
         "t",
         {"id", "a", "b", "region"},
         std::string("id, ") + mask_of_t + " AS a, b, region",
         same_for_all("%region = $1"),
         everything,
         {},
         {{"a", mask_of_t}},
         {"id", "b", "region"}},
        {"shop",
         "u",
         {"id", "a", "t_id", "wage"},
         "id, a, t_id",
         {within, "", "%a <> 'x'", "%a = $1"},
         {Action::select, Action::update, Action::delete_},
         {"wage"},
         {},
         {"a"}},
        {"shop",
         "w",
         {"id", "b", "d"},
         "id, b, d",
         same_for_all("10 / %b > 1"),
         everything,
         {},
         {},
         {"id", "b", "d"}},
        {"shop", "v", {"id", "a"}, "id, a", {"%a = 'v'", "", "", ""}, {Action::select}},
        {"shop",
         "m",
         {"id", "e"},
         std::string("id, ") + mask_of_m + " AS e",
         {},
         everything,
         {},
         {{"e", mask_of_m}},
         {"id"}},
        {"shop", "free", {"k", "n"}, "", {}, everything, {}, {}, {"k", "n"}},
        {"shop", "box", {"id", "x"}, "", {"", "%x = 'in'", "", ""}, {Action::insert}, {}, {}, {"id", "x"}},
        {"shop", "secret", {"word"}, "", {}, nothing},
        {"shop", "unruled", {"word"}, "", {}, nothing},
        {"s", "t", {"id", "z"}, "id, z", same_for_all("%z = $1"), everything, {}, {}, {"id", "z"}},
        {"s", "open", {"id", "a"}, "", {}, everything, {}, {}, {"id", "a"}}};
    return all;
}

/// Who lacks an attribute that a rule asks for passes nowhere.
std::string rule_for(const std::string& rule, Principal principal) {
    const bool asks = rule.find('$') != std::string::npos;
    return asks && principal == Principal::unknown ? "false" : rule;
}

}  // namespace

PostgresRules::PostgresRules() : tables_(tables()) {
    for (RuledTable& table : tables_) {
        for (const Principal principal : {Principal::unknown, Principal::known}) add_views(table, principal);
    }
}

/// With or without the column that says what passed, and what keeps a server from moving conditions.
void PostgresRules::add_views(const RuledTable& table, Principal principal) {
    if (table.shown.empty()) return;
    const std::string rule = for_all(rule_for(table.rule(Action::select), principal), "");
    const std::string from = " FROM " + table.schema + "." + table.name + " AS " + std::string(nonce_text);
    const std::string passed =
        rule.empty() ? "" : ", ((" + rule + ") IS TRUE) AS " + std::string(nonce_text) + "_passed_";
    std::vector<std::string> wheres{rule.empty() ? "" : " WHERE (" + rule + ")"};
    if (!rule.empty()) wheres.push_back(wheres.front() + " IS TRUE");
    for (const std::string& columns : {std::string(), passed}) {
        for (const std::string& where : wheres) {
            for (const char* const barrier : {"", " OFFSET 0"}) {
                const PostgresTree tree("SELECT " + for_all(table.shown, "") + columns + from + where +
                                        barrier);
                if (!tree.refusal().empty()) std::abort();
                views_.at(static_cast<std::size_t>(principal))[told(tree.body(), as_templates)] = &table;
            }
        }
    }
}

const RuledTable* PostgresRules::find(std::string_view schema, std::string_view name) const {
    const std::string_view wanted = schema.empty() ? "shop" : schema;
    const auto found = std::find_if(tables_.begin(), tables_.end(), [&](const RuledTable& each) {
        return each.schema == wanted && each.name == name;
    });
    return found == tables_.end() ? nullptr : &*found;
}

const RuledTable* PostgresRules::shown_by(const std::string& query, Principal principal) const {
    const auto& views = views_.at(static_cast<std::size_t>(principal));
    const auto found = views.find(query);
    return found == views.end() ? nullptr : found->second;
}

std::string PostgresRules::told_rule(const RuledTable& table, Action action, std::string_view row,
                                     Principal principal) const {
    const std::string rule = rule_for(table.rule(action), principal);
    return rule.empty() ? "" : told_expression(for_all(rule, std::string(row) + "."));
}

std::string PostgresRules::told_failure(const RuledTable& table) const {
    return told_expression("CAST(pg_catalog.concat('" + std::string(nonce_text) +
                           std::string(driver::met_a_hidden_row) + "', pg_catalog.left(CAST(" +
                           std::string(row_name) + "." + table.columns.front() +
                           " AS text), 0)) AS boolean)");
}

std::string PostgresRules::told_expression(const std::string& expression) {
    static std::map<std::string, std::string> known;
    const auto found = known.find(expression);
    if (found != known.end()) return found->second;
    const PostgresTree tree("SELECT " + expression);
    if (!tree.refusal().empty()) std::abort();
    return known[expression] = told(node_at(tree.body(), "/targetList/0/ResTarget/val"), as_templates);
}

std::string PostgresRules::told_mask(const RuledTable& table, const std::string& column) const {
    return told_expression(for_all(table.masks.at(column), std::string(row_name) + "."));
}

}  // namespace majed::fuzz
