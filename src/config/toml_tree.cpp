// SPDX-License-Identifier: Apache-2.0
#include "config/toml_tree.h"

// Errors as values: the packaged library is built with exceptions, so its headers are compiled here.
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <utility>

namespace majed::config {
namespace {

bool is_name(std::string_view text) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto rest = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
    return !text.empty() && letter(text.front()) && std::ranges::all_of(text, rest);
}

Error not_taken(std::string message) {
    return Error{.code = ErrorCode::invalid_argument, .message = std::move(message)};
}

Result<std::string> value_of(std::string_view inside, const TextMap& environment) {
    const std::size_t colon = inside.find(':');
    const std::string_view name = inside.substr(0, colon);
    if (!is_name(name)) return not_taken("expected ${NAME} or ${NAME:default}");
    const auto found = environment.find(name);
    if (found != environment.end()) return found->second;
    if (colon == std::string_view::npos) {
        return not_taken("${" + std::string(name) + "}: the environment has no " + std::string(name) +
                         " and no default is given");
    }
    return std::string(inside.substr(colon + 1));
}

/// Carries what every node of one file needs while the tree is copied.
class TreeCopy {
public:
    TreeCopy(std::size_t file, const TextMap& environment, std::vector<Mistake>& mistakes)
        : file_(file), environment_(environment), mistakes_(mistakes) {}

    Node copy(const toml::node& from, const std::string& path) {
        Node node{.kind = Node::Kind::other, .file = file_, .line = from.source().begin.line};
        if (const auto* table = from.as_table()) {
            copy_table(*table, path, node);
        } else if (const auto* array = from.as_array()) {
            node.kind = Node::Kind::array;
            std::size_t number = 0;
            for (const toml::node& item : *array) {
                node.items.push_back(copy(item, path + "[" + std::to_string(++number) + "]"));
            }
        } else if (const auto* text = from.as_string()) {
            copy_text(text->get(), path, node);
        } else if (const auto* integer = from.as_integer()) {
            node.kind = Node::Kind::integer;
            node.integer = integer->get();
        } else if (const auto* flag = from.as_boolean()) {
            node.kind = Node::Kind::flag;
            node.flag = flag->get();
        }
        return node;
    }

private:
    void copy_table(const toml::table& table, const std::string& path, Node& node) {
        node.kind = Node::Kind::table;
        for (const auto& [key, value] : table) {
            const std::string name(key.str());
            Node member = copy(value, path.empty() ? name : path + "." + name);
            // The key's own line: a value may begin further down, an implied table has none.
            member.line = key.source().begin.line;
            node.members.emplace(name, std::move(member));
        }
    }

    void copy_text(const std::string& text, const std::string& path, Node& node) {
        auto replaced = replace_variables(text, environment_);
        if (!replaced) {
            node.kind = Node::Kind::broken;
            mistakes_.push_back({file_, node.line, path + ": " + replaced.error().message});
            return;
        }
        node.kind = Node::Kind::text;
        node.typeless = *replaced != text;
        node.text = std::move(*replaced);
    }

    std::size_t file_;
    const TextMap& environment_;
    std::vector<Mistake>& mistakes_;
};

}  // namespace

Result<std::string> replace_variables(std::string_view text, const TextMap& environment) {
    std::string out;
    while (true) {
        const std::size_t at = text.find("${");
        out += text.substr(0, at);
        if (at == std::string_view::npos) return out;
        text.remove_prefix(at + 2);
        if (out.ends_with('$')) {
            out += '{';
            continue;
        }
        const std::size_t end = text.find('}');
        if (end == std::string_view::npos) return not_taken("expected } after ${");
        MAJED_TRY_ASSIGN(const std::string value, value_of(text.substr(0, end), environment));
        out += value;
        text.remove_prefix(end + 1);
    }
}

Result<Node> parse_toml(const TomlSource& source, const TextMap& environment,
                        std::vector<Mistake>& mistakes) {
    const toml::parse_result parsed = toml::parse(source.text, source.name);
    if (!parsed) {
        const auto& problem = parsed.error();
        return not_taken(source.name + ":" + std::to_string(problem.source().begin.line) + ": " +
                         std::string(problem.description()));
    }
    return TreeCopy(source.file, environment, mistakes).copy(parsed.table(), "");
}

}  // namespace majed::config
