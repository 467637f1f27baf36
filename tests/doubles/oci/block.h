/// The few calls of PL/SQL that a gateway makes: DBMS_SESSION, DBMS_APPLICATION_INFO, sleeping.
///
/// Why      Identity is set and cleared through them; anything else is refused as an unknown name.
/// Life     A pure function of session and tokens.
/// Threads  The session's.
/// Not here Statements of SQL.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "sql_translation.h"

namespace majed::oci_double {

class Session;

/// `bind` gives the text of the bind at an occurrence, counted from zero.
Failure run_block(Session& session, const Translation& translation,
                  const std::function<std::string(std::size_t)>& bind);

}  // namespace majed::oci_double
