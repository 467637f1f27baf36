// SPDX-License-Identifier: Apache-2.0
#include "fuzz/postgres_reads.h"

#include "fuzz/governed_server.h"

#include <algorithm>

namespace majed::fuzz {

void PostgresReads::read(Node node) {
    simdjson::dom::object parts;
    simdjson::dom::array list;
    if (node.get(parts) == simdjson::SUCCESS) {
        object(parts);
    } else if (node.get(list) == simdjson::SUCCESS) {
        for (const Node each : list) read(each);
    }
}

void PostgresReads::object(simdjson::dom::object parts) {
    Node clause;
    if (parts["withClause"].get(clause) == simdjson::SUCCESS) return with(clause, parts);
    for (const auto [key, value] : parts) part(key, value);
}

/// A WITH table is seen by those after it, with RECURSIVE by all, and by what the clause belongs to.
void PostgresReads::with(Node clause, simdjson::dom::object parts) {
    const std::size_t outer = local_.size();
    const std::vector<Node> ctes = list_at(clause, "/ctes");
    if (has(clause, "recursive")) {
        for (const Node each : ctes) local_.push_back(text_at(each, "/CommonTableExpr/ctename"));
    }
    for (const Node each : ctes) {
        read(node_at(each, "/CommonTableExpr"));
        local_.push_back(text_at(each, "/CommonTableExpr/ctename"));
    }
    for (const auto [key, value] : parts) {
        if (key != "withClause") part(key, value);
    }
    local_.resize(outer);
}

void PostgresReads::part(std::string_view key, Node value) {
    if (key == "RangeVar") return table(value);
    if (key == "lockingClause") broken = "it locks rows";
    if (key == "intoClause") broken = "it makes a table";
    const bool target = key == "relation" && has(value, "relname");
    if (target || is_told_in(put_in, key, value, telling_)) return;
    if (key == "RangeSubselect" && is_view(value)) return;
    read(value);
}

/// The query in parentheses that shows a table as a rule has it.
bool PostgresReads::is_view(Node subselect) {
    Node query;
    if (subselect.at_pointer("/subquery/SelectStmt").get(query) != simdjson::SUCCESS) return false;
    if (text_at(query, "/fromClause/0/RangeVar/alias/aliasname") != nonce_text) return false;
    if (has(subselect, "lateral")) return false;
    const RuledTable* const shown = rules_.shown_by(told(query, telling_), principal_);
    if (shown == nullptr) return false;
    ++through[shown];
    return true;
}

void PostgresReads::table(Node range) {
    const std::string_view schema = text_at(range, "/schemaname");
    const std::string_view name = text_at(range, "/relname");
    if (has(range, "catalogname")) broken = "a table of a database: " + std::string(name);
    const bool local = schema.empty() && std::find(local_.begin(), local_.end(), name) != local_.end();
    if (local) return;
    const RuledTable* const found = rules_.find(schema, name);
    if (found == nullptr) {
        broken = "a table that does not exist: " + std::string(schema) + "." + std::string(name);
        return;
    }
    ++direct[found];
}

}  // namespace majed::fuzz
