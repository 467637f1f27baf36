// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/sqlstate.h"

#include <algorithm>
#include <array>
#include <string>

namespace majed::driver::postgres {

namespace {

struct Row {
    std::string_view state;  ///< Five characters, or the two of a class.
    Verdict verdict;
    std::string_view meaning;
    std::string_view hint = {};  ///< Of a statement; not of a login.
};

constexpr Verdict lost{FailureClass::lost, ErrorCode::unavailable};
constexpr Verdict exhausted{FailureClass::exhausted, ErrorCode::unavailable};
constexpr Verdict contention{FailureClass::contention, ErrorCode::conflict};
constexpr Verdict user_mistake{FailureClass::user_error, ErrorCode::invalid_argument};
constexpr Verdict clash{FailureClass::user_error, ErrorCode::conflict};
constexpr Verdict not_offered{FailureClass::user_error, ErrorCode::unsupported};
constexpr Verdict read_only{FailureClass::read_only, ErrorCode::unsupported};
constexpr Verdict refused{FailureClass::refused_login, ErrorCode::unavailable};

/// States that differ from their class, or deserve their own words. Exact states stand before their class.
constexpr std::array rows{
    Row{"08", lost, "the connection to the database is lost"},
    Row{"0A", not_offered, "the database does not offer this"},
    Row{"21000", user_mistake, "there is more than one row where one is needed",
        "A query in the place of a value answers one row at most; one statement changes a row once."},
    Row{"22001", user_mistake, "a text is too long for its column"},
    Row{"22003", user_mistake, "a number is out of range"},
    Row{"22007", user_mistake, "a date or time is not valid"},
    Row{"22008", user_mistake, "a date or time is out of range"},
    Row{"22012", user_mistake, "division by zero"},
    Row{"22021", user_mistake, "a text is not valid UTF-8"},
    Row{"22P02", user_mistake, "a value does not have the form of its type"},
    Row{"22", user_mistake, "a value is not valid here"},
    Row{"23502", clash, "a column that must have a value has none"},
    Row{"23503", clash, "a foreign key is violated"},
    Row{"23505", clash, "a unique constraint is violated"},
    Row{"23514", clash, "a check constraint is violated"},
    Row{"23", clash, "a constraint is violated"},
    Row{"25006", read_only, "this transaction only reads"},
    Row{"25P02", user_mistake, "the transaction failed before; it must be rolled back"},
    Row{"25P03", lost, "the server ended the session: its transaction idled for too long"},
    Row{"25", user_mistake, "the transaction is not in the right state for this"},
    Row{"28", user_mistake, "the role may not do this"},
    Row{"2B", clash, "other objects depend on it"},
    Row{"2D", user_mistake, "the transaction cannot be ended here"},
    Row{"40001", contention, "a concurrent transaction was in the way; try the transaction again"},
    Row{"40002", clash, "a constraint is violated"},
    Row{"40003", lost, "the server does not know whether the statement was completed"},
    Row{"40P01", contention, "a deadlock was resolved against this transaction; try it again"},
    Row{"40", contention, "the transaction was rolled back; try it again"},
    Row{"42501", user_mistake, "the role may not do this"},
    Row{"42601", user_mistake, "the statement has a syntax error, or lists that do not have as many columns",
        "Give every part of a UNION, and every row of an INSERT, as many values as there are columns."},
    Row{"42701", user_mistake, "a column is named twice", "Name each column once."},
    Row{"42702", user_mistake, "the name of a column may mean more than one",
        "Put the table's name or alias before it: t.column."},
    Row{"42703", user_mistake, "a column does not exist",
        "A column that USING names must be in the tables on both sides of the join."},
    Row{"42704", user_mistake, "a constraint, type or other object does not exist",
        "Write ON CONFLICT with the columns of a unique index instead of the name of a constraint."},
    Row{"42712", user_mistake, "two tables in FROM have the same name or alias",
        "Give each an alias of its own."},
    Row{"42725", user_mistake, "a function or operator fits in more than one way", "Write casts."},
    Row{"42803", user_mistake,
        "a column is neither in GROUP BY nor inside an aggregate, or an aggregate is misplaced",
        "Add the column to GROUP BY, or use it in an aggregate such as max(); conditions on aggregates stand "
        "in "
        "HAVING."},
    Row{"42804", user_mistake, "types do not match",
        "Write casts, so that a column has one type in every part of a UNION, CASE or VALUES, and a value "
        "that of "
        "its column."},
    Row{"42846", user_mistake, "a value cannot be cast to that type"},
    Row{"42883", user_mistake, "a function or operator does not exist for these types", "Write casts."},
    Row{"428C9", user_mistake, "a column whose values the database makes was given one",
        "Leave the column out, or write DEFAULT."},
    Row{"42P10", user_mistake, "no unique index or constraint fits, or a column does not stand where it must",
        "ON CONFLICT needs the columns of a unique index; DISTINCT and ORDER BY name columns of the answer."},
    Row{"42P01", user_mistake, "a table or view does not exist, or is not in sight here"},
    Row{"42P20", user_mistake, "a window function stands where none may, or its window is not valid",
        "Window functions stand in the list of SELECT and in ORDER BY."},
    Row{"42P07", user_mistake, "a table of that name exists already"},
    Row{"42P08", user_mistake, "the type of a parameter cannot be told; write a cast"},
    Row{"42P18", user_mistake, "the type of a parameter cannot be told; write a cast"},
    Row{"42", user_mistake, "the statement is not valid"},
    Row{"53100", exhausted, "the server's disk is full"},
    Row{"53200", exhausted, "the server is out of memory"},
    Row{"53300", exhausted, "the server has no connection left"},
    Row{"53", exhausted, "the server is out of resources"},
    Row{"54", user_mistake, "the statement exceeds a limit of the database"},
    Row{"55006", contention, "the object is in use"},
    Row{"55P03", contention, "a lock was not to be had"},
    Row{"55", user_mistake, "the object is not in the right state for this"},
    Row{"57014", Verdict{FailureClass::timeout, ErrorCode::timeout},
        "the server or its operator stopped the statement"},
    Row{"57P01", lost, "the server ended the session"},
    Row{"57P02", lost, "the server crashed"},
    Row{"57P03", lost, "the server does not take connections now"},
    Row{"57P04", lost, "the database was dropped"},
    Row{"57P05", lost, "the server ended the session: it idled for too long"},
    Row{"57", Verdict{FailureClass::cancelled, ErrorCode::cancelled}, "an operator stopped the statement"},
    Row{"58P01", user_mistake, "a file of the server does not exist"},
    Row{"58P02", user_mistake, "a file of the server exists already"},
    Row{"58", lost, "the server met a system error"},
    Row{"P0", user_mistake, "a function of the database refused"},
    Row{"XX001", lost, "the database's data is damaged"},
    Row{"XX002", lost, "an index of the database is damaged"},
    Row{"XX", Verdict{FailureClass::user_error, ErrorCode::internal}, "the database failed inside"},
};

/// States that a login may meet and that say nothing of our credentials.
constexpr std::array<std::string_view, 5> not_about_us{"08", "53", "57", "58", "XX"};

const Row* row_of(std::string_view state) noexcept {
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return state.starts_with(row.state); });
    return found == rows.end() || state.size() != 5 ? nullptr : &*found;
}

bool is_state_character(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

}  // namespace

Verdict judge(std::string_view state, Phase phase) noexcept {
    const Row* const row = row_of(state);
    const Verdict verdict = row == nullptr ? user_mistake : row->verdict;
    if (phase == Phase::statement) {
        return verdict;
    }
    if (state == "3D000") {
        return {FailureClass::refused_login, ErrorCode::not_found};
    }
    const bool ours = std::none_of(not_about_us.begin(), not_about_us.end(),
                                   [&](std::string_view prefix) { return state.starts_with(prefix); });
    if (ours) {
        return refused;
    }
    return verdict.failure == FailureClass::exhausted ? exhausted : lost;
}

bool ends_connection(std::string_view state) noexcept {
    return judge(state, Phase::statement).failure == FailureClass::lost;
}

std::string_view meaning_of(std::string_view state) noexcept {
    const Row* const row = row_of(state);
    return row == nullptr ? "the database refused the statement" : row->meaning;
}

int number_of(std::string_view state) noexcept {
    if (state.size() != 5) {
        return 0;
    }
    int number = 0;
    for (std::size_t i = 0; i < state.size(); ++i) {
        number |= ((state[i] - '0') & 0x3f) << (6 * i);
    }
    return number;
}

std::string_view state_in(std::string_view message) noexcept {
    std::string_view found;
    for (std::size_t at = message.find(":  "); at != std::string_view::npos;
         at = message.find(":  ", at + 1)) {
        const std::string_view state = message.substr(at + 3, 5);
        const std::string_view rest = message.substr(std::min(message.size(), at + 8));
        if (state.size() == 5 && std::all_of(state.begin(), state.end(), is_state_character) &&
            (rest.empty() || rest.front() == '\n')) {
            found = state;
        }
    }
    return found;
}

Error error_of_state(std::string_view state, Phase phase) {
    const Verdict verdict = judge(state, phase);
    const Row* const row = row_of(state);
    Error error{
        .code = verdict.code,
        .message = std::string(meaning_of(state)),
        .hint = std::string(row != nullptr && phase == Phase::statement ? row->hint : std::string_view()),
        .native_code = number_of(state),
        .failure = verdict.failure,
        .native_state = std::string(state)};
    if (phase == Phase::login && verdict.failure == FailureClass::refused_login) {
        error.message = verdict.code == ErrorCode::not_found ? "the database does not exist on this server"
                                                             : "the server refuses the login";
        error.hint = "check user, password, database and the server's pg_hba.conf";
    }
    return error;
}

}  // namespace majed::driver::postgres
