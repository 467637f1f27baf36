// SPDX-License-Identifier: Apache-2.0
#include "config/reading.h"

#include <glob.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <tuple>
#include <utility>

namespace majed::config {
namespace {

constexpr std::string_view include_key = "include";

Error refused(std::string message) {
    return Error{.code = ErrorCode::invalid_argument, .message = std::move(message)};
}

/// Files that match, in the order of their names.
std::vector<std::string> matching(const std::string& pattern) {
    glob_t found{};
    const std::unique_ptr<glob_t, decltype(&::globfree)> owned(&found, &::globfree);
    if (::glob(pattern.c_str(), GLOB_ERR, nullptr, &found) != 0) return {};
    return {found.gl_pathv, found.gl_pathv + found.gl_pathc};
}

/// `sources.sales.pool.max` -> `MAJED_SOURCES_SALES_POOL_MAX`.
std::string variable_name(std::string_view path) {
    std::string name = "MAJED_";
    for (const char c : path) {
        if (c >= 'a' && c <= 'z') {
            name += static_cast<char>(c - 'a' + 'A');
        } else {
            name += (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
        }
    }
    return name;
}

std::string list_of(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

bool is_array_of_tables(const Node& node) {
    return node.kind == Node::Kind::array && !node.items.empty() &&
           node.items.front().kind == Node::Kind::table;
}

}  // namespace

std::string join_path(std::string_view base, std::string_view key) {
    std::string path(base);
    if (!path.empty()) path += '.';
    return path.append(key);
}

std::string item_name(const Node& item, std::size_t index) {
    const auto name = item.members.find("name");
    const bool named = name != item.members.end() && name->second.kind == Node::Kind::text;
    return named ? name->second.text : std::to_string(index + 1);
}

std::string folder_of(const std::string& file) {
    const auto folder = std::filesystem::path(file).parent_path().string();
    return folder.empty() ? "." : folder;
}

Result<std::string> read_whole_file(const std::string& file) {
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        const int number = errno;
        return Error{.code = number == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable,
                     .message = file + ": " + std::strerror(number),
                     .native_code = number};
    }
    std::string text;
    std::array<char, 4096> block{};
    do {
        stream.read(block.data(), block.size());
        text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
    } while (stream);
    if (stream.bad()) return Error{.code = ErrorCode::unavailable, .message = file + ": cannot be read"};
    return text;
}

Result<void> Reading::load(std::string_view text, const std::string& name) {
    files.push_back(name);
    MAJED_TRY_ASSIGN(root, parse_toml({text, name, 0}, overrides.environment, mistakes));
    return include_all();
}

Result<void> Reading::include_all() {
    const auto found = root.members.find(include_key);
    if (found == root.members.end()) return {};
    asked.insert(&found->second);
    known_keys[""].emplace_back(include_key);
    const Node list = found->second;  // A copy: merging must not move what is being walked.
    const auto is_text = [](const Node& item) { return item.kind == Node::Kind::text; };
    if (list.kind != Node::Kind::array || !std::ranges::all_of(list.items, is_text)) {
        mistakes.push_back({list.file, list.line, "include: expected an array of file names"});
        return {};
    }
    for (const Node& item : list.items) {
        const std::filesystem::path pattern = std::filesystem::path(folder_of(files.front())) / item.text;
        const auto matches = matching(pattern.string());
        if (matches.empty() && item.text.find_first_of("*?[") == std::string::npos) {
            mistakes.push_back({item.file, item.line, "include: there is no file " + item.text});
        }
        for (const std::string& file : matches) MAJED_TRY(include(file));
    }
    return {};
}

Result<void> Reading::include(const std::string& file) {
    if (std::ranges::find(files, file) != files.end()) return {};  // Two patterns may match one file.
    MAJED_TRY_ASSIGN(const std::string text, read_whole_file(file));
    files.push_back(file);
    MAJED_TRY_ASSIGN(Node tree, parse_toml({text, file, files.size() - 1}, overrides.environment, mistakes));
    const auto nested = tree.members.find(include_key);
    if (nested != tree.members.end()) {
        mistakes.push_back(
            {nested->second.file, nested->second.line, "include: only the main file may include"});
        tree.members.erase(nested);
    }
    merge(root, std::move(tree), "");
    return {};
}

void Reading::merge(Node& into, Node&& from, const std::string& path) {
    for (auto& [key, member] : from.members) {
        const std::string member_path = join_path(path, key);
        const auto existing = into.members.find(key);
        if (existing == into.members.end()) {
            into.members.emplace(key, std::move(member));
        } else if (existing->second.kind == Node::Kind::table && member.kind == Node::Kind::table) {
            merge(existing->second, std::move(member), member_path);
        } else if (is_array_of_tables(existing->second) && is_array_of_tables(member)) {
            std::ranges::move(member.items, std::back_inserter(existing->second.items));
        } else {
            mistakes.push_back(
                {member.file, member.line, member_path + ": given already at " + place(existing->second)});
        }
    }
}

std::optional<Given> Reading::find(const Node* table, std::string_view override_path, std::string_view key) {
    std::optional<Given> found;
    if (table != nullptr) {
        const auto member = table->members.find(key);
        if (member != table->members.end()) {
            asked.insert(&member->second);
            found = Given{&member->second, Level::file, place(member->second)};
        }
    }
    if (override_path == "-") return found;
    const std::string path = join_path(override_path, key);
    const auto from_outside = [this](const std::string& text) {
        return &override_nodes.emplace_back(Node{.kind = Node::Kind::text, .text = text, .typeless = true});
    };
    const std::string variable = variable_name(path);
    if (const auto flag = overrides.flags.find(path); flag != overrides.flags.end()) {
        found = Given{from_outside(flag->second), Level::flag, "flag"};
    } else if (const auto value = overrides.environment.find(variable);
               value != overrides.environment.end()) {
        found = Given{from_outside(value->second), Level::environment, "environment " + variable};
    }
    return found;
}

bool Reading::has(const Node* table, std::string_view override_path, std::string_view key) const {
    if (table != nullptr && table->members.contains(key)) return true;
    if (override_path == "-") return false;
    const std::string path = join_path(override_path, key);
    return overrides.flags.contains(path) || overrides.environment.contains(variable_name(path));
}

std::string Reading::place(const Node& node) const {
    return files[node.file] + ":" + std::to_string(node.line);
}

void Reading::report_unknown(const Node& table, const std::string& path) {
    for (const auto& [key, member] : table.members) {
        const std::string member_path = join_path(path, key);
        if (!asked.contains(&member)) {
            const auto known = known_keys.find(path);
            const std::string names = known == known_keys.end() ? "no keys" : list_of(known->second);
            mistakes.push_back({member.file, member.line, member_path + ": unknown key; expected " + names});
        } else if (member.kind == Node::Kind::table) {
            report_unknown(member, member_path);
        } else if (is_array_of_tables(member)) {
            for (std::size_t i = 0; i < member.items.size(); ++i) {
                report_unknown(member.items[i], member_path + "[" + item_name(member.items[i], i) + "]");
            }
        }
    }
}

Result<void> Reading::finish() {
    report_unknown(root, "");
    if (mistakes.empty()) return {};
    std::ranges::stable_sort(mistakes, {}, [](const Mistake& m) { return std::tuple(m.file, m.line); });
    std::string message;
    for (const Mistake& mistake : mistakes) {
        if (!message.empty()) message += '\n';
        message += files[mistake.file];
        if (mistake.line != 0) message += ":" + std::to_string(mistake.line);
        message += ": " + mistake.text;
    }
    mistakes.clear();
    return refused(std::move(message));
}

}  // namespace majed::config
