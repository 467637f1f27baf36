// SPDX-License-Identifier: Apache-2.0
#include "fuzz/postgres_write_check.h"

#include "fuzz/governed_server.h"
#include "rewrite/inline_policy.h"

#include <algorithm>

namespace majed::fuzz {
namespace {

using policy::Action;
using Actions = std::vector<Action>;

bool holds_all(const std::set<std::string>& have, const std::set<std::string>& need) {
    return std::includes(have.begin(), have.end(), need.begin(), need.end());
}

std::string_view name_of_row(const PostgresTree& tree) {
    const std::string_view alias = text_at(tree.body(), "/relation/alias/aliasname");
    return alias.empty() ? text_at(tree.body(), "/relation/relname") : alias;
}

bool is_there(Node node, std::string_view pointer) {
    return node.at_pointer(pointer).error() == simdjson::SUCCESS;
}

std::string told_by(const driver::AttributeParameter& parameter) {
    if (parameter.name == rewrite::inner_hash_key) return "@inner";
    if (parameter.name == rewrite::outer_hash_key) return "@outer";
    return "@" + parameter.name + (parameter.list == (parameter.name == "regions") ? "" : " of another form");
}

}  // namespace

std::vector<std::string> parameters_of(std::size_t callers,
                                       const std::vector<driver::AttributeParameter>& ours) {
    std::vector<std::string> all;
    for (std::size_t i = 1; i <= callers; ++i) all.push_back("$" + std::to_string(i));
    for (const driver::AttributeParameter& each : ours) all.push_back(told_by(each));
    return all;
}

PostgresWriteCheck::PostgresWriteCheck(const PostgresRules& rules, const PostgresTree& written,
                                       const PostgresTree& sent, const rewrite::Rewritten& made,
                                       Principal principal)
    : rules_(rules),
      written_(written),
      sent_(sent),
      made_(made),
      principal_(principal),
      table_(rules.find(text_at(sent.body(), "/relation/schemaname"),
                        text_at(sent.body(), "/relation/relname"))),
      telling_{parameters_of(made.caller_parameters, made.attributes), std::string(name_of_row(sent))},
      other_tables_(is_there(sent.body(), "/fromClause") || is_there(sent.body(), "/usingClause") ||
                    is_there(sent.body(), "/sourceRelation")) {
    if (table_ != nullptr) note_put_in();
}

std::string PostgresWriteCheck::run() {
    if (table_ == nullptr) return "it writes to a table that does not exist";
    const Node meant = node_at(written_.body(), "/relation");
    const bool same = rules_.find(text_at(meant, "/schemaname"), text_at(meant, "/relname")) == table_ &&
                      name_of_row(written_) == telling_.row;
    if (!same || !made_.write) return "it writes to another table";
    std::string broken;
    if (sent_.kind() == "UpdateStmt") {
        broken = changed(Action::update);
    } else if (sent_.kind() == "DeleteStmt") {
        broken = changed(Action::delete_);
    } else if (sent_.kind() == "InsertStmt") {
        broken = inserted();
    } else {
        broken = sent_.kind() == "MergeStmt" ? merged() : "it is no write";
    }
    if (broken.empty()) broken = columns_written();
    if (broken.empty() && table_->in_part()) broken = columns_shown();
    return broken;
}

std::string PostgresWriteCheck::rule(Action action, std::string_view row) const {
    return rules_.told_rule(*table_, action, row, principal_);
}

PostgresWriteCheck::Conditions PostgresWriteCheck::demanded(const Actions& actions, bool reading) const {
    Conditions all;
    for (const Action action : actions) all.insert(rule(action, PostgresRules::row_name));
    if (reading) all.insert(rule(Action::select, PostgresRules::row_name));
    all.erase("");
    return all;
}

/// Those that must all be true.
PostgresWriteCheck::Conditions PostgresWriteCheck::all_of(Node condition) const {
    if (text_at(condition, "/BoolExpr/boolop") != "AND_EXPR") return {told(condition, telling_)};
    Conditions all;
    for (const Node each : list_at(condition, "/BoolExpr/args")) all.merge(all_of(each));
    return all;
}

std::string PostgresWriteCheck::changed(Action action) {
    if (!table_->granted.has(action)) return "no rule lets it change rows of " + table_->name;
    const Conditions need = demanded({action}, reads());
    const bool held = need.empty() || (is_there(sent_.body(), "/whereClause") &&
                                       holds_all(all_of(node_at(sent_.body(), "/whereClause")), need));
    if (!held) return "it changes rows of " + table_->name + " that its rule may hide";
    return action == Action::update ? left({action}) : "";
}

/// The last that RETURNING answers with says whether the row may be as it was left.
std::string PostgresWriteCheck::left(const Actions& actions) {
    const Conditions need = demanded(actions, reads());
    if (need.empty()) return "";
    const std::vector<Node> answers = list_at(sent_.body(), "/returningList");
    if (answers.empty() || !made_.write->reports_check) return "nobody looks at rows as they were left";
    const bool held = holds_all(all_of(node_at(answers.back(), "/ResTarget/val")), need);
    return held ? "" : "rows are left that a rule may forbid";
}

std::string PostgresWriteCheck::inserted() {
    if (!table_->granted.has(Action::insert)) return "no rule lets it put rows into " + table_->name;
    const Node conflict = node_at(sent_.body(), "/onConflictClause");
    if (text_at(sent_.body(), "/onConflictClause/action") != "ONCONFLICT_UPDATE")
        return left({Action::insert});
    if (!table_->granted.has(Action::update)) return "no rule lets it change rows of " + table_->name;
    Conditions need = demanded({Action::update}, reads());
    need.insert(rule(Action::insert, "excluded"));
    need.erase("");
    if (!need.empty()) {
        const Node choice = is_there(conflict, "/whereClause/CaseExpr")
                                ? node_at(conflict, "/whereClause/CaseExpr")
                                : conflict;
        const std::vector<Node> tests = list_at(choice, "/args");
        const bool held = tests.size() == 1 && !has(choice, "arg") && fails_else(choice) &&
                          holds_all(all_of(node_at(tests.front(), "/CaseWhen/expr")), need);
        if (!held) return "it changes a row it met that its rule may hide";
    }
    return left({Action::insert, Action::update});
}

bool PostgresWriteCheck::fails_else(Node choice) const {
    return is_there(choice, "/defresult") &&
           told(node_at(choice, "/defresult"), telling_) == rules_.told_failure(*table_);
}

std::string PostgresWriteCheck::merged() {
    const Conditions reading = demanded({}, reads());
    if (!holds_all(all_of(node_at(sent_.body(), "/joinCondition")), reading))
        return "it matches rows of " + table_->name + " that its rule may hide";
    Actions leaving;
    for (const Node each : list_at(sent_.body(), "/mergeWhenClauses")) {
        const Node clause = node_at(each, "/MergeWhenClause");
        const std::string_view command = text_at(clause, "/commandType");
        if (std::string broken = branch(clause); !broken.empty()) return broken;
        if (command == "CMD_INSERT") leaving.push_back(Action::insert);
        if (command == "CMD_UPDATE") leaving.push_back(Action::update);
    }
    const Conditions need = demanded(leaving, reads());
    if (need.empty() || leaving.empty()) return "";
    const driver::WriteGrant& grant = *made_.write;
    const PostgresTree tree(grant.check);
    if (!tree.refusal().empty()) return "nobody looks at rows as they were left";
    const Telling ours{parameters_of(0, grant.check_attributes), std::string(nonce_text)};
    const std::vector<Node> both = list_at(tree.body(), "/whereClause/BoolExpr/args");
    const std::string written =
        PostgresRules::told_expression(std::string(PostgresRules::row_name) +
                                       ".xmin = CAST(pg_catalog.pg_current_xact_id() AS pg_catalog.xid)");
    const bool of_these = both.size() == 2 && told(both[0], ours) == written &&
                          text_at(both[1], "/BooleanTest/booltesttype") == "IS_NOT_TRUE";
    const bool of_target = rules_.find(text_at(tree.body(), "/fromClause/0/RangeVar/schemaname"),
                                       text_at(tree.body(), "/fromClause/0/RangeVar/relname")) == table_;
    if (!of_these || !of_target) return "others are looked at than the rows that were written";
    PostgresWriteCheck looking(*this);
    looking.telling_ = ours;
    const bool held = holds_all(looking.all_of(node_at(both[1], "/BooleanTest/arg")), need);
    return held ? "" : "rows are left that a rule may forbid";
}

/// CASE WHEN rules THEN true ELSE fails END, alone or chosen by the branch's own condition.
std::string PostgresWriteCheck::branch(Node clause) {
    const std::string_view command = text_at(clause, "/commandType");
    if (command == "CMD_INSERT")
        return table_->granted.has(Action::insert) ? "" : "no rule lets it put rows into " + table_->name;
    if (command != "CMD_UPDATE" && command != "CMD_DELETE") return "";
    const Action action = command == "CMD_UPDATE" ? Action::update : Action::delete_;
    if (!table_->granted.has(action)) return "no rule lets it change rows of " + table_->name;
    Conditions need = demanded({action}, false);
    for (const std::string& each : all_of(node_at(sent_.body(), "/joinCondition"))) need.erase(each);
    if (need.empty()) return "";
    Node choice = node_at(clause, "/condition/CaseExpr");
    if (!is_there(clause, "/condition/CaseExpr"))
        return "it changes a row that matched and its rule may hide";
    if (!fails_else(choice) && list_at(choice, "/args").size() == 1 && !has(choice, "arg") &&
        told(node_at(choice, "/defresult"), telling_) == PostgresRules::told_expression("false"))
        choice = node_at(list_at(choice, "/args").front(), "/CaseWhen/result/CaseExpr");
    const std::vector<Node> tests = list_at(choice, "/args");
    const bool held = tests.size() == 1 && !has(choice, "arg") && fails_else(choice) &&
                      holds_all(all_of(node_at(tests.front(), "/CaseWhen/expr")), need);
    return held ? "" : "it changes a row that matched and its rule may hide";
}

/// Does what the user wrote look at columns of the target? Only what is certain: never where another table may be meant.
bool PostgresWriteCheck::reads() const {
    const Node body = written_.body();
    if (is_there(body, "/returningList")) return true;
    for (const char* const place : {"/whereClause", "/targetList", "/joinCondition", "/mergeWhenClauses",
                                    "/onConflictClause/targetList", "/onConflictClause/whereClause"}) {
        if (is_there(body, place) && names_target(node_at(body, place), other_tables_)) return true;
    }
    return false;
}

bool PostgresWriteCheck::names_target(Node node, bool other_tables) const {
    simdjson::dom::object parts;
    simdjson::dom::array list;
    if (node.get(list) == simdjson::SUCCESS) {
        return std::any_of(list.begin(), list.end(),
                           [&](Node each) { return names_target(each, other_tables); });
    }
    if (node.get(parts) != simdjson::SUCCESS) return false;
    for (const auto [key, value] : parts) {
        if (key == "SelectStmt") continue;
        if (key != "ColumnRef") {
            if (names_target(value, other_tables)) return true;
            continue;
        }
        const std::vector<std::string_view> names = names_of(value);
        const auto& columns = table_->columns;
        const bool of_it = std::find(columns.begin(), columns.end(), names.back()) != columns.end();
        if (names.size() == 1 ? of_it && !other_tables : names[names.size() - 2] == telling_.row) return true;
    }
    return false;
}

std::string PostgresWriteCheck::columns_written() {
    const Node body = sent_.body();
    std::vector<Node> targets = list_at(body, "/targetList");
    const auto add = [&targets](const std::vector<Node>& more) {
        targets.insert(targets.end(), more.begin(), more.end());
    };
    add(list_at(body, "/cols"));
    add(list_at(body, "/onConflictClause/targetList"));
    bool all_at_once =
        sent_.kind() == "InsertStmt" && is_there(body, "/selectStmt") && !is_there(body, "/cols");
    for (const Node each : list_at(body, "/mergeWhenClauses")) {
        add(list_at(each, "/MergeWhenClause/targetList"));
        all_at_once |=
            is_there(each, "/MergeWhenClause/values") && !is_there(each, "/MergeWhenClause/targetList");
    }
    for (const Node each : targets) {
        const std::string name(text_at(each, "/ResTarget/name"));
        if (!table_->written.contains(name)) return "it writes the column " + name;
    }
    return all_at_once && !table_->hidden.empty() ? "it writes columns that it does not name" : "";
}

std::string PostgresWriteCheck::columns_shown() {
    for (const char* const place : {"/whereClause", "/targetList", "/joinCondition", "/mergeWhenClauses",
                                    "/onConflictClause", "/returningList", "/fromClause", "/usingClause"}) {
        if (!is_there(sent_.body(), place)) continue;
        if (std::string broken = shown_whole(node_at(sent_.body(), place)); !broken.empty()) return broken;
    }
    return "";
}

std::string PostgresWriteCheck::shown_whole(Node node) const {
    simdjson::dom::object parts;
    simdjson::dom::array list;
    if (node.get(list) == simdjson::SUCCESS) {
        for (const Node each : list) {
            if (std::string broken = shown_whole(each); !broken.empty()) return broken;
        }
    }
    if (node.get(parts) != simdjson::SUCCESS) return "";
    for (const auto [key, value] : parts) {
        if (key == "SelectStmt" || is_told_in(put_in_, key, value, telling_)) continue;
        std::string broken = key == "ColumnRef" ? column_shown(value) : shown_whole(value);
        if (key == "IndexElem" && table_->hidden.contains(std::string(text_at(value, "/name"))))
            broken = "it looks for a conflict by a column that is hidden";
        if (!broken.empty()) return broken;
    }
    return "";
}

std::string PostgresWriteCheck::column_shown(Node column) const {
    const std::vector<std::string_view> names = names_of(column);
    const std::string name(names.back());
    const auto& columns = table_->columns;
    const bool of_row = names.size() > 1 &&
                        (names[names.size() - 2] == telling_.row || names[names.size() - 2] == "excluded");
    const bool may_be = names.size() == 1 && !other_tables_;
    if (!of_row && names.size() > 1) return "";
    if (name == "*" && (of_row || may_be)) return "a star shows what is hidden";
    if (table_->hidden.contains(name)) return "it names a column that is hidden";
    if (table_->masks.contains(name) && (of_row || may_be)) return "it names a column that is masked";
    const bool row =
        may_be && name == telling_.row && std::find(columns.begin(), columns.end(), name) == columns.end();
    return row ? "a row as a whole shows what is hidden" : "";
}

void PostgresWriteCheck::note_put_in() {
    for (const Action action : policy::all_actions) {
        put_in_.insert(rule(action, PostgresRules::row_name));
        put_in_.insert(rule(action, "excluded"));
    }
    for (const auto& [column, mask] : table_->masks) put_in_.insert(rules_.told_mask(*table_, column));
    put_in_.insert(rules_.told_failure(*table_));
}

}  // namespace majed::fuzz
