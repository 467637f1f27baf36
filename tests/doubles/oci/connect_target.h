/// What a connect string names: //host:port/service?option=value, host/service, a service, or a (DESCRIPTION=...).
///
/// Why      Host and service choose the database file and the faults of the way there.
/// Life     Plain values.
/// Threads  Any.
/// Not here What happens at connect: session.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace majed::oci_double {

struct ConnectTarget {
    std::string host;
    std::string service;
    /// transport_connect_timeout, or the library's minute.
    std::chrono::milliseconds connect_timeout{60000};
};

ConnectTarget parse_connect_string(std::string_view text);

}  // namespace majed::oci_double
