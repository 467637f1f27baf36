/// Formats of TO_CHAR and TO_DATE for points in time: YYYY MM DD HH24 MI SS FF TZH and the like.
///
/// Why      Applications and tests print and read dates by format.
/// Life     Pure functions.
/// Threads  Any.
/// Not here The fixed form in which dates are stored: date_time.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "date_time.h"

namespace majed::oci_double {

/// Letters that are no element stand for themselves.
std::string format_date_time(const DateTime& moment, std::string_view format);
std::optional<DateTime> read_date_time(std::string_view text, std::string_view format);

}  // namespace majed::oci_double
