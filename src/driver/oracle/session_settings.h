/// The settings of every session: how the server reads text as numbers, dates and times, and where midnight is.
///
/// Why      Exact numbers and times travel as text (core/value.h); without these, what a text means depends on the environment
///          of the process and on the server's configuration.
/// Life     Constants.
/// Threads  Constants.
/// Not here When they are set (oracle_connection.h); which ALTER SESSION they undo (session_trace.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace majed::driver::oracle {

/// One statement, one round trip.
inline constexpr std::string_view set_session_settings =
    "ALTER SESSION SET TIME_ZONE = '+00:00'"
    " NLS_NUMERIC_CHARACTERS = '.,'"
    " NLS_DATE_FORMAT = 'YYYY-MM-DD\"T\"HH24:MI:SS'"
    " NLS_TIMESTAMP_FORMAT = 'YYYY-MM-DD\"T\"HH24:MI:SS.FF'"
    " NLS_TIMESTAMP_TZ_FORMAT = 'YYYY-MM-DD\"T\"HH24:MI:SS.FFTZH:TZM'"
    " NLS_COMP = BINARY NLS_SORT = BINARY";

/// Takes away the state of all PL/SQL packages, when the block ends.
inline constexpr std::string_view reset_packages = "BEGIN DBMS_SESSION.RESET_PACKAGE; END;";

}  // namespace majed::driver::oracle
