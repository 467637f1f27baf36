/// What the URL of a source says: `oracle://host:port/service?parameter=value&...`.
///
/// Why      The rest of the driver, and the client library, never see text that was not checked here character by character:
///          a connect string is a language of its own.
/// Life     A value.
/// Threads  A value.
/// Not here User and password: they come beside the URL, never in it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace majed::driver::oracle {

/// Whether a server process out of the resident pool may show what its last session left.
enum class Purity : std::uint8_t { fresh, reused };

/// Parameters of the URL:
///   protocol=tcp|tcps            tcps: TLS
///   wallet_location=/folder      of TLS
///   ssl_server_dn_match=yes|no   yes by default
///   ssl_server_cert_dn=DN
///   expire_time=0..1440          minutes between probes of a silent connection; 2 by default
///   transport_connect_timeout=1..600  seconds for the TCP connection; 5 by default, never beyond the deadline of an opening
///   pooled=yes|no                Database Resident Connection Pooling
///   connection_class=NAME        of DRCP; MAJED by default
///   purity=new|self              of DRCP; new by default
///   client_library=/folder       that holds libclntsh.so; else the search order of ODPI-C
struct ConnectTarget {
    std::string address;  ///< `tcps://host:1521/service:pooled`, checked.
    std::string options;  ///< `expire_time=2&...`, checked, without the timeout below.
    std::chrono::seconds transport_timeout{5};
    bool pooled = false;
    Purity purity = Purity::fresh;
    std::string connection_class;
    std::string client_library;

    /// The connect string (Easy Connect Plus) for an opening that may take `left`.
    [[nodiscard]] std::string connect_string(std::chrono::nanoseconds left) const;
};

/// Errors: invalid_argument, naming the part of the URL that is wrong, never its value.
[[nodiscard]] Result<ConnectTarget> parse_connect_target(std::string_view url);

}  // namespace majed::driver::oracle
