/// An error as an Oracle server or client gives it: the number, its sentence, the place in the statement.
///
/// Why      Code under test classifies by these numbers, so they are made in one place.
/// Life     Plain values.
/// Threads  Any.
/// Not here Which of SQLite's failures means which number: sqlite_errors.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace majed::oci_double {

struct OracleError {
    int code = 0;
    /// Without the number and the line end.
    std::string text;
    /// Byte in the statement as the application wrote it.
    int offset = 0;
};

/// Nothing is success.
using Failure = std::optional<OracleError>;

/// The server's usual sentence for the number; `detail` replaces its %s or the whole sentence when there is none.
OracleError oracle_error(int code, std::string_view detail = {}, int offset = 0);

/// "ORA-00942: table or view does not exist\n", as OCIErrorGet writes it.
std::string error_message(const OracleError& error);

/// Reads back what a function of ours told SQLite: "ORA-01722: invalid number".
std::optional<OracleError> parse_error_message(std::string_view message);

}  // namespace majed::oci_double
