// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/user_error.h"

#include "core/ascii.h"
#include "driver/sqlite/guard_functions.h"
#include "driver/sqlite/native_error.h"

#include <sqlite3.h>

#include <array>

namespace majed::driver::sqlite {

namespace {

constexpr std::string_view out_of_reach =
    "the database refused the statement: it reaches for something no policy opened";
constexpr std::string_view cannot_compile = "the database does not accept the statement";
constexpr std::string_view cannot_run = "the database could not run the statement";
constexpr std::string_view source_fails = "the source cannot be read at the moment";
constexpr std::string_view too_complex = "the statement is too long or too complex";

struct KnownText {
    std::string_view contained;  ///< In SQLite's text.
    std::string_view shown;      ///< To the user.
};

constexpr std::array<KnownText, 20> run_time_texts{{
    {"integer overflow", "integer overflow"},
    {"malformed JSON", "malformed JSON"},
    {"JSON path error", "JSON path error"},
    {"JSON cannot hold BLOB values", "JSON cannot hold BLOB values"},
    {"json_object() labels must be TEXT", "json_object() labels must be TEXT"},
    {"json_object() requires an even number", "json_object() requires an even number of arguments"},
    {"needs an odd number of arguments", "the JSON function needs an odd number of arguments"},
    {"string or blob too big", "string or blob too big"},
    {"LIKE or GLOB pattern too complex", "LIKE or GLOB pattern too complex"},
    {"ESCAPE expression must be a single character", "ESCAPE expression must be a single character"},
    {"argument of ntile must be", "argument of ntile must be a positive integer"},
    {"second argument to nth_value must be", "second argument to nth_value must be a positive integer"},
    {"frame starting offset must be", "frame starting offset must be a non-negative number"},
    {"frame ending offset must be", "frame ending offset must be a non-negative number"},
    {"datatype mismatch", "datatype mismatch"},
    {"invalid rowid", "datatype mismatch"},
    {"UTF-8", "the text is not UTF-8"},
    {"row value misused", "row value misused"},
    {"sub-select returns", "a subquery returns a wrong number of columns"},
    {"too many levels of trigger recursion", "too many levels of recursion"},
}};

Error make(ErrorCode code, std::string_view text, int native) {
    return Error{.code = code, .message = std::string(text), .native_code = native};
}

}  // namespace

std::string shadow_target(const GuardSet& guard) {
    return guard.secret_prefix + "_denied";
}

Error compile_error(int native, std::string_view text, const GuardIndex& index) {
    switch (native & 0xff) {
        case SQLITE_AUTH:
            return make(ErrorCode::denied, out_of_reach, native);
        case SQLITE_TOOBIG:
        case SQLITE_NOMEM:  // Also what exceeding SQLITE_LIMIT_VDBE_OP looks like.
            return make(ErrorCode::too_large, too_complex, native);
        case SQLITE_ERROR:
            break;
        default: {
            const ErrorCode code = error_code_of(native);
            return make(code, code == ErrorCode::unavailable ? source_fails : cannot_compile, native);
        }
    }
    if (text.find(shadow_target(index.guard())) != std::string_view::npos) {
        return make(ErrorCode::denied, out_of_reach, native);
    }
    return make(ErrorCode::invalid_argument, index.names_a_secret(text) ? cannot_compile : text, native);
}

Error run_error(int native, std::string_view text) {
    const int primary = native & 0xff;
    if (primary == SQLITE_TOOBIG) {
        return make(ErrorCode::too_large, "string or blob too big", native);
    }
    if (primary == SQLITE_MISMATCH) {
        return make(ErrorCode::invalid_argument, "datatype mismatch", native);
    }
    if (primary == SQLITE_AUTH) {
        return make(ErrorCode::denied, out_of_reach, native);
    }
    if (primary == SQLITE_ERROR) {
        for (const KnownText& known : run_time_texts) {
            if (text.find(known.contained) != std::string_view::npos) {
                return make(ErrorCode::invalid_argument, known.shown, native);
            }
        }
        return make(ErrorCode::invalid_argument, cannot_run, native);
    }
    const ErrorCode code = error_code_of(native);
    return make(code, code == ErrorCode::unavailable ? source_fails : cannot_run, native);
}

std::optional<Error> constraint_error(int native, std::string_view text, const GuardSet& guard) {
    const bool hidden_met = (native & 0xff) == SQLITE_ERROR && text == conflict_text(guard);
    if ((native & 0xff) != SQLITE_CONSTRAINT && !hidden_met) {
        return std::nullopt;
    }
    std::string_view shown = "a row like it exists already; nothing was written";
    switch (native) {
        case SQLITE_CONSTRAINT_NOTNULL:
            shown = "a column that must have a value has none; nothing was written";
            break;
        case SQLITE_CONSTRAINT_CHECK:
            shown = "a check of the table is not met; nothing was written";
            break;
        case SQLITE_CONSTRAINT_FOREIGNKEY:
        case SQLITE_CONSTRAINT_TRIGGER:  // RESTRICT is a trigger of the engine's own.
            shown = "a foreign key is not met; nothing was written";
            break;
        case SQLITE_CONSTRAINT_DATATYPE:
            shown = "a value is not of its column's type; nothing was written";
            break;
        default:
            break;
    }
    Error error = make(ErrorCode::conflict, shown, hidden_met ? SQLITE_CONSTRAINT_UNIQUE : native);
    if (error.native_code == SQLITE_CONSTRAINT_PRIMARYKEY || error.native_code == SQLITE_CONSTRAINT_ROWID) {
        error.native_code = SQLITE_CONSTRAINT_UNIQUE;  // A hidden row cannot tell which key it was.
    }
    error.failure = FailureClass::user_error;
    return error;
}

}  // namespace majed::driver::sqlite
