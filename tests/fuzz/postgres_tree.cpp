// SPDX-License-Identifier: Apache-2.0
#include "fuzz/postgres_tree.h"

#include "fuzz/governed_server.h"

#include <pg_query.h>

#include <cstdint>

namespace majed::fuzz {
namespace {

/// The rewriter numbers the columns that say whether a row passed.
std::string_view unnumbered(std::string_view name) {
    constexpr std::string_view passed = "_passed_";
    const bool ours = name.starts_with(nonce_text) && name.substr(nonce_text.size()).starts_with(passed);
    return ours ? name.substr(0, nonce_text.size() + passed.size()) : name;
}

class Teller {
public:
    explicit Teller(const Telling& telling) : telling_(telling) {}

    std::string run(Node node) {
        tell(node);
        return std::move(result_);
    }

private:
    void tell(Node node) {
        simdjson::dom::object object;
        simdjson::dom::array array;
        std::string_view text;
        if (node.get(object) == simdjson::SUCCESS) {
            result_ += '{';
            for (const auto [key, value] : object) part(key, value);
            result_ += '}';
        } else if (node.get(array) == simdjson::SUCCESS) {
            result_ += '[';
            for (const Node each : array) tell(each);
            result_ += ']';
        } else if (node.get(text) == simdjson::SUCCESS) {
            result_ += '\'';
            result_ += unnumbered(text);
            result_ += '\'';
        } else {
            result_ += simdjson::to_string(node);
        }
    }

    void part(std::string_view key, Node value) {
        if (key == "location") return;
        result_ += key;
        result_ += ':';
        if (key == "ParamRef") return parameter(value);
        const bool of_row = key == "ColumnRef" && !telling_.row.empty() && is_of_row(value);
        if (!of_row) return tell(value);
        result_ += "ROW";
        const std::vector<std::string_view> names = names_of(value);
        for (std::size_t i = 1; i < names.size(); ++i) result_ += '.' + std::string(names[i]);
    }

    [[nodiscard]] bool is_of_row(Node column) const {
        const std::vector<std::string_view> names = names_of(column);
        return names.size() > 1 && names.front() == telling_.row;
    }

    void parameter(Node value) {
        std::int64_t number = 0;
        const auto found = value.at_pointer("/number").get(number);
        const auto& known = telling_.parameters;
        const bool ours =
            found == simdjson::SUCCESS && number >= 1 && static_cast<std::size_t>(number) <= known.size();
        result_ += ours ? known[static_cast<std::size_t>(number) - 1] : "$" + std::to_string(number);
    }

    const Telling& telling_;
    std::string result_;
};

}  // namespace

PostgresTree::PostgresTree(const std::string& text) {
    const PgQueryParseResult result = pg_query_parse(text.c_str());
    if (result.error != nullptr) {
        refusal_ = result.error->message;
    } else if (json_.parse(std::string_view(result.parse_tree)).get(root_) != simdjson::SUCCESS) {
        refusal_ = "its tree cannot be read";
    }
    pg_query_free_parse_result(result);
    simdjson::dom::object statement;
    if (!refusal_.empty() || root_.at_pointer("/stmts/0/stmt").get(statement) != simdjson::SUCCESS) return;
    statement_ = node_at(root_, "/stmts/0/stmt");
    for (const auto [kind, body] : statement) {
        kind_ = kind;
        body_ = body;
    }
}

std::size_t PostgresTree::statements() const {
    return refusal_.empty() ? list_at(root_, "/stmts").size() : 0;
}

Node node_at(Node node, std::string_view pointer) {
    static simdjson::dom::parser parser;
    static const Node nothing = parser.parse(std::string_view("{}"));
    Node found;
    return node.at_pointer(pointer).get(found) == simdjson::SUCCESS ? found : nothing;
}

std::string_view text_at(Node node, std::string_view pointer) {
    std::string_view text;
    return node.at_pointer(pointer).get(text) == simdjson::SUCCESS ? text : std::string_view();
}

std::vector<Node> list_at(Node node, std::string_view pointer) {
    std::vector<Node> parts;
    simdjson::dom::array array;
    if (node.at_pointer(pointer).get(array) != simdjson::SUCCESS) return parts;
    for (const Node each : array) parts.push_back(each);
    return parts;
}

bool has(Node node, std::string_view key) {
    return node.at_key(key).error() == simdjson::SUCCESS;
}

std::vector<std::string_view> names_of(Node column) {
    std::vector<std::string_view> names;
    for (const Node field : list_at(column, "/fields"))
        names.push_back(has(field, "A_Star") ? std::string_view("*") : text_at(field, "/String/sval"));
    return names;
}

std::string told(Node node, const Telling& telling) {
    return Teller(telling).run(node);
}

bool is_told_in(const std::set<std::string>& all, std::string_view kind, Node body, const Telling& telling) {
    simdjson::dom::object parts;
    if (all.empty() || body.get(parts) != simdjson::SUCCESS) return false;
    return all.contains("{" + std::string(kind) + ":" + told(body, telling) + "}");
}

}  // namespace majed::fuzz
