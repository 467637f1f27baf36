// SPDX-License-Identifier: Apache-2.0
#include "config/document.h"
#include "config/reading.h"
#include "config/units.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

namespace majed::config {
namespace {

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
    return out;
}

std::optional<std::string> as_text(const Node& node) {
    if (node.kind != Node::Kind::text) return std::nullopt;
    return node.text;
}

std::optional<bool> as_flag(const Node& node) {
    if (node.kind == Node::Kind::flag) return node.flag;
    if (node.kind != Node::Kind::text || !node.typeless) return std::nullopt;
    if (node.text == "true") return true;
    if (node.text == "false") return false;
    return std::nullopt;
}

std::optional<std::int64_t> as_integer(const Node& node) {
    if (node.kind == Node::Kind::integer) return node.integer;
    if (node.kind != Node::Kind::text || !node.typeless) return std::nullopt;
    std::int64_t number = 0;
    const char* const end = node.text.data() + node.text.size();
    const auto [rest, problem] = std::from_chars(node.text.data(), end, number);
    if (problem != std::errc() || rest != end) return std::nullopt;
    return number;
}

std::optional<std::chrono::milliseconds> as_duration(const Node& node) {
    return node.kind == Node::Kind::text ? parse_duration(node.text) : std::nullopt;
}

std::optional<std::uint64_t> as_size(const Node& node) {
    if (node.kind == Node::Kind::text) return parse_size(node.text);
    if (node.kind != Node::Kind::integer || node.integer < 0) return std::nullopt;
    return static_cast<std::uint64_t>(node.integer);
}

std::vector<std::string> split_at_commas(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        std::string_view part = text.substr(0, comma);
        while (part.starts_with(' ')) part.remove_prefix(1);
        while (part.ends_with(' ')) part.remove_suffix(1);
        if (!part.empty()) parts.emplace_back(part);
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return parts;
}

std::optional<std::vector<std::string>> as_texts(const Given& given) {
    const Node& node = *given.node;
    if (node.kind == Node::Kind::text && given.level != Level::file) return split_at_commas(node.text);
    if (node.kind == Node::Kind::text) return std::vector{node.text};
    if (node.kind != Node::Kind::array) return std::nullopt;
    std::vector<std::string> texts;
    for (const Node& item : node.items) {
        if (item.kind != Node::Kind::text) return std::nullopt;
        texts.push_back(item.text);
    }
    return texts;
}

/// What a mistake may show of the value it is about.
std::string found_text(const Node& node) {
    constexpr std::size_t most = 40;
    switch (node.kind) {
        case Node::Kind::text:
            return '"' + node.text.substr(0, most) + (node.text.size() > most ? "...\"" : "\"");
        case Node::Kind::flag:
            return node.flag ? "true" : "false";
        case Node::Kind::integer:
            return std::to_string(node.integer);
        case Node::Kind::array:
            return "an array";
        case Node::Kind::table:
            return "a table";
        case Node::Kind::other:
        case Node::Kind::broken:
            break;
    }
    return "another kind of value";
}

/// One key being asked for.
struct Question {
    Reading& reading;
    const Node* table;
    std::string override_path;
    std::string table_path;
    std::string key;
    std::string_view text;
    std::string expected;
    enum class Presence { required, optional } presence = Presence::required;

    [[nodiscard]] std::string path() const { return join_path(table_path, key); }
};

std::optional<Given> look_up(const Question& question) {
    auto& known = question.reading.known_keys[question.table_path];
    if (std::ranges::find(known, question.key) == known.end()) known.push_back(question.key);
    return question.reading.find(question.table, question.override_path, question.key);
}

void complain(const Question& question, const Given& given) {
    // A flag or a variable stands in no file: its own name must be said.
    const std::string where = given.level == Level::file ? "" : " (" + given.origin + ")";
    question.reading.mistakes.push_back(
        {given.node->file, given.node->line,
         question.path() + where + ": expected " + question.expected + ", found " + found_text(*given.node)});
}

void complain_of_absence(const Question& question) {
    const std::size_t file = question.table == nullptr ? 0 : question.table->file;
    const std::size_t line = question.table == nullptr ? 0 : question.table->line;
    question.reading.mistakes.push_back(
        {file, line, question.path() + ": missing; expected " + question.expected});
}

/// What all kinds of keys have in common: look up, convert, complain, record. `convert` gives nullopt for a
/// value that is not what was expected; `show` makes text of a good one.
template <class T, class Convert, class Show>
std::optional<T> answer(const Question& question, const std::optional<T>& fallback, Convert convert,
                        Show show) {
    const auto given = look_up(question);
    std::optional<T> value;
    Setting setting{.path = question.path(),
                    .value = {},
                    .origin = fallback ? "default" : "missing",
                    .expected = question.expected,
                    .text = std::string(question.text)};
    if (given) {
        setting.origin = given->origin;
        const bool broken = given->node->kind == Node::Kind::broken;
        if (!broken) value = convert(*given);
        if (!value && !broken) complain(question, *given);
    } else if (!fallback && question.presence == Question::Presence::required) {
        complain_of_absence(question);
    }
    if (!value) value = fallback;
    if (value) setting.value = show(*value);
    question.reading.settings.push_back(std::move(setting));
    return value;
}

template <class T>
std::optional<T> within(std::optional<T> value, T min, T max) {
    return value && *value >= min && *value <= max ? value : std::nullopt;
}

std::string as_it_is(const std::string& text) {
    return text;
}

/// Secret text of a file, without the newline editors leave behind.
Result<Secret> secret_in(const std::string& folder, const std::string& file) {
    MAJED_TRY_ASSIGN(std::string text, read_whole_file((std::filesystem::path(folder) / file).string()));
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return Secret(std::move(text));
}

}  // namespace

Table::Table(Reading& reading, const Node* node, std::string path, std::string override_path)
    : reading_(&reading), node_(node), path_(std::move(path)), override_path_(std::move(override_path)) {}

std::string Table::text(std::string_view key, const TextKey& declared) {
    const std::string expected = declared.one_of.empty() ? "a text" : "one of " + joined(declared.one_of);
    const auto convert = [&declared](const Given& given) {
        auto value = as_text(*given.node);
        const bool allowed =
            declared.one_of.empty() || (value && std::ranges::count(declared.one_of, *value) > 0);
        return allowed ? value : std::nullopt;
    };
    const Question question{*reading_,        node_,         override_path_, path_,
                            std::string(key), declared.text, expected};
    return answer<std::string>(question, declared.fallback, convert, as_it_is).value_or("");
}

std::optional<std::string> Table::optional_text(std::string_view key, std::string_view text) {
    const Question question{*reading_,        node_, override_path_, path_,
                            std::string(key), text,  "a text",       Question::Presence::optional};
    const auto convert = [](const Given& given) { return as_text(*given.node); };
    return answer<std::string>(question, std::nullopt, convert, as_it_is);
}

bool Table::flag(std::string_view key, const FlagKey& declared) {
    const Question question{*reading_,        node_,         override_path_, path_,
                            std::string(key), declared.text, "true or false"};
    const auto convert = [](const Given& given) { return as_flag(*given.node); };
    const auto show = [](bool value) { return std::string(value ? "true" : "false"); };
    return answer<bool>(question, declared.fallback, convert, show).value_or(false);
}

std::int64_t Table::integer(std::string_view key, const IntegerKey& declared) {
    std::string expected = "a whole number";
    const std::string min = std::to_string(declared.min);
    const std::string max = std::to_string(declared.max);
    const bool bound_below = declared.min != IntegerKey{}.min;
    const bool bound_above = declared.max != IntegerKey{}.max;
    if (bound_below && bound_above) expected += " from " + min + " to " + max;
    if (bound_below && !bound_above) expected += " of at least " + min;
    if (!bound_below && bound_above) expected += " of at most " + max;
    const Question question{*reading_,        node_,         override_path_, path_,
                            std::string(key), declared.text, expected};
    const auto convert = [&declared](const Given& given) {
        return within(as_integer(*given.node), declared.min, declared.max);
    };
    const auto show = [](std::int64_t value) { return std::to_string(value); };
    return answer<std::int64_t>(question, declared.fallback, convert, show).value_or(0);
}

std::chrono::milliseconds Table::duration(std::string_view key, const DurationKey& declared) {
    const std::string expected = "a duration such as 500ms, 30s or 2m, from " +
                                 format_duration(declared.min) + " to " + format_duration(declared.max);
    const Question question{*reading_,        node_,         override_path_, path_,
                            std::string(key), declared.text, expected};
    const auto convert = [&declared](const Given& given) {
        return within(as_duration(*given.node), declared.min, declared.max);
    };
    return answer<std::chrono::milliseconds>(question, declared.fallback, convert, format_duration)
        .value_or(std::chrono::milliseconds(0));
}

std::uint64_t Table::size(std::string_view key, const SizeKey& declared) {
    std::string expected = "a size such as 64KiB or 64MiB, at least " + format_size(declared.min);
    if (declared.max != SizeKey{}.max) expected += ", at most " + format_size(declared.max);
    const Question question{*reading_,        node_,         override_path_, path_,
                            std::string(key), declared.text, expected};
    const auto convert = [&declared](const Given& given) {
        return within(as_size(*given.node), declared.min, declared.max);
    };
    return answer<std::uint64_t>(question, declared.fallback, convert, format_size).value_or(0);
}

std::vector<std::string> Table::texts(std::string_view key, const TextsKey& declared) {
    const Question question{*reading_,        node_,         override_path_,     path_,
                            std::string(key), declared.text, "an array of texts"};
    return answer<std::vector<std::string>>(question, declared.fallback, as_texts, joined)
        .value_or(std::vector<std::string>());
}

std::optional<Secret> Table::secret(std::string_view key, std::string_view text) {
    const std::string file_key = std::string(key) + "_file";
    const Question direct{*reading_, node_, override_path_, path_, std::string(key), text, "a text"};
    const Question by_file{*reading_,    node_, override_path_, path_, file_key, "File that holds it.",
                           "a file name"};
    const auto given = look_up(direct);
    const auto file = look_up(by_file);
    const bool use_file = file && (!given || file->level < given->level);
    const auto& used = use_file ? file : given;
    reading_->settings.push_back({direct.path(), used ? "***" : "", used ? used->origin : "missing",
                                  "a text, or " + file_key, std::string(text)});
    if (!used || used->node->kind == Node::Kind::broken) return std::nullopt;
    if (given && file && given->level == file->level) {
        mistake(file_key, "expected only one of " + std::string(key) + " and " + file_key);
        return std::nullopt;
    }
    const auto value = as_text(*used->node);
    if (!value) {
        // What was found stays unsaid: it may be the secret.
        mistake(use_file ? file_key : key, "expected a text");
        return std::nullopt;
    }
    if (!use_file) return Secret(*value);
    const std::string& beside = reading_->files[used->node->file];
    auto read = secret_in(folder_of(beside), *value);
    if (read) return std::move(*read);
    mistake(file_key, "expected a readable file, " + read.error().message);
    return std::nullopt;
}

Table Table::table(std::string_view key) {
    const Question question{*reading_, node_, override_path_, path_, std::string(key), "", "a table"};
    const std::string override_path = override_path_ == "-" ? "-" : join_path(override_path_, key);
    const auto given = look_up(question);
    const bool usable = given && given->level == Level::file && given->node->kind == Node::Kind::table;
    if (given && !usable) complain(question, *given);
    return Table(*reading_, usable ? given->node : nullptr, question.path(), override_path);
}

std::vector<Table> Table::array_of_tables(std::string_view key) {
    const Question question{*reading_,
                            node_,
                            override_path_,
                            path_,
                            std::string(key),
                            "",
                            "tables, each headed [[" + join_path(path_, key) + "]]"};
    const auto given = look_up(question);
    if (!given) return {};
    const auto is_table = [](const Node& item) { return item.kind == Node::Kind::table; };
    if (given->level != Level::file || given->node->kind != Node::Kind::array ||
        !std::ranges::all_of(given->node->items, is_table)) {
        complain(question, *given);
        return {};
    }
    std::vector<Table> tables;
    for (std::size_t i = 0; i < given->node->items.size(); ++i) {
        const Node& item = given->node->items[i];
        const std::string name = item_name(item, i);
        const bool named = item.members.contains("name") && override_path_ != "-";
        const std::string override_path = named ? join_path(join_path(override_path_, key), name) : "-";
        tables.push_back(Table(*reading_, &item, question.path() + "[" + name + "]", override_path));
    }
    return tables;
}

bool Table::present() const noexcept {
    return node_ != nullptr;
}

bool Table::has(std::string_view key) const {
    return reading_->has(node_, override_path_, key);
}

std::string Table::origin() const {
    return node_ == nullptr || node_->line == 0 ? reading_->files.front() : reading_->place(*node_);
}

std::string Table::origin(std::string_view key) const {
    if (node_ == nullptr) return origin();
    const auto member = node_->members.find(key);
    return member == node_->members.end() ? origin() : reading_->place(member->second);
}

std::string Table::folder() const {
    return folder_of(node_ == nullptr ? reading_->files.front() : reading_->files[node_->file]);
}

void Table::mistake(std::string_view key, std::string_view what) {
    const Node* at = node_;
    if (node_ != nullptr) {
        const auto member = node_->members.find(key);
        if (member != node_->members.end()) at = &member->second;
    }
    reading_->mistakes.push_back({at == nullptr ? 0 : at->file, at == nullptr ? 0 : at->line,
                                  join_path(path_, key) + ": " + std::string(what)});
}

}  // namespace majed::config
