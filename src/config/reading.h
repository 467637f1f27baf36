/// All that one Document knows: the merged tree, what stands above it, what was asked and what was wrong.
///
/// Why      Table and Document are two faces of it.
/// Life     Owned by its Document at a fixed address; nodes do not move once it is loaded.
/// Threads  One at a time.
/// Not here Types of keys (table.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/document.h"
#include "config/toml_tree.h"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace majed::config {

/// Which of the things that stand above each other gave a value; the smaller wins.
enum class Level { flag, environment, file };

/// A value that was given for a key, wherever.
struct Given {
    const Node* node = nullptr;
    Level level = Level::file;
    std::string origin;
};

struct Reading {
    Overrides overrides;
    std::vector<std::string> files;
    Node root;
    std::deque<Node> override_nodes;  ///< Values of flags and variables; addresses stay.
    std::set<const Node*> asked;
    std::map<std::string, std::vector<std::string>> known_keys;  ///< By path of the table.
    std::vector<Setting> settings;
    std::vector<Mistake> mistakes;

    /// Errors: as Document::parse.
    [[nodiscard]] Result<void> load(std::string_view text, const std::string& name);
    /// The value that wins, and a note that the key was asked for.
    [[nodiscard]] std::optional<Given> find(const Node* table, std::string_view override_path,
                                            std::string_view key);
    [[nodiscard]] bool has(const Node* table, std::string_view override_path, std::string_view key) const;
    [[nodiscard]] std::string place(const Node& node) const;
    [[nodiscard]] Result<void> finish();

private:
    [[nodiscard]] Result<void> include_all();
    [[nodiscard]] Result<void> include(const std::string& file);
    void merge(Node& into, Node&& from, const std::string& path);
    void report_unknown(const Node& table, const std::string& path);
};

/// `base.key`, or `key` alone below the root.
[[nodiscard]] std::string join_path(std::string_view base, std::string_view key);
/// How a table of an array is called in paths: by its `name`, else by its number from 1.
[[nodiscard]] std::string item_name(const Node& item, std::size_t index);
/// Errors: not_found, unavailable.
[[nodiscard]] Result<std::string> read_whole_file(const std::string& file);
/// The folder part of a file's name; `.` when there is none.
[[nodiscard]] std::string folder_of(const std::string& file);

}  // namespace majed::config
