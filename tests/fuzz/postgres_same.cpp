// SPDX-License-Identifier: Apache-2.0
#include "fuzz/postgres_same.h"

#include "fuzz/governed_server.h"

#include <algorithm>
#include <string>

namespace majed::fuzz {
namespace {

bool is_there(Node node, std::string_view pointer) {
    return node.at_pointer(pointer).error() == simdjson::SUCCESS;
}

/// "passed" IS NOT FALSE
bool is_passed(Node condition) {
    const std::vector<std::string_view> names = names_of(node_at(condition, "/BooleanTest/arg/ColumnRef"));
    return text_at(condition, "/BooleanTest/booltesttype") == "IS_NOT_FALSE" && names.size() == 1 &&
           names.front().starts_with(nonce_text);
}

/// What a condition is wrapped in: CASE WHEN it passed THEN (condition) END.
bool is_guard(Node expression) {
    const Node choice = node_at(expression, "/CaseExpr");
    const std::vector<Node> tests = list_at(choice, "/args");
    if (tests.size() != 1 || has(choice, "arg") || has(choice, "defresult")) return false;
    const Node test = node_at(tests.front(), "/CaseWhen/expr");
    const std::vector<Node> all = list_at(test, "/BoolExpr/args");
    const bool passed = is_passed(test) || (text_at(test, "/BoolExpr/boolop") == "AND_EXPR" &&
                                            std::all_of(all.begin(), all.end(), is_passed));
    const bool always = text_at(test, "/NullTest/nulltesttype") == "IS_NOT_NULL" &&
                        text_at(test, "/NullTest/arg/FuncCall/funcname/1/String/sval") == "now";
    return passed || always;
}

Node guarded(Node expression) {
    return node_at(list_at(expression, "/CaseExpr/args").front(), "/CaseWhen/result");
}

bool is_star(Node column) {
    const std::vector<std::string_view> names = names_of(node_at(column, "/ResTarget/val/ColumnRef"));
    return !names.empty() && names.back() == "*";
}

/// "t"."a" AS "a"
bool is_written_out(Node column) {
    const std::vector<std::string_view> names = names_of(node_at(column, "/ResTarget/val/ColumnRef"));
    return names.size() == 2 && names.back() == text_at(column, "/ResTarget/name") &&
           !names.back().starts_with(nonce_text);
}

bool is_of_table(Node column) {
    return names_of(node_at(column, "/ColumnRef")).size() == 2;
}

bool is_nothing(Node offset) {
    return is_there(offset, "/A_Const/ival") && !is_there(offset, "/A_Const/ival/ival");
}

}  // namespace

bool PostgresSame::same(Node written, Node sent) const {
    simdjson::dom::object parts;
    simdjson::dom::object other_parts;
    simdjson::dom::array list;
    simdjson::dom::array other_list;
    if (written.get(parts) == simdjson::SUCCESS && sent.get(other_parts) == simdjson::SUCCESS)
        return (is_guard(sent) && same(written, guarded(sent))) || same_parts(parts, other_parts);
    if (written.get(list) == simdjson::SUCCESS && sent.get(other_list) == simdjson::SUCCESS)
        return same_list(list, other_list);
    return simdjson::to_string(written) == simdjson::to_string(sent);
}

bool PostgresSame::same_parts(simdjson::dom::object written, simdjson::dom::object sent) const {
    Node range;
    Node subselect;
    if (written["RangeVar"].get(range) == simdjson::SUCCESS &&
        sent["RangeSubselect"].get(subselect) == simdjson::SUCCESS)
        return shows(range, subselect);
    std::size_t others = 0;
    for (const auto [key, value] : sent) others += key == "location" ? 0U : 1U;
    for (const auto [key, value] : written) {
        if (key == "location") continue;
        Node other;
        if (others-- == 0 || sent[key].get(other) != simdjson::SUCCESS) return false;
        if (key == "ColumnRef" && names_of(value).size() == 3 && names_of(other).size() == 2) {
            // A query in parentheses has no schema.
            const auto names = names_of(value);
            const auto others_names = names_of(other);
            if (!std::equal(names.begin() + 1, names.end(), others_names.begin())) return false;
        } else if (!(key == "SelectStmt" ? same_query(value, other) : same(value, other))) {
            return false;
        }
    }
    return others == 0;
}

bool PostgresSame::same_list(simdjson::dom::array written, simdjson::dom::array sent) const {
    if (written.size() != sent.size()) return false;
    auto other = sent.begin();
    for (const Node each : written) {
        if (!same(each, *other)) return false;
        ++other;
    }
    return true;
}

bool PostgresSame::same_query(Node written, Node sent) const {
    const bool limited = has(sent, "limitOffset") && !has(written, "limitOffset") &&
                         is_nothing(node_at(sent, "/limitOffset")) && !has(written, "limitCount");
    simdjson::dom::object parts;
    simdjson::dom::object other_parts;
    if (written.get(parts) != simdjson::SUCCESS || sent.get(other_parts) != simdjson::SUCCESS) return false;
    for (const auto [key, value] : other_parts) {
        if (!has(written, key) && !(limited && key == "limitOffset")) return false;
    }
    for (const auto [key, value] : parts) {
        Node other;
        if (sent.at_key(key).get(other) != simdjson::SUCCESS) return false;
        if (key == "limitOption" && limited) continue;
        const std::string place = "/" + std::string(key);
        bool alike = false;
        if (key == "targetList") {
            alike = same_columns(list_at(written, place), list_at(sent, place), 0, 0);
        } else if (key == "groupClause") {
            alike = same_groups(list_at(written, place), list_at(sent, place));
        } else if (key == "larg" || key == "rarg") {
            alike = same_query(value, other);
        } else {
            alike = same(value, other);
        }
        if (!alike) return false;
    }
    return true;
}

/// A star may be written out.
bool PostgresSame::same_columns(const std::vector<Node>& written, const std::vector<Node>& sent,
                                std::size_t from, std::size_t at) const {
    if (from == written.size()) return at == sent.size();
    if (at == sent.size()) return false;
    if (same(written[from], sent[at]) && same_columns(written, sent, from + 1, at + 1)) return true;
    if (!is_star(written[from])) return false;
    for (std::size_t end = at; end < sent.size() && is_written_out(sent[end]); ++end) {
        if (same_columns(written, sent, from + 1, end + 1)) return true;
    }
    return false;
}

/// Who groups by a table's key may use its other columns; of a query the server does not know the key.
bool PostgresSame::same_groups(const std::vector<Node>& written, const std::vector<Node>& sent) const {
    if (sent.size() < written.size()) return false;
    for (std::size_t i = 0; i < sent.size(); ++i) {
        if (i < written.size() ? !same(written[i], sent[i]) : !is_of_table(sent[i])) return false;
    }
    return true;
}

bool PostgresSame::shows(Node range, Node subselect) const {
    const RuledTable* const table = rules_.find(text_at(range, "/schemaname"), text_at(range, "/relname"));
    const Node query = node_at(subselect, "/subquery/SelectStmt");
    if (table == nullptr || rules_.shown_by(told(query, telling_), principal_) != table) return false;
    const std::string_view alias = text_at(range, "/alias/aliasname");
    const bool named =
        text_at(subselect, "/alias/aliasname") == (alias.empty() ? text_at(range, "/relname") : alias);
    const bool renamed = is_there(range, "/alias/colnames") || is_there(subselect, "/alias/colnames");
    return named &&
           (!renamed || same(node_at(range, "/alias/colnames"), node_at(subselect, "/alias/colnames")));
}

}  // namespace majed::fuzz
