// SPDX-License-Identifier: Apache-2.0
#include "fuzz/script_oracle.h"

#include "migrate/migration_parts.h"
#include "migrate/script.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

namespace majed::fuzz {
namespace {

using migrate::Dialect;
using migrate::Script;
using migrate::ScriptStatement;

constexpr std::size_t digest_length = 64;

/// Where the text of a statement lies in its script: its comments stand before its first token.
struct Place {
    std::size_t begin = 0;
    std::size_t end = 0;
};

std::size_t lines_before(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

/// What may stand before a statement on its line: what looks like Oracle's `/` alone is none behind it.
constexpr std::string_view mark_before = "; ";

/// The statement in a script of its own, with every end mark it may have had.
std::vector<std::string> alone(Dialect dialect, const ScriptStatement& statement) {
    if (statement.copies_rows) return {statement.text + ";\n" + statement.copy_rows + "\\.\n"};
    if (dialect != Dialect::oracle) return {statement.text + ";", statement.text};
    return {statement.text + "\n/\n", statement.text + ";", statement.text};
}

/// The statement as the only one of a script, or nothing.
std::optional<ScriptStatement> cut_again(Dialect dialect, const ScriptStatement& statement) {
    for (const std::string& text : alone(dialect, statement)) {
        auto script = migrate::split_script(dialect, std::string(mark_before) + text);
        if (!script || script->statements.size() != 1) continue;
        ScriptStatement& only = script->statements.front();
        only.offset -= mark_before.size();
        if (only.text == statement.text && only.tokens_digest == statement.tokens_digest &&
            only.fit == statement.fit && only.copies_rows == statement.copies_rows &&
            only.copy_rows == statement.copy_rows) {
            return std::move(only);
        }
    }
    return std::nullopt;
}

/// What stands between two statements, without the rows that the first copies.
std::optional<std::string> without_rows(std::string_view gap, const ScriptStatement& before) {
    if (!before.copies_rows) return std::string(gap);
    const std::size_t begin = std::min(gap.find('\n'), gap.size() - 1) + 1;
    const std::string_view rows = gap.substr(begin);
    if (!rows.starts_with(before.copy_rows)) return std::nullopt;
    const std::string_view rest = rows.substr(before.copy_rows.size());
    if (!rest.starts_with("\\.")) return std::nullopt;
    return std::string(gap.substr(0, begin)).append(rest.substr(2));
}

bool is_empty(Dialect dialect, std::string_view text) {
    const auto script = migrate::split_script(dialect, text);
    return script && script->statements.empty();
}

/// Comments and end marks alone. Oracle's `/` is one when it ends something, so alone it is refused.
bool holds_nothing(Dialect dialect, std::string text) {
    if (is_empty(dialect, text)) return true;
    const auto script = migrate::split_script(dialect, text);
    if (dialect != Dialect::oracle || script || !script.error().offset) return false;
    const std::size_t slash = *script.error().offset;
    if (slash >= text.size() || text[slash] != '/') return false;
    text[slash] = ' ';
    return is_empty(dialect, text);
}

std::string check_statements(Dialect dialect, std::string_view text, const Script& script) {
    std::size_t at = 0;
    const ScriptStatement nothing;
    const ScriptStatement* before = &nothing;
    const auto gap_is_right = [&](std::size_t end) {
        const auto gap = without_rows(text.substr(at, end - at), *before);
        return gap && holds_nothing(dialect, *gap);
    };
    for (const ScriptStatement& statement : script.statements) {
        const auto again = cut_again(dialect, statement);
        if (!again) return "a statement is not one when it is cut again: " + statement.text;
        if (statement.offset < again->offset)
            return "a statement begins before the script: " + statement.text;
        const Place place{statement.offset - again->offset,
                          statement.offset - again->offset + statement.text.size()};
        if (place.begin < at || place.end > text.size()) return "statements overlap: " + statement.text;
        if (text.substr(place.begin, statement.text.size()) != statement.text)
            return "a statement is not what stands at its place: " + statement.text;
        if (statement.line != lines_before(text, statement.offset))
            return "a statement is not on its line: " + statement.text;
        if (statement.tokens_digest.size() != digest_length) return "a statement without digest";
        if (!gap_is_right(place.begin)) return "something is lost before: " + statement.text;
        at = place.end;
        before = &statement;
    }
    return gap_is_right(text.size()) ? "" : "something is lost at the end";
}

std::string with_windows_line_ends(std::string_view text) {
    std::string converted;
    for (const char c : text) converted.append(c == '\n' ? "\r\n" : std::string_view(&c, 1));
    return converted;
}

/// The rows of COPY are content, whose line ends are kept.
std::string check_line_ends(Dialect dialect, std::string_view text, const Script& script) {
    const bool copies = std::any_of(script.statements.begin(), script.statements.end(),
                                    [](const ScriptStatement& statement) { return statement.copies_rows; });
    if (copies || text.find('\r') != std::string_view::npos) return "";
    const auto converted = migrate::split_script(dialect, with_windows_line_ends(text));
    if (!converted) return "other line ends are refused: " + converted.error().message;
    return converted->tokens_digest == script.tokens_digest ? "" : "other line ends are another script";
}

std::string check_part(Dialect dialect, std::string_view file, const migrate::MigrationPart& part) {
    std::size_t at = 0;
    for (const ScriptStatement& statement : part.script.statements) {
        const auto again = cut_again(dialect, statement);
        if (!again) return "a statement of a part is not one when it is cut again: " + statement.text;
        if (statement.offset < at || statement.offset - again->offset > file.size())
            return "a statement of a part is out of order: " + statement.text;
        if (file.substr(statement.offset - again->offset, statement.text.size()) != statement.text)
            return "a statement of a part is not what stands at its place: " + statement.text;
        if (statement.line != lines_before(file, statement.offset))
            return "a statement of a part is not on its line: " + statement.text;
        at = statement.offset + 1;
    }
    return "";
}

std::string check_mistakes(std::string_view file, const migrate::MigrationParts& parts) {
    for (const migrate::Mistake& mistake : parts.mistakes) {
        if (mistake.line > lines_before(file, file.size())) return "a mistake behind the file";
        if (mistake.what.empty()) return "a mistake without words";
    }
    return "";
}

}  // namespace

std::string check_script(Dialect dialect, std::string_view text) {
    const auto script = migrate::split_script(dialect, text);
    if (!script) {
        const Error& error = script.error();
        if (error.code != ErrorCode::parse_error) return "an error of another kind: " + error.message;
        if (!error.offset || *error.offset >= text.size()) return "an error without place: " + error.message;
        return "";
    }
    if (script->tokens_digest.size() != digest_length) return "a script without digest";
    std::string broken = check_statements(dialect, text, *script);
    return broken.empty() ? check_line_ends(dialect, text, *script) : broken;
}

std::string check_parts(Dialect dialect, std::string_view text) {
    for (const auto role : {migrate::FileRole::both, migrate::FileRole::undoing}) {
        const migrate::MigrationParts parts = migrate::read_parts(dialect, text, role);
        if (!parts.mistakes.empty()) {
            if (std::string broken = check_mistakes(text, parts); !broken.empty()) return broken;
            continue;
        }
        std::string broken = check_part(dialect, text, parts.up);
        if (broken.empty() && parts.down) broken = check_part(dialect, text, *parts.down);
        if (!broken.empty()) return broken;
    }
    return "";
}

std::string check_scripts(std::string_view text) {
    for (const Dialect dialect : {Dialect::sqlite, Dialect::postgresql, Dialect::oracle}) {
        for (const auto check : {check_script, check_parts}) {
            const std::string broken = check(dialect, text);
            if (!broken.empty()) return std::string(migrate::name_of(dialect)) + ": " + broken;
        }
    }
    return "";
}

}  // namespace majed::fuzz
