// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/session_trace.h"

#include "core/ascii.h"

#include <dpi.h>
#include <array>
#include <cstddef>
#include <string>

namespace majed::driver::oracle {

namespace {

bool holds(std::string_view text, std::string_view word) {
    return text.find(word) != std::string_view::npos;
}

/// Settings that are set again on every reset when an ALTER SESSION ran.
constexpr std::array<std::string_view, 7> own_settings{"time_zone",
                                                       "nls_numeric_characters",
                                                       "nls_date_format",
                                                       "nls_timestamp_format",
                                                       "nls_timestamp_tz_format",
                                                       "nls_comp",
                                                       "nls_sort"};

bool is_space(char c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_name(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '#';
}

std::string_view next_word(std::string_view& text) noexcept {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    std::size_t end = 0;
    while (end < text.size() && is_name(text[end])) {
        ++end;
    }
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

bool is_own_setting(std::string_view name) {
    for (const std::string_view own : own_settings) {
        if (name == own) {
            return true;
        }
    }
    return false;
}

/// ALTER SESSION SET a = 'x' b = y, where every name is one of ours. Anything else is not understood, which is false.
bool sets_own_settings_only(std::string_view lower) {
    if (next_word(lower) != "alter" || next_word(lower) != "session" || next_word(lower) != "set") {
        return false;
    }
    std::size_t count = 0;
    for (std::string_view name = next_word(lower); !name.empty(); name = next_word(lower)) {
        while (!lower.empty() && is_space(lower.front())) {
            lower.remove_prefix(1);
        }
        if (!is_own_setting(name) || !lower.starts_with('=')) {
            return false;
        }
        lower.remove_prefix(1);
        while (!lower.empty() && is_space(lower.front())) {
            lower.remove_prefix(1);
        }
        if (lower.starts_with('\'')) {
            const std::size_t close = lower.find('\'', 1);
            if (close == std::string_view::npos) {
                return false;
            }
            lower.remove_prefix(close + 1);
        } else if (next_word(lower).empty()) {
            return false;
        }
        ++count;
    }
    return count > 0 && lower.empty();
}

/// PL/SQL and dynamic SQL can do anything; these words are what it needs to leave something that a reset cannot undo.
bool may_leave_more(std::string_view lower) {
    constexpr std::array<std::string_view, 7> words{"context",  "role",         "alter",    "immediate",
                                                    "dbms_sql", "dbms_session", "dbms_lock"};
    for (const std::string_view word : words) {
        if (holds(lower, word)) {
            return true;
        }
    }
    return false;
}

/// The next word behind blanks and comments; empty when there is none.
std::string_view word_behind_comments(std::string_view& lower) {
    for (;;) {
        while (!lower.empty() && is_space(lower.front())) {
            lower.remove_prefix(1);
        }
        std::string_view end;
        if (lower.starts_with("--")) {
            end = "\n";
        } else if (lower.starts_with("/*")) {
            end = "*/";
        } else {
            return next_word(lower);
        }
        const std::size_t close = lower.find(end, 2);
        if (close == std::string_view::npos) {
            return {};
        }
        lower.remove_prefix(close + end.size());
    }
}

StatementKind kind_by_word(std::string_view word) {
    constexpr std::array<std::string_view, 12> ddl_words{"truncate", "grant",     "revoke",    "comment",
                                                         "rename",   "analyze",   "audit",     "noaudit",
                                                         "purge",    "flashback", "associate", "drop"};
    for (const std::string_view ddl : ddl_words) {
        if (word == ddl) {
            return StatementKind::ddl;
        }
    }
    return word == "lock" ? StatementKind::lock : StatementKind::other;
}

/// ALTER SESSION is no DDL and ends no transaction.
StatementKind kind_of_alter(std::string_view sql) {
    const std::string lower = ascii_lower(sql);
    std::string_view rest = lower;
    static_cast<void>(word_behind_comments(rest));
    return word_behind_comments(rest) == "session" ? StatementKind::alter : StatementKind::ddl;
}

}  // namespace

StatementKind kind_of(unsigned native, std::string_view sql) {
    switch (native) {
        case DPI_STMT_TYPE_SELECT:
            return StatementKind::query;
        case DPI_STMT_TYPE_INSERT:
        case DPI_STMT_TYPE_UPDATE:
        case DPI_STMT_TYPE_DELETE:
        case DPI_STMT_TYPE_MERGE:
        case DPI_STMT_TYPE_EXPLAIN_PLAN:
            return StatementKind::dml;
        case DPI_STMT_TYPE_BEGIN:
        case DPI_STMT_TYPE_DECLARE:
        case DPI_STMT_TYPE_CALL:
            return StatementKind::plsql;
        case DPI_STMT_TYPE_CREATE:
        case DPI_STMT_TYPE_DROP:
            return StatementKind::ddl;
        case DPI_STMT_TYPE_ALTER:
            return kind_of_alter(sql);
        case DPI_STMT_TYPE_COMMIT:
        case DPI_STMT_TYPE_ROLLBACK:
            return StatementKind::transaction_end;
        default:
            break;
    }
    const std::string lower = ascii_lower(sql);
    std::string_view rest = lower;
    return kind_by_word(word_behind_comments(rest));
}

void SessionTrace::add(const SessionTrace& other) noexcept {
    transaction = transaction || other.transaction;
    packages = packages || other.packages;
    settings = settings || other.settings;
    unknown = unknown || other.unknown;
}

SessionTrace trace_of(StatementKind kind, std::string_view sql) {
    const std::string lower = ascii_lower(sql);
    switch (kind) {
        // A view may call a function, a trigger too, and a function without arguments needs no bracket.
        case StatementKind::query:
            return {.transaction = may_lock(lower), .packages = true};
        case StatementKind::dml:
            return {.transaction = true, .packages = true};
        case StatementKind::plsql:
            return {
                .transaction = true, .packages = true, .settings = true, .unknown = may_leave_more(lower)};
        case StatementKind::lock:
            return {.transaction = true};
        case StatementKind::transaction_end:
            return {};
        case StatementKind::ddl:
            return {.unknown = holds(lower, "temporary") && holds(lower, "private")};
        case StatementKind::alter: {
            const bool own = sets_own_settings_only(lower);
            return {.settings = own, .unknown = !own};
        }
        case StatementKind::other:
            return {.transaction = true, .packages = true, .settings = true, .unknown = true};
    }
    return {.unknown = true};
}

bool may_lock(std::string_view sql) {
    const std::string lower = ascii_lower(sql);
    return holds(lower, "update") || holds(lower, "@");
}

}  // namespace majed::driver::oracle
