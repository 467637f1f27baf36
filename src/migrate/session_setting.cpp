// SPDX-License-Identifier: Apache-2.0
#include "migrate/session_setting.h"

#include "core/ascii.h"
#include "migrate/created_source.h"

#include <algorithm>
#include <array>
#include <string>

namespace majed::migrate {

namespace {

/// Those of a connection; others are of the file, and stay.
constexpr std::array<std::string_view, 8> connection_pragmas{
    "foreign_keys",        "legacy_alter_table", "recursive_triggers", "ignore_check_constraints",
    "case_sensitive_like", "busy_timeout",       "cache_size",         "temp_store"};

/// Lower case, one blank between words.
std::string words_of(Dialect dialect, std::string_view text) {
    constexpr std::size_t enough = 200;
    std::string words;
    for (const char c : text.substr(first_word_at(dialect, text), enough)) {
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '=';
        if (!blank) {
            words += ascii_lower(c);
        } else if (!words.empty() && words.back() != ' ') {
            words += ' ';
        }
    }
    return words;
}

}  // namespace

bool sets_session_only(Dialect dialect, std::string_view text) {
    const std::string words = words_of(dialect, text);
    switch (dialect) {
        case Dialect::sqlite:
            return std::any_of(connection_pragmas.begin(), connection_pragmas.end(),
                               [&](std::string_view name) {
                                   return words.starts_with("pragma " + std::string(name) + ' ');
                               });
        case Dialect::postgresql:
            return words.starts_with("set ") && !words.starts_with("set local ") &&
                   !words.starts_with("set constraints ") && !words.starts_with("set transaction ");
        case Dialect::oracle:
            return words.starts_with("alter session ");
    }
    return false;
}

}  // namespace majed::migrate
