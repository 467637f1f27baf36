/// The JSON of answers, and the choice of the format a caller accepts.
///
/// Why      What leaves the program for whom is readable in one file: filters and rewritten SQL for admins only.
/// Life     Pure functions.
/// Threads  Any.
/// Not here Rows (format/rows_writer.h), problems (problem.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "format/rows_writer.h"
#include "gateway/gateway.h"
#include "policy/principal.h"

#include <string>
#include <string_view>

namespace majed::api {

/// The format of an answer with rows; JSON when the caller does not say.
/// Errors: invalid_argument (nothing we offer is accepted).
[[nodiscard]] Result<format::RowsFormat> accepted_format(std::string_view accept);

enum class Audience { everyone, admin };
[[nodiscard]] std::string check_json(const gateway::CheckReport& report, Audience audience);
[[nodiscard]] std::string principal_json(const policy::Principal& principal, bool must_change_password);

[[nodiscard]] format::RowsSummary summary_of(gateway::QuerySummary summary);

}  // namespace majed::api
