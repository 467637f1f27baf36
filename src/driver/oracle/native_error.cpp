// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/native_error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <span>
#include <string>

namespace majed::driver::oracle {

namespace {

// Sorted: they are searched by halves.

/// The session is gone, or there is no way to the server. The dead-session list of ODPI-C first, then what listeners,
/// networks, TLS and instances that start or stop answer.
constexpr std::array lost_codes{
    22,    28,    31,    45,    378,   600,   602,   603,   609,   1012,  1033,  1034,  1041,  1043,
    1089,  1090,  1092,  2392,  2394,  2396,  2399,  3113,  3114,  3122,  3135,  3136,  3156,  7445,
    12150, 12151, 12152, 12153, 12154, 12157, 12161, 12170, 12203, 12224, 12505, 12514, 12516, 12518,
    12519, 12520, 12521, 12523, 12526, 12527, 12528, 12529, 12533, 12535, 12537, 12540, 12541, 12543,
    12545, 12547, 12552, 12560, 12564, 12569, 12570, 12571, 12583, 12585, 12592, 12599, 12606, 12608,
    12609, 12637, 12757, 25408, 27146, 28511, 28759, 28860, 29024, 56600};

/// Of these the request may have reached the server before the line broke.
constexpr std::array lost_in_flight_codes{
    603,   1041,  1092,  3113,  3135,  3136,  3156,  12150, 12151, 12152, 12157, 12161, 12170, 12535, 12537,
    12547, 12569, 12570, 12571, 12583, 12585, 12592, 12599, 12608, 12609, 12637, 25408, 28511, 56600};

constexpr std::array refused_login_codes{1005,  1017,  1045,  12638, 28000, 28001,
                                         28002, 28003, 28009, 28030, 28040};

constexpr std::array exhausted_codes{18,   20,   257,  1536,  1652,  1653,  1654,  1655,  1688, 1691,
                                     2391, 4030, 4031, 19809, 24418, 24457, 24459, 24496, 30036};

/// Limits of the server on one call: resource manager and profiles.
constexpr std::array timeout_codes{40, 2393, 2395, 7455, 56720, 56735};

/// The answer to a break.
constexpr std::array break_codes{1013, 3111};

constexpr std::array contention_codes{51, 54, 60, 1555, 2049, 4020, 4021, 4061, 4068, 8176, 8177, 30006};

constexpr std::array read_only_codes{1456, 16000, 28193, 28194};

/// Constraints: the statement is right, the data stand against it.
constexpr std::array integrity_codes{1, 1400, 1407, 2091, 2290, 2291, 2292, 2449, 21525, 28115, 40479};

/// Errors of the parser and of names outside 900 to 999.
constexpr std::array text_codes{1036, 1742, 1747, 1756, 1789, 1790, 2289, 4043, 6550};

// Of ODPI-C itself, errorNum of dpiErrorMessages.h.
constexpr int dpi_out_of_memory = 1001;
constexpr int dpi_not_connected = 1010;
constexpr int dpi_not_supported = 1013;
constexpr int dpi_cannot_load_client = 1047;
constexpr int dpi_client_too_old = 1050;
constexpr int dpi_call_timeout = 1067;
constexpr int dpi_client_unsupported = 1072;
constexpr int dpi_connection_closed = 1080;
/// Values and statements that ODPI-C itself refuses.
constexpr std::array dpi_user_codes{1008, 1014, 1016, 1043, 1044, 1045, 1055, 1059, 1063};

template <std::size_t size>
constexpr bool holds(const std::array<int, size>& codes, int code) noexcept {
    return std::binary_search(codes.begin(), codes.end(), code);
}

constexpr bool all_sorted() {
    return std::is_sorted(lost_codes.begin(), lost_codes.end()) &&
           std::is_sorted(lost_in_flight_codes.begin(), lost_in_flight_codes.end()) &&
           std::is_sorted(refused_login_codes.begin(), refused_login_codes.end()) &&
           std::is_sorted(exhausted_codes.begin(), exhausted_codes.end()) &&
           std::is_sorted(timeout_codes.begin(), timeout_codes.end()) &&
           std::is_sorted(break_codes.begin(), break_codes.end()) &&
           std::is_sorted(contention_codes.begin(), contention_codes.end()) &&
           std::is_sorted(read_only_codes.begin(), read_only_codes.end()) &&
           std::is_sorted(integrity_codes.begin(), integrity_codes.end()) &&
           std::is_sorted(text_codes.begin(), text_codes.end()) &&
           std::is_sorted(dpi_user_codes.begin(), dpi_user_codes.end());
}
static_assert(all_sorted());

/// The digits that follow `tag` at `from`; 0 when there are none.
int number_after(std::string_view text, std::size_t from) {
    int number = 0;
    const char* const first = text.data() + from;
    const auto [end, problem] = std::from_chars(first, text.data() + text.size(), number);
    return problem == std::errc() && end != first ? number : 0;
}

FailureClass class_of_stop(StopCause cause) noexcept {
    return cause == StopCause::deadline ? FailureClass::timeout : FailureClass::cancelled;
}

FailureClass class_of_dpi(int dpi) noexcept {
    switch (dpi) {
        case dpi_not_connected:
        case dpi_connection_closed:
            return FailureClass::lost;
        case dpi_call_timeout:
            return FailureClass::timeout;
        default:
            return holds(dpi_user_codes, dpi) ? FailureClass::user_error : FailureClass::none;
    }
}

ErrorCode code_of_dpi(int dpi) noexcept {
    switch (dpi) {
        case dpi_not_supported:
            return ErrorCode::unsupported;
        case dpi_cannot_load_client:
        case dpi_client_too_old:
        case dpi_client_unsupported:
            return ErrorCode::unavailable;
        case dpi_out_of_memory:
            return ErrorCode::overloaded;
        default:
            return ErrorCode::internal;
    }
}

ErrorCode code_of(const NativeError& native, FailureClass failure) noexcept {
    switch (failure) {
        case FailureClass::lost:
        case FailureClass::refused_login:
        case FailureClass::exhausted:
            return ErrorCode::unavailable;
        case FailureClass::timeout:
            return ErrorCode::timeout;
        case FailureClass::cancelled:
            return ErrorCode::cancelled;
        case FailureClass::contention:
            return ErrorCode::conflict;
        case FailureClass::user_error:
            return holds(integrity_codes, native.ora) ? ErrorCode::conflict : ErrorCode::invalid_argument;
        case FailureClass::read_only:
            return ErrorCode::unsupported;
        case FailureClass::in_doubt:
            return ErrorCode::in_doubt;
        case FailureClass::none:
            return code_of_dpi(native.dpi);
    }
    return ErrorCode::internal;
}

std::string_view message_of(FailureClass failure) noexcept {
    switch (failure) {
        case FailureClass::lost:
            return "the database cannot be reached, or the connection to it was lost";
        case FailureClass::refused_login:
            return "the database refuses the login of this source";
        case FailureClass::exhausted:
            return "the database is out of memory, space, processes or sessions";
        case FailureClass::timeout:
            return "the statement did not end in time";
        case FailureClass::cancelled:
            return "the statement was cancelled";
        case FailureClass::contention:
            return "another transaction stands in the way";
        case FailureClass::user_error:
            return "the database refuses the statement or its values";
        case FailureClass::read_only:
            return "the database allows reading only here";
        case FailureClass::in_doubt:
            return "the reply was lost: whether it was done is not known";
        case FailureClass::none:
            return "the Oracle client library reports an error";
    }
    return "the Oracle client library reports an error";
}

struct Hint {
    int ora;
    std::string_view text;
};

constexpr std::array hints{
    Hint{942, "the table or view does not exist, or the user of the source may not see it"},
    Hint{1017, "check user and password of the source"},
    Hint{1031, "the user of the source lacks a privilege"},
    Hint{1045, "grant CREATE SESSION to the user of the source"},
    Hint{12154, "check host, port and service in the URL of the source"},
    Hint{12505, "check the service name in the URL of the source"},
    Hint{12514, "check the service name in the URL of the source"},
    Hint{12541, "nothing listens on this host and port"},
    Hint{28000, "the account is locked"},
    Hint{28001, "the password of the account has expired"},
    Hint{28040, "the client library is too old or too new for the server's login protocol"},
    Hint{30926, "two rows of what USING names would update the same row: make ON match at most one"},
    Hint{38101, "VALUES and WHERE behind INSERT name columns of USING alone"},
    Hint{38104, "a column that stands in ON cannot be set"},
    Hint{38106, "MERGE takes a table, and no view of several tables or with triggers of its own"},
};

std::string state_of(const NativeError& native) {
    std::array<char, 16> text{};
    // A timeout of ours is told by ODPI-C's own name: ORA-03136 would point at the listener.
    const bool own = native.ora == 0 || native.dpi == dpi_call_timeout;
    if (own && native.dpi == 0) {
        return {};
    }
    const int length = own ? std::snprintf(text.data(), text.size(), "DPI-%04d", native.dpi)
                           : std::snprintf(text.data(), text.size(), "ORA-%05d", native.ora);
    return {text.data(), static_cast<std::size_t>(std::max(length, 0))};
}

}  // namespace

NativeError read_native_error(std::int32_t code, std::string_view text, std::size_t offset) {
    NativeError native{.ora = code, .dpi = 0, .offset = offset};
    if (text.starts_with("DPI-")) {
        native.dpi = number_after(text, 4);
    }
    if (code == 0) {
        const std::size_t ora = text.rfind("ORA-");
        native.ora = ora == std::string_view::npos ? 0 : number_after(text, ora + 4);
    }
    return native;
}

FailureClass failure_class_of(const NativeError& native, StopCause cause) noexcept {
    if (native.dpi == dpi_call_timeout) {
        return cause == StopCause::interrupt ? FailureClass::cancelled : FailureClass::timeout;
    }
    if (native.dpi == dpi_connection_closed || native.dpi == dpi_not_connected) {
        return FailureClass::lost;
    }
    if (native.ora == 0) {
        return class_of_dpi(native.dpi);
    }
    if (holds(break_codes, native.ora)) {
        return class_of_stop(cause);
    }
    struct Row {
        bool is_in;
        FailureClass failure;
    };
    const std::array rows{
        Row{holds(lost_codes, native.ora), FailureClass::lost},
        Row{holds(refused_login_codes, native.ora), FailureClass::refused_login},
        Row{holds(exhausted_codes, native.ora), FailureClass::exhausted},
        Row{holds(timeout_codes, native.ora), FailureClass::timeout},
        Row{holds(contention_codes, native.ora), FailureClass::contention},
        Row{holds(read_only_codes, native.ora), FailureClass::read_only},
    };
    const auto found = std::find_if(rows.begin(), rows.end(), [](const Row& row) { return row.is_in; });
    // An unknown code came as a proper answer of a living server: no reason to call it ill.
    return found == rows.end() ? FailureClass::user_error : found->failure;
}

bool reply_was_lost(const NativeError& native) noexcept {
    return holds(lost_in_flight_codes, native.ora);
}

bool is_break(const NativeError& native) noexcept {
    return native.dpi == dpi_call_timeout || holds(break_codes, native.ora);
}

bool is_about_text(const NativeError& native) noexcept {
    return (native.ora >= 900 && native.ora <= 999) || holds(text_codes, native.ora);
}

Error error_of(const NativeError& native, StopCause cause) {
    const FailureClass failure = failure_class_of(native, cause);
    std::string state = state_of(native);
    std::string message(message_of(failure));
    if (!state.empty()) {
        message += " (" + state + ")";
    }
    const auto hint =
        std::find_if(hints.begin(), hints.end(), [&](const Hint& row) { return row.ora == native.ora; });
    return Error{.code = code_of(native, failure),
                 .message = std::move(message),
                 .hint = hint == hints.end() ? std::string() : std::string(hint->text),
                 .native_code = native.ora,
                 .failure = failure,
                 .native_state = std::move(state)};
}

Error not_usable() {
    return Error{.code = ErrorCode::unavailable,
                 .message = "the connection to the database is not usable any more",
                 .failure = FailureClass::lost};
}

}  // namespace majed::driver::oracle
