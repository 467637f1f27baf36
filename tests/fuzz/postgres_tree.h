/// What PostgreSQL's own parser makes of a text, and its nodes as texts that can be compared.
///
/// Why      A tree made by others is what our rewriting can be held against.
/// Life     Owns the document that its nodes lie in.
/// Threads  One thread at a time.
/// Not here What a node should be (postgres_rules.h). Source of the trees: libpg_query.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace majed::fuzz {

using Node = simdjson::dom::element;

class PostgresTree {
public:
    explicit PostgresTree(const std::string& text);
    PostgresTree(const PostgresTree&) = delete;
    PostgresTree& operator=(const PostgresTree&) = delete;

    /// Why the server's parser takes no such text; empty: it does.
    [[nodiscard]] const std::string& refusal() const noexcept { return refusal_; }
    [[nodiscard]] std::size_t statements() const;
    [[nodiscard]] Node statement() const { return statement_; }
    /// Of the only statement: its kind, `SelectStmt`, and its body.
    [[nodiscard]] std::string_view kind() const noexcept { return kind_; }
    [[nodiscard]] Node body() const noexcept { return body_; }

private:
    simdjson::dom::parser json_;
    Node root_;
    Node statement_;
    std::string refusal_;
    std::string_view kind_;
    Node body_;
};

/// The part of `node` at a JSON pointer; one without parts when there is none.
[[nodiscard]] Node node_at(Node node, std::string_view pointer);
/// The same as a text; empty when there is none.
[[nodiscard]] std::string_view text_at(Node node, std::string_view pointer);
/// The parts of the list at a JSON pointer.
[[nodiscard]] std::vector<Node> list_at(Node node, std::string_view pointer);
[[nodiscard]] bool has(Node node, std::string_view key);
/// Names of a ColumnRef; a star is `*`.
[[nodiscard]] std::vector<std::string_view> names_of(Node column);

/// How a tree is told: without places in the text.
struct Telling {
    std::vector<std::string> parameters = {};  ///< What `$1` and those behind it are.
    std::string row = {};                      ///< Columns qualified with this name are told as of ROW.
};

/// One text for all trees that mean the same.
[[nodiscard]] std::string told(Node node, const Telling& telling);
/// Is the node of this kind with this body among `all`, which were told?
[[nodiscard]] bool is_told_in(const std::set<std::string>& all, std::string_view kind, Node body,
                              const Telling& telling);

}  // namespace majed::fuzz
